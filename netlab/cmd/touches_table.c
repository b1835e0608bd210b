/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/touches_table.h"

#include <string.h>

#include "netlab/client/plain_text.h"
#include "netlab/cmd/cli.h"
#include "netlab/cmd/table.h"
#include "netlab/host/disk_owner.h"
#include "netlab/host/paths.h"

typedef struct {
	const LabTouch *touch;
	char *what;       /* as it is shown */
	gboolean outside; /* needs --trust */
	char *note;
} Row;

static void row_free(void *data)
{
	Row *self = data;
	g_free(self->what);
	g_free(self->note);
	g_free(self);
}

static gboolean is_path(const LabTouch *touch)
{
	return touch->kind == LAB_TOUCH_READ || touch->kind == LAB_TOUCH_WRITE || touch->kind == LAB_TOUCH_SOCKET;
}

/* Whether a lab that is not trusted could not use it. */
static gboolean needs_trust(const Lab *lab, const LabTouch *touch)
{
	const LabFolder strict = {.path = lab->folder->path};
	g_autoptr(GError) error = NULL;
	return is_path(touch) && !g_str_equal(touch->what, lab->file) &&
		!lab_folder_check(&strict, touch->what,
			touch->kind == LAB_TOUCH_READ            ? LAB_OPEN_READ
				: touch->kind == LAB_TOUCH_WRITE ? LAB_OPEN_WRITE
								 : LAB_OPEN_PARENT,
			&error) &&
		g_error_matches(error, LAB_FOLDER_ERROR, LAB_FOLDER_ERROR_OUTSIDE);
}

static gboolean is_ring(const Lab *lab, const char *file)
{
	for (guint i = 0; i < lab->captures->len; i++) {
		const LabCapture *capture = g_ptr_array_index(lab->captures, i);
		g_autofree char *first = capture->ring_size ? lab_ring_file(capture->file, 1) : NULL;
		if (g_strcmp0(first, file) == 0)
			return TRUE;
	}
	return FALSE;
}

static const char *note_of(const Lab *lab, const LabTouch *touch, const char *what)
{
	switch (touch->kind) {
	case LAB_TOUCH_WRITE:
		return is_ring(lab, touch->what)                       ? "and the next ones of its ring"
			: g_file_test(touch->what, G_FILE_TEST_EXISTS) ? "exists, is overwritten"
								       : "";
	case LAB_TOUCH_DISK:
		return g_file_test(what, G_FILE_TEST_EXISTS) ? "exists, is used and changed" : "";
	case LAB_TOUCH_NETWORK:
		return "nodes reach the host's network";
	case LAB_TOUCH_LOOPBACK:
		return "nodes reach servers on the host's 127.0.0.1 and ::1";
	default:
		return "";
	}
}

static char *what_of(const Lab *lab, const LabTouch *touch)
{
	g_autofree char *state = NULL, *disk = NULL, *folder = NULL;
	switch (touch->kind) {
	case LAB_TOUCH_DISK:
		state = path_state();
		disk = g_strconcat(touch->what, ".disk", NULL);
		return g_build_filename(state, lab->name, disk, NULL);
	case LAB_TOUCH_READ:
	case LAB_TOUCH_WRITE:
	case LAB_TOUCH_SOCKET:
		folder = g_get_current_dir();
		if (g_str_has_prefix(touch->what, folder) && touch->what[strlen(folder)] == '/')
			return g_strdup(touch->what + strlen(folder) + 1);
		return g_strdup(touch->what);
	default:
		return g_strdup(touch->what);
	}
}

/* Whether it needs --trust, and what else there is to say about it. */
static void describe(const Lab *lab, Row *row)
{
	g_autofree char *folder = g_path_get_dirname(row->what);
	g_autofree char *other = row->touch->kind == LAB_TOUCH_DISK ? disk_owner_other(folder, lab->file) : NULL;
	row->outside = other || needs_trust(lab, row->touch);
	row->note = other      ? g_strdup_printf("belongs to another lab, %s", other)
		: row->outside ? g_strdup("outside of the lab's folder")
			       : g_strdup(note_of(lab, row->touch, row->what));
}

/* Each thing once, where it is named first. */
static GPtrArray *rows_of(const Lab *lab)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < lab->touches->len; i++) {
		const LabTouch *touch = g_ptr_array_index(lab->touches, i);
		if (!g_hash_table_add(seen, g_strdup_printf("%d %s", touch->kind, touch->what)))
			continue;
		Row *row = g_new0(Row, 1);
		row->touch = touch;
		row->what = what_of(lab, touch);
		describe(lab, row);
		g_ptr_array_add(rows, row);
	}
	return rows;
}

gboolean touches_are_many(const Lab *lab)
{
	return lab->touches->len > 1;
}

char *touches_table(const Lab *lab)
{
	g_autoptr(Table) table = table_new("USE", "OF THE HOST", "WRITTEN IN", "NOTE", NULL);
	g_autoptr(GPtrArray) rows = rows_of(lab);
	for (guint i = 0; i < rows->len; i++) {
		const Row *row = g_ptr_array_index(rows, i);
		g_autofree char *what = printable_text(row->what), *file = g_path_get_basename(row->touch->pos.file);
		g_autofree char *shown = printable_text(file);
		g_autofree char *place =
			row->touch->pos.line ? g_strdup_printf("%s:%d", shown, row->touch->pos.line) : g_strdup("");
		g_autofree char *note = printable_text(row->note);
		table_row(table, lab_touch_kind_name(row->touch->kind), what, place, note);
	}
	return table_text(table);
}

char *touches_json(const Lab *lab)
{
	g_autoptr(JsonBuilder) json = json_builder_new();
	g_autoptr(GPtrArray) rows = rows_of(lab);
	json_builder_begin_array(json);
	for (guint i = 0; i < rows->len; i++) {
		const Row *row = g_ptr_array_index(rows, i);
		json_builder_begin_object(json);
		cli_json_string(json, "use", lab_touch_kind_name(row->touch->kind));
		cli_json_string(json, "what", row->what);
		cli_json_string(json, "file", row->touch->pos.file);
		cli_json_int(json, "line", row->touch->pos.line);
		cli_json_bool(json, "outside", row->outside);
		cli_json_string(json, "note", row->note);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	return json_to_string(root, TRUE);
}
