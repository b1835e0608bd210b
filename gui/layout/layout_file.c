/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/layout/layout_file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "topologies/model/lab_folder.h"

enum { FARTHEST = 1000000 }; /* scene units: beyond it is a mistake, not a place */

char *layout_file_path(const char *lab_file)
{
	const char *end = g_str_has_suffix(lab_file, ".xml") ? lab_file + strlen(lab_file) - strlen(".xml")
							     : lab_file + strlen(lab_file);
	return g_strdup_printf("%.*s.layout", (int)(end - lab_file), lab_file);
}

static char *group_of(const SceneVertex *vertex)
{
	static const char *const names[] = {
		[SCENE_NODE] = "Node ", [SCENE_NETWORK] = "Network ", [SCENE_UPLINK] = "Uplink "};
	return g_strconcat(names[vertex->what], vertex->name, NULL);
}

static gboolean get(GKeyFile *file, const char *group, const char *key, double *value)
{
	g_autoptr(GError) error = NULL;
	*value = g_key_file_get_double(file, group, key, &error);
	return !error && isfinite(*value) && fabs(*value) <= FARTHEST;
}

/* The file may come with the lab of a stranger, and be a pipe. What it says are places, so it may be anywhere. */
static GBytes *read_file(const char *path, GError **error)
{
	const LabFolder anywhere = {.trusted = TRUE};
	g_autoptr(GError) failure = NULL;
	int fd = lab_folder_open(&anywhere, path, LAB_OPEN_READ, &failure);
	if (fd < 0) {
		gboolean none = g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
		g_set_error_literal(
			error, G_FILE_ERROR, none ? G_FILE_ERROR_NOENT : G_FILE_ERROR_FAILED, failure->message);
		return NULL;
	}
	g_autoptr(GMappedFile) text = g_mapped_file_new_from_fd(fd, FALSE, error);
	close(fd);
	return text ? g_mapped_file_get_bytes(text) : NULL;
}

gboolean layout_file_load(const char *path, Scene *scene, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GBytes) text = read_file(path, error);
	if (!text || !g_key_file_load_from_bytes(file, text, G_KEY_FILE_NONE, error)) {
		g_prefix_error(error, "cannot read the positions of the nodes from \"%s\": ", path);
		return FALSE;
	}
	const GPtrArray *vertices = scene_vertices(scene);
	for (guint i = 0; i < vertices->len; i++) {
		SceneVertex *vertex = vertices->pdata[i];
		g_autofree char *group = group_of(vertex);
		double x, y;
		vertex->placed = FALSE;
		if (get(file, group, "x", &x) && get(file, group, "y", &y))
			scene_move(scene, vertex, x, y);
	}
	return TRUE;
}

/* Tenths are finer than anyone can see, and read well. */
static void put(GKeyFile *file, const char *group, const char *key, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	g_key_file_set_value(file, group, key, g_ascii_formatd(text, sizeof text, "%.1f", value));
}

gboolean layout_file_save(const char *path, Scene *scene, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	const GPtrArray *vertices = scene_vertices(scene);
	guint placed = 0;
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		g_autofree char *group = group_of(vertex);
		if (!vertex->placed)
			continue;
		put(file, group, "x", vertex->x);
		put(file, group, "y", vertex->y);
		placed++;
	}
	if (placed == 0) {
		if (g_unlink(path) == 0 || errno == ENOENT)
			return TRUE;
		int code = errno;
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "cannot remove \"%s\": %s", path,
			g_strerror(code));
		return FALSE;
	}
	g_key_file_set_comment(file, NULL, NULL,
		" Where netlab-gui draws the nodes and networks of the lab file in this folder.", NULL);
	if (g_key_file_save_to_file(file, path, error))
		return TRUE;
	g_prefix_error(error, "cannot save the positions of the nodes: ");
	return FALSE;
}
