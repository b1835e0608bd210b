/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only file that knows libpcap. Its compiler runs in the control thread; its filter machine, which neither
 * allocates nor blocks, in the worker. The file format is written by hand (24 + 16 bytes), because libpcap can only
 * write through a FILE, which cannot tell a whole frame from half a one when the disk is full. */
#include "switch/tap.h"

#include "switch/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* pcap-savefile(5): "0xa1b23c4d: time stamps are in seconds and nanoseconds". */
#define MAGIC_NANOSECONDS 0xa1b23c4d
#define SNAPLEN_MAX 262144
/* 0.4 s of 100,000 full frames a second, or 8 s of small ones, while the disk is busy with something else. Costs no
 * more memory than was captured. */
#define RING_SIZE (64u << 20)
#define CHUNK_FILE (1u << 20)
#define STALLED_MS 2000

typedef struct {
	uint32_t seconds, nanoseconds, captured, length;
} Record;

struct Tap {
	struct bpf_program program;
	bool filtered;
	uint32_t snaplen;
	uint64_t count;
	void (*ended)(void *data);
	void *data;

	/* The worker's. */
	uint64_t accepted;
	uint64_t overflowed;
	uint8_t scratch[65536 + FRAME_HEADER + FRAME_TAGS];
	uint64_t last; /* time of the last frame: clocks may be set back, a capture's order may not */

	Ring ring;
	atomic_bool finish;   /* set by worker or control: no frame will be added */
	atomic_bool hurry;    /* set by control, with finish: do not wait for a reader who does not read */
	atomic_bool sleeping; /* set by the writer before it sleeps; who clears it must wake it */
	int wake;             /* eventfd */

	/* The writer's. */
	GThread *thread;
	int output;
	bool is_file;
	uint64_t boundary; /* position in the ring where the last whole record written ends */
	uint64_t next;     /* where the one after it ends, or boundary if not looked at yet */
	uint64_t written;  /* whole frames */
	char *reason;
	bool failed;
	atomic_bool closed; /* nothing more will be written */
};

static gboolean compile_filter(Tap *tap, const char *filter, GError **error)
{
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, (int)tap->snaplen, PCAP_TSTAMP_PRECISION_NANO);
	if (!pcap) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "libpcap cannot be initialised: out of memory?");
		return FALSE;
	}
	tap->filtered = pcap_compile(pcap, &tap->program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!tap->filtered)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "capture filter \"%s\": %s; see pcap-filter(7) for what may be written", filter, pcap_geterr(pcap));
	pcap_close(pcap);
	return tap->filtered;
}

/* Waits for the output to take bytes. Unlike write(2), which may block for ever in a full pipe, this hears of
 * tap_finish(). Returns 0, or an error. Only for what is not a regular file. */
static int await_writable(Tap *tap)
{
	for (;;) {
		bool hurry = atomic_load(&tap->hurry);
		struct pollfd fds[] = {{.fd = tap->output, .events = POLLOUT}, {.fd = tap->wake, .events = POLLIN}};
		/* In a hurry the wake-up has done its work: only the reader counts. */
		int n = poll(fds, hurry ? 1 : 2, hurry ? STALLED_MS : -1);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			return ETIMEDOUT;
		if (n > 0 && fds[0].revents)
			return 0; /* an error shows in write(2) */
		uint64_t ignored;
		if (!hurry && n > 0 && read(tap->wake, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN)
			return errno;
	}
}

/* Writes some of the bytes; returns how many, or -1 and errno. Not more than PIPE_BUF at a time to what may block: so
 * much fits when poll(2) says POLLOUT. */
static ssize_t write_some(Tap *tap, const void *data, size_t size)
{
	for (;;) {
		int failure = tap->is_file ? 0 : await_writable(tap);
		if (failure) {
			errno = failure;
			return -1;
		}
		ssize_t n = write(tap->output, data, MIN(size, tap->is_file ? CHUNK_FILE : PIPE_BUF));
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
	}
}

/* Counts the whole frames up to a position; to be called before those bytes are given back to the ring. */
static void count_written(Tap *tap, uint64_t position)
{
	while (tap->boundary < position) {
		if (tap->next == tap->boundary) {
			Record record;
			ring_copy(&tap->ring, tap->boundary, &record, sizeof(record));
			tap->next += sizeof(record) + record.captured;
		}
		if (tap->next > position)
			return;
		tap->boundary = tap->next;
		tap->written++;
	}
}

/* Sleeps until there is more to write or it is time to end. Returns 0, or EPIPE when nobody is left to read. */
static int await_frames(Tap *tap)
{
	const uint8_t *ignored_data;
	atomic_store(&tap->sleeping, true);
	if (ring_peek(&tap->ring, &ignored_data) == 0 && !atomic_load(&tap->finish)) {
		/* With no events asked for, poll(2) still reports POLLERR: the reader of a pipe has gone. */
		struct pollfd fds[] = {{.fd = tap->wake, .events = POLLIN}, {.fd = tap->is_file ? -1 : tap->output}};
		if (poll(fds, 2, -1) > 0 && fds[1].revents)
			return EPIPE;
	}
	atomic_store(&tap->sleeping, false);
	uint64_t ignored;
	return read(tap->wake, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN ? errno : 0;
}

/* Everything from the ring to the output until the end. Returns 0, or the error that ended it. */
static int write_all(Tap *tap)
{
	struct pcap_file_header header = {.magic = MAGIC_NANOSECONDS, .version_major = PCAP_VERSION_MAJOR,
		.version_minor = PCAP_VERSION_MINOR, .snaplen = tap->snaplen, .linktype = DLT_EN10MB};
	for (size_t done = 0; done < sizeof(header);) {
		ssize_t n = write_some(tap, (const uint8_t *)&header + done, sizeof(header) - done);
		if (n < 0)
			return errno;
		done += (size_t)n;
	}
	for (uint64_t position = 0;;) {
		const uint8_t *data;
		/* In this order: what was put before finish was set is seen. */
		bool finishing = atomic_load(&tap->finish);
		size_t size = ring_peek(&tap->ring, &data);
		if (size == 0 && finishing)
			return 0;
		if (size == 0) {
			int failure = await_frames(tap);
			if (failure)
				return failure;
			continue;
		}
		ssize_t n = write_some(tap, data, size);
		if (n < 0) {
			int failure = errno;
			/* Half a frame at the end would make a good file unreadable for some. */
			if (tap->is_file && position > tap->boundary) {
				off_t end = lseek(tap->output, 0, SEEK_CUR);
				if (end < 0 || ftruncate(tap->output, end - (off_t)(position - tap->boundary)) < 0)
					g_warning("A capture ends with half a frame: %s.", g_strerror(errno));
			}
			return failure;
		}
		position += (uint64_t)n;
		count_written(tap, position);
		ring_consume(&tap->ring, (size_t)n);
	}
}

static gpointer writer_main(gpointer data)
{
	Tap *tap = data;
	int failure = write_all(tap);

	atomic_store(&tap->closed, true);
	/* Some file systems tell of a full disk only here. */
	if (close(tap->output) < 0 && !failure && errno != EINTR)
		failure = errno;
	tap->output = -1;
	tap->failed = failure != 0;
	if (failure == ETIMEDOUT)
		tap->reason = g_strdup("the reader of the capture does not read");
	else if (failure)
		tap->reason = g_strdup(g_strerror(failure));
	else
		tap->reason = g_strdup(tap->count && tap->written == tap->count ? "count" : "stopped");
	tap->ended(tap->data);
	return NULL;
}

static void discard(Tap *tap)
{
	if (tap->filtered)
		pcap_freecode(&tap->program);
	if (tap->wake >= 0)
		close(tap->wake);
	ring_clear(&tap->ring);
	g_free(tap->reason);
	g_aligned_free(tap);
}

Tap *tap_new(const TapOptions *options, int output, GError **error)
{
	/* Not g_new0(): the ring wants whole cache lines. */
	Tap *tap = g_aligned_alloc0(1, sizeof(Tap), _Alignof(Tap));
	tap->snaplen = options->snaplen && options->snaplen < SNAPLEN_MAX ? options->snaplen : SNAPLEN_MAX;
	tap->count = options->count;
	tap->ended = options->ended;
	tap->data = options->data;
	tap->output = output;
	tap->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	struct stat status;
	gboolean good = tap->wake >= 0 && fstat(output, &status) == 0;
	if (!good)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "a capture cannot start: %s", g_strerror(errno));
	else if (options->filter && *options->filter)
		good = compile_filter(tap, options->filter, error);
	if (good) {
		tap->is_file = S_ISREG(status.st_mode);
		ring_init(&tap->ring, RING_SIZE);
		tap->thread = g_thread_try_new("capture", writer_main, tap, error);
		good = tap->thread != NULL;
	}
	if (!good)
		g_clear_pointer(&tap, discard);
	return tap;
}

static void wake_writer(Tap *tap)
{
	uint64_t one = 1;
	/* Only an eventfd at its maximum refuses, and then it wakes anyway. */
	if (write(tap->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		g_warning("The writer of a capture cannot be woken: %s.", g_strerror(errno));
}

void tap_free(Tap *tap)
{
	if (!tap)
		return;
	tap_finish(tap);
	g_thread_join(tap->thread);
	discard(tap);
}

void tap_finish(Tap *tap)
{
	atomic_store(&tap->hurry, true);
	atomic_store(&tap->finish, true);
	wake_writer(tap);
}

/* libpcap's filter machine wants the bytes together. */
static const uint8_t *in_one_piece(Tap *tap, const Frame *frame)
{
	if (frame->n_parts == 1)
		return frame->parts[0].iov_base;
	frame_copy(frame, 0, MIN(frame->length, sizeof(tap->scratch)), tap->scratch);
	return tap->scratch;
}

void tap_offer(Tap *tap, const Frame *frame, const Verdict *verdict, const Moment *now)
{
	if ((tap->count && tap->accepted == tap->count) || atomic_load_explicit(&tap->closed, memory_order_relaxed))
		return;
	Record record = {.captured = (uint32_t)MIN(frame->length, tap->snaplen), .length = (uint32_t)frame->length};
	struct pcap_pkthdr header = {.caplen = (uint32_t)frame->length, .len = (uint32_t)frame->length};
	if (tap->filtered && !pcap_offline_filter(&tap->program, &header, in_one_piece(tap, frame)))
		return;
	if (ring_space(&tap->ring) < sizeof(record) + record.captured) {
		tap->overflowed++;
		return;
	}
	tap->last = MAX(tap->last, now->wall);
	record.seconds = (uint32_t)(tap->last / 1000000000);
	record.nanoseconds = (uint32_t)(tap->last % 1000000000);
	ring_put(&tap->ring, &record, sizeof(record));
	struct iovec parts[FRAME_PARTS];
	unsigned n = frame_slice(frame, 0, record.captured, parts, FRAME_PARTS);
	for (unsigned i = 0; i < n; i++)
		ring_put(&tap->ring, parts[i].iov_base, parts[i].iov_len);
	tap->accepted++;
}

void tap_commit(Tap *tap)
{
	if (tap->ring.filled == atomic_load_explicit(&tap->ring.published, memory_order_relaxed))
		return;
	ring_publish(&tap->ring);
	if (tap->count && tap->accepted == tap->count)
		atomic_store(&tap->finish, true);
	if (atomic_exchange(&tap->sleeping, false))
		wake_writer(tap);
}

TapResult tap_result(const Tap *tap)
{
	return (TapResult){.captured = tap->written, .dropped = tap->overflowed + tap->accepted - tap->written,
		.reason = tap->reason, .failed = tap->failed};
}
