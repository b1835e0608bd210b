/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user asks of a lab. */
#include <glib/gi18n.h>
#include <string.h>

#include "gui/session/session_private.h"
#include "netlab/host/paths.h"

enum { STOP_DEADLINE = 10000 }; /* ms: orderly until then */

/* -- Start: the same program as in a terminal, so that there is one way to start a lab -- */

/* What the program said, without its progress lines and its own name. */
static char *last_words(const char *text)
{
	g_autofree char *copy = g_strstrip(g_strdup(text));
	const char *said = strstr(copy, "netlab: ");
	return g_strdup(said ? said + strlen("netlab: ") : copy);
}

static void start_ended(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(Session) self = data;
	g_autofree char *said = NULL;
	g_autoptr(GError) error = NULL;
	GSubprocess *starter = G_SUBPROCESS(source);
	gboolean done = g_subprocess_communicate_utf8_finish(starter, result, NULL, &said, &error);
	if (self->starter == starter)
		g_clear_object(&self->starter);
	if (!done)
		session_complain(self, error);
	else if (!g_subprocess_get_successful(starter)) {
		g_autofree char *words = last_words(said);
		session_say_problem(self, *words ? words : _("Cannot start the lab."));
	}
	session_look(self);
	session_update_state(self);
}

void session_start(Session *self)
{
	g_autoptr(GError) error = NULL;
	if (!self->file || self->starter || self->proxy)
		return;
	if (!self->lab) {
		session_say_problem(self, _("The lab file has errors. Fix them before you start the lab."));
		return;
	}
	g_autofree char *program = path_program("netlab");
	g_autofree char *path = g_file_get_path(self->file);
	const char *const trusted[] = {program, "start", "--trust", "--", path, NULL};
	const char *const plain[] = {program, "start", "--", path, NULL};
	const char *const *argv = self->lab->folder->trusted ? trusted : plain;
	self->starter =
		g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
	if (!self->starter) {
		session_complain(self, error);
		return;
	}
	self->crashed = FALSE;
	g_subprocess_communicate_utf8_async(self->starter, NULL, NULL, start_ended, g_object_ref(self));
	session_update_state(self);
}

/* -- Stop -- */

static void stop_answered(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(Session) self = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) answer = g_dbus_proxy_call_finish(G_DBUS_PROXY(proxy), result, &error);
	/* A supervisor that goes before its answer was read has done what was asked. */
	if (answer || (G_DBUS_PROXY(proxy) == G_DBUS_PROXY(self->proxy) && !g_dbus_error_is_remote_error(error)))
		return;
	if (self->proxy != NETLAB_LAB1(proxy))
		return;
	self->stopping = FALSE;
	self->after_stop = AFTER_STOP_NOTHING;
	session_complain(self, error);
	session_update_state(self);
}

void session_stop(Session *self)
{
	if (!self->proxy || self->stopping)
		return;
	self->stopping = TRUE;
	g_dbus_proxy_call(G_DBUS_PROXY(self->proxy), "Stop", g_variant_new("(u)", STOP_DEADLINE),
		G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, stop_answered, g_object_ref(self));
	session_update_state(self);
}

void session_restart(Session *self)
{
	if (!self->proxy) {
		session_start(self);
		return;
	}
	self->after_stop = AFTER_STOP_START;
	session_stop(self);
}

void session_commands_run_ended(Session *self)
{
	gboolean start = self->after_stop == AFTER_STOP_START;
	self->stopping = FALSE;
	self->after_stop = AFTER_STOP_NOTHING;
	if (start)
		session_start(self);
}

/* -- Nodes and links -- */

static const struct {
	const char *action, *method;
	gboolean deadline; /* its second argument */
	const char *then;  /* the action that follows when it went well */
} node_actions[] = {
	{"start", "StartNode", FALSE, NULL},
	{"stop", "StopNode", TRUE, NULL},
	{"restart", "StopNode", TRUE, "start"},
	{"pause", "PauseNode", FALSE, NULL},
	{"resume", "ResumeNode", FALSE, NULL},
};

typedef struct {
	Session *session;
	char *node;
	const char *then;
} NodeCall;

static void node_answered(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autofree NodeCall *call = data;
	g_autoptr(Session) self = call->session;
	g_autofree char *node = call->node;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) answer = g_dbus_proxy_call_finish(G_DBUS_PROXY(proxy), result, &error);
	if (!answer && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		session_complain(self, error);
	else if (answer && call->then)
		session_act_on_node(self, node, call->then);
}

void session_act_on_node(Session *self, const char *node, const char *action)
{
	for (gsize i = 0; self->proxy && i < G_N_ELEMENTS(node_actions); i++) {
		if (!g_str_equal(node_actions[i].action, action))
			continue;
		NodeCall *call = g_new(NodeCall, 1);
		*call = (NodeCall){g_object_ref(self), g_strdup(node), node_actions[i].then};
		GVariant *arguments = node_actions[i].deadline ? g_variant_new("(su)", node, STOP_DEADLINE)
							       : g_variant_new("(s)", node);
		g_dbus_proxy_call(G_DBUS_PROXY(self->proxy), node_actions[i].method, arguments, G_DBUS_CALL_FLAGS_NONE,
			G_MAXINT, self->attachment, node_answered, call);
	}
}

static void link_answered(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(Session) self = data;
	g_autoptr(GError) error = NULL;
	if (!netlab_lab1_call_set_link_finish(NETLAB_LAB1(proxy), result, &error) &&
		!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		session_complain(self, error);
}

void session_set_link(Session *self, const char *link, const char *from, const char *base, GVariant *attributes)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(attributes);
	if (self->proxy)
		netlab_lab1_call_set_link(
			self->proxy, link, from, base, owned, self->attachment, link_answered, g_object_ref(self));
}
