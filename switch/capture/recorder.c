/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only file that calls libpcap. The filter compiler of libpcap runs in the control thread. Its filter machine, which
 * neither allocates nor blocks, runs in the workers and the writer. */
#include "switch/capture/recorder_private.h"

#include <errno.h>
#include <gio/gio.h>
#include <nss.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* 0.4 s of 100,000 full frames a second, or 8 s of small ones, while the disk is busy with something else. Costs no
 * more memory than was captured. Shared by the sources. */
#define RING_SIZE (64u << 20)
#define RING_SIZE_MIN (8u << 20)

static void discard(Recorder *recorder)
{
	if (recorder->filtered)
		pcap_freecode(&recorder->program);
	if (recorder->wake >= 0)
		close(recorder->wake);
	recorder_output_clear(&recorder->output);
	for (unsigned i = 0; i < recorder->n_sources; i++) {
		ring_clear(&recorder->sources[i].ring);
		g_free(recorder->sources[i].scratch);
	}
	g_aligned_free(recorder->sources);
	g_ptr_array_unref(recorder->interfaces);
	g_mutex_clear(&recorder->mutex);
	g_free(recorder->filter);
	g_free(recorder->reason);
	g_free(recorder);
}

static void interface_free(gpointer data)
{
	RecorderInterface *interface = data;
	g_free(interface->name);
	g_free(interface->description);
	g_free(interface);
}

/* libpcap does not say where in the filter its error is. The longest beginning, in words, that is a filter by itself tells
 * it: what comes next is to blame. Caller frees. */
static char *find_fault(pcap_t *pcap, const char *filter)
{
	g_autofree char *beginning = g_strdup(filter);
	for (size_t length = strlen(filter); length > 0; length--) {
		struct bpf_program program;
		beginning[length] = '\0';
		if (filter[length] != ' ' || pcap_compile(pcap, &program, beginning, 0, PCAP_NETMASK_UNKNOWN) != 0)
			continue;
		pcap_freecode(&program);
		length += strspn(filter + length, " ");
		return g_strdup_printf(" at character %zu, \"%s\"", length + 1, filter + length);
	}
	return g_strdup("");
}

/* Names of hosts say nothing about a lab, and who looks them up would wait for the network. libpcap asks libc, which asks
 * the service of this name, which there is not: they are unknown, at once and wherever this runs. */
static void look_up_no_hosts(void)
{
	static gboolean done;
	if (!done)
		for (gsize i = 0; i < 3; i++)
			__nss_configure_lookup((const char *const[]){"hosts", "networks", "ethers"}[i], "none");
	done = TRUE;
}

/* The program is the caller's to free by pcap_freecode(). */
static gboolean compile(const char *filter, struct bpf_program *program, GError **error)
{
	look_up_no_hosts();
	pcap_t *pcap =
		pcap_open_dead_with_tstamp_precision(DLT_EN10MB, CAPTURE_SNAPLEN_MAX, PCAP_TSTAMP_PRECISION_NANO);
	if (!pcap) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot initialize libpcap: out of memory?");
		return FALSE;
	}
	gboolean good = pcap_compile(pcap, program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!good) {
		g_autofree char *words = g_strdup(pcap_geterr(pcap));
		g_autofree char *where = find_fault(pcap, filter);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"capture filter \"%s\": %s%s; see pcap-filter(7) for the syntax", filter, words, where);
	}
	pcap_close(pcap);
	return good;
}

gboolean recorder_check_filter(const char *filter, GError **error)
{
	struct bpf_program program;
	if (!*filter)
		return TRUE;
	if (!compile(filter, &program, error))
		return FALSE;
	pcap_freecode(&program);
	return TRUE;
}

Recorder *recorder_new(const RecorderOptions *options, unsigned n_sources, int output, GError **error)
{
	Recorder *recorder = g_new0(Recorder, 1);
	recorder->snaplen =
		options->snaplen && options->snaplen < CAPTURE_SNAPLEN_MAX ? options->snaplen : CAPTURE_SNAPLEN_MAX;
	recorder->count = options->count;
	recorder->left = options->count ? options->count : UINT64_MAX;
	recorder->format = options->format;
	recorder->only_past = options->only_past;
	recorder->finish = options->only_past;
	recorder->ended = options->ended;
	recorder->data = options->data;
	recorder->filter = g_strdup(options->filter ? options->filter : "");
	recorder->interfaces = g_ptr_array_new_with_free_func(interface_free);
	g_mutex_init(&recorder->mutex);
	recorder->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* The rings want whole cache lines. */
	recorder->sources = g_aligned_alloc0(n_sources, sizeof(RecorderSource), _Alignof(RecorderSource));
	recorder->n_sources = n_sources;
	recorder->filtered = *recorder->filter && compile(recorder->filter, &recorder->program, error);
	gboolean good = recorder->filtered || !*recorder->filter;
	if (good &&
		(recorder->wake < 0 ||
			!recorder_output_init(&recorder->output, output, recorder->wake, &recorder->hurry))) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot start the capture: %s",
			g_strerror(errno));
		good = FALSE;
	}
	if (!good) {
		recorder->n_sources = 0; /* they have no rings yet */
		g_clear_pointer(&recorder, discard);
		return NULL;
	}
	size_t size = RING_SIZE;
	while (size > RING_SIZE_MIN && size * n_sources > RING_SIZE)
		size /= 2;
	for (unsigned i = 0; i < n_sources; i++) {
		recorder->sources[i].recorder = recorder;
		recorder->sources[i].scratch = g_malloc(CAPTURE_SNAPLEN_MAX);
		ring_init(&recorder->sources[i].ring, size);
	}
	return recorder;
}

RecorderInterface *recorder_add_interface(Recorder *recorder, const char *name, const char *description)
{
	RecorderInterface *interface = g_new0(RecorderInterface, 1);
	g_mutex_lock(&recorder->mutex);
	interface->number = (uint16_t)recorder->interfaces->len;
	interface->name = g_strdup(name);
	interface->description = g_strdup(description);
	g_ptr_array_add(recorder->interfaces, interface);
	g_mutex_unlock(&recorder->mutex);
	return interface;
}

uint16_t recorder_interface_number(const RecorderInterface *interface)
{
	return interface->number;
}

RecorderSource *recorder_source(Recorder *recorder, unsigned i)
{
	atomic_store(&recorder->sources[i].used, true);
	return &recorder->sources[i];
}

bool recorder_matches(const Recorder *recorder, const uint8_t *bytes, uint32_t captured, uint32_t length)
{
	struct pcap_pkthdr header = {.caplen = captured, .len = length};
	return !recorder->filtered || pcap_offline_filter(&recorder->program, &header, bytes);
}

gboolean recorder_start(Recorder *recorder, const RecorderPrelude *prelude, GError **error)
{
	if (prelude)
		recorder->prelude = *prelude;
	recorder->thread = g_thread_try_new("capture", recorder_writer_main, recorder, error);
	return recorder->thread != NULL;
}

static void wake_writer(Recorder *recorder)
{
	uint64_t one = 1;
	/* Only an eventfd at its maximum refuses, and then it wakes anyway. */
	if (write(recorder->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		g_warning("Cannot wake the writer of a capture: %s.", g_strerror(errno));
}

void recorder_free(Recorder *recorder)
{
	if (!recorder)
		return;
	recorder_finish(recorder);
	if (recorder->thread)
		g_thread_join(recorder->thread);
	if (recorder->prelude.free)
		recorder->prelude.free(recorder->prelude.data);
	discard(recorder);
}

void recorder_finish(Recorder *recorder)
{
	atomic_store(&recorder->hurry, true);
	atomic_store(&recorder->finish, true);
	wake_writer(recorder);
}

/* -- the workers -- */

/* By the one thread that writes it. */
static void increment(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* libpcap's filter machine wants the bytes together. */
static const uint8_t *in_one_piece(RecorderSource *source, const Frame *frame)
{
	if (frame->n_parts == 1)
		return frame->parts[0].iov_base;
	frame_copy(frame, 0, MIN(frame->length, CAPTURE_SNAPLEN_MAX), source->scratch);
	return source->scratch;
}

/* May one more be written, for all that the workers know? */
static bool claim(Recorder *recorder)
{
	return !recorder->count ||
		atomic_fetch_add_explicit(&recorder->claimed, 1, memory_order_relaxed) < recorder->count;
}

void recorder_offer(const RecorderPoint *point, const Frame *frame, const Verdict *verdict, const Moment *now)
{
	RecorderSource *source = point->source;
	Recorder *recorder = source->recorder;
	RecorderInterface *interface = point->interfaces[verdict->from];
	if (atomic_load_explicit(&recorder->closed, memory_order_relaxed))
		return;
	increment(&interface->received);
	uint32_t length = (uint32_t)frame->length;
	if (recorder->filtered &&
		!recorder_matches(recorder, in_one_piece(source, frame), MIN(length, CAPTURE_SNAPLEN_MAX), length))
		return;
	CaptureRecord record = {.time = now->wall,
		.captured = MIN(length, recorder->snaplen),
		.length = length,
		.interface = interface->number,
		.flags = point->inbound[verdict->from] ? CAPTURE_INBOUND : 0};
	capture_record_judge(&record, verdict);
	if (ring_space(&source->ring) < sizeof(record) + record.captured) {
		increment(&source->overflowed);
		increment(&interface->dropped);
		return;
	}
	if (!claim(recorder))
		return;
	ring_put(&source->ring, &record, sizeof(record));
	struct iovec parts[FRAME_PARTS];
	unsigned n = frame_slice(frame, 0, record.captured, parts, FRAME_PARTS);
	for (unsigned i = 0; i < n; i++)
		ring_put(&source->ring, parts[i].iov_base, parts[i].iov_len);
	increment(&source->accepted);
}

void recorder_commit(RecorderSource *source)
{
	Recorder *recorder = source->recorder;
	if (source->ring.filled == atomic_load_explicit(&source->ring.published, memory_order_relaxed))
		return;
	ring_publish(&source->ring);
	if (atomic_exchange(&recorder->sleeping, false))
		wake_writer(recorder);
}

RecorderResult recorder_result(const Recorder *recorder)
{
	uint64_t accepted = atomic_load(&recorder->remembered), overflowed = 0,
		 written = atomic_load(&recorder->output.frames);
	for (unsigned i = 0; i < recorder->n_sources; i++) {
		accepted += atomic_load(&recorder->sources[i].accepted);
		overflowed += atomic_load(&recorder->sources[i].overflowed);
	}
	bool over = atomic_load(&recorder->over);
	if (recorder->count)
		accepted = MIN(accepted, recorder->count);
	/* Until the end, what is not written yet still may be. */
	return (RecorderResult){.captured = written,
		.dropped = overflowed + (over ? accepted - MIN(accepted, written) : 0),
		.reason = over ? recorder->reason : NULL,
		.failed = over && recorder->failed};
}
