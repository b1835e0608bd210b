/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/switch_link.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/supervisor/sandbox/processes.h"
#include "netlab/supervisor/wires/bridges.h"
#include "netlab/supervisor/wires/link_changes.h"

enum { CONTROL_FD = 3 }; /* in the switch */

/* For the switch to write out its captures. */
#define GOODBYE_MS 2000

/* A switch that does not answer in this time is silent: as a rule it takes less than a millisecond, and its control thread has
 * next to nothing to do. Clients give up a little later, so that they hear why. */
#define SILENCE_MS 3000
#define PROMPT_MS 3500

struct SwitchLink {
	Child *child;
	SwSwitch1 *proxy;  /* NULL once it died */
	SwSwitch1 *prompt; /* the same with another timeout */
	gboolean silent;
	GCancellable *probe;  /* of the question whether it answers; NULL: none is open */
	guint silence_source; /* while it may still answer in time */
	const SwitchEvents *events;
	gpointer data;
};

/* -- its silence -- */

static void forget_probe(SwitchLink *self)
{
	g_clear_handle_id(&self->silence_source, g_source_remove);
	if (self->probe)
		g_cancellable_cancel(self->probe);
	g_clear_object(&self->probe);
}

static void set_silent(SwitchLink *self, gboolean silent)
{
	if (self->silent == silent)
		return;
	self->silent = silent;
	self->events->silence(silent, self->data);
}

static gboolean on_silence(gpointer data)
{
	SwitchLink *self = data;
	self->silence_source = 0;
	set_silent(self, TRUE);
	return G_SOURCE_REMOVE;
}

/* It answers now, if it did not before. An error is an answer too. */
static void on_probed(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) answer = g_dbus_proxy_call_finish(G_DBUS_PROXY(proxy), result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
		g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED))
		return;
	SwitchLink *self = data;
	forget_probe(self);
	set_silent(self, FALSE);
}

static void probe(SwitchLink *self)
{
	if (self->probe)
		return;
	self->probe = g_cancellable_new();
	self->silence_source = g_timeout_add(SILENCE_MS, on_silence, self);
	/* The cheapest question that its main loop answers. No timeout: the answer ends the silence. */
	g_dbus_proxy_call(G_DBUS_PROXY(self->proxy), "GetCaptures", NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, self->probe,
		on_probed, self);
}

SwSwitch1 *switch_link_prompt(SwitchLink *self)
{
	if (!self->proxy || self->silent)
		return NULL;
	probe(self);
	return self->prompt;
}

gboolean switch_link_is_silent(const SwitchLink *self)
{
	return self->silent;
}

pid_t switch_link_pid(const SwitchLink *self)
{
	return self->proxy ? processes_guest_kernel(child_pid(self->child)) : 0;
}

static void on_ended(Child *child, const ChildEnd *end, gpointer data)
{
	SwitchLink *self = data;
	g_autofree char *how = child_end_text(end);
	forget_probe(self);
	self->silent = FALSE;
	g_clear_object(&self->prompt);
	g_clear_object(&self->proxy);
	self->events->died(how, self->data);
}

static void on_port_failed(SwSwitch1 *proxy, const char *port, const char *message, gpointer data)
{
	SwitchLink *self = data;
	self->events->port_failed(port, message, self->data);
}

static void on_cables_changed(SwSwitch1 *proxy, const char *const *cables, gpointer data)
{
	SwitchLink *self = data;
	for (; *cables; cables++)
		self->events->cable_changed(*cables, self->data);
}

static void on_capture_ended(
	SwSwitch1 *proxy, guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data)
{
	SwitchLink *self = data;
	self->events->capture_ended(id, captured, dropped, reason, self->data);
}

/* Calls are sent in order, without waiting for answers: the plan was checked, so an error is a bug in netlab. */
static void on_answer(GObject *proxy, GAsyncResult *result, gpointer what)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) nothing = g_dbus_proxy_call_finish(G_DBUS_PROXY(proxy), result, &error);
	if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED))
		g_warning("switch: %s: %s", (const char *)what, error->message);
}

static GVariant *end_of(const PlanCableEnd *end)
{
	return end->port ? switch_end("port", end->port) : switch_end("network", end->network);
}

static void set_link(SwitchLink *self, const Plan *plan, const PlanCable *cable)
{
	static const LinkSettings perfect;
	if (!link_settings_equal(&cable->impairments[0], &perfect) ||
		!link_settings_equal(&cable->impairments[1], &perfect))
		link_changes_send(self->proxy, plan, cable, cable->impairments, on_answer, "SetLink");
}

static void tell_vlans(SwitchLink *self, const PlanCable *cable)
{
	for (unsigned end = 0; end < G_N_ELEMENTS(cable->ends); end++)
		if (cable->ends[end].network && cable->ends[end].vlan)
			sw_switch1_call_set_port_vlan(self->proxy, cable->name, end,
				bridges_vlan_settings(cable->ends[end].vlan), NULL, on_answer, "SetPortVlan");
}

static void start_tree(SwitchLink *self, const Plan *plan, const LabNetwork *network)
{
	g_autofree char *address = bridges_address(plan, network);
	if (network->stp == LAB_STP_RSTP)
		sw_switch1_call_set_spanning_tree(
			self->proxy, network->name, network->priority, address, NULL, on_answer, "SetSpanningTree");
}

static void add_mirrors(SwitchLink *self, const PlanNetwork *network)
{
	for (guint i = 0; i < network->mirrors->len; i++) {
		const PlanMirror *mirror = g_ptr_array_index(network->mirrors, i);
		sw_switch1_call_add_mirror(self->proxy, network->network->name, mirror->from ? mirror->from : "",
			mirror->to, NULL, on_answer, "AddMirror");
	}
}

static void create_networks(SwitchLink *self, const Plan *plan)
{
	for (guint i = 0; i < plan->networks->len; i++) {
		const PlanNetwork *planned = g_ptr_array_index(plan->networks, i);
		const LabNetwork *network = planned->network;
		sw_switch1_call_add_network(self->proxy, network->name, lab_network_type_name(network->type),
			network->ageing_ms, network->table_size, planned->group, NULL, on_answer, "AddNetwork");
		start_tree(self, plan, network);
	}
	for (guint i = 0; i < plan->cables->len; i++) {
		const PlanCable *cable = g_ptr_array_index(plan->cables, i);
		sw_switch1_call_add_cable(self->proxy, cable->name, end_of(&cable->ends[0]), end_of(&cable->ends[1]),
			NULL, on_answer, "AddCable");
		tell_vlans(self, cable);
		set_link(self, plan, cable);
	}
	for (guint i = 0; i < plan->networks->len; i++)
		add_mirrors(self, g_ptr_array_index(plan->networks, i));
}

static gboolean open_descriptors(const char *log, int *null, int *log_fd, int control[2], GError **error)
{
	*null = open("/dev/null", O_RDWR | O_CLOEXEC);
	*log_fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*null >= 0 && *log_fd >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) == 0)
		return TRUE;
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot open the switch's log (%s) and sockets: %s",
		log, g_strerror(code));
	return FALSE;
}

static void close_all(int *fds, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* The reason is what the switch, or the sandbox in its place, printed before it died. */
static void explain(const char *log, GError **error)
{
	g_autofree char *said = NULL;
	if (!g_file_get_contents(log, &said, NULL, NULL) || !*g_strstrip(said))
		return;
	gboolean sandbox = g_str_has_prefix(said, "bwrap: ");
	g_clear_error(error);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
		sandbox ? "guests cannot be confined: %s; run \"netlab doctor\" to find out what to change, or, if you "
			  "trust the guests, start with --unconfined"
			: "the switch did not start: %s",
		g_strdelimit(said, "\n", ' '));
}

/** Starts the switch: see switch_link.h. */
SwitchLink *switch_link_new(Confinement *confinement, const Plan *plan, const char *program, const char *log,
	const SwitchEvents *events, gpointer data, GError **error)
{
	int fds[] = {-1, -1, -1, -1}, *null = &fds[0], *log_fd = &fds[1], *control = &fds[2];
	g_autoptr(SwitchLink) self = g_new0(SwitchLink, 1);
	self->events = events;
	self->data = data;
	if (open_descriptors(log, null, log_fd, control, error)) {
		g_autofree char *option = g_strdup_printf("--control-fd=%d", CONTROL_FD);
		g_autofree char *history = g_strdup_printf("--history=%" G_GUINT64_FORMAT, plan->lab->history_bytes);
		const char *argv[] = {program, option, history, NULL};
		const int theirs[] = {*null, *log_fd, *log_fd, control[1]};
		self->child = confinement_start_switch(
			confinement, argv, theirs, G_N_ELEMENTS(theirs), on_ended, self, error);
	}
	int ours = self->child ? control[0] : -1;
	if (self->child)
		control[0] = -1;
	close_all(fds, G_N_ELEMENTS(fds));
	if (!self->child)
		return NULL;
	self->proxy = switch_calls_new(ours, error);
	if (!self->proxy) {
		explain(log, error);
		return NULL;
	}
	self->prompt = switch_calls_again(self->proxy, PROMPT_MS, error);
	if (!self->prompt)
		return NULL;
	g_signal_connect(self->proxy, "port-failed", G_CALLBACK(on_port_failed), self);
	g_signal_connect(self->proxy, "cables-changed", G_CALLBACK(on_cables_changed), self);
	g_signal_connect(self->proxy, "capture-ended", G_CALLBACK(on_capture_ended), self);
	create_networks(self, plan);
	return g_steal_pointer(&self);
}

/** Ends the switch. It ends on its own when its connection closes, after it has written out its captures. */
void switch_link_free(SwitchLink *self)
{
	forget_probe(self);
	if (self->proxy) {
		g_signal_handlers_disconnect_by_data(self->proxy, self);
		/* Not waited for: to one that is stopped, what was sent last may never go out. */
		g_dbus_connection_close(g_dbus_proxy_get_connection(G_DBUS_PROXY(self->proxy)), NULL, NULL, NULL);
		child_wait(self->child, self->silent ? 0 : GOODBYE_MS);
	}
	g_clear_object(&self->prompt);
	g_clear_object(&self->proxy);
	g_clear_pointer(&self->child, child_free);
	g_free(self);
}

SwSwitch1 *switch_link_proxy(SwitchLink *self)
{
	return self->proxy;
}

/** Plugs a guest in: see switch_link.h. */
void switch_link_add_guest(SwitchLink *self, const PlanInterface *interface, int socket)
{
	if (!interface->socket) {
		switch_link_add_port(self, interface->port, interface->mtu_max, socket);
		return;
	}
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new_from_array(&socket, 1); /* owns it */
	const guint8 *mac = interface->mac;
	g_autofree char *address =
		g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (self->proxy)
		sw_switch1_call_add_vhost_port(self->proxy, interface->port, interface->mtu_max, address,
			interface->offload, g_variant_new_handle(0), fds, NULL, on_answer, "AddVhostPort");
}

void switch_link_add_port(SwitchLink *self, const char *name, unsigned mtu, int socket)
{
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new_from_array(&socket, 1); /* owns it */
	if (self->proxy)
		sw_switch1_call_add_datagram_port(
			self->proxy, name, mtu, g_variant_new_handle(0), fds, NULL, on_answer, "AddDatagramPort");
}

void switch_link_add_tap(SwitchLink *self, const char *name, unsigned mtu, int tap)
{
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new_from_array(&tap, 1); /* owns it */
	if (self->proxy)
		sw_switch1_call_add_tap_port(
			self->proxy, name, mtu, g_variant_new_handle(0), fds, NULL, on_answer, "AddTapPort");
}

void switch_link_add_cable(SwitchLink *self, const char *name, const char *port, const char *network)
{
	if (self->proxy)
		sw_switch1_call_add_cable(self->proxy, name, switch_end("port", port), switch_end("network", network),
			NULL, on_answer, "AddCable");
}

void switch_link_remove_port(SwitchLink *self, const char *name)
{
	if (self->proxy)
		sw_switch1_call_remove_port(self->proxy, name, NULL, on_answer, "RemovePort");
}
