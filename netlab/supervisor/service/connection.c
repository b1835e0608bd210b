/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/connection.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "netlab/supervisor/service/switch_error.h"
#include "topologies/model/diagnostics.h"

#define ERROR_NAME "org.netlab.Error."

struct Connection {
	int references; /* ours, and one for each call to the switch that is not answered yet */
	gboolean gone;
	GDBusConnection *bus;
	RunningLab *run;
	GHashTable *sessions; /* id -> AgentSession, borrowed from the agent */
	GHashTable *captures; /* id -> where, as it was asked for */
	GHashTable *early;    /* id -> Ended: the end came before the answer to the call that names the capture */
};

typedef struct {
	guint64 captured, dropped;
	char *reason;
} Ended;

/* A call to the switch that is not answered yet. */
typedef struct {
	Connection *connection;
	NetlabLab1 *object;
	GDBusMethodInvocation *invocation;
	char *where; /* of StartCapture */
	guint id;    /* of StopCapture */
} Call;

static void ended_free(gpointer data)
{
	Ended *ended = data;
	g_free(ended->reason);
	g_free(ended);
}

Connection *connection_new(GDBusConnection *bus, RunningLab *run)
{
	Connection *self = g_new0(Connection, 1);
	self->references = 1;
	self->bus = g_object_ref(bus);
	self->run = run;
	self->sessions = g_hash_table_new(NULL, NULL);
	self->captures = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	self->early = g_hash_table_new_full(NULL, NULL, NULL, ended_free);
	return self;
}

static void unref(Connection *self)
{
	if (--self->references == 1)
		g_hash_table_remove_all(self->early);
	if (self->references)
		return;
	g_hash_table_unref(self->sessions);
	g_hash_table_unref(self->captures);
	g_hash_table_unref(self->early);
	g_object_unref(self->bus);
	g_free(self);
}

static void stop_unwatched_capture(Connection *self, guint id)
{
	SwSwitch1 *network_switch = running_lab_switch_for_captures(self->run);
	if (network_switch)
		sw_switch1_call_stop_capture(network_switch, id, NULL, NULL, NULL);
}

void connection_free(Connection *self)
{
	GHashTableIter iter;
	gpointer key, session;
	self->gone = TRUE;
	g_hash_table_iter_init(&iter, self->sessions);
	while (g_hash_table_iter_next(&iter, NULL, &session))
		agent_session_hang_up(session);
	g_hash_table_iter_init(&iter, self->captures);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		stop_unwatched_capture(self, GPOINTER_TO_UINT(key));
	unref(self);
}

static void emit(Connection *self, const char *signal, GVariant *parameters)
{
	g_dbus_connection_emit_signal(self->bus, NULL, LAB_PATH, LAB_INTERFACE, signal, parameters, NULL);
}

/* -- commands -- */

/* What belongs to a session; freed with it. */
typedef struct {
	Connection *connection;
	guint id;
} Watch;

static void on_session_ended(AgentSession *session, const char *how, int code, const char *message, gpointer data)
{
	Watch *watch = data;
	g_hash_table_remove(watch->connection->sessions, GUINT_TO_POINTER(watch->id));
	emit(watch->connection, "SessionEnded", g_variant_new("(usis)", watch->id, how, code, message ? message : ""));
}

/* The descriptors go with the answer, which has its own copies. */
static GUnixFDList *take_ends(int fds[3], GVariant **handles)
{
	GVariantBuilder builder;
	GUnixFDList *list = g_unix_fd_list_new();
	g_variant_builder_init(&builder, G_VARIANT_TYPE("ah"));
	for (int i = 0; i < 3; i++) {
		if (fds[i] < 0)
			continue;
		int handle = g_unix_fd_list_append(list, fds[i], NULL);
		close(fds[i]);
		if (handle >= 0)
			g_variant_builder_add(&builder, "h", handle);
	}
	*handles = g_variant_builder_end(&builder);
	return list;
}

/** Exec of org.netlab.Lab1. */
void connection_exec(Connection *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, Node *node,
	const char *const *argv, gboolean terminal, GVariant *options)
{
	static guint last_id;
	g_autoptr(GError) error = NULL;
	g_autofree const char **environment = NULL;
	AgentCommand command = {.argv = argv, .terminal = terminal, .rows = 24, .columns = 80};
	Agent *agent = node_agent(node, &error);
	int fds[3];
	g_variant_lookup(options, "rows", "q", &command.rows);
	g_variant_lookup(options, "columns", "q", &command.columns);
	g_variant_lookup(options, "environment", "^a&s", &environment);
	command.environment = environment;
	if (!agent) {
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NotReady", error->message);
		return;
	}
	Watch *watch = g_new(Watch, 1);
	*watch = (Watch){self, ++last_id};
	AgentSession *session = agent_exec(agent, &command, fds, on_session_ended, watch, g_free, &error);
	if (!session) {
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "Failed", error->message);
		return;
	}
	GVariant *handles;
	g_autoptr(GUnixFDList) list = take_ends(fds, &handles);
	g_hash_table_insert(self->sessions, GUINT_TO_POINTER(watch->id), session);
	netlab_lab1_complete_exec(object, invocation, list, watch->id, handles);
}

gboolean connection_resize(Connection *self, guint id, guint16 rows, guint16 columns)
{
	AgentSession *session = g_hash_table_lookup(self->sessions, GUINT_TO_POINTER(id));
	if (session)
		agent_session_resize(session, rows, columns);
	return session != NULL;
}

gboolean connection_signal(Connection *self, guint id, guint8 number)
{
	AgentSession *session = g_hash_table_lookup(self->sessions, GUINT_TO_POINTER(id));
	if (session)
		agent_session_signal(session, number);
	return session != NULL;
}

/* -- captures -- */

/* Adds to names what the switch must capture for a link's name, a "NODE:IFACE" or a network. */
static gboolean find_cables(const Plan *plan, const char *where, GPtrArray *names)
{
	guint before = names->len;
	for (guint i = 0; i < plan->cables->len; i++) {
		const PlanCable *cable = g_ptr_array_index(plan->cables, i);
		if (g_str_equal(cable->name, where)) {
			g_ptr_array_set_size(names, (int)before);
			g_ptr_array_add(names, cable->name);
			return TRUE;
		}
		for (guint k = 0; k < G_N_ELEMENTS(cable->ends); k++)
			if (g_strcmp0(cable->ends[k].port, where) == 0)
				g_ptr_array_add(names, cable->ends[k].port);
			else if (g_strcmp0(cable->ends[k].network, where) == 0)
				g_ptr_array_add(names, cable->name);
	}
	return names->len > before;
}

static gboolean is_unconnected(const Plan *plan, const char *where)
{
	g_auto(GStrv) parts = g_strsplit(where, ":", 2);
	const PlanNode *node = parts[0] && parts[1] ? plan_find_node(plan, parts[0]) : NULL;
	return node && lab_node_find_interface(node->node, parts[1]);
}

static void no_such_link(Connection *self, GDBusMethodInvocation *invocation, const char *where)
{
	const Plan *plan = running_lab_plan(self->run);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < plan->cables->len; i++) {
		const PlanCable *cable = g_ptr_array_index(plan->cables, i);
		const char *candidates[] = {cable->name, cable->ends[0].port, cable->ends[1].port,
			cable->ends[0].network, cable->ends[1].network};
		for (gsize j = 0; j < G_N_ELEMENTS(candidates); j++)
			if (candidates[j])
				g_ptr_array_add(names, (char *)candidates[j]);
	}
	g_ptr_array_add(names, NULL);
	const char *nearest = lab_nearest(where, (const char *const *)names->pdata);
	g_autofree char *hint = nearest ? g_strdup_printf("; did you mean \"%s\"?", nearest) : g_strdup("");
	g_autofree char *message = is_unconnected(plan, where)
		? g_strdup_printf("interface \"%s\" is not connected, so there is nothing to capture", where)
		: g_strdup_printf(
			  "lab \"%s\" has no link, network or NODE:INTERFACE \"%s\"%s", plan->instance, where, hint);
	g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NoSuchLink", message);
}

static Call *call_new(Connection *self, NetlabLab1 *object, GDBusMethodInvocation *invocation)
{
	Call *call = g_new(Call, 1);
	self->references++;
	*call = (Call){self, g_object_ref(object), invocation, NULL, 0};
	return call;
}

static void call_free(Call *call)
{
	g_object_unref(call->object);
	unref(call->connection);
	g_free(call->where);
	g_free(call);
}

/* Passes the switch's error on, with its text, domain and code. */
static void answer_error(GDBusMethodInvocation *invocation, GError *error)
{
	g_dbus_error_strip_remote_error(error);
	g_dbus_method_invocation_return_gerror(invocation, error);
}

static void report_ended(Connection *self, guint id, guint64 captured, guint64 dropped, const char *reason)
{
	g_hash_table_remove(self->captures, GUINT_TO_POINTER(id));
	emit(self, "CaptureEnded", g_variant_new("(utts)", id, captured, dropped, reason));
}

static void capture_started(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	Connection *self = call->connection;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) facts = NULL;
	guint id;
	if (!sw_switch1_call_start_capture_finish(SW_SWITCH1(proxy), &id, &facts, NULL, result, &error)) {
		answer_error(call->invocation, error);
	} else {
		netlab_lab1_complete_start_capture(call->object, call->invocation, NULL, id, facts);
		Ended *ended = g_hash_table_lookup(self->early, GUINT_TO_POINTER(id));
		g_hash_table_insert(self->captures, GUINT_TO_POINTER(id), g_steal_pointer(&call->where));
		if (ended)
			report_ended(self, id, ended->captured, ended->dropped, ended->reason);
		else if (self->gone)
			stop_unwatched_capture(self, id);
	}
	call_free(call);
}

/** StartCapture of org.netlab.Lab1. */
void connection_start_capture(Connection *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
	const char *const *where, GVariant *options, GVariant *output)
{
	SwSwitch1 *network_switch = running_lab_switch_for_captures(self->run);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (const char *const *place = where; *place; place++) {
		if (find_cables(running_lab_plan(self->run), *place, names))
			continue;
		no_such_link(self, invocation, *place);
		return;
	}
	g_ptr_array_add(names, NULL);
	if (!network_switch) {
		switch_answer_error(self->run, invocation, NULL);
		return;
	}
	Call *call = call_new(self, object, invocation);
	call->where = g_strjoinv(" ", (char **)where);
	sw_switch1_call_start_capture(network_switch, (const char *const *)names->pdata, options,
		g_variant_new_handle(g_variant_get_handle(output)), fds, NULL, capture_started, call);
}

static void capture_stopped(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GError) error = NULL;
	guint64 captured, dropped;
	gboolean stopped = sw_switch1_call_stop_capture_finish(SW_SWITCH1(proxy), &captured, &dropped, result, &error);
	/* It ended just before, or failed to write what was left: the client hears that first. */
	const Ended *ended = g_hash_table_lookup(call->connection->early, GUINT_TO_POINTER(call->id));
	if (ended)
		report_ended(call->connection, call->id, ended->captured, ended->dropped, ended->reason);
	if (stopped)
		netlab_lab1_complete_stop_capture(call->object, call->invocation, captured, dropped);
	else
		answer_error(call->invocation, error);
	call_free(call);
}

/** StopCapture of org.netlab.Lab1. */
void connection_stop_capture(Connection *self, NetlabLab1 *object, GDBusMethodInvocation *invocation, guint id)
{
	SwSwitch1 *network_switch = running_lab_switch_for_captures(self->run);
	if (!g_hash_table_contains(self->captures, GUINT_TO_POINTER(id))) {
		g_dbus_method_invocation_return_dbus_error(
			invocation, ERROR_NAME "Failed", "this capture does not exist, or it has ended");
	} else if (!network_switch) {
		switch_answer_error(self->run, invocation, NULL);
	} else {
		g_hash_table_remove(self->captures, GUINT_TO_POINTER(id));
		Call *call = call_new(self, object, invocation);
		call->id = id;
		sw_switch1_call_stop_capture(network_switch, id, NULL, capture_stopped, call);
	}
}

/** A capture ended: see connection.h. While a call is not answered, it may be one whose id is not known yet. */
gboolean connection_capture_ended(Connection *self, guint id, guint64 captured, guint64 dropped, const char *reason)
{
	gboolean ours = g_hash_table_contains(self->captures, GUINT_TO_POINTER(id));
	if (ours) {
		report_ended(self, id, captured, dropped, reason);
	} else if (self->references > 1) {
		Ended *ended = g_new(Ended, 1);
		*ended = (Ended){captured, dropped, g_strdup(reason)};
		g_hash_table_insert(self->early, GUINT_TO_POINTER(id), ended);
	}
	return ours;
}

/** What GetCaptures reports of this client's captures: see connection.h. */
void connection_capture_facts(const Connection *self, GVariant *counts, GVariantBuilder *builder)
{
	GHashTableIter iter;
	gpointer id, where;
	g_hash_table_iter_init(&iter, self->captures);
	while (g_hash_table_iter_next(&iter, &id, &where)) {
		guint64 captured = 0, dropped = 0;
		GVariantDict facts;
		capture_counts(counts, GPOINTER_TO_UINT(id), &captured, &dropped);
		g_variant_dict_init(&facts, NULL);
		g_variant_dict_insert(&facts, "id", "u", GPOINTER_TO_UINT(id));
		g_variant_dict_insert(&facts, "where", "s", (const char *)where);
		g_variant_dict_insert(&facts, "captured", "t", captured);
		g_variant_dict_insert(&facts, "dropped", "t", dropped);
		g_variant_builder_add_value(builder, g_variant_dict_end(&facts));
	}
}

/** The switch died: all captures end. */
void connection_switch_died(Connection *self)
{
	g_autoptr(GList) ids = g_hash_table_get_keys(self->captures);
	for (GList *id = ids; id; id = id->next)
		report_ended(self, GPOINTER_TO_UINT(id->data), 0, 0, "the switch died");
}
