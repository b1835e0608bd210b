/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor of a session: finding it, attaching to it, following it, losing it. */
#include <glib/gi18n.h>
#include <string.h>

#include "gui/session/session_private.h"
#include "netlab/client/lab_connection.h"

enum { TICK = 1000 }; /* ms between two looks at counters */

static void stop_ticking(Session *self)
{
	g_clear_handle_id(&self->tick_source, g_source_remove);
	self->asked = 0;
	self->slow = FALSE;
}

/** Leaves the supervisor; calls that wait for it are cancelled. */
void session_detach(Session *self)
{
	gboolean was = self->proxy != NULL;
	stop_ticking(self);
	if (self->attachment) {
		g_cancellable_cancel(self->attachment);
		g_clear_object(&self->attachment);
	}
	if (self->proxy)
		g_signal_handlers_disconnect_by_data(self->proxy, self);
	if (self->connection)
		g_signal_handlers_disconnect_by_data(self->connection, self);
	g_clear_object(&self->proxy);
	g_clear_object(&self->connection);
	g_clear_pointer(&self->run_name, g_free);
	g_clear_pointer(&self->run_directory, g_free);
	scene_forget_run(self->scene);
	if (was)
		session_emit_run(self);
}

/* The connection closed: the lab was stopped by someone, or its supervisor died and left its folder. */
static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, Session *self)
{
	g_autofree char *name = g_strdup(self->run_name);
	g_autofree char *lock = g_build_filename(self->run_directory, "lock", NULL);
	/* One that ends says so first. Whether its lock is still held tells nothing: it may be dying right now. */
	const char *said = self->proxy ? netlab_lab1_get_state(self->proxy) : NULL;
	gboolean told = self->stopping || g_strcmp0(said, "stopping") == 0;
	self->crashed = !told && g_file_test(lock, G_FILE_TEST_EXISTS);
	session_detach(self);
	if (self->crashed) {
		g_autofree char *message =
			g_strdup_printf(_("The supervisor of lab “%s” stopped unexpectedly, and its nodes with it. Run "
					  "“netlab status %s” for details; start the lab again to continue."),
				name, name);
		session_say_problem(self, message);
	}
	session_commands_run_ended(self);
	session_update_state(self);
}

static void answered(Session *self)
{
	self->asked = 0;
	self->slow = FALSE;
	session_update_state(self);
}

/* Whether a call of this session went well. Cancelled: the session may not even live. */
static gboolean is_cancelled(const GError *error)
{
	return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void got_links(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) links = NULL;
	g_autoptr(GError) error = NULL;
	netlab_lab1_call_get_links_finish(NETLAB_LAB1(proxy), &links, result, &error);
	if (is_cancelled(error))
		return;
	Session *self = data;
	if (!links) {
		self->asked = 0;
		return;
	}
	answered(self);
	scene_update_links(self->scene, links, g_get_monotonic_time());
}

static void ask_links(Session *self)
{
	self->asked = g_get_monotonic_time();
	netlab_lab1_call_get_links(self->proxy, self->attachment, got_links, self);
}

static void got_nodes(GObject *proxy, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) nodes = NULL;
	g_autoptr(GError) error = NULL;
	netlab_lab1_call_get_nodes_finish(NETLAB_LAB1(proxy), &nodes, result, &error);
	if (is_cancelled(error))
		return;
	Session *self = data;
	if (!nodes) {
		self->asked = 0;
		return;
	}
	answered(self);
	scene_update_nodes(self->scene, nodes);
	ask_links(self);
}

/* One question at a time: a supervisor that is slow is not made slower. */
static gboolean on_tick(gpointer data)
{
	Session *self = data;
	if (self->asked && g_get_monotonic_time() - self->asked > SESSION_PATIENCE && !self->slow) {
		self->slow = TRUE;
		scene_calm(self->scene);
		session_update_state(self);
	}
	if (!self->asked && self->proxy && self->visible)
		ask_links(self);
	return G_SOURCE_CONTINUE;
}

static void on_node_changed(NetlabLab1 *proxy, const char *node, const char *state, const char *message, Session *self)
{
	scene_update_node(self->scene, node, state, message);
}

static void on_link_changed(NetlabLab1 *proxy, const char *link, Session *self)
{
	if (!self->asked)
		ask_links(self);
}

static void on_state(NetlabLab1 *proxy, GParamSpec *property, Session *self)
{
	session_update_state(self);
}

static void attach_failed(Session *self, GError *error)
{
	g_autofree char *name = g_strdup(self->run_name);
	session_detach(self);
	session_update_state(self);
	/* Not there yet, or no more: a look follows while it is alive. */
	if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) &&
		!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
		g_prefix_error(&error, _("cannot connect to the supervisor of lab “%s”: "), name);
		session_complain(self, error);
	}
	g_error_free(error);
}

/* The file of a lab that was attached to by its name. */
static void open_file_of(Session *self)
{
	const char *path = netlab_lab1_get_file(self->proxy);
	if (self->file || !path)
		return;
	g_autoptr(GFile) file = g_file_new_for_path(path);
	session_open_file(self, file);
}

static void connected(GObject *source, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;
	g_autoptr(LabConnection) lab = lab_connection_new_finish(result, &error);
	if (is_cancelled(error)) {
		g_error_free(error);
		return;
	}
	Session *self = data;
	if (!lab) {
		attach_failed(self, error);
		return;
	}
	self->connection = g_object_ref(lab->connection);
	self->proxy = g_object_ref(lab->proxy);
	self->crashed = FALSE;
	g_signal_connect_object(self->connection, "closed", G_CALLBACK(on_closed), self, 0);
	g_signal_connect_object(self->proxy, "node-changed", G_CALLBACK(on_node_changed), self, 0);
	g_signal_connect_object(self->proxy, "link-changed", G_CALLBACK(on_link_changed), self, 0);
	g_signal_connect_object(self->proxy, "notify::state", G_CALLBACK(on_state), self, 0);
	open_file_of(self);
	netlab_lab1_call_get_nodes(self->proxy, self->attachment, got_nodes, self);
	answered(self);
	self->asked = g_get_monotonic_time();
	session_emit_run(self);
}

static void attach(Session *self, const LabDirectory *lab)
{
	g_free(self->run_name);
	g_free(self->run_directory);
	self->run_name = g_strdup(lab->name);
	self->run_directory = g_strdup(lab->directory);
	self->attachment = g_cancellable_new();
	self->asked = g_get_monotonic_time();
	self->tick_source = g_timeout_add(TICK, on_tick, self);
	lab_connection_new_async(lab, LAB_ANSWER_MS, self->attachment, connected, self);
	session_update_state(self);
}

/* The lab that runs from the session's file: of several, the one that has the file's own name. */
static LabDirectory *find_run(Session *self)
{
	g_autoptr(GPtrArray) labs = lab_directories(NULL);
	g_autofree char *path = g_file_get_path(self->file);
	guint best = G_MAXUINT;
	for (guint i = 0; labs && i < labs->len; i++) {
		const LabDirectory *lab = labs->pdata[i];
		g_autofree char *file = lab->alive ? lab_file_of(lab) : NULL;
		if (g_strcmp0(file, path) != 0)
			continue;
		if (best == G_MAXUINT || (self->lab && g_str_equal(lab->name, self->lab->name)))
			best = i;
	}
	return best == G_MAXUINT ? NULL : g_ptr_array_steal_index(labs, best);
}

void session_look(Session *self)
{
	if (self->attachment || !self->file)
		return;
	g_autoptr(LabDirectory) lab = find_run(self);
	g_autofree char *control = lab ? g_build_filename(lab->directory, "control", NULL) : NULL;
	if (control && g_file_test(control, G_FILE_TEST_EXISTS))
		attach(self, lab);
}

static void on_labs_changed(gpointer data)
{
	session_look(data);
}

void session_watch_runs(Session *self)
{
	g_autoptr(GError) error = NULL;
	if (self->labs_watch)
		return;
	self->labs_watch = lab_watch_new(on_labs_changed, self, &error);
	if (!self->labs_watch)
		session_complain(self, error);
}

void session_attach(Session *self, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(LabDirectory) lab = lab_locate(name, FALSE, &error);
	if (!lab) {
		session_complain(self, error);
		return;
	}
	session_detach(self);
	/* Its file now: a supervisor that hangs would never tell. */
	g_autofree char *path = lab_file_of(lab);
	attach(self, lab);
	session_watch_runs(self);
	if (path) {
		g_autoptr(GFile) file = g_file_new_for_path(path);
		session_open_file(self, file);
	}
}

void session_set_visible(Session *self, gboolean visible)
{
	self->visible = visible;
	if (visible && self->proxy && !self->asked)
		ask_links(self);
}
