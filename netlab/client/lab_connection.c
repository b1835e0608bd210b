/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_connection.h"

#include <string.h>

#include "netlab/cmd/cli.h"

#define LAB_FILE "lab.xml" /* as lab_read() looks for it in a folder */

/** Connects to the supervisor of a lab. Caller frees. */
LabConnection *lab_connection_new(const LabDirectory *lab, GError **error)
{
	g_autofree char *path = g_build_filename(lab->directory, "control", NULL);
	g_autofree char *escaped = g_dbus_address_escape_value(path);
	g_autofree char *address = g_strconcat("unix:path=", escaped, NULL);
	g_autoptr(LabConnection) self = g_new0(LabConnection, 1);
	self->name = g_strdup(lab->name);
	self->directory = g_strdup(lab->directory);
	self->connection = g_dbus_connection_new_for_address_sync(
		address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, error);
	if (self->connection)
		self->proxy = netlab_lab1_proxy_new_sync(
			self->connection, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, NULL, "/org/netlab/Lab", NULL, error);
	if (!self->proxy) {
		lab_remote_failed(error);
		g_prefix_error(error, "cannot talk to the supervisor of lab \"%s\": ", lab->name);
		return NULL;
	}
	return g_steal_pointer(&self);
}

void lab_connection_free(LabConnection *self)
{
	g_clear_object(&self->proxy);
	g_clear_object(&self->connection);
	g_free(self->name);
	g_free(self->directory);
	g_free(self);
}

/** Takes the "GDBus.Error:...: " off a remote error. */
gboolean lab_remote_failed(GError **error)
{
	if (error && *error)
		g_dbus_error_strip_remote_error(*error);
	return FALSE;
}

/** The absolute path of the file of a lab; NULL when not known. Caller frees. */
char *lab_file_of(const LabDirectory *lab)
{
	g_autoptr(JsonNode) state = lab_directory_state(lab);
	const char *file =
		state ? json_object_get_string_member_with_default(json_node_get_object(state), "file", NULL) : NULL;
	return g_strdup(file);
}

/* Whether the lab was started from PATH: a lab file, or the folder that holds it. */
static gboolean is_from(const LabDirectory *lab, const char *path)
{
	g_autofree char *file = lab_file_of(lab);
	g_autofree char *folder = file ? g_path_get_dirname(file) : NULL;
	return file && (g_str_equal(file, path) || g_str_equal(folder, path));
}

/* Takes the labs that came from PATH out of LABS. */
static GPtrArray *labs_from(GPtrArray *labs, const char *path)
{
	g_autofree char *canonical = g_canonicalize_filename(path, NULL);
	GPtrArray *found = g_ptr_array_new();
	for (guint i = 0; i < labs->len; i++)
		if (is_from(g_ptr_array_index(labs, i), canonical))
			g_ptr_array_add(found, g_ptr_array_index(labs, i));
	return found;
}

static char *names_of(const GPtrArray *labs)
{
	GString *names = g_string_new(NULL);
	for (guint i = 0; i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		g_string_append_printf(names, "%s\"%s\"", i ? ", " : "", lab->name);
	}
	return g_string_free(names, FALSE);
}

static LabDirectory *take(GPtrArray *labs, const LabDirectory *lab)
{
	guint index;
	return g_ptr_array_find(labs, lab, &index) ? g_ptr_array_steal_index(labs, index) : NULL;
}

/* What to say to who names a node where a lab is wanted; NULL when no lab has a node of this name. */
static char *hint_at_node(const GPtrArray *labs, const char *which)
{
	for (guint i = 0; i < labs->len && !strchr(which, '/'); i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		g_autofree char *node = g_build_filename(lab->directory, "nodes", which, NULL);
		if (lab->alive && lab_name_is_valid(which) && g_file_test(node, G_FILE_TEST_IS_DIR))
			return g_strdup_printf("; \"%s\" is a node of lab \"%s\": stop and restart take --node %s",
				which, lab->name, which);
	}
	return NULL;
}

/* The lab that WHICH names. */
static LabDirectory *locate_named(GPtrArray *labs, const char *which, gboolean dead_too, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < labs->len; i++) {
		LabDirectory *lab = g_ptr_array_index(labs, i);
		g_ptr_array_add(names, lab->name);
		if (!g_str_equal(lab->name, which))
			continue;
		if (lab->alive || dead_too)
			return g_ptr_array_steal_index(labs, i);
		cli_failed(error,
			"lab \"%s\" is not running: its supervisor died; \"netlab status %s\" says more, \"netlab "
			"clean %s\" takes away what is left",
			which, which, which);
		return NULL;
	}
	g_autoptr(GPtrArray) from = labs_from(labs, which);
	for (guint i = 0; i < from->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(from, i);
		if (lab->alive || dead_too)
			return take(labs, lab);
	}
	g_autofree char *hint = hint_at_node(labs, which);
	if (!hint)
		hint = cli_did_you_mean(which, names);
	cli_failed(
		error, "lab \"%s\" is not running%s", which, *hint ? hint : "; \"netlab list\" shows those that are");
	return NULL;
}

/* One of LABS that is alive (or any, when dead_too), if there is exactly one. */
static const LabDirectory *only(const GPtrArray *labs, gboolean dead)
{
	const LabDirectory *found = NULL;
	for (guint i = 0; i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		if (lab->alive == dead)
			continue;
		if (found)
			return NULL;
		found = lab;
	}
	return found;
}

/* Why no lab can be meant by default. own: the working folder has a lab of its own. */
static void nothing_found(const GPtrArray *labs, gboolean own, GError **error)
{
	g_autoptr(GPtrArray) alive = g_ptr_array_new();
	for (guint i = 0; i < labs->len; i++)
		if (((LabDirectory *)g_ptr_array_index(labs, i))->alive)
			g_ptr_array_add(alive, g_ptr_array_index(labs, i));
	g_autofree char *running = names_of(alive), *all = names_of(labs);
	if (own && alive->len)
		cli_failed(error, "the lab of this folder, " LAB_FILE ", is not running; where %s is meant, name it",
			running);
	else if (alive->len)
		cli_failed(error, "several labs are running; name one of %s", running);
	else if (labs->len)
		cli_failed(error, "no lab is running, but a crash left %s; \"netlab clean\" takes it away", all);
	else
		cli_failed(error, "no lab is running; \"netlab start%s\" starts %s", own ? "" : " FILE",
			own ? "that of this folder" : "one");
}

/** Finds a lab: see lab_connection.h. */
LabDirectory *lab_locate(const char *which, gboolean dead_too, GError **error)
{
	g_autoptr(GPtrArray) labs = lab_directories(error);
	if (!labs)
		return NULL;
	if (which)
		return locate_named(labs, which, dead_too, error);
	g_autoptr(GPtrArray) here = labs_from(labs, ".");
	const LabDirectory *lab = only(here, FALSE);
	if (!lab && dead_too)
		lab = only(here, TRUE);
	/* Whoever stands in a lab's folder means that lab and no other that happens to run. */
	gboolean own = g_file_test(LAB_FILE, G_FILE_TEST_EXISTS);
	if (!lab && !own)
		lab = only(labs, FALSE);
	if (!lab && !own && dead_too)
		lab = only(labs, TRUE);
	if (lab)
		return take(labs, lab);
	nothing_found(labs, own, error);
	return NULL;
}

/** The lab that runs and was started from FILE. */
LabDirectory *lab_running_from(const char *file, GError **error)
{
	g_autoptr(GPtrArray) labs = lab_directories(error);
	for (guint i = 0; labs && i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		g_autofree char *own = lab->alive ? lab_file_of(lab) : NULL;
		if (g_strcmp0(own, file) == 0)
			return g_ptr_array_steal_index(labs, i);
	}
	return NULL;
}

/** lab_locate() and lab_connection_new() in one. */
LabConnection *lab_connect(const char *which, GError **error)
{
	g_autoptr(LabDirectory) lab = lab_locate(which, FALSE, error);
	return lab ? lab_connection_new(lab, error) : NULL;
}

/* Runs the main loop until the connection closes, which is when the supervisor has gone. */
static void closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer loop)
{
	g_main_loop_quit(loop);
}

static gboolean give_up(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

/** Asks the lab to stop and waits until its supervisor is gone. A supervisor that goes before it has answered has done
 *  what was asked. */
gboolean lab_stop(LabConnection *self, guint deadline_ms, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	guint64 limit = (guint64)deadline_ms + 30000;
	g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(self->proxy), (int)MIN(limit, G_MAXINT));
	gulong handler = g_signal_connect(self->connection, "closed", G_CALLBACK(closed), loop);
	if (!netlab_lab1_call_stop_sync(self->proxy, deadline_ms, NULL, &failure) &&
		!g_dbus_connection_is_closed(self->connection)) {
		g_signal_handler_disconnect(self->connection, handler);
		lab_remote_failed(&failure);
		g_propagate_prefixed_error(error, g_steal_pointer(&failure), "cannot stop lab \"%s\": ", self->name);
		return FALSE;
	}
	guint timer = g_timeout_add_seconds(10, give_up, loop);
	if (!g_dbus_connection_is_closed(self->connection))
		g_main_loop_run(loop);
	g_source_remove(timer);
	g_signal_handler_disconnect(self->connection, handler);
	/* The folder goes last, after the connection: wait for the lock, which the kernel frees with the process. */
	for (gint64 until = g_get_monotonic_time() + 10 * G_USEC_PER_SEC; lab_directory_alive(self->directory);) {
		if (g_get_monotonic_time() > until) {
			cli_failed(error, "lab \"%s\" was told to stop, but its supervisor does not go", self->name);
			return FALSE;
		}
		g_usleep(10000);
	}
	return TRUE;
}
