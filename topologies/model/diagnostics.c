/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/diagnostics.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_MESSAGE 1000
/* More than a reader wants to see at once. Of what follows only the number is told, and nobody takes the time to explain it:
 * this is what keeps the work for a hostile file in proportion to its size. */
#define MAX_KEPT 100

struct LabDiagnostics {
	GPtrArray *kept;  /* of LabDiagnostic, the first MAX_KEPT of each severity, as they came */
	GPtrArray *shown; /* of LabDiagnostic, borrowed but for the last, which count the rest */
	GPtrArray *rest;  /* of LabDiagnostic: those that count the rest */
	GHashTable *seen;
	unsigned counts[2]; /* by severity, with those that were not kept */
	gboolean sorted;
};

/** lab_pos_to_text() - another place that a message refers to
 *  @pos: that place
 *  @from: the place that the message is about
 *  Returns "line 7", or "lan.xml, line 7" where the files differ; the caller frees it. */
char *lab_pos_to_text(LabPos pos, LabPos from)
{
	g_autofree char *file = g_path_get_basename(pos.file);

	return pos.file == from.file ? g_strdup_printf("line %d", pos.line)
				     : g_strdup_printf("%s, line %d", file, pos.line);
}

static void diagnostic_free(void *data)
{
	LabDiagnostic *self = data;

	g_free(self->message);
	g_free(self);
}

/** lab_diagnostics_new() - an empty list; the caller owns it. */
LabDiagnostics *lab_diagnostics_new(void)
{
	LabDiagnostics *self = g_new0(LabDiagnostics, 1);

	self->kept = g_ptr_array_new_with_free_func(diagnostic_free);
	self->shown = g_ptr_array_new();
	self->rest = g_ptr_array_new_with_free_func(diagnostic_free);
	self->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return self;
}

/** lab_diagnostics_free() - the list and its messages
 *  @self: may be NULL */
void lab_diagnostics_free(LabDiagnostics *self)
{
	if (!self)
		return;
	g_ptr_array_unref(self->kept);
	g_ptr_array_unref(self->shown);
	g_ptr_array_unref(self->rest);
	g_hash_table_unref(self->seen);
	g_free(self);
}

/* One line of bounded length, whatever names and values went into it. */
static void tidy(char *message)
{
	gsize length = strlen(message);

	g_strdelimit(message, "\r\n\t", ' ');
	if (length > MAX_MESSAGE) {
		char *end = g_utf8_find_prev_char(message, message + MAX_MESSAGE - 3);

		strcpy(end ? end : message, "...");
	}
}

/** lab_diagnostics_are_many() - whether there are so many errors that the next ones are only counted. Whoever finds one then
 *  need not find out what was meant. */
gboolean lab_diagnostics_are_many(const LabDiagnostics *self)
{
	return self->counts[LAB_ERROR] >= MAX_KEPT;
}

/** lab_diagnostics_add() - adds a message, unless the same was said of the same place before. After MAX_KEPT messages of a
 *  severity the others are only counted
 *  @severity: error or warning
 *  @pos: where; line 0 when only the file is known
 *  @format: what is wrong, as in printf */
void lab_diagnostics_add(LabDiagnostics *self, LabSeverity severity, LabPos pos, const char *format, ...)
{
	g_autofree char *message = NULL;
	LabDiagnostic *diagnostic;
	va_list args;

	self->sorted = FALSE;
	if (self->counts[severity] >= MAX_KEPT) {
		self->counts[severity]++;
		return;
	}
	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	tidy(message);
	if (!g_hash_table_add(self->seen,
		    g_strdup_printf("%s:%d:%d:%s", pos.file ? pos.file : "", pos.line, pos.column, message)))
		return;
	diagnostic = g_new0(LabDiagnostic, 1);
	diagnostic->severity = severity;
	diagnostic->pos = pos;
	diagnostic->message = g_steal_pointer(&message);
	g_ptr_array_add(self->kept, diagnostic);
	self->counts[severity]++;
}

static int compare(gconstpointer left, gconstpointer right)
{
	const LabDiagnostic *a = *(LabDiagnostic *const *)left, *b = *(LabDiagnostic *const *)right;
	int files = g_strcmp0(a->pos.file, b->pos.file);

	if (files)
		return files;
	return a->pos.line != b->pos.line ? a->pos.line - b->pos.line : a->pos.column - b->pos.column;
}

/* The line that stands for all messages of SEVERITY that were not kept. */
static void count_rest(LabDiagnostics *self, LabSeverity severity, const char *noun)
{
	unsigned left = self->counts[severity] - MIN(self->counts[severity], MAX_KEPT);
	LabDiagnostic *rest;

	if (!left)
		return;
	rest = g_new0(LabDiagnostic, 1);
	rest->severity = severity;
	rest->pos.file = ((const LabDiagnostic *)self->kept->pdata[0])->pos.file;
	rest->message = g_strdup_printf(
		"there are at least %u more %s%s; the first %u are shown", left, noun, left == 1 ? "" : "s", MAX_KEPT);
	g_ptr_array_add(self->rest, rest);
	g_ptr_array_add(self->shown, rest);
}

/** lab_diagnostics_all() - all messages by file, line and column; those of one place in the order of their adding. Where there
 *  are too many, the last ones say how many are left out.
 *  Borrowed array of LabDiagnostic, valid until the next lab_diagnostics_add(). */
const GPtrArray *lab_diagnostics_all(LabDiagnostics *self)
{
	if (self->sorted)
		return self->shown;
	g_ptr_array_set_size(self->shown, 0);
	g_ptr_array_set_size(self->rest, 0);
	g_ptr_array_extend(self->shown, self->kept, NULL, NULL);
	g_ptr_array_sort(self->shown, compare);
	count_rest(self, LAB_ERROR, "error");
	count_rest(self, LAB_WARNING, "warning");
	self->sorted = TRUE;
	return self->shown;
}

/** lab_diagnostics_count() - how many messages of SEVERITY there are. */
unsigned lab_diagnostics_count(const LabDiagnostics *self, LabSeverity severity)
{
	return self->counts[severity];
}

/* The path as the reader would type it: relative when it is below FOLDER (which ends in a slash). */
static const char *shown_path(const char *path, const char *folder)
{
	return g_str_has_prefix(path, folder) ? path + strlen(folder) : path;
}

static char *working_folder(void)
{
	g_autofree char *folder = g_get_current_dir();

	return g_str_has_suffix(folder, "/") ? g_steal_pointer(&folder) : g_strconcat(folder, "/", NULL);
}

static const char *const severity_names[] = {[LAB_WARNING] = "warning", [LAB_ERROR] = "error"};

/** lab_diagnostics_to_text() - one "FILE:LINE:COLUMN: error: MESSAGE" line for each; the caller frees it. */
char *lab_diagnostics_to_text(LabDiagnostics *self)
{
	const GPtrArray *all = lab_diagnostics_all(self);
	g_autofree char *folder = working_folder();
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < all->len; i++) {
		const LabDiagnostic *one = all->pdata[i];

		if (one->pos.file)
			g_string_append(out, shown_path(one->pos.file, folder));
		if (one->pos.line)
			g_string_append_printf(out, ":%d", one->pos.line);
		if (one->pos.line && one->pos.column)
			g_string_append_printf(out, ":%d", one->pos.column);
		g_string_append_printf(
			out, "%s%s: %s\n", one->pos.file ? ": " : "", severity_names[one->severity], one->message);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/** lab_diagnostics_to_json() - the same as a JSON array; a place that is not known is 0. The caller frees it. */
char *lab_diagnostics_to_json(LabDiagnostics *self)
{
	const GPtrArray *all = lab_diagnostics_all(self);
	g_autofree char *folder = working_folder();
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonNode) root = NULL;

	json_builder_begin_array(builder);
	for (guint i = 0; i < all->len; i++) {
		const LabDiagnostic *one = all->pdata[i];

		json_builder_begin_object(builder);
		json_builder_set_member_name(builder, "severity");
		json_builder_add_string_value(builder, severity_names[one->severity]);
		json_builder_set_member_name(builder, "file");
		json_builder_add_string_value(builder, one->pos.file ? shown_path(one->pos.file, folder) : "");
		json_builder_set_member_name(builder, "line");
		json_builder_add_int_value(builder, one->pos.line);
		json_builder_set_member_name(builder, "column");
		json_builder_add_int_value(builder, one->pos.column);
		json_builder_set_member_name(builder, "message");
		json_builder_add_string_value(builder, one->message);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	root = json_builder_get_root(builder);
	return json_to_string(root, TRUE);
}
