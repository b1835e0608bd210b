/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of org.netlab.Lab1. */
#include "netlab/supervisor/service/facts.h"
#include "netlab/supervisor/service/link_methods.h"
#include "netlab/supervisor/service/network_methods.h"
#include "netlab/supervisor/service/service_private.h"
#include "topologies/model/diagnostics.h"

#define ERROR_NAME "org.netlab.Error."

/* Never NULL: GLib refuses calls of a connection from which the object is no longer exported. No handler of
 * "g-authorize-method" may be added: with one, GLib passes each call through a thread (gdbusinterfaceskeleton.c,
 * g_dbus_interface_method_dispatch_helper), and the connection may be gone when the call comes back from there. */
static Connection *connection_of(Service *self, GDBusMethodInvocation *invocation)
{
	return g_hash_table_lookup(self->connections, g_dbus_method_invocation_get_connection(invocation));
}

/* NULL when there is no such node; then the invocation was answered. */
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

static gboolean on_get_forwarding_table(
	NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network, Service *self)
{
	network_methods_get_table(self->run, object, invocation, network);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_flush_forwarding_table(
	NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network, Service *self)
{
	network_methods_flush(self->run, object, invocation, network);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_set_network(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network,
	const char *port, GVariant *attributes, Service *self)
{
	network_methods_set(self->run, object, invocation, network, port, attributes);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_uplinks(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	netlab_lab1_complete_get_uplinks(object, invocation, facts_of_uplinks(self->run));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_sockets(NetlabLab1 *object, GDBusMethodInvocation *invocation, Service *self)
{
	link_methods_get_sockets(self->run, object, invocation);
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
	service_detach(self);
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

static gboolean on_stop_node(
	NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *name, guint deadline_ms, Service *self)
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

static gboolean do_with_node(
	Service *self, GDBusMethodInvocation *invocation, const char *name, gboolean (*act)(Node *, GError **))
{
	g_autoptr(GError) error = NULL;
	Node *node = node_or_answer(self, invocation, name);
	if (node && act(node, &error))
		g_dbus_method_invocation_return_value(invocation, NULL);
	else if (node)
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NotReady", error->message);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_pause_node(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *name, Service *self)
{
	return do_with_node(self, invocation, name, node_pause);
}

static gboolean on_resume_node(NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *name, Service *self)
{
	return do_with_node(self, invocation, name, node_resume);
}

static gboolean on_exec(NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, const char *name,
	const char *const *argv, gboolean terminal, GVariant *options, Service *self)
{
	Node *node = node_or_answer(self, invocation, name);
	if (node)
		connection_exec(connection_of(self, invocation), object, invocation, node, argv, terminal, options);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean no_such_session(GDBusMethodInvocation *invocation)
{
	g_dbus_method_invocation_return_dbus_error(
		invocation, ERROR_NAME "Failed", "this session does not exist, or it has ended");
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_resize_terminal(NetlabLab1 *object, GDBusMethodInvocation *invocation, guint session, guint16 rows,
	guint16 columns, Service *self)
{
	if (!connection_resize(connection_of(self, invocation), session, rows, columns))
		return no_such_session(invocation);
	netlab_lab1_complete_resize_terminal(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_signal_session(
	NetlabLab1 *object, GDBusMethodInvocation *invocation, guint session, int number, Service *self)
{
	if (number < 1 || number >= NSIG ||
		!connection_signal(connection_of(self, invocation), session, (guint8)number))
		return no_such_session(invocation);
	netlab_lab1_complete_signal_session(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_start_capture(NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *const *where, GVariant *options, GVariant *output, Service *self)
{
	connection_start_capture(connection_of(self, invocation), object, invocation, fds, where, options, output);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void answer_captures(Service *self, GDBusMethodInvocation *invocation, GVariant *counts)
{
	GVariantBuilder builder;
	GHashTableIter iter;
	gpointer connection;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	if (self->run)
		declared_captures_facts(running_lab_captures(self->run), counts, &builder);
	g_hash_table_iter_init(&iter, self->connections);
	while (g_hash_table_iter_next(&iter, NULL, &connection))
		connection_capture_facts(connection, counts, &builder);
	netlab_lab1_complete_get_captures(self->object, invocation, g_variant_builder_end(&builder));
}

typedef struct {
	Service *service;
	GDBusMethodInvocation *invocation;
} GetCaptures;

/* Without an answer from the switch there are no counts. */
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
	connection_stop_capture(connection_of(self, invocation), object, invocation, id);
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
	{"handle-set-network", G_CALLBACK(on_set_network)},
	{"handle-get-uplinks", G_CALLBACK(on_get_uplinks)},
	{"handle-get-sockets", G_CALLBACK(on_get_sockets)},
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

void service_connect_methods(Service *self)
{
	for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
		g_signal_connect(self->object, methods[i].signal, methods[i].handler, self);
}
