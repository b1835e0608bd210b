/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/supervisor/client.h"
#include "netlab/supervisor/facts.h"
#include "netlab/supervisor/link_methods.h"
#include "netlab/supervisor/network_methods.h"
#include "topologies/diagnostics.h"

#define ERROR_NAME "org.netlab.Error."

/* A lab whose starter never comes to say that it wants it. */
#define NOBODY_SECONDS 10u
/* When the lab ends because its starter did. */
#define ABANDONED_MS 2000u

struct Service {
	RunningLab *run;
	RunDir *directory;
	GDBusServer *server;
	NetlabLab1 *object;
	GHashTable *clients;        /* GDBusConnection -> Client */
	GPtrArray *stopping;        /* of GDBusMethodInvocation: Stop */
	GPtrArray *stopping_nodes;  /* of NodeStop */
	/* who the lab belongs to until Detach: see abandon() */
	pid_t starter;
	int starter_pidfd;
	GDBusConnection *starter_connection; /* borrowed */
	guint starter_source, nobody_source;
	void (*over)(gpointer data);
	gpointer data;
};

/* A StopNode that is answered when the node is down. */
typedef struct {
	Node *node;
	GDBusMethodInvocation *invocation;
} NodeStop;

/* -- the lab's own events -- */

static void on_state_changed(gpointer data)
{
	Service *self = data;
	if (self->run)
		netlab_lab1_set_state(self->object, running_lab_state(self->run));
}

static void on_node_changed(Node *node, gpointer data)
{
	Service *self = data;
	netlab_lab1_emit_node_changed(self->object, node_plan(node)->name, node_state_name(node_state(node)), node_message(node));
	for (guint i = self->stopping_nodes->len; i > 0; i--) {
		NodeStop *stop = g_ptr_array_index(self->stopping_nodes, i - 1);
		if (stop->node != node || node_is_alive(node))
			continue;
		netlab_lab1_complete_stop_node(self->object, stop->invocation);
		g_ptr_array_remove_index(self->stopping_nodes, i - 1);
	}
}

static void on_switch_died(gpointer data)
{
	Service *self = data;
	GHashTableIter iter;
	gpointer client;
	g_hash_table_iter_init(&iter, self->clients);
	while (g_hash_table_iter_next(&iter, NULL, &client))
		client_switch_died(client);
}

static void on_capture_ended(guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data)
{
	Service *self = data;
	GHashTableIter iter;
	gpointer client;
	g_hash_table_iter_init(&iter, self->clients);
	while (g_hash_table_iter_next(&iter, NULL, &client))
		if (client_capture_ended(client, id, captured, dropped, reason))
			return;
}

static void on_over(gpointer data)
{
	Service *self = data;
	self->over(self->data);
}

static const RunningLabEvents run_events = {on_node_changed, on_state_changed, on_switch_died, on_capture_ended, on_over};

/* -- whose the lab is -- */

static void belong_to_nobody(Service *self)
{
	g_clear_handle_id(&self->starter_source, g_source_remove);
	g_clear_handle_id(&self->nobody_source, g_source_remove);
	self->starter = 0;
	self->starter_connection = NULL;
}

static void abandon(Service *self, const char *why)
{
	g_message("stopping: %s", why);
	belong_to_nobody(self);
	service_stop(self, ABANDONED_MS);
}

static gboolean on_starter_gone(int fd, GIOCondition condition, gpointer data)
{
	Service *self = data;
	self->starter_source = 0;
	abandon(self, "the process that started the lab ended before it let go of it");
	return G_SOURCE_REMOVE;
}

static gboolean on_nobody_came(gpointer data)
{
	Service *self = data;
	self->nobody_source = 0;
	abandon(self, "nobody connected");
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
	/* It was gone before we could watch it. */
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
	g_hash_table_remove(self->clients, connection);
	if (was_starter)
		abandon(self, "the connection of the process that started the lab closed before it let go of it");
}

static gboolean on_new_connection(GDBusServer *server, GDBusConnection *connection, gpointer data)
{
	Service *self = data;
	g_autoptr(GError) error = NULL;
	if (!g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(self->object), connection, LAB_PATH, &error)) {
		g_warning("%s", error->message);
		return FALSE;
	}
	g_hash_table_insert(self->clients, connection, client_new(connection, self->run));
	g_signal_connect(connection, "closed", G_CALLBACK(on_closed), self);
	g_clear_handle_id(&self->nobody_source, g_source_remove);
	if (self->starter && !self->starter_connection && peer_of(connection) == self->starter)
		self->starter_connection = connection;
	return TRUE;
}

/* The kernel says who the peer is (SO_PEERCRED, unix(7)); anonymous and cookie mechanisms could not. */
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
	g_autofree char *escaped = g_dbus_address_escape_value(path), *address = g_strconcat("unix:path=", escaped, NULL);
	g_autofree char *guid = g_dbus_generate_guid();
	g_autoptr(GDBusAuthObserver) observer = g_dbus_auth_observer_new();
	g_signal_connect(observer, "allow-mechanism", G_CALLBACK(on_allow_mechanism), NULL);
	g_signal_connect(observer, "authorize-authenticated-peer", G_CALLBACK(on_authorize), NULL);
	self->server = g_dbus_server_new_sync(address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER, guid, observer, NULL,
		error);
	if (!self->server) {
		g_prefix_error(error, "cannot listen on \"%s\": ", path);
		return FALSE;
	}
	if (chmod(path, 0600) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot close \"%s\" to others: %s", path,
			g_strerror(errno));
		return FALSE;
	}
	g_signal_connect(self->server, "new-connection", G_CALLBACK(on_new_connection), self);
	g_dbus_server_start(self->server);
	return TRUE;
}

/* -- methods -- */

static Client *client_of(Service *self, GDBusMethodInvocation *invocation)
{
	return g_hash_table_lookup(self->clients, g_dbus_method_invocation_get_connection(invocation));
}

/* NULL when there is none, and then the invocation was answered. */
static Node *node_or_answer(Service *self, GDBusMethodInvocation *invocation, const char *name)
{
	const GPtrArray *nodes = running_lab_nodes(self->run);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	Node *node = running_lab_find_node(self->run, name);
	if (node)
		return node;
	for (guint i = 0; i < nodes->len; i++)
		g_ptr_array_add(names, node_plan(g_ptr_array_index(nodes, i))->name);
	g_ptr_array_add(names, NULL);
	const char *nearest = lab_nearest(name, (const char *const *)names->pdata);
	g_autofree char *hint = nearest ? g_strdup_printf("; did you mean \"%s\"?", nearest) : g_strdup("");
	g_autofree char *message =
		g_strdup_printf("lab \"%s\" has no node \"%s\"%s", running_lab_plan(self->run)->instance, name, hint);
	g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NoSuchNode", message);
	return NULL;
}

static gboolean on_get_nodes(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	netlab_lab1_complete_get_nodes(object, invocation, facts_of_nodes(self->run));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_networks(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	network_methods_get(self->run, object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_forwarding_table(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network, Service *self)
{
	network_methods_get_table(self->run, object, invocation, network);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_flush_forwarding_table(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network,
	Service *self)
{
	network_methods_flush(self->run, object, invocation, network);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_uplinks(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	netlab_lab1_complete_get_uplinks(object, invocation, facts_of_uplinks(self->run));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_links(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	link_methods_get(self->run, object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_set_link(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *link, const char *from,
	const char *base, GVariant *attributes, Service *self)
{
	link_methods_set(self->run, object, invocation, link, from, base, attributes);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_detach(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	belong_to_nobody(self);
	netlab_lab1_complete_detach(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_stop(NetlabLab1 *object, GDBusMethodInvocation *invocation, guint deadline_ms, Service *self)
{
	g_ptr_array_add(self->stopping, invocation);
	service_stop(self, deadline_ms);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_start_node(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *name, Service *self)
{
	g_autoptr(GError) error = NULL;
	Node *node = node_or_answer(self, invocation, name);
	if (node && running_lab_start_node(self->run, node, &error))
		netlab_lab1_complete_start_node(object, invocation);
	else if (node)
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "Failed", error->message);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_stop_node(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *name, guint deadline_ms,
	Service *self)
{
	Node *node = node_or_answer(self, invocation, name);
	if (!node)
		return G_DBUS_METHOD_INVOCATION_HANDLED;
	if (!node_is_alive(node)) {
		node_stop(node, deadline_ms);
		netlab_lab1_complete_stop_node(object, invocation);
		return G_DBUS_METHOD_INVOCATION_HANDLED;
	}
	NodeStop *stop = g_new(NodeStop, 1);
	*stop = (NodeStop){node, invocation};
	g_ptr_array_add(self->stopping_nodes, stop);
	node_stop(node, deadline_ms);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_pause_node(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *name, Service *self)
{
	g_autoptr(GError) error = NULL;
	Node *node = node_or_answer(self, invocation, name);
	if (node && node_pause(node, &error))
		netlab_lab1_complete_pause_node(object, invocation);
	else if (node)
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NotReady", error->message);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_resume_node(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *name, Service *self)
{
	g_autoptr(GError) error = NULL;
	Node *node = node_or_answer(self, invocation, name);
	if (node && node_resume(node, &error))
		netlab_lab1_complete_resume_node(object, invocation);
	else if (node)
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NotReady", error->message);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_exec(NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, const char *name,
	const char *const *argv, gboolean terminal, GVariant *options, Service *self)
{
	Node *node = node_or_answer(self, invocation, name);
	if (node)
		client_exec(client_of(self, invocation), object, invocation, node, argv, terminal, options);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean no_such_session(GDBusMethodInvocation *invocation)
{
	g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "Failed", "there is no such session, or it has ended");
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_resize_terminal(NetlabLab1 *object, GDBusMethodInvocation *invocation, guint session, guint16 rows,
	guint16 columns, Service *self)
{
	if (!client_resize(client_of(self, invocation), session, rows, columns))
		return no_such_session(invocation);
	netlab_lab1_complete_resize_terminal(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_signal_session(NetlabLab1 *object, GDBusMethodInvocation *invocation, guint session, int number,
	Service *self)
{
	if (number < 1 || number >= NSIG || !client_signal(client_of(self, invocation), session, (guint8)number))
		return no_such_session(invocation);
	netlab_lab1_complete_signal_session(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_start_capture(NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *const *where, GVariant *options, GVariant *output, Service *self)
{
	client_start_capture(client_of(self, invocation), object, invocation, fds, where, options, output);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void answer_captures(Service *self, GDBusMethodInvocation *invocation, GVariant *counts)
{
	GVariantBuilder builder;
	GHashTableIter iter;
	gpointer client;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	if (self->run)
		declared_captures_facts(running_lab_captures(self->run), counts, &builder);
	g_hash_table_iter_init(&iter, self->clients);
	while (g_hash_table_iter_next(&iter, NULL, &client))
		client_capture_facts(client, counts, &builder);
	netlab_lab1_complete_get_captures(self->object, invocation, g_variant_builder_end(&builder));
}

typedef struct {
	Service *service;
	GDBusMethodInvocation *invocation;
} GetCaptures;

/* A switch that cannot answer counts nothing. */
static void got_captures(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autofree GetCaptures *call = data;
	g_autoptr(GVariant) counts = NULL;
	g_autoptr(GError) error = NULL;
	if (!sw_switch1_call_get_captures_finish(SW_SWITCH1(proxy), &counts, result, &error))
		g_message("switch: %s", error->message);
	answer_captures(call->service, call->invocation, counts);
}

static gboolean on_get_captures(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	SwSwitch1 *network_switch = running_lab_switch(self->run);
	if (!network_switch) {
		answer_captures(self, invocation, NULL);
		return G_DBUS_METHOD_INVOCATION_HANDLED;
	}
	GetCaptures *call = g_new(GetCaptures, 1);
	*call = (GetCaptures){self, invocation};
	sw_switch1_call_get_captures(network_switch, NULL, got_captures, call);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_stop_capture(NetlabLab1 *object, GDBusMethodInvocation *invocation, guint id, Service *self)
{
	client_stop_capture(client_of(self, invocation), object, invocation, id);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static const struct {
	const char *signal;
	GCallback handler;
} methods[] = {
	{"handle-get-nodes", G_CALLBACK(on_get_nodes)},
	{"handle-get-links", G_CALLBACK(on_get_links)},
	{"handle-set-link", G_CALLBACK(on_set_link)},
	{"handle-get-networks", G_CALLBACK(on_get_networks)},
	{"handle-get-forwarding-table", G_CALLBACK(on_get_forwarding_table)},
	{"handle-flush-forwarding-table", G_CALLBACK(on_flush_forwarding_table)},
	{"handle-get-uplinks", G_CALLBACK(on_get_uplinks)},
	{"handle-detach", G_CALLBACK(on_detach)},
	{"handle-stop", G_CALLBACK(on_stop)},
	{"handle-start-node", G_CALLBACK(on_start_node)},
	{"handle-stop-node", G_CALLBACK(on_stop_node)},
	{"handle-pause-node", G_CALLBACK(on_pause_node)},
	{"handle-resume-node", G_CALLBACK(on_resume_node)},
	{"handle-exec", G_CALLBACK(on_exec)},
	{"handle-resize-terminal", G_CALLBACK(on_resize_terminal)},
	{"handle-signal-session", G_CALLBACK(on_signal_session)},
	{"handle-start-capture", G_CALLBACK(on_start_capture)},
	{"handle-stop-capture", G_CALLBACK(on_stop_capture)},
	{"handle-get-captures", G_CALLBACK(on_get_captures)},
};

/* A method that comes when the client's connection has been forgotten has nobody to answer to. */
static gboolean on_authorize_method(GDBusInterfaceSkeleton *object, GDBusMethodInvocation *invocation, Service *self)
{
	if (client_of(self, invocation))
		return TRUE;
	g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "Failed", "the connection is closing");
	return FALSE;
}

/* -- the service -- */

/** Starts the lab and listens: see service.h. Clients are accepted on the main loop, so none comes before all is there. */
Service *service_new(const RunningLabOptions *options, pid_t starter, void (*over)(gpointer data), gpointer data, GError **error)
{
	g_autoptr(Service) self = g_new0(Service, 1);
	self->directory = options->directory;
	self->over = over;
	self->data = data;
	self->starter_pidfd = -1;
	self->clients = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)client_free);
	self->stopping = g_ptr_array_new();
	self->stopping_nodes = g_ptr_array_new_with_free_func(g_free);
	self->object = netlab_lab1_skeleton_new();
	for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
		g_signal_connect(self->object, methods[i].signal, methods[i].handler, self);
	g_signal_connect(self->object, "g-authorize-method", G_CALLBACK(on_authorize_method), self);
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
	belong_to_nobody(self);
	running_lab_stop(self->run, deadline_ms);
}

/* Those who asked for the stop are answered when all is gone, the folder too. */
static void answer_stop(Service *self)
{
	for (guint i = 0; i < self->stopping->len; i++) {
		GDBusMethodInvocation *invocation = g_ptr_array_index(self->stopping, i);
		g_autoptr(GDBusConnection) connection = g_object_ref(g_dbus_method_invocation_get_connection(invocation));
		netlab_lab1_complete_stop(self->object, invocation);
		if (!g_dbus_connection_is_closed(connection))
			g_dbus_connection_flush_sync(connection, NULL, NULL);
	}
}

void service_free(Service *self)
{
	GHashTableIter iter;
	gpointer connection;
	belong_to_nobody(self);
	if (self->starter_pidfd >= 0)
		close(self->starter_pidfd);
	if (self->server)
		g_dbus_server_stop(self->server);
	g_clear_pointer(&self->run, running_lab_free);
	run_dir_remove(self->directory);
	answer_stop(self);
	g_hash_table_iter_init(&iter, self->clients);
	while (g_hash_table_iter_next(&iter, &connection, NULL))
		g_signal_handlers_disconnect_by_data(connection, self);
	g_hash_table_steal_all(self->clients); /* their sessions are gone; the process ends */
	g_hash_table_unref(self->clients);
	g_clear_object(&self->server);
	g_signal_handlers_disconnect_by_data(self->object, self);
	g_object_unref(self->object);
	g_ptr_array_unref(self->stopping);
	g_ptr_array_unref(self->stopping_nodes);
	g_free(self);
}
