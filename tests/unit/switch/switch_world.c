/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switch/switch_world.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

void no_error(GError *error)
{
	if (error)
		fail_msg("%s", error->message);
}

static void on_capture_ended(
	SwSwitch1 *client, guint id, guint64 captured, guint64 dropped, const char *reason, World *world)
{
	world->ended_id = id;
	world->captured = captured;
	world->dropped = dropped;
	g_free(world->reason);
	world->reason = g_strdup(reason);
}

static void on_cables_changed(SwSwitch1 *client, const char *const *names, World *world)
{
	for (; *names; names++)
		g_string_append_printf(world->changed, "%s ", *names);
}

int set_up(void **state)
{
	World *world = g_new0(World, 1);
	g_autoptr(GError) error = NULL;
	int control[2];
	*state = world;
	memset(world->ports, -1, sizeof(world->ports));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control), 0);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_subprocess_launcher_take_fd(launcher, control[1], 3);
	const char *program = g_getenv("NETLAB_TEST_SWITCH");
	assert_non_null(program);
	world->process = g_subprocess_launcher_spawn(
		launcher, &error, program, "--control-fd=3", "--workers=2", "--history=8388608", NULL);
	no_error(error);
	g_clear_object(&launcher); /* closes our copy of the switch's end */
	world->client = switch_calls_new(control[0], &error);
	no_error(error);
	world->changed = g_string_new(NULL);
	g_signal_connect(world->client, "cables-changed", G_CALLBACK(on_cables_changed), world);
	g_signal_connect(world->client, "capture-ended", G_CALLBACK(on_capture_ended), world);
	int fd = g_file_open_tmp("netlab-capture-XXXXXX", &world->capture, &error);
	no_error(error);
	close(fd);
	return 0;
}

void hang_up(World *world)
{
	g_autoptr(GError) error = NULL;
	if (!world->client)
		return;
	g_dbus_connection_close_sync(g_dbus_proxy_get_connection(G_DBUS_PROXY(world->client)), NULL, &error);
	no_error(error);
	g_clear_object(&world->client);
	g_subprocess_wait(world->process, NULL, &error);
	no_error(error);
	assert_true(g_subprocess_get_if_exited(world->process));
	assert_int_equal(g_subprocess_get_exit_status(world->process), 0);
}

int tear_down(void **state)
{
	World *world = *state;
	hang_up(world);
	for (unsigned i = 0; i < G_N_ELEMENTS(world->ports); i++)
		if (world->ports[i] >= 0)
			close(world->ports[i]);
	g_object_unref(world->process);
	assert_int_equal(g_unlink(world->capture), 0);
	g_free(world->capture);
	g_free(world->reason);
	g_string_free(world->changed, TRUE);
	g_free(world);
	return 0;
}

void add_port(World *world, unsigned i, int type)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_autofree char *name = g_strdup_printf("n%u", i);
	struct timeval patience = {.tv_sec = 20};
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	g_unix_fd_list_append(list, ends[1], &error);
	no_error(error);
	close(ends[1]);
	sw_switch1_call_add_datagram_port_sync(
		world->client, name, 1500, g_variant_new_handle(0), list, NULL, NULL, &error);
	no_error(error);
	world->ports[i] = ends[0];
}

void build_network(World *world, const char *type, unsigned n)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_network_sync(world->client, "lan", type, 0, 0, 0, NULL, &error);
	no_error(error);
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("n%u", i);
		if (i % 2)
			add_port(world, i, SOCK_DGRAM);
		sw_switch1_call_add_cable_sync(
			world->client, name, switch_end("port", name), switch_end("network", "lan"), NULL, &error);
		no_error(error);
		if (i % 2 == 0)
			add_port(world, i, SOCK_DGRAM);
	}
}

static void build_frame(guint8 *bytes, guint64 destination, guint64 source, guint32 number)
{
	for (int i = 0; i < 6; i++) {
		bytes[i] = (guint8)(destination >> (40 - 8 * i));
		bytes[6 + i] = (guint8)(source >> (40 - 8 * i));
	}
	bytes[12] = 0x88;
	bytes[13] = 0xb5; /* IEEE 802, 9.2.3: for experiments */
	memcpy(bytes + 14, &number, sizeof(number));
}

void send_sized(World *world, unsigned port, guint64 destination, guint64 source, guint32 number, gsize size)
{
	guint8 bytes[4000] = {0};
	build_frame(bytes, destination, source, number);
	assert_int_equal(send(world->ports[port], bytes, size, 0), size);
}

void send_frame(World *world, unsigned port, guint64 destination, guint64 source, guint32 number)
{
	send_sized(world, port, destination, source, number, 64);
}

void expect_frame(World *world, unsigned port, guint32 number)
{
	guint8 bytes[4000];
	guint32 got;
	gssize n = recv(world->ports[port], bytes, sizeof(bytes), 0);
	if (n < 18)
		fail_msg("port %u: waited for frame %u in vain: %s", port, number, n < 0 ? g_strerror(errno) : "short");
	memcpy(&got, bytes + 14, sizeof(got));
	assert_int_equal(got, number);
}

guint64 counter(World *world, unsigned port, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) counters = NULL;
	g_autofree char *port_name = g_strdup_printf("n%u", port);
	guint64 value;
	sw_switch1_call_get_counters_sync(world->client, &counters, NULL, &error);
	no_error(error);
	g_autoptr(GVariant) of_port = g_variant_lookup_value(counters, port_name, G_VARIANT_TYPE("a{st}"));
	assert_non_null(of_port);
	assert_true(g_variant_lookup(of_port, name, "t", &value));
	return value;
}

void await_counter(World *world, unsigned port, const char *name, guint64 value)
{
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (counter(world, port, name) < value)
		if (g_get_monotonic_time() > deadline)
			fail_msg("port %u: %s stays below %" G_GUINT64_FORMAT, port, name, value);
	assert_int_equal(counter(world, port, name), value);
}

void add_link(World *world, const char *name, const char *a, const char *b)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_cable_sync(world->client, name, switch_end("port", a), switch_end("port", b), NULL, &error);
	no_error(error);
}

void expect_error(GError **error, int code, const char *words)
{
	assert_non_null(*error);
	if (!g_error_matches(*error, G_IO_ERROR, code) || !strstr((*error)->message, words))
		fail_msg("unexpected error: %s", (*error)->message);
	g_clear_error(error);
}
