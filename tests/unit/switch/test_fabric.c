/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fabric under the sanitizers: what it leaves behind when it stops in the middle of its work, and when it refuses. */
#include "switch/control/fabric.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { PORTS = 4, FRAMES = 64, WORKERS = 2 };

typedef struct {
	Fabric *fabric;
	int guests[PORTS];  /* of port "p0" and so on: the guest's end */
	int capture[2];     /* a pipe that nobody reads */
	unsigned n_changed; /* signals of cables that changed */
} World;

static _Atomic int epoll_works,
	epoll_fails; /* so many times from now on, one after the other; then it works for good */

/* Stands in for libc's, so that the host can be made to refuse. */
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	if (operation != EPOLL_CTL_DEL && epoll_works > 0) {
		epoll_works--;
	} else if (operation != EPOLL_CTL_DEL && epoll_fails > 0) {
		epoll_fails--;
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

static void no_error(GError *error)
{
	if (error)
		fail_msg("%s", error->message);
}

static void on_capture_ended(
	guint32 id, guint64 captured, guint64 dropped, const char *reason, gboolean failed, gpointer data)
{
}

static void on_port_failed(const char *name, const char *message, gpointer data)
{
}

static void on_cables_changed(const char *const *names, gpointer data)
{
	((World *)data)->n_changed++;
}

static const FabricEvents events = {on_capture_ended, on_port_failed, on_cables_changed};

static void add_port(World *world, unsigned number)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_strdup_printf("p%u", number);
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	world->guests[number] = pair[0];
	fabric_add_datagram_port(world->fabric, name, 1500, pair[1], &error);
	no_error(error);
}

static void add_cable(World *world, const char *name, const char *a, const char *b)
{
	g_autoptr(GError) error = NULL;
	const FabricEnd ends[] = {{a, a[0] != 'p'}, {b, b[0] != 'p'}};
	fabric_add_cable(world->fabric, name, ends, &error);
	no_error(error);
}

static int set_up(void **state)
{
	g_autoptr(GError) error = NULL;
	World *world = *state = g_new0(World, 1);
	epoll_works = epoll_fails = 0;
	memset(world->guests, -1, sizeof(world->guests));
	memset(world->capture, -1, sizeof(world->capture));
	world->fabric = fabric_new(WORKERS, 1 << 20, &events, world, &error);
	no_error(error);
	return 0;
}

/* Also checks that the fabric can be freed as it is. */
static int tear_down(void **state)
{
	World *world = *state;
	epoll_fails = 0;
	g_clear_pointer(&world->fabric, fabric_free);
	for (unsigned i = 0; i < PORTS; i++)
		if (world->guests[i] >= 0)
			close(world->guests[i]);
	if (world->capture[0] >= 0)
		close(world->capture[0]);
	g_free(world);
	return 0;
}

/* settings: an a{sv} in GVariant's text form; for frames of both directions. */
static void impair(World *world, const char *cable, const char *settings)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) dict = g_variant_parse(G_VARIANT_TYPE_VARDICT, settings, NULL, NULL, &error);
	no_error(error);
	fabric_set_link(world->fabric, cable, &(FabricLink){.from = {dict, dict}}, &error);
	no_error(error);
}

static guint64 counter(World *world, const char *port, const char *counter)
{
	g_autoptr(GVariant) all = g_variant_ref_sink(fabric_counters(world->fabric));
	g_autoptr(GVariant) counters = g_variant_lookup_value(all, port, NULL);
	guint64 value = 0;
	assert_non_null(counters);
	g_variant_lookup(counters, counter, "t", &value);
	return value;
}

/* Broadcasts from a guest, all taken in by the switch. */
static void send_frames(World *world, unsigned from)
{
	uint8_t frame[200] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0, 0, (uint8_t)(from + 1), 0x88, 0xb5};
	g_autofree char *name = g_strdup_printf("p%u", from);
	guint64 before = counter(world, name, "rx_frames");
	for (unsigned i = 0; i < FRAMES; i++)
		assert_int_equal(send(world->guests[from], frame, sizeof(frame), 0), sizeof(frame));
	while (counter(world, name, "rx_frames") < before + FRAMES)
		g_usleep(1000);
}

static void add_link(World *world, const char *settings)
{
	add_port(world, 0);
	add_port(world, 1);
	add_cable(world, "link", "p0", "p1");
	impair(world, "link", settings);
}

static void stops_with_delayed_frames(void **state)
{
	World *world = *state;
	add_link(world, "{'delay': <uint64 2000000000>}");
	send_frames(world, 0);
	send_frames(world, 1);
	assert_int_equal(counter(world, "p1", "tx_frames"), 0);
}

static void stops_with_frames_that_wait_for_the_rate(void **state)
{
	World *world = *state;
	add_link(world, "{'rate': <uint64 1000>}");
	send_frames(world, 0);
	assert_int_equal(counter(world, "p1", "tx_frames"), 0);
}

static void stops_while_jittered_frames_come_out(void **state)
{
	World *world = *state;
	add_link(world, "{'delay': <uint64 20000000>, 'jitter': <uint64 20000000>, 'duplicate': <0.5>, 'loss': <0.1>}");
	for (unsigned i = 0; i < 4; i++)
		send_frames(world, i % 2);
}

static void stops_with_a_guest_that_does_not_read(void **state)
{
	World *world = *state;
	add_link(world, "{'delay': <uint64 1000000>}");
	for (unsigned i = 0; i < 20; i++)
		send_frames(world, 0);
}

/* Two switches of a spanning tree, with a loop between them. */
static void add_trees(World *world)
{
	static const char *const names[] = {"s0", "s1"},
				 *const addresses[] = {"02:00:00:00:00:01", "02:00:00:00:00:02"};
	g_autoptr(GError) error = NULL;
	for (unsigned i = 0; i < 2; i++) {
		fabric_add_network(world->fabric, names[i], "switch", 0, 0, 0, &error);
		no_error(error);
		fabric_set_spanning_tree(world->fabric, names[i], 32768, addresses[i], &error);
		no_error(error);
	}
	add_cable(world, "trunk1", "s0", "s1");
	add_cable(world, "trunk2", "s0", "s1");
}

static void stops_while_a_spanning_tree_runs(void **state)
{
	World *world = *state;
	add_trees(world);
	for (unsigned i = 0; i < 2; i++)
		add_port(world, i);
	add_cable(world, "c0", "p0", "s0");
	add_cable(world, "c1", "p1", "s1");
	impair(world, "trunk1", "{'delay': <uint64 5000000>}");
	impair(world, "c0", "{'delay': <uint64 2000000000>}");
	send_frames(world, 0);
	g_usleep(50000);
	impair(world, "trunk2", "{'rate': <uint64 10000>}");
}

static void stops_while_a_capture_runs(void **state)
{
	static const char *const nowhere[] = {NULL}, *const filter = "";
	World *world = *state;
	g_autoptr(GError) error = NULL;
	CaptureOptions options = {.filter = filter, .last = 10};
	gint64 since;
	add_trees(world);
	add_link(world, "{'delay': <uint64 2000000000>}");
	add_port(world, 2);
	add_cable(world, "c2", "p2", "s0");
	send_frames(world, 0);
	assert_int_equal(pipe2(world->capture, O_CLOEXEC), 0);
	assert_int_not_equal(
		fabric_start_capture(world->fabric, nowhere, &options, world->capture[1], &since, &error), 0);
	no_error(error);
	send_frames(world, 0);
	send_frames(world, 2);
}

static void stops_before_anybody_was_told(void **state)
{
	World *world = *state;
	add_link(world, "{'delay': <uint64 2000000000>}");
	send_frames(world, 0);
	impair(world, "link", "{'delay': <uint64 2000000000>, 'down': <'yes'>}");
	g_clear_pointer(&world->fabric, fabric_free);
	while (g_main_context_iteration(NULL, FALSE))
		;
	assert_int_equal(world->n_changed, 0);
}

/* -- refusals: nothing has changed -- */

static gboolean has_cable(World *world, const char *name)
{
	g_autoptr(GVariant) all = g_variant_ref_sink(fabric_cables(world->fabric));
	g_autoptr(GVariant) cable = g_variant_lookup_value(all, name, NULL);
	return cable != NULL;
}

static void refuses_cable(World *world, const char *name, const char *a, const char *b, GIOErrorEnum code)
{
	g_autoptr(GError) error = NULL;
	const FabricEnd ends[] = {{a, FALSE}, {b, FALSE}};
	assert_false(fabric_add_cable(world->fabric, name, ends, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, code));
	assert_int_equal(epoll_fails, 0);
	assert_false(has_cable(world, name));
}

static void passes(World *world, unsigned from, unsigned to)
{
	g_autofree char *name = g_strdup_printf("p%u", to);
	guint64 before = counter(world, name, "tx_frames");
	send_frames(world, from);
	assert_int_equal(counter(world, name, "tx_frames"), before + FRAMES);
}

/* Whichever of its ports cannot be moved to the worker of the cable. */
static void refused_cable_is_not_there(void **state)
{
	for (int works = 0; works < 2; works++) {
		World *world;
		set_up(state);
		world = *state;
		for (unsigned i = 0; i < 3; i++)
			add_port(world, i); /* on workers 0, 1 and 0; the cable is for 1 */
		epoll_works = works;
		epoll_fails = 1;
		refuses_cable(world, "link", "p0", "p2", G_IO_ERROR_NO_SPACE);
		/* Neither the ports nor their names are on it, and they still take frames. */
		send_frames(world, 0);
		send_frames(world, 2);
		assert_int_equal(counter(world, "p0", "drop_unplugged"), FRAMES);
		assert_int_equal(counter(world, "p2", "drop_unplugged"), FRAMES);
		add_cable(world, "link", "p0", "p1");
		passes(world, 0, 1);
		tear_down(state);
	}
}

static void refused_port_is_not_there(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	int pair[2];
	add_cable(world, "link", "p0", "p1");
	add_port(world, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	epoll_fails = 1;
	assert_false(fabric_add_datagram_port(world->fabric, "p0", 1500, pair[1], &error));
	assert_int_equal(epoll_fails, 0);
	close(pair[0]);
	add_port(world, 0);
	passes(world, 0, 1);
	passes(world, 1, 0);
}

/* Their numbers in captures would not be their own. */
static void refuses_more_cables_than_have_numbers(void **state)
{
	static const char *const nowhere[] = {NULL};
	World *world = *state;
	g_autoptr(GError) error = NULL;
	CaptureOptions options = {.filter = ""};
	gint64 since;
	for (unsigned i = 0; i < CAPTURES_CABLES_MAX; i++) {
		g_autofree char *name = g_strdup_printf("c%u", i), *a = g_strdup_printf("pa%u", i),
				*b = g_strdup_printf("pb%u", i);
		add_cable(world, name, a, b);
	}
	assert_int_equal(pipe2(world->capture, O_CLOEXEC), 0);
	assert_int_not_equal(
		fabric_start_capture(world->fabric, nowhere, &options, world->capture[1], &since, &error), 0);
	no_error(error);
	refuses_cable(world, "one more", "px", "py", G_IO_ERROR_NO_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stops_with_delayed_frames, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stops_with_frames_that_wait_for_the_rate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stops_while_jittered_frames_come_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stops_with_a_guest_that_does_not_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stops_while_a_spanning_tree_runs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stops_while_a_capture_runs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stops_before_anybody_was_told, set_up, tear_down),
		cmocka_unit_test(refused_cable_is_not_there),
		cmocka_unit_test_setup_teardown(refused_port_is_not_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_more_cables_than_have_numbers, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
