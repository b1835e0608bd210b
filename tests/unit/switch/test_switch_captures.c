/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole program: what it captures and remembers, read by libpcap and by tshark. */
#include "tests/unit/switch/switch_world.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <pcap/pcap.h>
#include <string.h>
#include <unistd.h>

/* places: separated by blanks; none is everything. options: floating, consumed. */
static guint start_capture_with(World *world, const char *places, GVariant *options, int output)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_auto(GStrv) where = g_strsplit(places, " ", -1);
	g_autoptr(GVariant) facts = NULL;
	guint id = 0;
	assert_true(output >= 0);
	g_unix_fd_list_append(list, output, &error);
	no_error(error);
	close(output);
	sw_switch1_call_start_capture_sync(world->client, (const char *const *)where, options, g_variant_new_handle(0),
		list, &id, &facts, NULL, NULL, &error);
	no_error(error);
	return id;
}

static guint start_capture(World *world, const char *places, const char *filter, guint64 count, int output)
{
	GVariantDict options;
	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "filter", "s", filter);
	g_variant_dict_insert(&options, "count", "t", count);
	return start_capture_with(world, places, g_variant_dict_end(&options), output);
}

static int open_capture(World *world)
{
	return open(world->capture, O_WRONLY | O_TRUNC | O_CLOEXEC);
}

static void stop_capture(World *world, guint id, guint64 captured)
{
	g_autoptr(GError) error = NULL;
	guint64 got, dropped;
	sw_switch1_call_stop_capture_sync(world->client, id, &got, &dropped, NULL, &error);
	no_error(error);
	assert_int_equal(got, captured);
	assert_int_equal(dropped, 0);
}

static gboolean too_late(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_CONTINUE;
}

static void await_capture_end(World *world, guint id, const char *reason)
{
	gboolean late = FALSE;
	guint timer = g_timeout_add(PATIENCE / 1000, too_late, &late);
	while (world->ended_id != id && !late)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	assert_int_equal(world->ended_id, id);
	assert_string_equal(world->reason, reason);
}

/* Reads the capture with libpcap: frames numbered from first on, in the order of time. */
static void expect_capture(World *world, guint32 first, unsigned count)
{
	char message[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(world->capture, PCAP_TSTAMP_PRECISION_NANO, message);
	if (!pcap)
		fail_msg("%s", message);
	struct pcap_pkthdr *header;
	const u_char *data;
	gint64 last = 0, now = g_get_real_time();
	for (unsigned i = 0; i < count; i++) {
		guint32 number;
		assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
		memcpy(&number, data + 14, sizeof(number));
		assert_int_equal(number, first + i);
		assert_int_equal(header->len, 64);
		gint64 time = (gint64)header->ts.tv_sec * G_USEC_PER_SEC + header->ts.tv_usec / 1000;
		assert_true(time >= last && time <= now && time > now - 300 * G_USEC_PER_SEC);
		last = time;
	}
	assert_int_equal(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(pcap);
}

/* As many frames as the issue asks for in a second, and as fast as they can be read; not one may be missing. */
static void capture_loses_nothing(void **state)
{
	World *world = *state;
	enum { SENT = 100000, WINDOW = 256 };
	build_network(world, "switch", 2);
	send_frame(world, 1, BROADCAST, STATION(1), 0);
	expect_frame(world, 0, 0);
	guint id = start_capture(world, "n0", "", 0, open_capture(world));
	for (guint32 i = 0; i < SENT + WINDOW; i++) {
		if (i < SENT)
			send_frame(world, 0, STATION(1), STATION(0), i);
		if (i >= WINDOW)
			expect_frame(world, 1, i - WINDOW);
	}
	stop_capture(world, id, SENT);
	expect_capture(world, 0, SENT);
}

static void capture_sees_both_directions_once(void **state)
{
	World *world = *state;
	build_network(world, "switch", 3);
	guint id = start_capture(world, "n1", "", 0, open_capture(world));
	send_frame(world, 0, BROADCAST, STATION(0), 0);
	expect_frame(world, 1, 0);
	send_frame(world, 1, STATION(0), STATION(1), 1);
	expect_frame(world, 0, 1);
	send_frame(world, 2, STATION(0), STATION(2), 99); /* between others: not on this cable */
	expect_frame(world, 2, 0);
	expect_frame(world, 0, 99);
	send_frame(world, 0, STATION(1), STATION(0), 2);
	expect_frame(world, 1, 2);
	stop_capture(world, id, 3);
	expect_capture(world, 0, 3);
}

static void capture_filters_and_counts(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	guint id = start_capture(world, "n0", "ether src 52:54:00:00:00:01", 3, open_capture(world));
	send_frame(world, 1, BROADCAST, STATION(1), 77);
	for (guint32 i = 0; i < 10; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	await_capture_end(world, id, "count");
	assert_int_equal(world->captured, 3);
	assert_int_equal(world->dropped, 0);
	expect_capture(world, 0, 3);
}

static void capture_errors_are_told(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	await_capture_end(world, start_capture(world, "n0", "", 0, open("/dev/full", O_WRONLY | O_CLOEXEC)),
		"No space left on device");
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	guint id = start_capture(world, "n0", "", 0, ends[1]);
	close(ends[0]);
	await_capture_end(world, id, "Broken pipe");
	send_frame(world, 0, BROADCAST, STATION(0), 5);
	expect_frame(world, 1, 5);
}

/* What tshark prints of the capture: interface, direction (1 in, 2 out), and the frame's number. */
static void expect_places(World *world, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	const char *argv[] = {"tshark", "-n", "-r", world->capture, "-T", "fields", "-e", "frame.interface_name", "-e",
		"frame.packet_flags_direction", "-e", "data.data", NULL};
	int status = -1;
	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
		    &text, NULL, &status, &error))
		fail_msg("%s", error->message);
	g_autoptr(GString) got = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);
		if (g_strv_length(fields) == 3 && *fields[2])
			g_string_append_printf(got, "%s%s %c %.2s", got->len ? ", " : "", fields[0],
				fields[1][9] == '1' ? '<' : '>', fields[2]);
	}
	assert_string_equal(got->str, expected);
}

/* n0 to n2 on a network, n3 and n4 on a link of another worker; one frame from n0 to n1, one each way over the link. */
static void some_traffic(World *world)
{
	send_frame(world, 0, STATION(1), STATION(0), 1);
	expect_frame(world, 1, 1);
	send_frame(world, 3, BROADCAST, STATION(3), 2);
	expect_frame(world, 4, 2);
	send_frame(world, 4, BROADCAST, STATION(4), 3);
	expect_frame(world, 3, 3);
}

static void build_two_workers(World *world)
{
	build_network(world, "switch", 3);
	add_link(world, "core", "n3", "n4");
	add_port(world, 3, SOCK_DGRAM);
	add_port(world, 4, SOCK_DGRAM);
	for (unsigned i = 0; i < 2; i++) { /* learn */
		send_frame(world, i, BROADCAST, STATION(i), 0);
		for (unsigned k = 0; k < 3; k++)
			if (k != i)
				expect_frame(world, k, 0);
	}
}

static void captures_everything_at_once(void **state)
{
	World *world = *state;
	build_two_workers(world);
	guint id = start_capture(world, "", "", 0, open_capture(world));
	some_traffic(world);
	/* A cable that comes later is part of everything. */
	add_link(world, "late", "n5", "n6");
	add_port(world, 5, SOCK_DGRAM);
	add_port(world, 6, SOCK_DGRAM);
	send_frame(world, 5, BROADCAST, STATION(5), 4);
	expect_frame(world, 6, 4);
	/* A port that is plugged anew still is. */
	g_autoptr(GError) error = NULL;
	sw_switch1_call_remove_port_sync(world->client, "n4", NULL, &error);
	no_error(error);
	close(world->ports[4]);
	add_port(world, 4, SOCK_DGRAM);
	send_frame(world, 4, BROADCAST, STATION(4), 5);
	expect_frame(world, 3, 5);
	stop_capture(world, id, 6);
	expect_places(world, "n0 > 01, n1 < 01, n3 > 02, n4 > 03, n5 > 04, n4 > 05");
}

static void captures_one_interface(void **state)
{
	World *world = *state;
	build_two_workers(world);
	guint id = start_capture(world, "n4 n1", "", 0, open_capture(world));
	some_traffic(world);
	stop_capture(world, id, 3);
	expect_places(world, "n1 < 01, n4 < 02, n4 > 03");
	/* Both ends of a link are the link. */
	id = start_capture(world, "n4 n3", "", 0, open_capture(world));
	some_traffic(world);
	stop_capture(world, id, 2);
	expect_places(world, "n3 > 02, n4 > 03");
}

/* The past alone, and the past with what follows. */
static void remembers(void **state)
{
	World *world = *state;
	build_two_workers(world);
	some_traffic(world);
	guint id = start_capture_with(
		world, "n3 n0", g_variant_new_parsed("{'last': <60.0>, 'only_past': <true>}"), open_capture(world));
	await_capture_end(world, id, "complete");
	assert_int_equal(world->captured, 5);
	expect_places(world, "n0 > 00, n0 < 00, n0 > 01, n3 > 02, n3 < 03");
	id = start_capture_with(world, "core", g_variant_new_parsed("{'last': <60.0>}"), open_capture(world));
	some_traffic(world);
	stop_capture(world, id, 4);
	expect_places(world, "n3 > 02, n4 > 03, n3 > 02, n4 > 03");
}

static void tells_how_captures_stand(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	guint number = 0;
	guint64 captured = 0, dropped;
	build_two_workers(world);
	guint id = start_capture(world, "core", "", 0, open_capture(world));
	some_traffic(world);
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (captured < 2 && g_get_monotonic_time() < deadline) {
		g_autoptr(GVariant) list = NULL;
		sw_switch1_call_get_captures_sync(world->client, &list, NULL, &error);
		no_error(error);
		assert_int_equal(g_variant_n_children(list), 1);
		g_variant_get_child(list, 0, "(utt)", &number, &captured, &dropped);
	}
	assert_int_equal(captured, 2);
	assert_int_equal(number, id);
}

/* The supervisor dies during a capture: what was captured is in the file. */
static void capture_survives_the_supervisor(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	start_capture(world, "n0", "", 0, open_capture(world));
	for (guint32 i = 0; i < 100; i++) {
		send_frame(world, 0, BROADCAST, STATION(0), i);
		expect_frame(world, 1, i);
	}
	hang_up(world);
	expect_capture(world, 0, 100);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(capture_loses_nothing),
		TEST(capture_sees_both_directions_once),
		TEST(capture_filters_and_counts),
		TEST(capture_errors_are_told),
		TEST(captures_everything_at_once),
		TEST(captures_one_interface),
		TEST(remembers),
		TEST(tells_how_captures_stand),
		TEST(capture_survives_the_supervisor),
	};
	/* Messages of the C library are compared. */
	g_setenv("LC_ALL", "C", TRUE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
