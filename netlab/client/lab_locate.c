/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_locate.h"

#include <string.h>

#include "netlab/client/error.h"
#include "netlab/client/text.h"

#define LAB_FILE "lab.xml" /* as lab_read() looks for it in a folder */

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

/* A hint for a user who names a node instead of a lab; NULL when no lab has a node of this name. */
static char *hint_at_node(const GPtrArray *labs, const char *which)
{
	for (guint i = 0; i < labs->len && !strchr(which, '/'); i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		g_autofree char *node = g_build_filename(lab->directory, "nodes", which, NULL);
		if (lab->alive && lab_name_is_valid(which) && g_file_test(node, G_FILE_TEST_IS_DIR))
			return g_strdup_printf("; \"%s\" is a node of lab \"%s\": use --node %s with stop and restart",
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
		g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_DEAD,
			"lab \"%s\" is not running: its supervisor died; run \"netlab status %s\" for details, "
			"\"netlab clean %s\" to remove what is left",
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
		hint = did_you_mean(which, names);
	g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_NOT_RUNNING, "lab \"%s\" is not running%s", which,
		*hint ? hint : "; \"netlab list\" shows the running labs");
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

/* Why there is no default lab. own: the working folder has a lab file. */
static void nothing_found(const GPtrArray *labs, gboolean own, GError **error)
{
	g_autoptr(GPtrArray) alive = g_ptr_array_new();
	for (guint i = 0; i < labs->len; i++)
		if (((LabDirectory *)g_ptr_array_index(labs, i))->alive)
			g_ptr_array_add(alive, g_ptr_array_index(labs, i));
	g_autofree char *running = names_of(alive), *all = names_of(labs);
	g_autofree char *message = NULL;
	if (own && alive->len)
		message = g_strdup_printf(
			"the lab in this folder, " LAB_FILE ", is not running; to use %s, name it", running);
	else if (alive->len)
		message = g_strdup_printf("several labs are running; name one of %s", running);
	else if (labs->len)
		message = g_strdup_printf("no lab is running, but a crash left %s; \"netlab clean\" removes it", all);
	else
		message = g_strdup_printf("no lab is running; \"netlab start%s\" starts %s", own ? "" : " FILE",
			own ? "the lab in this folder" : "one");
	g_set_error_literal(error, CLIENT_ERROR, CLIENT_ERROR_NOT_RUNNING, message);
}

/** Finds a lab: see lab_locate.h. */
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
	/* In a folder with a lab, the user means that lab, not another one that happens to run. */
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
