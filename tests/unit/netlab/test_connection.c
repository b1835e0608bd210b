/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's connection to a lab, on a real bus and against a guest that this test plays. The rest of the lab is replaced by
 * the few functions that a connection asks. What it leaks, LeakSanitizer reports at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gio/gunixfdlist.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/supervisor/service/connection.h"

#define PATIENCE (10 * G_TIME_SPAN_SECOND)

/* -- the lab -- */

static Agent *agent;
static gboolean said_hello;

SwSwitch1 *running_lab_switch_for_captures(const RunningLab *self)
{
	return NULL;
}

char *running_lab_switch_message(const RunningLab *self)
{
	return g_strdup("");
}

const Plan *running_lab_plan(const RunningLab *self)
{
	return NULL;
}

Agent *node_agent(Node *self, GError **error)
{
	return agent;
}

void capture_counts(GVariant *counts, guint id, guint64 *captured, guint64 *dropped)
{
}

static void on_hello(gpointer data)
{
	said_hello = TRUE;
}

static void on_ready(gpointer data)
{
}

static void on_message(const char *message, gpointer data)
{
}

static const AgentEvents agent_events = {on_hello, on_ready, on_message, on_message};

/* -- the client and the bus -- */

typedef struct {
	int line; /* the guest's end */
	NetlabLab1 *object, *proxy;
	GDBusConnection *server, *client;
	Connection *connection;
	guint session; /* of the last Exec; 0 before */
	unsigned ends;
} World;

static gboolean on_exec(NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, const char *name,
	const char *const *argv, gboolean terminal, GVariant *options, gpointer data)
{
	World *world = data;
	connection_exec(world->connection, object, invocation, NULL, argv, terminal, options);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void on_session_ended(
	NetlabLab1 *proxy, guint session, const char *how, int code, const char *message, gpointer data)
{
	((World *)data)->ends++;
}

static void on_executed(GObject *proxy, GAsyncResult *result, gpointer data)
{
	World *world = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) handles = NULL;
	g_autoptr(GUnixFDList) fds = NULL;
	if (!netlab_lab1_call_exec_finish(NETLAB_LAB1(proxy), &world->session, &handles, &fds, result, &error))
		fail_msg("Exec: %s", error->message);
}

#define wait_for(condition)                                                                                            \
	do {                                                                                                           \
		gint64 until_ = g_get_monotonic_time() + PATIENCE;                                                     \
		while (!(condition)) {                                                                                 \
			if (!g_main_context_iteration(NULL, FALSE))                                                    \
				poll(NULL, 0, 1);                                                                      \
			if (g_get_monotonic_time() > until_)                                                           \
				fail_msg("not in time: %s", #condition);                                               \
		}                                                                                                      \
	} while (0)

static void take_connection(GObject *source, GAsyncResult *result, gpointer data)
{
	*(GDBusConnection **)data = g_dbus_connection_new_finish(result, NULL);
}

static void open_bus(World *world)
{
	int ends[2];
	GDBusConnection **connections[] = {&world->server, &world->client};
	g_autofree char *guid = g_dbus_generate_guid();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	for (int i = 0; i < 2; i++) {
		g_autoptr(GSocket) socket = g_socket_new_from_fd(ends[i], NULL);
		g_autoptr(GSocketConnection) stream = g_socket_connection_factory_create_connection(socket);
		g_dbus_connection_new(G_IO_STREAM(stream), i ? NULL : guid,
			i ? G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
			  : G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER,
			NULL, NULL, take_connection, connections[i]);
	}
	wait_for(world->server && world->client);
}

static void say(World *world, AgentType type, guint16 channel, const void *payload, guint length)
{
	guint8 frame[AGENT_HEADER_SIZE + 64];
	agent_header_encode(&(AgentHeader){length, channel, (uint8_t)type}, frame);
	memcpy(frame + AGENT_HEADER_SIZE, payload, length);
	assert_int_equal(write(world->line, frame, AGENT_HEADER_SIZE + length), (gssize)(AGENT_HEADER_SIZE + length));
}

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	guint8 version[4];
	int line[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line), 0);
	world->line = line[1];
	said_hello = FALSE;
	agent = agent_new(line[0], &agent_events, NULL);
	agent_put_u32(version, AGENT_VERSION);
	say(world, AGENT_HELLO, 0, version, sizeof version);
	wait_for(said_hello);
	open_bus(world);
	world->object = netlab_lab1_skeleton_new();
	g_signal_connect(world->object, "handle-exec", G_CALLBACK(on_exec), world);
	assert_true(g_dbus_interface_skeleton_export(
		G_DBUS_INTERFACE_SKELETON(world->object), world->server, LAB_PATH, NULL));
	world->connection = connection_new(world->server, NULL);
	world->proxy = netlab_lab1_proxy_new_sync(
		world->client, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, LAB_PATH, NULL, NULL);
	g_signal_connect(world->proxy, "session-ended", G_CALLBACK(on_session_ended), world);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	g_clear_pointer(&world->connection, connection_free);
	g_clear_pointer(&agent, agent_free);
	close(world->line);
	g_object_unref(world->proxy);
	g_object_unref(world->object);
	g_dbus_connection_close_sync(world->client, NULL, NULL);
	g_dbus_connection_close_sync(world->server, NULL, NULL);
	g_object_unref(world->client);
	g_object_unref(world->server);
	g_free(world);
	return 0;
}

static void start(World *world)
{
	const char *const argv[] = {"sleep", NULL};
	world->session = 0;
	netlab_lab1_call_exec(
		world->proxy, "a", argv, FALSE, g_variant_new("a{sv}", NULL), NULL, NULL, on_executed, world);
	wait_for(world->session);
}

/* -- tests -- */

static void a_client_hears_the_end_of_its_session(void **state)
{
	World *world = *state;
	start(world);
	assert_true(connection_signal(world->connection, world->session, SIGTERM));
	say(world, AGENT_EXIT, 1, "e\0", 2);
	wait_for(world->ends == 1);
	assert_false(connection_signal(world->connection, world->session, SIGTERM));
}

/* The command ends after its client has gone, or not at all before the guest: nothing of its session may be left. */
static void a_client_that_hangs_up_leaves_nothing(void **state)
{
	World *world = *state;
	start(world);
	start(world);
	g_clear_pointer(&world->connection, connection_free);
	say(world, AGENT_EXIT, 1, "s\1", 2);
	for (int i = 0; i < 50; i++)
		if (!g_main_context_iteration(NULL, FALSE))
			poll(NULL, 0, 1);
	assert_int_equal(world->ends, 0);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_client_hears_the_end_of_its_session, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_client_that_hangs_up_leaves_nothing, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
