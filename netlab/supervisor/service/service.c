/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/service_private.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/supervisor/sandbox/spawn.h"

/* A lab is abandoned when its starter does not connect in this time. */
#define NOBODY_SECONDS 10u
/* Time for the nodes to stop when the lab ends because its starter did. */
#define ABANDONED_MS 2000u
/* For the last processes of the sandboxes, which were killed. */
#define ORPHANS_MS 2000

/* -- the lab's own events -- */

static void on_state_changed(gpointer data)
{
	Service *self = data;
	if (!self->run)
		return;
	g_autofree char *message = running_lab_switch_message(self->run);
	netlab_lab1_set_switch(self->object, running_lab_switch_state(self->run));
	netlab_lab1_set_switch_message(self->object, message);
	netlab_lab1_set_state(self->object, running_lab_state(self->run));
	/* At once, and not when the loop is idle: clients must hear that the lab stops before they hear that nodes stopped. */
	g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(self->object));
}

static void on_node_changed(Node *node, gpointer data)
{
	Service *self = data;
	netlab_lab1_emit_node_changed(
		self->object, node_plan(node)->name, node_state_name(node_state(node)), node_message(node));
	for (guint i = self->stopping_nodes->len; i > 0; i--) {
		NodeStop *stop = g_ptr_array_index(self->stopping_nodes, i - 1);
		if (stop->node != node || node_is_alive(node))
			continue;
		netlab_lab1_complete_stop_node(self->object, stop->invocation);
		g_ptr_array_remove_index(self->stopping_nodes, i - 1);
	}
}

static void on_cable_changed(const char *cable, gpointer data)
{
	Service *self = data;
	netlab_lab1_emit_link_changed(self->object, cable);
}

static void on_switch_died(gpointer data)
{
	Service *self = data;
	GHashTableIter iter;
	gpointer connection;
	g_hash_table_iter_init(&iter, self->connections);
	while (g_hash_table_iter_next(&iter, NULL, &connection))
		connection_switch_died(connection);
}

static void on_capture_ended(guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data)
{
	Service *self = data;
	GHashTableIter iter;
	gpointer connection;
	g_hash_table_iter_init(&iter, self->connections);
	while (g_hash_table_iter_next(&iter, NULL, &connection))
		if (connection_capture_ended(connection, id, captured, dropped, reason))
			return;
}

static void on_over(gpointer data)
{
	Service *self = data;
	self->over(self->data);
}

static const RunningLabEvents run_events = {
	on_node_changed, on_state_changed, on_cable_changed, on_switch_died, on_capture_ended, on_over};

/* -- who the lab belongs to -- */

void service_detach(Service *self)
{
	g_clear_handle_id(&self->starter_source, g_source_remove);
	g_clear_handle_id(&self->nobody_source, g_source_remove);
	self->starter = 0;
	self->starter_connection = NULL;
}

static void abandon(Service *self, const char *why)
{
	g_message("stopping: %s", why);
	service_detach(self);
	service_stop(self, ABANDONED_MS);
}

static gboolean on_starter_gone(int fd, GIOCondition condition, gpointer data)
{
	Service *self = data;
	self->starter_source = 0;
	abandon(self, "the process that started the lab ended before the start was complete");
	return G_SOURCE_REMOVE;
}

static gboolean on_nobody_came(gpointer data)
{
	Service *self = data;
	self->nobody_source = 0;
	abandon(self, "no client connected");
	return G_SOURCE_REMOVE;
}

static void watch_starter(Service *self, pid_t starter)
{
	self->nobody_source = g_timeout_add_seconds(NOBODY_SECONDS, on_nobody_came, self);
	self->starter = starter;
	self->starter_pidfd = pidfd_open(starter, 0);
	if (self->starter_pidfd >= 0)
		self->starter_source = g_unix_fd_add(self->starter_pidfd, G_IO_IN, on_starter_gone, self);
	if (self->starter_pidfd >= 0 && getppid() == starter)
		return;
	/* It ended before it could be watched. */
	g_clear_handle_id(&self->nobody_source, g_source_remove);
	self->nobody_source = g_idle_add(on_nobody_came, self);
}

/* -- connections -- */

static pid_t peer_of(GDBusConnection *connection)
{
	GCredentials *credentials = g_dbus_connection_get_peer_credentials(connection);
	return credentials ? g_credentials_get_unix_pid(credentials, NULL) : -1;
}

static void on_closed(GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
	Service *self = data;
	gboolean was_starter = connection == self->starter_connection;
	g_dbus_interface_skeleton_unexport_from_connection(G_DBUS_INTERFACE_SKELETON(self->object), connection);
	g_hash_table_remove(self->connections, connection);
	if (was_starter)
		abandon(self, "the process that started the lab closed its connection before the start was complete");
}

static gboolean on_new_connection(GDBusServer *server, GDBusConnection *connection, gpointer data)
{
	Service *self = data;
	g_autoptr(GError) error = NULL;
	if (!g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(self->object), connection, LAB_PATH, &error)) {
		g_warning("%s", error->message);
		return FALSE;
	}
	g_hash_table_insert(self->connections, connection, connection_new(connection, self->run));
	g_signal_connect(connection, "closed", G_CALLBACK(on_closed), self);
	g_clear_handle_id(&self->nobody_source, g_source_remove);
	if (self->starter && !self->starter_connection && peer_of(connection) == self->starter)
		self->starter_connection = connection;
	return TRUE;
}

/* With EXTERNAL the kernel identifies the peer (SO_PEERCRED, unix(7)); anonymous and cookie mechanisms cannot. */
static gboolean on_allow_mechanism(GDBusAuthObserver *observer, const char *mechanism, gpointer data)
{
	return g_str_equal(mechanism, "EXTERNAL");
}

static gboolean on_authorize(GDBusAuthObserver *observer, GIOStream *stream, GCredentials *credentials, gpointer data)
{
	return credentials && g_credentials_get_unix_user(credentials, NULL) == geteuid();
}

static gboolean listen_on(Service *self, const char *path, GError **error)
{
	g_autofree char *escaped = g_dbus_address_escape_value(path),
			*address = g_strconcat("unix:path=", escaped, NULL);
	g_autofree char *guid = g_dbus_generate_guid();
	g_autoptr(GDBusAuthObserver) observer = g_dbus_auth_observer_new();
	g_signal_connect(observer, "allow-mechanism", G_CALLBACK(on_allow_mechanism), NULL);
	g_signal_connect(observer, "authorize-authenticated-peer", G_CALLBACK(on_authorize), NULL);
	self->server = g_dbus_server_new_sync(
		address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER, guid, observer, NULL, error);
	if (!self->server) {
		g_prefix_error(error, "cannot listen on \"%s\": ", path);
		return FALSE;
	}
	if (chmod(path, 0600) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot restrict access to \"%s\": %s",
			path, g_strerror(errno));
		return FALSE;
	}
	g_signal_connect(self->server, "new-connection", G_CALLBACK(on_new_connection), self);
	g_dbus_server_start(self->server);
	return TRUE;
}

/* -- the service -- */

/** Starts the lab and listens: see service.h. Clients are accepted on the main loop, so none comes before all is ready. */
Service *service_new(
	const RunningLabOptions *options, pid_t starter, void (*over)(gpointer data), gpointer data, GError **error)
{
	g_autoptr(Service) self = g_new0(Service, 1);
	self->directory = options->directory;
	self->over = over;
	self->data = data;
	self->starter_pidfd = -1;
	self->connections = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)connection_free);
	self->stopping = g_ptr_array_new();
	self->stopping_nodes = g_ptr_array_new_with_free_func(g_free);
	self->object = netlab_lab1_skeleton_new();
	service_connect_methods(self);
	self->run = running_lab_new(options, &run_events, self, error);
	if (!self->run)
		return NULL;
	netlab_lab1_set_name(self->object, options->plan->instance);
	netlab_lab1_set_title(self->object, options->plan->lab->title ? options->plan->lab->title : "");
	netlab_lab1_set_file(self->object, options->plan->lab->file);
	netlab_lab1_set_started(self->object, running_lab_started(self->run));
	on_state_changed(self);
	if (!listen_on(self, options->plan->control_socket, error))
		return NULL;
	watch_starter(self, starter);
	return g_steal_pointer(&self);
}

/** Ends the lab, as the Stop method does. */
void service_stop(Service *self, guint deadline_ms)
{
	service_detach(self);
	running_lab_stop(self->run, deadline_ms);
}

/* Clients that asked for the stop are answered when everything is gone, including the folder. */
static void answer_stop(Service *self)
{
	for (guint i = 0; i < self->stopping->len; i++) {
		GDBusMethodInvocation *invocation = g_ptr_array_index(self->stopping, i);
		g_autoptr(GDBusConnection) connection =
			g_object_ref(g_dbus_method_invocation_get_connection(invocation));
		netlab_lab1_complete_stop(self->object, invocation);
		if (!g_dbus_connection_is_closed(connection))
			g_dbus_connection_flush_sync(connection, NULL, NULL);
	}
}

void service_free(Service *self)
{
	GHashTableIter iter;
	gpointer connection;
	service_detach(self);
	if (self->starter_pidfd >= 0)
		close(self->starter_pidfd);
	/* GLib would remove the socket by its name, which may belong to another lab by now. */
	if (self->server && !run_dir_is_ours(self->directory))
		self->server = NULL;
	if (self->server)
		g_dbus_server_stop(self->server);
	g_clear_pointer(&self->run, running_lab_free);
	if (!child_reap_orphans(ORPHANS_MS))
		g_warning("a process of the lab does not end; it is left to process 1");
	run_dir_remove(self->directory);
	answer_stop(self);
	g_hash_table_iter_init(&iter, self->connections);
	while (g_hash_table_iter_next(&iter, &connection, NULL))
		g_signal_handlers_disconnect_by_data(connection, self);
	g_hash_table_steal_all(self->connections); /* their sessions are gone; the process ends */
	g_hash_table_unref(self->connections);
	g_clear_object(&self->server);
	g_signal_handlers_disconnect_by_data(self->object, self);
	g_object_unref(self->object);
	g_ptr_array_unref(self->stopping);
	g_ptr_array_unref(self->stopping_nodes);
	g_free(self);
}
