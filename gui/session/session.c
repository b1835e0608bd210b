/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of a session. */
#include "gui/session/session.h"

#include <glib/gi18n.h>

#include "gui/layout/arrange.h"
#include "gui/layout/layout_file.h"
#include "gui/session/session_private.h"
#include "netlab/host/paths.h"
#include "topologies/topology.h"

G_DEFINE_FINAL_TYPE(Session, session, G_TYPE_OBJECT)

enum { SIGNAL_FILE, SIGNAL_RUN, SIGNAL_STATE, SIGNAL_PROBLEM, N_SIGNALS };
static guint signals[N_SIGNALS];

enum { RELOAD_DELAY = 150, SAVE_DELAY = 500 }; /* ms: an editor writes a file in several steps; a drag is many moves */

static gboolean save_now(gpointer data);

static void leave_file(Session *self)
{
	if (self->save_source)
		save_now(self);
	g_cancellable_cancel(self->arranging);
	g_clear_object(&self->arranging);
	g_clear_handle_id(&self->reload_source, g_source_remove);
	g_clear_object(&self->file_monitor);
	g_clear_object(&self->file);
	g_clear_pointer(&self->layout_path, g_free);
	self->layout_complained = FALSE;
}

static void session_dispose(GObject *object)
{
	Session *self = SESSION_SESSION(object);
	session_detach(self);
	leave_file(self);
	g_clear_handle_id(&self->tick_source, g_source_remove);
	g_clear_pointer(&self->labs_watch, lab_watch_free);
	g_clear_object(&self->starter);
	G_OBJECT_CLASS(session_parent_class)->dispose(object);
}

static void session_finalize(GObject *object)
{
	Session *self = SESSION_SESSION(object);
	g_clear_pointer(&self->lab, lab_free);
	g_clear_pointer(&self->diagnostics, lab_diagnostics_free);
	g_object_unref(self->scene);
	g_free(self->run_name);
	g_free(self->run_directory);
	g_free(self->state);
	G_OBJECT_CLASS(session_parent_class)->finalize(object);
}

static void session_class_init(SessionClass *class)
{
	GObjectClass *object_class = G_OBJECT_CLASS(class);
	object_class->dispose = session_dispose;
	object_class->finalize = session_finalize;
	signals[SIGNAL_FILE] =
		g_signal_new("file", SESSION_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_RUN] = g_signal_new("run", SESSION_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_STATE] =
		g_signal_new("state", SESSION_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_PROBLEM] = g_signal_new(
		"problem", SESSION_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void session_init(Session *self)
{
	self->scene = scene_new();
	self->state = g_strdup("stopped");
}

Session *session_new(void)
{
	return g_object_new(SESSION_TYPE, NULL);
}

void session_emit_file(Session *self)
{
	g_signal_emit(self, signals[SIGNAL_FILE], 0);
}

void session_emit_run(Session *self)
{
	g_signal_emit(self, signals[SIGNAL_RUN], 0);
}

void session_say_problem(Session *self, const char *message)
{
	g_signal_emit(self, signals[SIGNAL_PROBLEM], 0, message);
}

void session_complain(Session *self, const GError *error)
{
	g_autoptr(GError) copy = g_error_copy(error);
	g_dbus_error_strip_remote_error(copy);
	session_say_problem(self, copy->message);
}

static const char *current_state(const Session *self)
{
	if (self->slow || (self->crashed && !self->starter))
		return "lost";
	if (self->stopping)
		return "stopping";
	if (self->proxy)
		return netlab_lab1_get_state(self->proxy) ? netlab_lab1_get_state(self->proxy) : "starting";
	return self->starter || self->attachment ? "starting" : "stopped";
}

void session_update_state(Session *self)
{
	const char *state = current_state(self);
	if (g_strcmp0(state, self->state) == 0)
		return;
	g_free(self->state);
	self->state = g_strdup(state);
	g_signal_emit(self, signals[SIGNAL_STATE], 0);
}

/* -- Reading -- */

static void read_file(Session *self)
{
	g_autofree char *path = g_file_get_path(self->file);
	g_autofree char *schema = path_share("lab.xsd");
	g_clear_pointer(&self->lab, lab_free);
	g_clear_pointer(&self->diagnostics, lab_diagnostics_free);
	self->diagnostics = lab_diagnostics_new();
	self->lab = lab_read(path, self->trusted, schema, self->diagnostics);
	if (self->lab) {
		g_autoptr(GError) error = NULL;
		scene_set_lab(self->scene, self->lab);
		if (!layout_file_load(self->layout_path, self->scene, &error) &&
			!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			session_complain(self, error);
		g_cancellable_cancel(self->arranging);
		g_clear_object(&self->arranging);
		self->arranging = g_cancellable_new();
		arrange_scene(self->scene, self->arranging);
	}
	session_emit_file(self);
}

static gboolean reload_now(gpointer data)
{
	Session *self = data;
	self->reload_source = 0;
	session_reload(self);
	return G_SOURCE_REMOVE;
}

static void on_file_changed(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, Session *self)
{
	if (event == G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED || event == G_FILE_MONITOR_EVENT_DELETED)
		return;
	g_clear_handle_id(&self->reload_source, g_source_remove);
	self->reload_source = g_timeout_add(RELOAD_DELAY, reload_now, self);
}

/** Reads the file again. Places that were changed by hand and not saved yet are saved first: reading brings them back.
 */
void session_reload(Session *self)
{
	if (!self->file)
		return;
	if (self->save_source)
		save_now(self);
	read_file(self);
	session_look(self);
}

void session_set_trusted(Session *self, gboolean trusted)
{
	if (self->trusted == trusted)
		return;
	self->trusted = trusted;
	session_reload(self);
}

gboolean session_trusted(Session *self)
{
	return self->trusted;
}

void session_open_file(Session *self, GFile *file)
{
	g_autofree char *path = g_file_get_path(file);
	gboolean folder = path && g_file_test(path, G_FILE_TEST_IS_DIR);
	/* A pipe can be read once, and would be waited for. */
	gboolean odd =
		path && !folder && g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR);
	if (!path || odd) {
		g_autofree char *uri = g_file_get_uri(file);
		g_autofree char *message = g_strdup_printf(
			_("“%s” cannot be opened: only files on this computer can be opened; copy it here first"), uri);
		session_say_problem(self, message);
		return;
	}
	if (folder) {
		g_autoptr(GFile) inside = g_file_get_child(file, "lab.xml");
		session_open_file(self, inside);
		return;
	}
	if (self->file && !g_file_equal(self->file, file)) {
		session_detach(self);
		self->trusted = FALSE;
	}
	g_object_ref(file);
	leave_file(self);
	self->file = file;
	self->layout_path = layout_file_path(path);
	self->file_monitor = g_file_monitor_file(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
	if (self->file_monitor)
		g_signal_connect_object(self->file_monitor, "changed", G_CALLBACK(on_file_changed), self, 0);
	read_file(self);
	session_watch_runs(self);
	session_look(self);
}

/* -- Places -- */

static gboolean save_now(gpointer data)
{
	Session *self = data;
	g_autoptr(GError) error = NULL;
	g_clear_handle_id(&self->save_source, g_source_remove);
	if (!layout_file_save(self->layout_path, self->scene, &error) && !self->layout_complained) {
		/* Once: everything works on, only the places will not be there next time. */
		self->layout_complained = TRUE;
		session_complain(self, error);
	}
	return G_SOURCE_REMOVE;
}

void session_save_places(Session *self)
{
	if (self->layout_path && !self->save_source)
		self->save_source = g_timeout_add(SAVE_DELAY, save_now, self);
}

/* -- What is known -- */

GFile *session_file(Session *self)
{
	return self->file;
}

const Lab *session_lab(Session *self)
{
	return self->lab;
}

const LabDiagnostics *session_diagnostics(Session *self)
{
	return self->diagnostics;
}

Scene *session_scene(Session *self)
{
	return self->scene;
}

NetlabLab1 *session_proxy(Session *self)
{
	return self->proxy;
}

const char *session_state(Session *self)
{
	return self->state;
}

const char *session_name(Session *self)
{
	return self->run_name ? self->run_name : self->lab ? self->lab->name : "";
}
