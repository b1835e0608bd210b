/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/recorder.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)
#define START (UINT64_C(1700000000) * SECOND)

typedef struct {
	char *path;
	Recorder *recorder;
	RecorderPoint points[3]; /* interfaces a:eth0 to b:eth0, c:eth0 alone, and d:eth0 on another worker */
	GMutex mutex;
	GCond cond;
	gboolean ended;
	Moment now;
} World;

static void on_ended(void *data)
{
	World *world = data;
	g_mutex_lock(&world->mutex);
	world->ended = TRUE;
	g_cond_signal(&world->cond);
	g_mutex_unlock(&world->mutex);
}

static void await_end(World *world)
{
	gint64 deadline = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
	g_mutex_lock(&world->mutex);
	while (!world->ended)
		assert_true(g_cond_wait_until(&world->cond, &world->mutex, deadline));
	g_mutex_unlock(&world->mutex);
}

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("netlab-recorder-XXXXXX", &world->path, &error);
	if (error)
		fail_msg("%s", error->message);
	close(fd);
	world->now.wall = START;
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	recorder_free(world->recorder);
	assert_int_equal(g_unlink(world->path), 0);
	g_free(world->path);
	g_free(world);
	return 0;
}

static void start_with(World *world, int output, const RecorderOptions *options, const RecorderPrelude *prelude)
{
	static const char *const names[] = {"a:eth0", "b:eth0", "c:eth0", "d:eth0"};
	g_autoptr(GError) error = NULL;
	RecorderInterface *interfaces[4];
	world->recorder = recorder_new(options, 2, output, &error);
	if (error)
		fail_msg("%s", error->message);
	for (unsigned i = 0; i < 4 && (i == 0 || options->format == CAPTURE_PCAPNG); i++)
		interfaces[i] = recorder_add_interface(world->recorder, names[i], i < 2 ? "link ab" : "network lan");
	RecorderSource *first = recorder_source(world->recorder, 0);
	if (options->format == CAPTURE_PCAP) {
		world->points[0] = (RecorderPoint){first, {interfaces[0], interfaces[0]}, {false, true}};
	} else {
		world->points[0] = (RecorderPoint){first, {interfaces[0], interfaces[1]}, {false, false}};
		world->points[1] = (RecorderPoint){first, {interfaces[2], interfaces[2]}, {false, true}};
	}
	assert_true(recorder_start(world->recorder, prelude, &error));
}

static void start(World *world, int output, const char *filter, uint32_t snaplen, uint64_t count)
{
	RecorderOptions options = {
		.filter = filter, .snaplen = snaplen, .count = count, .ended = on_ended, .data = world};
	start_with(world, output, &options, NULL);
}

static void start_file(World *world, const char *filter, uint32_t snaplen, uint64_t count)
{
	start(world, open(world->path, O_WRONLY | O_TRUNC | O_CLOEXEC), filter, snaplen, count);
}

/* A frame that carries its number; even ones are ARP, odd ones IPv4, in name. */
static void make_frame(uint8_t bytes[2000], uint32_t number)
{
	memcpy(bytes, (uint8_t[14]){0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0, 0, 1, 8, number % 2 ? 0 : 6},
		14);
	memcpy(bytes + 14, &number, sizeof(number));
}

static void offer_at(World *world, unsigned point, const Verdict *verdict, uint32_t number, size_t length)
{
	uint8_t bytes[2000] = {0};
	make_frame(bytes, number);
	struct iovec part = {(void *)bytes, length};
	Frame frame = frame_of(&part);
	recorder_offer(&world->points[point], &frame, verdict, &world->now);
}

static void offer(World *world, uint32_t number, size_t length)
{
	offer_at(world, 0, &(Verdict){.drop = COUNTER_NONE}, number, length);
}

static void commit(World *world)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(world->points); i++)
		if (world->points[i].source)
			recorder_commit(world->points[i].source);
}

static void finish(World *world)
{
	commit(world);
	recorder_finish(world->recorder);
	await_end(world);
}

/* Reads the file with libpcap; returns how many frames, each checked to be first, first + step, ... */
static unsigned read_back(World *world, uint32_t first, uint32_t step, uint32_t length, uint32_t caplen)
{
	char message[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(world->path, PCAP_TSTAMP_PRECISION_NANO, message);
	if (!pcap)
		fail_msg("%s", message);
	assert_int_equal(pcap_datalink(pcap), DLT_EN10MB);
	struct pcap_pkthdr *header;
	const u_char *data;
	unsigned count = 0;
	uint64_t last = 0;
	int result;
	while ((result = pcap_next_ex(pcap, &header, &data)) == 1) {
		uint32_t number;
		memcpy(&number, data + 14, sizeof(number));
		assert_int_equal(number, first + count++ * step);
		assert_int_equal(header->len, length);
		assert_int_equal(header->caplen, caplen);
		uint64_t time = (uint64_t)header->ts.tv_sec * SECOND + (uint64_t)header->ts.tv_usec;
		assert_true(time >= last);
		last = time;
	}
	assert_int_equal(result, PCAP_ERROR_BREAK); /* the end, not a truncated frame */
	pcap_close(pcap);
	return count;
}

static void empty_capture_is_a_file(void **state)
{
	World *world = *state;
	start_file(world, NULL, 0, 0);
	finish(world);
	assert_string_equal(recorder_result(world->recorder).reason, "stopped");
	assert_false(recorder_result(world->recorder).failed);
	assert_int_equal(read_back(world, 0, 1, 0, 0), 0);
}

static void writes_what_libpcap_reads(void **state)
{
	World *world = *state;
	start_file(world, "", 0, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		world->now.wall = START + i * 123456789;
		offer(world, i, 100);
		if (i % 10 == 0)
			commit(world);
	}
	finish(world);
	assert_int_equal(read_back(world, 0, 1, 100, 100), 1000);
	RecorderResult result = recorder_result(world->recorder);
	assert_int_equal(result.captured, 1000);
	assert_int_equal(result.dropped, 0);

	char message[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(world->path, PCAP_TSTAMP_PRECISION_NANO, message);
	struct pcap_pkthdr *header;
	const u_char *data;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
	assert_int_equal(header->ts.tv_sec, 1700000000);
	assert_int_equal(header->ts.tv_usec, 2 * 123456789); /* nanoseconds, in this precision */
	pcap_close(pcap);
}

static void filters(void **state)
{
	World *world = *state;
	start_file(world, "arp", 0, 0);
	for (uint32_t i = 0; i < 100; i++)
		offer(world, i, 60);
	finish(world);
	assert_int_equal(recorder_result(world->recorder).captured, 50);
	assert_int_equal(recorder_result(world->recorder).dropped, 0);
	assert_int_equal(read_back(world, 0, 2, 60, 60), 50);
}

static void refuses_a_wrong_filter(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	RecorderOptions options = {.filter = "tcp prot 80", .ended = on_ended, .data = world};
	assert_null(recorder_new(&options, 1, STDOUT_FILENO, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
	assert_non_null(strstr(error->message, "\"tcp prot 80\""));
	assert_non_null(strstr(error->message, "at character 5, \"prot 80\""));
}

/* Ports and protocols have names; those of hosts are looked up nowhere. */
static void knows_names_of_ports_alone(void **state)
{
	g_autoptr(GError) error = NULL;
	assert_true(recorder_check_filter("", NULL));
	assert_true(recorder_check_filter("tcp port http or ip proto ospf or host 10.0.0.1", &error));
	assert_false(recorder_check_filter("host localhost", &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
	assert_non_null(strstr(error->message, "unknown host 'localhost'"));
}

static void snaps(void **state)
{
	World *world = *state;
	start_file(world, NULL, 64, 0);
	for (uint32_t i = 0; i < 10; i++)
		offer(world, i, 1514);
	finish(world);
	assert_int_equal(read_back(world, 0, 1, 1514, 64), 10);
}

static void count_is_exact(void **state)
{
	World *world = *state;
	start_file(world, NULL, 0, 7);
	for (uint32_t i = 0; i < 100; i++)
		offer(world, i, 60);
	commit(world);
	await_end(world); /* by itself */
	assert_string_equal(recorder_result(world->recorder).reason, "count");
	assert_int_equal(recorder_result(world->recorder).captured, 7);
	assert_int_equal(recorder_result(world->recorder).dropped, 0);
	assert_int_equal(read_back(world, 0, 1, 60, 60), 7);
}

static void time_never_goes_back(void **state)
{
	World *world = *state;
	start_file(world, NULL, 0, 0);
	for (uint32_t i = 0; i < 50; i++) {
		world->now.wall = START + (i % 7) * SECOND;
		offer(world, i, 60);
	}
	finish(world);
	assert_int_equal(read_back(world, 0, 1, 60, 60), 50);
}

static void full_disk_ends_it(void **state)
{
	World *world = *state;
	start(world, open("/dev/full", O_WRONLY | O_CLOEXEC), NULL, 0, 0);
	await_end(world);
	offer(world, 1, 60);
	commit(world);
	assert_true(recorder_result(world->recorder).failed);
	assert_string_equal(recorder_result(world->recorder).reason, g_strerror(ENOSPC));
	assert_int_equal(recorder_result(world->recorder).captured, 0);
}

/* What tshark prints of the capture: these fields of each frame. Caller frees. */
static char *tshark(World *world, const char *fields)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_auto(GStrv) names = g_strsplit(fields, " ", -1);
	char *text = NULL;
	for (const char *const *word = (const char *const[]){"tshark", "-n", "-r", world->path, "-T", "fields", NULL};
		*word; word++)
		g_ptr_array_add(argv, (char *)*word);
	for (char **name = names; *name; name++) {
		g_ptr_array_add(argv, (char *)"-e");
		g_ptr_array_add(argv, *name);
	}
	g_ptr_array_add(argv, NULL);
	int status = -1;
	if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
		    NULL, &text, NULL, &status, &error))
		fail_msg("%s", error->message);
	assert_int_equal(status, 0);
	return text;
}

/* A file that may not grow behaves as on a full disk: a short write, then an error. */
static void full_file_ends_with_a_whole_frame(void **state)
{
	World *world = *state;
	struct rlimit before, limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	for (int format = CAPTURE_PCAPNG; format <= CAPTURE_PCAP; format++) {
		RecorderOptions options = {.format = (CaptureFormat)format, .ended = on_ended, .data = world};
		limit = (struct rlimit){10000, before.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		world->ended = FALSE;
		memset(world->points, 0, sizeof(world->points));
		start_with(world, open(world->path, O_WRONLY | O_TRUNC | O_CLOEXEC), &options, NULL);
		for (uint32_t i = 0; i < 500; i++)
			offer(world, i, 60);
		commit(world);
		await_end(world);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		RecorderResult result = recorder_result(world->recorder);
		assert_true(result.failed);
		assert_string_equal(result.reason, g_strerror(EFBIG));
		if (format == CAPTURE_PCAP)
			assert_int_equal(result.captured, (10000 - 24) / (16 + 60));
		assert_in_range(result.captured, 80, 140);
		assert_int_equal(result.captured + result.dropped, 500);
		assert_int_equal(read_back(world, 0, 1, 60, 60), result.captured);
		g_clear_pointer(&world->recorder, recorder_free);
	}
}

/* Interfaces, directions and comments, as tshark reads them. */
static void tells_what_happened_where(void **state)
{
	World *world = *state;
	start_file(world, NULL, 0, 0);
	offer_at(world, 0, &(Verdict){.from = 0, .drop = COUNTER_NONE}, 0, 60);
	offer_at(world, 0, &(Verdict){.from = 1, .drop = COUNTER_NONE, .delay = 20500000}, 2, 61);
	offer_at(world, 1, &(Verdict){.from = 0, .drop = COUNTER_DROP_LOSS}, 4, 62);
	offer_at(world, 1, &(Verdict){.from = 1, .drop = COUNTER_NONE, .corrupted = true, .duplicated = true}, 6, 63);
	finish(world);
	g_autofree char *text = tshark(world,
		"frame.interface_name frame.interface_description frame.packet_flags_direction frame.comment "
		"frame.len");
	assert_string_equal(text,
		"a:eth0\tlink ab\t0x00000002\t\t60\n"
		"b:eth0\tlink ab\t0x00000002\tdelayed by 20.500 ms\t61\n"
		"c:eth0\tnetwork lan\t0x00000002\tdropped (loss)\t62\n"
		"c:eth0\tnetwork lan\t0x00000001\tone bit flipped, duplicated\t63\n");
}

static void pcap_is_pcap(void **state)
{
	World *world = *state;
	RecorderOptions options = {.format = CAPTURE_PCAP, .ended = on_ended, .data = world};
	start_with(world, open(world->path, O_WRONLY | O_TRUNC | O_CLOEXEC), &options, NULL);
	for (uint32_t i = 0; i < 100; i++)
		offer(world, i, 60);
	finish(world);
	uint32_t magic = 0;
	int fd = open(world->path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, &magic, sizeof(magic)), sizeof(magic));
	close(fd);
	assert_int_equal(magic, 0xa1b23c4d);
	assert_int_equal(read_back(world, 0, 1, 60, 60), 100);
}

/* Two workers, whose batches come in any order: the file is in the order of time. */
static void merges_by_time(void **state)
{
	World *world = *state;
	enum { FRAMES = 2000 };
	start_file(world, NULL, 0, 0);
	RecorderInterface *far = recorder_add_interface(world->recorder, "late:eth0", "network far");
	world->points[2] = (RecorderPoint){recorder_source(world->recorder, 1), {far, far}, {false, true}};
	/* The second source is behind by a batch all the time. */
	for (uint32_t batch = 0; batch < FRAMES / 20; batch++) {
		for (unsigned side = 0; side < 2; side++) {
			for (uint32_t i = 0; i < 10; i++) {
				uint32_t number = batch * 20 + i * 2 + side;
				world->now.wall = START + number * 1000;
				offer_at(world, side ? 2 : 0, &(Verdict){.drop = COUNTER_NONE}, number, 60);
			}
			recorder_commit(world->points[side ? 2 : 0].source);
		}
	}
	finish(world);
	assert_int_equal(read_back(world, 0, 1, 60, 60), FRAMES);
	assert_int_equal(recorder_result(world->recorder).dropped, 0);
}

/* The count holds for all workers together. */
static void count_is_exact_over_workers(void **state)
{
	World *world = *state;
	start_file(world, NULL, 0, 15);
	RecorderInterface *far = recorder_add_interface(world->recorder, "late:eth0", "network far");
	world->points[2] = (RecorderPoint){recorder_source(world->recorder, 1), {far, far}, {false, true}};
	for (uint32_t i = 0; i < 100; i++) {
		world->now.wall = START + i;
		offer_at(world, i % 2 ? 2 : 0, &(Verdict){.drop = COUNTER_NONE}, i, 60);
	}
	commit(world);
	await_end(world);
	assert_string_equal(recorder_result(world->recorder).reason, "count");
	assert_int_equal(read_back(world, 0, 1, 60, 60), 15);
}

typedef struct {
	World *world;
	uint32_t number;
	uint8_t bytes[2000];
} Past;

/* Frames 0 and 1, while many more arrive. */
static bool remember(void *data, CaptureRecord *record, const uint8_t **bytes, uint64_t *missing)
{
	Past *past = data;
	for (uint32_t i = 2; past->number == 0 && i < 100; i++)
		offer(past->world, i, 60);
	commit(past->world);
	if (past->number == 2)
		return false;
	make_frame(past->bytes, past->number++);
	*record = (CaptureRecord){.time = START, .captured = 60, .length = 60, .drop = COUNTER_NONE};
	*bytes = past->bytes;
	*missing = 0;
	return true;
}

static void no_free(void *data)
{
}

/* What is remembered comes before what arrives meanwhile, also where only so many are wanted. */
static void count_begins_with_the_past(void **state)
{
	World *world = *state;
	Past past = {.world = world};
	RecorderOptions options = {.count = 5, .ended = on_ended, .data = world};
	start_with(world, open(world->path, O_WRONLY | O_TRUNC | O_CLOEXEC), &options,
		&(RecorderPrelude){.next = remember, .free = no_free, .data = &past});
	await_end(world);
	assert_string_equal(recorder_result(world->recorder).reason, "count");
	assert_int_equal(recorder_result(world->recorder).captured, 5);
	assert_int_equal(recorder_result(world->recorder).dropped, 0);
	assert_int_equal(read_back(world, 0, 1, 60, 60), 5);
}

static void reader_goes_away(void **state)
{
	World *world = *state;
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	start(world, ends[1], NULL, 0, 0);
	close(ends[0]);
	await_end(world); /* without a single frame */
	assert_true(recorder_result(world->recorder).failed);
	assert_string_equal(recorder_result(world->recorder).reason, g_strerror(EPIPE));
}

static gpointer copy_out(gpointer data)
{
	World *world = ((gpointer *)data)[0];
	int from = GPOINTER_TO_INT(((gpointer *)data)[1]), n;
	int to = open(world->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	char bytes[5000];
	while ((n = (int)read(from, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(to, bytes, (size_t)n), n);
	close(to);
	close(from);
	return NULL;
}

static void pipe_gets_everything(void **state)
{
	World *world = *state;
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	start(world, ends[1], NULL, 0, 0);
	gpointer arguments[] = {world, GINT_TO_POINTER(ends[0])};
	GThread *reader = g_thread_new("reader", copy_out, arguments);
	for (uint32_t i = 0; i < 2000; i++) {
		offer(world, i, 1514);
		commit(world);
	}
	finish(world);
	g_thread_join(reader);
	assert_int_equal(recorder_result(world->recorder).captured, 2000);
	assert_int_equal(recorder_result(world->recorder).dropped, 0);
	assert_int_equal(read_back(world, 0, 1, 1514, 1514), 2000);
}

/* Nobody reads: the worker goes on, what finds no room is counted, and the end comes all the same. */
static void stalled_reader_costs_only_its_own_frames(void **state)
{
	World *world = *state;
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	start(world, ends[1], NULL, 0, 0);
	for (uint32_t i = 0; i < 60000; i++) {
		offer(world, i, 1514);
		commit(world);
	}
	finish(world);
	RecorderResult result = recorder_result(world->recorder);
	assert_true(result.failed);
	assert_true(result.captured > 0);
	assert_int_equal(result.captured + result.dropped, 60000);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_capture_is_a_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(writes_what_libpcap_reads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(filters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_a_wrong_filter, set_up, tear_down),
		cmocka_unit_test(knows_names_of_ports_alone),
		cmocka_unit_test_setup_teardown(snaps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(count_is_exact, set_up, tear_down),
		cmocka_unit_test_setup_teardown(time_never_goes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_disk_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_file_ends_with_a_whole_frame, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_what_happened_where, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pcap_is_pcap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(merges_by_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(count_is_exact_over_workers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(count_begins_with_the_past, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reader_goes_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pipe_gets_everything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stalled_reader_costs_only_its_own_frames, set_up, tear_down),
	};
	/* As the program does. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
