/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/control.h"

#include "switch/control/switch_calls.h"
#include "switch/control/control_bridges.h"
#include "switch/control/fabric.h"

typedef struct {
	Fabric *fabric;
	SwSwitch1 *object;
	GMainLoop *loop;
	GHashTable *stopping; /* capture id -> GDBusMethodInvocation of the StopCapture that waits for its end */
} Control;

static gboolean fail(GDBusMethodInvocation *invocation, GError *error)
{
	g_dbus_method_invocation_take_error(invocation, error);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* The descriptor that came with a call; the caller owns it. -1 and error when there is none. */
static int take_fd(GUnixFDList *fds, GVariant *handle, GError **error)
{
	gint32 index = g_variant_get_handle(handle);
	if (!fds || index < 0 || index >= g_unix_fd_list_get_length(fds)) {
		g_set_error_literal(
			error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the call is missing its file descriptor");
		return -1;
	}
	return g_unix_fd_list_get(fds, index, error);
}

static gboolean on_add_network(SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *name, const char *type,
	guint ageing_ms, guint table_size, guint group, Control *control)
{
	GError *error = NULL;
	if (!fabric_add_network(control->fabric, name, type, ageing_ms, table_size, group, &error))
		return fail(invocation, error);
	sw_switch1_complete_add_network(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_add_datagram_port(SwSwitch1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *name, guint mtu, GVariant *socket, Control *control)
{
	GError *error = NULL;
	int fd = take_fd(fds, socket, &error);
	if (fd < 0)
		return fail(invocation, error);
	if (!fabric_add_datagram_port(control->fabric, name, mtu, fd, &error))
		return fail(invocation, error);
	sw_switch1_complete_add_datagram_port(object, invocation, NULL);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_add_vhost_port(SwSwitch1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *name, guint mtu, const char *mac, gboolean offload, GVariant *socket, Control *control)
{
	GError *error = NULL;
	int fd = take_fd(fds, socket, &error);
	if (fd < 0)
		return fail(invocation, error);
	if (!fabric_add_vhost_port(control->fabric, name, mtu, mac, offload, fd, &error))
		return fail(invocation, error);
	sw_switch1_complete_add_vhost_port(object, invocation, NULL);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_add_tap_port(SwSwitch1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *name, guint mtu, GVariant *tap, Control *control)
{
	GError *error = NULL;
	int fd = take_fd(fds, tap, &error);
	if (fd < 0)
		return fail(invocation, error);
	if (!fabric_add_tap_port(control->fabric, name, mtu, fd, &error))
		return fail(invocation, error);
	sw_switch1_complete_add_tap_port(object, invocation, NULL);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_remove_port(SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *name, Control *control)
{
	GError *error = NULL;
	if (!fabric_remove_port(control->fabric, name, &error))
		return fail(invocation, error);
	sw_switch1_complete_remove_port(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* ("port" or "network", name); borrowed from the variant. */
static gboolean read_end(GVariant *pair, FabricEnd *end, GError **error)
{
	const char *kind;
	g_variant_get(pair, "(&s&s)", &kind, &end->name);
	end->is_network = g_str_equal(kind, "network");
	if (end->is_network || g_str_equal(kind, "port"))
		return TRUE;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		"the end of a cable must be a \"port\" or a \"network\", not \"%s\"", kind);
	return FALSE;
}

static gboolean on_add_cable(SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *name, GVariant *a,
	GVariant *b, Control *control)
{
	GError *error = NULL;
	FabricEnd ends[2];
	if (!read_end(a, &ends[0], &error) || !read_end(b, &ends[1], &error) ||
		!fabric_add_cable(control->fabric, name, ends, &error))
		return fail(invocation, error);
	sw_switch1_complete_add_cable(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean read_capture_options(GVariant *dict, CaptureOptions *options, GError **error)
{
	const char *format = "pcapng";
	*options = (CaptureOptions){.filter = ""};
	g_variant_lookup(dict, "format", "&s", &format);
	g_variant_lookup(dict, "filter", "&s", &options->filter);
	g_variant_lookup(dict, "snaplen", "u", &options->snaplen);
	g_variant_lookup(dict, "count", "t", &options->count);
	g_variant_lookup(dict, "last", "d", &options->last);
	g_variant_lookup(dict, "only_past", "b", &options->only_past);
	options->format = g_str_equal(format, "pcap") ? CAPTURE_PCAP : CAPTURE_PCAPNG;
	if (options->format == CAPTURE_PCAP || g_str_equal(format, "pcapng"))
		return TRUE;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		"the capture format must be \"pcapng\" or \"pcap\", not \"%s\"", format);
	return FALSE;
}

static gboolean on_start_capture(SwSwitch1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *const *where, GVariant *dict, GVariant *output, Control *control)
{
	GError *error = NULL;
	CaptureOptions options;
	GVariantDict facts;
	gint64 since = 0;
	int fd = read_capture_options(dict, &options, &error) ? take_fd(fds, output, &error) : -1;
	if (fd < 0)
		return fail(invocation, error);
	guint32 id = fabric_start_capture(control->fabric, where, &options, fd, &since, &error);
	if (!id)
		return fail(invocation, error);
	g_variant_dict_init(&facts, NULL);
	if (options.last > 0)
		g_variant_dict_insert(&facts, "since", "x", since);
	sw_switch1_complete_start_capture(object, invocation, NULL, id, g_variant_dict_end(&facts));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_captures(SwSwitch1 *object, GDBusMethodInvocation *invocation, Control *control)
{
	sw_switch1_complete_get_captures(object, invocation, fabric_captures(control->fabric));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_stop_capture(SwSwitch1 *object, GDBusMethodInvocation *invocation, guint id, Control *control)
{
	GError *error = NULL;
	if (g_hash_table_contains(control->stopping, GUINT_TO_POINTER(id)))
		return fail(invocation,
			g_error_new(G_IO_ERROR, G_IO_ERROR_BUSY, "capture %u is already being stopped", id));
	if (!fabric_stop_capture(control->fabric, id, &error))
		return fail(invocation, error);
	g_hash_table_insert(control->stopping, GUINT_TO_POINTER(id), invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED; /* answered by on_capture_ended() */
}

static void on_capture_ended(
	guint32 id, guint64 captured, guint64 dropped, const char *reason, gboolean failed, gpointer data)
{
	Control *control = data;
	gpointer invocation = g_hash_table_lookup(control->stopping, GUINT_TO_POINTER(id));
	if (failed || !invocation)
		sw_switch1_emit_capture_ended(control->object, id, captured, dropped, reason);
	if (invocation) {
		g_hash_table_remove(control->stopping, GUINT_TO_POINTER(id));
		sw_switch1_complete_stop_capture(control->object, invocation, captured, dropped);
	}
}

static void on_port_failed(const char *name, const char *message, gpointer data)
{
	Control *control = data;
	sw_switch1_emit_port_failed(control->object, name, message);
}

static void on_cables_changed(const char *const *names, gpointer data)
{
	Control *control = data;
	sw_switch1_emit_cables_changed(control->object, names);
}

static const FabricEvents events = {on_capture_ended, on_port_failed, on_cables_changed};

static gboolean on_set_link(SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *cable, guint64 seed,
	guint longest, GVariant *a, GVariant *b, Control *control)
{
	GError *error = NULL;
	const FabricLink link = {.from = {a, b}, .seed = seed, .longest = longest};
	if (!fabric_set_link(control->fabric, cable, &link, &error))
		return fail(invocation, error);
	sw_switch1_complete_set_link(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_cables(SwSwitch1 *object, GDBusMethodInvocation *invocation, Control *control)
{
	sw_switch1_complete_get_cables(object, invocation, fabric_cables(control->fabric));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_counters(SwSwitch1 *object, GDBusMethodInvocation *invocation, Control *control)
{
	sw_switch1_complete_get_counters(object, invocation, fabric_counters(control->fabric));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static const struct {
	const char *signal;
	GCallback handler;
} methods[] = {
	{"handle-add-network", G_CALLBACK(on_add_network)},
	{"handle-add-datagram-port", G_CALLBACK(on_add_datagram_port)},
	{"handle-add-vhost-port", G_CALLBACK(on_add_vhost_port)},
	{"handle-add-tap-port", G_CALLBACK(on_add_tap_port)},
	{"handle-remove-port", G_CALLBACK(on_remove_port)},
	{"handle-add-cable", G_CALLBACK(on_add_cable)},
	{"handle-start-capture", G_CALLBACK(on_start_capture)},
	{"handle-stop-capture", G_CALLBACK(on_stop_capture)},
	{"handle-set-link", G_CALLBACK(on_set_link)},
	{"handle-get-cables", G_CALLBACK(on_get_cables)},
	{"handle-get-captures", G_CALLBACK(on_get_captures)},
	{"handle-get-counters", G_CALLBACK(on_get_counters)},
};

static void on_closed(GDBusConnection *connection, gboolean vanished, GError *error, GMainLoop *loop)
{
	g_main_loop_quit(loop);
}

gboolean control_run(int fd, unsigned workers, guint64 history, GError **error)
{
	g_autoptr(GDBusConnection) connection = switch_connect(fd,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
		error);
	if (!connection)
		return FALSE;

	g_autoptr(SwSwitch1) object = sw_switch1_skeleton_new();
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GHashTable) stopping = g_hash_table_new(NULL, NULL);
	Control control = {.object = object, .loop = loop, .stopping = stopping};
	g_autoptr(Fabric) fabric = fabric_new(workers, history, &events, &control, error);
	if (!fabric)
		return FALSE;
	control.fabric = fabric;

	for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
		g_signal_connect(object, methods[i].signal, methods[i].handler, &control);
	control_bridges_connect(object, fabric);
	if (!g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(object), connection, SWITCH_PATH, error))
		return FALSE;
	g_signal_connect(connection, "closed", G_CALLBACK(on_closed), loop);
	g_dbus_connection_start_message_processing(connection);
	/* The supervisor may have gone before "closed" had a listener. */
	if (!g_dbus_connection_is_closed(connection))
		g_main_loop_run(loop);

	g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(object));
	return TRUE;
}
