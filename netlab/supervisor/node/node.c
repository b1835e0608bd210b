/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/node/node.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/host/process.h"
#include "netlab/supervisor/node/boot_log.h"
#include "netlab/supervisor/node/disk.h"
#include "netlab/supervisor/sandbox/processes.h"
#include "netlab/supervisor/node/wall_clock.h"
#include "netlab/supervisor/node/wire.h"

#define WARNINGS_MAX 50u
#define LAST_LINES 3u
#define JUMP_MIN 10000000 /* ns; less is what two readings of the clocks differ by */
#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define DISK_MARGIN (8 * MIB) /* of the host's room, for what others write between two looks */
#define DISK_SHORT (64 * MIB) /* what ext4 may need for its own tables, and a little */

struct Node {
	const PlanNode *plan;
	const NodeWorld *world;
	NodeState state;
	char *message;
	GPtrArray *warnings;
	gint64 since, booted_at; /* real time; monotonic time */
	gint64 clock_offset;     /* of the host's wall clock, as the guest has it (wall_clock.h) */
	guint boot_ms;
	Child *child;
	Agent *agent;
	BootLog *log;
	int lock;         /* of its disk; -1: it has none, or does not run */
	guint deadline;   /* of its boot or its stop */
	DiskRoom disk;    /* as the guest knows it; a disk that may grow to its full size is not limited */
	char *disk_short; /* the warning that the host has little room for it, while that is so (of warnings) */
	pid_t kernel;     /* known once the agent has said hello */
	pid_t sandbox;    /* known once someone has asked (node_sandbox) */
};

static const char *const state_names[] = {
	[NODE_STOPPED] = "stopped",
	[NODE_STARTING] = "starting",
	[NODE_BOOTING] = "booting",
	[NODE_CONFIGURING] = "configuring",
	[NODE_READY] = "ready",
	[NODE_PAUSED] = "paused",
	[NODE_STOPPING] = "stopping",
	[NODE_FAILED] = "failed",
};
G_STATIC_ASSERT(G_N_ELEMENTS(state_names) == NODE_N_STATES);

const char *node_state_name(NodeState state)
{
	return state_names[state];
}

/* Takes message. */
static void set_state(Node *self, NodeState state, char *message)
{
	g_free(self->message);
	self->message = message ? message : g_strdup("");
	self->state = state;
	self->since = g_get_real_time();
	self->world->changed(self, self->world->data);
}

/* The state changes at once; the guest's end follows a moment later through its pidfd. */
static void fail(Node *self, char *message)
{
	g_clear_handle_id(&self->deadline, g_source_remove);
	if (self->child)
		child_kill(self->child);
	set_state(self, NODE_FAILED, message);
}

static char *last_words(Node *self)
{
	if (!self->log)
		return g_strdup("");
	boot_log_drain(self->log);
	return boot_log_last_words(self->log, LAST_LINES);
}

/* -- its agent -- */

static void on_hello(gpointer data)
{
	Node *self = data;
	if (self->state != NODE_BOOTING)
		return;
	g_clear_handle_id(&self->deadline, g_source_remove);
	self->kernel = processes_guest_kernel(child_pid(self->child));
	set_state(self, NODE_CONFIGURING, NULL);
	node_follow_clock(self);
	node_follow_disk(self);
	agent_set_up(self->agent, self->plan->setup);
}

static void on_ready(gpointer data)
{
	Node *self = data;
	if (self->state != NODE_CONFIGURING)
		return;
	self->boot_ms = MAX(1, (guint)((g_get_monotonic_time() - self->booted_at) / 1000));
	set_state(self, NODE_READY, NULL);
}

static void on_failed(const char *message, gpointer data)
{
	Node *self = data;
	if (self->state == NODE_BOOTING || self->state == NODE_CONFIGURING || self->state == NODE_READY)
		fail(self, g_strdup(message));
}

static void on_warned(const char *message, gpointer data)
{
	node_warn(data, message);
}

static const AgentEvents agent_events = {on_hello, on_ready, on_failed, on_warned};

/* -- its end -- */

static void unplug(Node *self)
{
	for (guint i = 0; self->world->wires && i < self->plan->interfaces->len; i++) {
		const PlanInterface *interface = g_ptr_array_index(self->plan->interfaces, i);
		switch_link_remove_port(self->world->wires, interface->port);
	}
}

static void close_all(int *fds, guint n)
{
	for (guint i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Forgets the guest. Sessions end as lost here. */
static void clean_up(Node *self)
{
	g_clear_handle_id(&self->deadline, g_source_remove);
	g_clear_pointer(&self->agent, agent_free);
	g_clear_pointer(&self->child, child_free);
	g_clear_pointer(&self->log, boot_log_free);
	close_all(&self->lock, 1);
	self->lock = -1;
	self->kernel = 0;
	self->sandbox = 0;
}

static gboolean is_quiet_end(const ChildEnd *end)
{
	return !end->killed && end->code == 0;
}

static void on_ended(Child *child, const ChildEnd *end, gpointer data)
{
	Node *self = data;
	g_autofree char *how = child_end_text(end), *words = last_words(self);
	gboolean panicked = strstr(words, "Kernel panic") != NULL;
	/* The kernel prints this (Linux, kernel/reboot.c, kernel_restart()) and then ends, because of its parameter "noreboot". */
	gboolean rebooted = strstr(words, "reboot: Restarting system") != NULL;
	unplug(self);
	clean_up(self);
	switch (self->state) {
	case NODE_STOPPING:
		set_state(self, NODE_STOPPED, NULL);
		break;
	case NODE_READY:
	case NODE_PAUSED:
		if (is_quiet_end(end) && rebooted)
			node_request(self);
		else if (is_quiet_end(end) && !panicked)
			set_state(self, NODE_STOPPED, NULL);
		else if (panicked)
			set_state(self, NODE_FAILED, g_strdup_printf("%s (%s)", words, how));
		else
			set_state(self, NODE_FAILED, g_steal_pointer(&how));
		break;
	case NODE_BOOTING:
	case NODE_CONFIGURING:
		set_state(self, NODE_FAILED,
			g_strdup_printf(
				"%s before it was ready%s%s", how, *words ? "; end of the boot log: " : "", words));
		break;
	default:
		/* It had failed before; now its processes are gone too. */
		self->world->changed(self, self->world->data);
	}
}

/* -- its start -- */

static gboolean on_boot_deadline(gpointer data)
{
	Node *self = data;
	g_autofree char *words = last_words(self);
	self->deadline = 0;
	fail(self,
		g_strdup_printf("the agent did not answer within %u s after the boot began; end of the boot log: %s",
			self->world->boot_seconds, *words ? words : "(none)"));
	return G_SOURCE_REMOVE;
}

static gboolean os_failed(GError **error, const char *what)
{
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot open %s: %s", what, g_strerror(code));
	return FALSE;
}

/* The guest's descriptors in FDS, each of which is -1 or open even on failure; our ends go where they belong. */
static gboolean open_descriptors(Node *self, int *fds, int *serial, int *wires, GError **error)
{
	int pair[2];
	fds[PLAN_FD_STDIN] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fds[PLAN_FD_STDIN] < 0)
		return os_failed(error, "/dev/null");
	self->log = boot_log_new(self->plan->boot_log, &fds[PLAN_FD_LOG], error);
	if (!self->log)
		return FALSE;
	fds[STDERR_FILENO] = fcntl(fds[PLAN_FD_LOG], F_DUPFD_CLOEXEC, 3);
	if (fds[STDERR_FILENO] < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return os_failed(error, "the serial line");
	*serial = pair[0];
	fds[PLAN_FD_SERIAL] = pair[1];
	for (guint i = 0; i < self->plan->interfaces->len; i++) {
		const PlanInterface *interface = g_ptr_array_index(self->plan->interfaces, i);
		int guest;
		gboolean opened = wire_open(interface, &guest, &wires[i], error);
		if (guest >= 0)
			fds[interface->fd] = guest;
		if (!opened)
			return FALSE;
	}
	return TRUE;
}

static void plug_in(Node *self, int *wires)
{
	for (guint i = 0; i < self->plan->interfaces->len; i++) {
		const PlanInterface *interface = g_ptr_array_index(self->plan->interfaces, i);
		switch_link_add_guest(self->world->wires, interface, wires[i]);
		wires[i] = -1;
	}
}

static gboolean start_guest(Node *self, GError **error)
{
	guint n_wires = self->plan->interfaces->len, n = PLAN_FD_FIRST_INTERFACE;
	for (guint i = 0; i < n_wires; i++)
		n += ((const PlanInterface *)g_ptr_array_index(self->plan->interfaces, i))->fd >= 0;
	g_autofree int *fds = g_new(int, n), *wires = g_new(int, n_wires + 1);
	int serial = -1;
	memset(fds, -1, n * sizeof *fds);
	memset(wires, -1, (n_wires + 1) * sizeof *wires);
	if (g_mkdir_with_parents(self->plan->directory, 0700) < 0)
		return os_failed(error, self->plan->directory);
	if (self->plan->disk &&
		(!disk_prepare(self->plan->disk, error) || (self->lock = disk_lock(self->plan->disk, error)) < 0))
		return FALSE;
	gboolean done = open_descriptors(self, fds, &serial, wires, error);
	if (done)
		self->child = confinement_start_guest(
			self->world->confinement, self->plan, DISK_SIZE, fds, n, on_ended, self, error);
	if (self->child) {
		plug_in(self, wires);
		self->agent = agent_new(g_steal_fd(&serial), &agent_events, self);
	}
	close_all(fds, n);
	close_all(wires, n_wires);
	close_all(&serial, 1);
	return self->child != NULL;
}

/** Requests a start: see node.h. What is left of a guest that failed is ended first. */
void node_request(Node *self)
{
	clean_up(self);
	g_ptr_array_set_size(self->warnings, 0);
	self->disk_short = NULL;
	self->disk.free = DISK_SIZE;
	self->boot_ms = 0;
	set_state(self, NODE_STARTING, NULL);
}

void node_boot(Node *self)
{
	g_autoptr(GError) error = NULL;
	self->booted_at = g_get_monotonic_time();
	self->clock_offset = wall_clock_offset();
	if (!start_guest(self, &error)) {
		clean_up(self);
		set_state(self, NODE_FAILED, g_strdup(error->message));
		return;
	}
	self->deadline = g_timeout_add_seconds(self->world->boot_seconds, on_boot_deadline, self);
	set_state(self, NODE_BOOTING, NULL);
}

/* Its agent takes messages. */
static gboolean listens(const Node *self)
{
	return self->state == NODE_CONFIGURING || self->state == NODE_READY || self->state == NODE_PAUSED;
}

void node_set_speed(Node *self, const char *interface, unsigned speed)
{
	if (listens(self))
		agent_set_speed(self->agent, interface, speed);
}

void node_follow_clock(Node *self)
{
	gint64 offset = wall_clock_offset(), jump = offset - self->clock_offset;
	if (!listens(self) || (jump < JUMP_MIN && jump > -JUMP_MIN))
		return;
	agent_step_clock(self->agent, jump);
	self->clock_offset = offset;
}

/* The warning lasts as long as what it tells of. */
static void set_disk_short(Node *self, guint64 room)
{
	if ((room < DISK_SHORT) == (self->disk_short != NULL))
		return;
	if (self->disk_short) {
		g_ptr_array_remove(self->warnings, self->disk_short);
		self->disk_short = NULL;
	} else {
		self->disk_short = g_strdup_printf(
			"the host has no room left for this node's disk (%s); what does not fit fails in "
			"the node with \"No space left on device\", until there is room again",
			self->plan->disk);
		g_ptr_array_add(self->warnings, self->disk_short);
	}
	self->world->changed(self, self->world->data);
}

void node_follow_disk(Node *self)
{
	DiskRoom now;
	if (!self->plan->disk || !listens(self) || !disk_room(self->plan->disk, &now))
		return;
	now.free = now.free / self->world->n_disks;
	now.free -= MIN(now.free, DISK_MARGIN);
	now.free = MIN(now.free, DISK_SIZE);
	/* Steps of a megabyte: what the guest itself writes changes both, and needs no message. */
	now.free -= now.free % MIB;
	now.stored -= now.stored % MIB;
	gboolean limited = now.free < DISK_SIZE || self->disk.free < DISK_SIZE;
	gboolean changed = now.free != self->disk.free || now.stored != self->disk.stored;
	if (limited && changed && agent_limit_disk(self->agent, now.free, now.stored))
		self->disk = now;
	set_disk_short(self, now.free);
}

/* -- its pause -- */

static void let_go_on(Node *self, gboolean go_on)
{
	processes_pause(self->kernel, !go_on, self->plan->node->isolation == LAB_ISOLATION_ON);
}

static gboolean change_pause(Node *self, NodeState from, NodeState to, GError **error)
{
	if (self->state != from) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "node \"%s\" is not %s; it is %s",
			self->plan->name, node_state_name(from), node_state_name(self->state));
		return FALSE;
	}
	let_go_on(self, to == NODE_READY);
	set_state(self, to, NULL);
	return TRUE;
}

gboolean node_pause(Node *self, GError **error)
{
	return change_pause(self, NODE_READY, NODE_PAUSED, error);
}

gboolean node_resume(Node *self, GError **error)
{
	return change_pause(self, NODE_PAUSED, NODE_READY, error);
}

/* -- its stop -- */

static gboolean on_stop_deadline(gpointer data)
{
	Node *self = data;
	self->deadline = 0;
	node_kill(self);
	return G_SOURCE_REMOVE;
}

/** Stops it: see node.h. */
void node_stop(Node *self, guint deadline_ms)
{
	gboolean answers = self->state == NODE_READY || self->state == NODE_PAUSED || self->state == NODE_CONFIGURING;
	if (!self->child) {
		if (self->state != NODE_STOPPED)
			set_state(self, NODE_STOPPED, NULL);
		return;
	}
	g_clear_handle_id(&self->deadline, g_source_remove);
	/* Also one that somebody else has stopped: else it would lose what it has not written to its disk yet. */
	if (self->kernel)
		let_go_on(self, TRUE);
	if (answers && deadline_ms > 0)
		agent_shut_down(self->agent);
	if (self->state == NODE_BOOTING || self->state == NODE_FAILED || deadline_ms == 0)
		child_kill(self->child);
	else
		self->deadline = g_timeout_add(deadline_ms, on_stop_deadline, self);
	if (self->state != NODE_STOPPING)
		set_state(self, NODE_STOPPING, NULL);
}

void node_kill(Node *self)
{
	if (self->child)
		child_kill(self->child);
}

void node_fail(Node *self, const char *format, ...)
{
	va_list args;
	if (!self->child || self->state == NODE_FAILED)
		return;
	va_start(args, format);
	fail(self, g_strdup_vprintf(format, args));
	va_end(args);
}

/* -- looking at it -- */

Node *node_new(const PlanNode *plan, const NodeWorld *world)
{
	Node *self = g_new0(Node, 1);
	self->plan = plan;
	self->world = world;
	self->message = g_strdup("");
	self->lock = -1;
	self->warnings = g_ptr_array_new_with_free_func(g_free);
	self->since = g_get_real_time();
	return self;
}

void node_free(Node *self)
{
	clean_up(self);
	g_ptr_array_unref(self->warnings);
	g_free(self->message);
	g_free(self);
}

const PlanNode *node_plan(const Node *self)
{
	return self->plan;
}

NodeState node_state(const Node *self)
{
	return self->state;
}

const char *node_message(const Node *self)
{
	return self->message;
}

const GPtrArray *node_warnings(const Node *self)
{
	return self->warnings;
}

void node_warn(Node *self, const char *message)
{
	if (self->warnings->len < WARNINGS_MAX)
		g_ptr_array_add(self->warnings, g_strdup(message));
}

gint64 node_since(const Node *self)
{
	return self->since;
}

guint node_boot_ms(const Node *self)
{
	return self->boot_ms;
}

pid_t node_pid(const Node *self)
{
	if (!self->child)
		return 0;
	return self->kernel ? self->kernel : processes_guest_kernel(child_pid(self->child));
}

pid_t node_sandbox(Node *self)
{
	if (!self->child || self->state == NODE_FAILED)
		return 0;
	if (!self->sandbox)
		self->sandbox = processes_sandbox_init(child_pid(self->child));
	return self->sandbox;
}

gboolean node_is_booting(const Node *self)
{
	return self->state == NODE_BOOTING || self->state == NODE_CONFIGURING;
}

gboolean node_is_alive(const Node *self)
{
	return self->child != NULL;
}

/** Why it does not answer: see node.h. */
char *node_silence(const Node *self)
{
	pid_t stopped = self->state == NODE_READY ? processes_stopped(self->kernel) : 0;
	if (!stopped)
		return NULL;
	g_autofree char *why = process_silence(stopped);
	return g_strdup_printf(
		"it does not answer: %s, \"netlab restart --node %s\" boots it again", why, self->plan->name);
}

/** Its agent: see node.h. */
Agent *node_agent(Node *self, GError **error)
{
	g_autofree char *silence = node_silence(self);
	if (silence) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "node \"%s\" is not ready; %s",
			self->plan->name, silence);
		return NULL;
	}
	if (self->state == NODE_READY)
		return self->agent;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "node \"%s\" is not ready; it is %s%s%s",
		self->plan->name, node_state_name(self->state), *self->message ? ": " : "", self->message);
	return NULL;
}
