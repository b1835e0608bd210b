/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/running_lab.h"

#include <stdlib.h>
#include <unistd.h>

#include "netlab/host/environment.h"
#include "netlab/host/process.h"
#include "netlab/supervisor/wires/declared_captures.h"
#include "netlab/supervisor/wires/host_tap.h"
#include "netlab/supervisor/sandbox/memory_watch.h"
#include "netlab/supervisor/service/state_file.h"
#include "netlab/supervisor/node/wall_clock.h"
#include "topologies/model/diagnostics.h"

/* Until the agent says hello. NETLAB_BOOT_TIMEOUT, in seconds, is meant for slow machines and for tests. */
#define BOOT_SECONDS 60u

/* Changes come in bursts; the file is read after a crash, and may be a moment late. */
#define STATE_FILE_MS 50u

struct RunningLab {
	const Plan *plan;
	RunDir *directory;
	const RunningLabEvents *events;
	gpointer data;
	NodeWorld world;
	Confinement *confinement;
	SwitchLink *wires;
	LinkChanges *links;
	DeclaredCaptures *captures;
	char *switch_end; /* how the switch died; NULL: it lives */
	gboolean stopping;
	UplinkWorld uplink_world;
	Resolver *resolver; /* NULL: no uplinks */
	GPtrArray *sockets; /* of UmlSocket */
	GPtrArray *uplinks; /* of Uplink */
	GPtrArray *nodes;   /* of Node */
	GHashTable *by_name;
	MemoryWatch *memory; /* NULL: unconfined, and trusted */
	guint slots;         /* nodes that may boot at the same time */
	gint64 started;
	guint boot_source, state_source, over_source, clock_source, disk_source;
};

/* -- boot: only as many nodes at a time as keep the machine busy -- */

static gboolean boot_some(gpointer data)
{
	RunningLab *self = data;
	guint booting = 0;
	self->boot_source = 0;
	for (guint i = 0; i < self->nodes->len; i++)
		booting += node_is_booting(g_ptr_array_index(self->nodes, i));
	for (guint i = 0; i < self->nodes->len && booting < self->slots; i++) {
		Node *node = g_ptr_array_index(self->nodes, i);
		if (node_state(node) != NODE_STARTING)
			continue;
		node_boot(node);
		booting += node_is_booting(node);
	}
	return G_SOURCE_REMOVE;
}

/* Not at once: a node may be in the middle of its change. */
static void boot_soon(RunningLab *self)
{
	if (!self->boot_source && !self->stopping)
		self->boot_source = g_idle_add_full(G_PRIORITY_DEFAULT, boot_some, self, NULL);
}

/* -- state -- */

static gboolean write_state(gpointer data)
{
	RunningLab *self = data;
	g_autofree char *json = state_file_text(self);
	self->state_source = 0;
	run_dir_write_state(self->directory, json);
	return G_SOURCE_REMOVE;
}

static gboolean over(gpointer data)
{
	RunningLab *self = data;
	self->over_source = 0;
	self->events->over(self->data);
	return G_SOURCE_REMOVE;
}

static void check_over(RunningLab *self)
{
	for (guint i = 0; i < self->nodes->len; i++)
		if (node_is_alive(g_ptr_array_index(self->nodes, i)))
			return;
	if (self->stopping && !self->over_source)
		self->over_source = g_idle_add(over, self);
}

static void write_state_soon(RunningLab *self)
{
	if (!self->state_source)
		self->state_source = g_timeout_add(STATE_FILE_MS, write_state, self);
}

static void changed(Node *node, gpointer data)
{
	RunningLab *self = data;
	write_state_soon(self);
	self->events->node_changed(node, self->data);
	self->events->state_changed(self->data);
	boot_soon(self);
	check_over(self);
}

static gboolean has_node_in(const RunningLab *self, NodeState state)
{
	for (guint i = 0; i < self->nodes->len; i++)
		if (node_state(g_ptr_array_index(self->nodes, i)) == state)
			return TRUE;
	return FALSE;
}

static gboolean has_broken_uplink(const RunningLab *self)
{
	for (guint i = 0; i < self->uplinks->len; i++)
		if (uplink_state(g_ptr_array_index(self->uplinks, i)) != UPLINK_READY)
			return TRUE;
	return FALSE;
}

/** The lab's state in one word, derived from its nodes, its switch and its uplinks. */
const char *running_lab_state(const RunningLab *self)
{
	if (self->stopping)
		return "stopping";
	if (has_node_in(self, NODE_STARTING) || has_node_in(self, NODE_BOOTING) || has_node_in(self, NODE_CONFIGURING))
		return "starting";
	return self->switch_end || switch_link_is_silent(self->wires) || has_broken_uplink(self) ||
			has_node_in(self, NODE_FAILED)
		? "degraded"
		: "ready";
}

/* -- the switch -- */

static void on_switch_died(const char *how, gpointer data)
{
	RunningLab *self = data;
	g_autofree char *text =
		g_strdup_printf("the lab's switch died (%s), so this node has no network; to start the lab again, run: "
				"netlab restart %s",
			how, self->plan->instance);
	g_warning("the switch died: %s", how);
	self->switch_end = g_strdup(how);
	for (guint i = 0; i < self->nodes->len; i++)
		if (node_is_alive(g_ptr_array_index(self->nodes, i)))
			node_warn(g_ptr_array_index(self->nodes, i), text);
	for (guint i = 0; i < self->plan->cables->len; i++)
		self->events->cable_changed(
			((const PlanCable *)g_ptr_array_index(self->plan->cables, i))->name, self->data);
	self->events->switch_died(self->data);
	self->events->state_changed(self->data);
	write_state_soon(self);
}

static void on_switch_silence(gboolean silent, gpointer data)
{
	RunningLab *self = data;
	g_warning("the switch %s", silent ? "does not answer" : "answers again");
	self->events->state_changed(self->data);
	write_state_soon(self);
}

const char *running_lab_switch_state(const RunningLab *self)
{
	return self->switch_end ? "died" : switch_link_is_silent(self->wires) ? "does not answer" : "ok";
}

char *running_lab_switch_message(const RunningLab *self)
{
	if (self->switch_end)
		return g_strdup_printf(
			"the lab's switch died (%s), so no traffic flows between nodes; to start the lab "
			"again, run: netlab restart %s",
			self->switch_end, self->plan->instance);
	if (!switch_link_is_silent(self->wires))
		return g_strdup("");
	g_autofree char *why = process_silence(switch_link_pid(self->wires));
	return g_strdup_printf("the lab's switch does not answer: %s; to start the lab again, run: netlab restart %s",
		why, self->plan->instance);
}

/* The port's name is "NODE:IFACE", and a node's name has no colon. */
static void on_port_failed(const char *port, const char *message, gpointer data)
{
	RunningLab *self = data;
	g_auto(GStrv) names = g_strsplit(port, ":", 2);
	Node *node = g_hash_table_lookup(self->by_name, names[0]);
	g_autofree char *text =
		g_strdup_printf("interface \"%s\" was disconnected: %s", names[1] ? names[1] : "", message);
	if (!node)
		return;
	node_warn(node, text);
	changed(node, self);
}

static void on_capture_ended(guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data)
{
	RunningLab *self = data;
	if (!declared_captures_ended(self->captures, id, captured, dropped, reason))
		self->events->capture_ended(id, captured, dropped, reason, self->data);
}

static void on_cable_changed(const char *cable, gpointer data)
{
	RunningLab *self = data;
	self->events->cable_changed(cable, self->data);
}

static const SwitchEvents switch_events = {
	on_switch_died, on_port_failed, on_switch_silence, on_cable_changed, on_capture_ended};

/* -- uplinks -- */

static void on_uplink_changed(gpointer data)
{
	RunningLab *self = data;
	self->events->state_changed(self->data);
	write_state_soon(self);
}

static gboolean start_uplinks(RunningLab *self, const char *program, GError **error)
{
	g_autofree char *resolver = g_build_filename(self->plan->directory, "resolv.conf", NULL);
	if (self->plan->uplinks->len == 0)
		return TRUE;
	self->resolver = resolver_new(resolver, error);
	if (!self->resolver)
		return FALSE;
	self->uplink_world = (UplinkWorld){self->confinement, self->wires, self->resolver, program,
		self->plan->directory, on_uplink_changed, self};
	for (guint i = 0; i < self->plan->uplinks->len; i++) {
		Uplink *uplink = uplink_new(g_ptr_array_index(self->plan->uplinks, i), &self->uplink_world, error);
		if (!uplink)
			return FALSE;
		g_ptr_array_add(self->uplinks, uplink);
	}
	return TRUE;
}

/* -- programs on the host that join a network -- */

static gboolean open_sockets(RunningLab *self, GError **error)
{
	for (guint i = 0; i < self->plan->networks->len; i++) {
		const LabNetwork *network = ((const PlanNetwork *)g_ptr_array_index(self->plan->networks, i))->network;
		UmlSocket *socket =
			network->socket ? uml_socket_new(network, self->plan->lab->folder, self->wires, error) : NULL;
		if (network->socket && !socket)
			return FALSE;
		if (socket)
			g_ptr_array_add(self->sockets, socket);
	}
	return TRUE;
}

/* -- the host's interfaces -- */

static gboolean join_host(RunningLab *self, GError **error)
{
	for (guint i = 0; i < self->plan->networks->len; i++) {
		const PlanNetwork *network = g_ptr_array_index(self->plan->networks, i);
		g_autofree char *name = NULL;
		if (!network->host_port)
			continue;
		int tap = host_tap_open(network->network, &name, error);
		if (tap < 0)
			return FALSE;
		switch_link_add_tap(self->wires, network->host_port, LAB_MTU_CARD, tap);
	}
	return TRUE;
}

/* -- start and end -- */

static guint boot_seconds(void)
{
	const char *text = g_getenv("NETLAB_BOOT_TIMEOUT");
	int seconds = text ? atoi(text) : 0;
	return seconds > 0 && seconds <= 3600 ? (guint)seconds : BOOT_SECONDS;
}

static gboolean check_names(const RunningLab *self, char *const *only, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < self->plan->nodes->len; i++)
		g_ptr_array_add(names, ((PlanNode *)g_ptr_array_index(self->plan->nodes, i))->name);
	g_ptr_array_add(names, NULL);
	for (; only && *only; only++) {
		if (running_lab_find_node(self, *only))
			continue;
		const char *nearest = lab_nearest(*only, (const char *const *)names->pdata);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "lab \"%s\" has no node \"%s\"%s%s%s",
			self->plan->lab->name, *only, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
			nearest ? "\"?" : "");
		return FALSE;
	}
	return TRUE;
}

static void make_nodes(RunningLab *self)
{
	for (guint i = 0; i < self->plan->nodes->len; i++) {
		const PlanNode *plan = g_ptr_array_index(self->plan->nodes, i);
		Node *node = node_new(plan, &self->world);
		g_ptr_array_add(self->nodes, node);
		g_hash_table_insert(self->by_name, plan->name, node);
	}
}

static void on_clock_jump(gpointer data)
{
	RunningLab *self = data;
	for (guint i = 0; i < self->nodes->len; i++)
		node_follow_clock(g_ptr_array_index(self->nodes, i));
}

/* -- the disks of guests -- */

static guint count_disks(const Plan *plan)
{
	guint n = 0;
	for (guint i = 0; i < plan->nodes->len; i++)
		n += ((const PlanNode *)g_ptr_array_index(plan->nodes, i))->disk != NULL;
	return n;
}

/* No file system tells when it fills. */
static gboolean look_at_disks(gpointer data)
{
	RunningLab *self = data;
	for (guint i = 0; i < self->nodes->len; i++)
		node_follow_disk(g_ptr_array_index(self->nodes, i));
	return G_SOURCE_CONTINUE;
}

/* -- the memory of guests -- */

static void look_at_guest(guint i, MemoryWatchGuest *guest, gpointer data)
{
	RunningLab *self = data;
	Node *node = g_ptr_array_index(self->nodes, i);
	const PlanNode *plan = node_plan(node);
	*guest = (MemoryWatchGuest){node_sandbox(node), plan->memory, confinement_tasks(plan), confinement_files(plan)};
}

static void on_memory_exceeded(guint i, const char *message, gpointer data)
{
	RunningLab *self = data;
	node_fail(g_ptr_array_index(self->nodes, i), "%s", message);
}

static const MemoryWatchEvents memory_events = {environment_available_memory, look_at_guest, on_memory_exceeded};

/** Starts a lab: see running_lab.h. */
RunningLab *running_lab_new(
	const RunningLabOptions *options, const RunningLabEvents *events, gpointer data, GError **error)
{
	g_autoptr(RunningLab) self = g_new0(RunningLab, 1);
	g_autofree char *log = g_build_filename(options->plan->directory, "switch.log", NULL);
	self->plan = options->plan;
	self->directory = options->directory;
	self->events = events;
	self->data = data;
	self->nodes = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
	self->uplinks = g_ptr_array_new_with_free_func((GDestroyNotify)uplink_free);
	self->sockets = g_ptr_array_new_with_free_func((GDestroyNotify)uml_socket_free);
	self->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	self->slots = 2 * MAX(options->n_cpus, 1);
	self->started = g_get_real_time();
	self->links = link_changes_new(self->plan);
	make_nodes(self);
	if (!check_names(self, options->only, error))
		return NULL;
	self->confinement = confinement_new(options->unconfined, options->kernel, options->network_switch,
		self->plan->uplinks->len ? options->uplink : NULL, error);
	if (!self->confinement)
		return NULL;
	self->captures = declared_captures_new(self->plan, error);
	if (!self->captures)
		return NULL;
	self->wires = switch_link_new(
		self->confinement, self->plan, options->network_switch, log, &switch_events, self, error);
	/* Captures start before anything sends frames. */
	if (!self->wires || !declared_captures_start(self->captures, switch_link_proxy(self->wires), error) ||
		!open_sockets(self, error) || !join_host(self, error) || !start_uplinks(self, options->uplink, error))
		return NULL;
	self->world =
		(NodeWorld){self->confinement, self->wires, boot_seconds(), count_disks(self->plan), changed, self};
	for (guint i = 0; i < self->nodes->len; i++) {
		Node *node = g_ptr_array_index(self->nodes, i);
		if (!options->only || g_strv_contains((const char *const *)options->only, node_plan(node)->name))
			node_request(node);
	}
	self->clock_source = wall_clock_watch(on_clock_jump, self);
	if (self->world.n_disks)
		self->disk_source = g_timeout_add_seconds(1, look_at_disks, self);
	if (!options->unconfined)
		self->memory = memory_watch_new(self->nodes->len, &memory_events, self);
	write_state(self);
	return g_steal_pointer(&self);
}

void running_lab_free(RunningLab *self)
{
	g_clear_pointer(&self->memory, memory_watch_free);
	g_clear_handle_id(&self->clock_source, g_source_remove);
	g_clear_handle_id(&self->disk_source, g_source_remove);
	g_clear_pointer(&self->nodes, g_ptr_array_unref); /* may still ask for a source */
	g_clear_pointer(&self->uplinks, g_ptr_array_unref);
	g_clear_pointer(&self->sockets, g_ptr_array_unref);
	g_clear_pointer(&self->resolver, resolver_free);
	g_clear_pointer(&self->by_name, g_hash_table_unref);
	g_clear_handle_id(&self->boot_source, g_source_remove);
	g_clear_handle_id(&self->state_source, g_source_remove);
	g_clear_handle_id(&self->over_source, g_source_remove);
	g_clear_pointer(&self->links, link_changes_free);
	g_clear_pointer(&self->wires, switch_link_free);
	g_clear_pointer(&self->captures, declared_captures_free); /* the switch has written what it had */
	g_clear_pointer(&self->confinement, confinement_free);
	g_free(self->switch_end);
	g_free(self);
}

gint64 running_lab_started(const RunningLab *self)
{
	return self->started;
}

const Plan *running_lab_plan(const RunningLab *self)
{
	return self->plan;
}

const GPtrArray *running_lab_nodes(const RunningLab *self)
{
	return self->nodes;
}

const GPtrArray *running_lab_uplinks(const RunningLab *self)
{
	return self->uplinks;
}

const GPtrArray *running_lab_sockets(const RunningLab *self)
{
	return self->sockets;
}

Node *running_lab_find_node(const RunningLab *self, const char *name)
{
	return g_hash_table_lookup(self->by_name, name);
}

LinkChanges *running_lab_link_changes(const RunningLab *self)
{
	return self->links;
}

const DeclaredCaptures *running_lab_captures(const RunningLab *self)
{
	return self->captures;
}

SwSwitch1 *running_lab_switch(const RunningLab *self)
{
	return switch_link_prompt(self->wires);
}

SwSwitch1 *running_lab_switch_for_captures(const RunningLab *self)
{
	return switch_link_prompt(self->wires) ? switch_link_proxy(self->wires) : NULL;
}

/** Boots a node again: see running_lab.h. */
gboolean running_lab_start_node(RunningLab *self, Node *node, GError **error)
{
	NodeState state = node_state(node);
	if (self->stopping || (state != NODE_STOPPED && state != NODE_FAILED)) {
		g_autofree char *is = g_strdup_printf("it is %s", node_state_name(state));
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY, "cannot start node \"%s\": %s", node_plan(node)->name,
			self->stopping ? "the lab is stopping" : is);
		return FALSE;
	}
	node_request(node);
	return TRUE;
}

/** Ends the lab: see running_lab.h. A second call may shorten the deadline. */
void running_lab_stop(RunningLab *self, guint deadline_ms)
{
	self->stopping = TRUE;
	g_clear_handle_id(&self->boot_source, g_source_remove);
	self->events->state_changed(self->data);
	for (guint i = 0; i < self->nodes->len; i++)
		node_stop(g_ptr_array_index(self->nodes, i), deadline_ms);
	check_over(self);
}
