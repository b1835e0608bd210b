/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/table.h"

#include <stdarg.h>
#include <string.h>

struct Table {
	guint columns;
	gboolean *right;
	GPtrArray *cells; /* row after row, the heads first */
};

/** A table with the given column heads, the last followed by NULL. */
Table *table_new(const char *head, ...)
{
	Table *self = g_new0(Table, 1);
	g_autoptr(GArray) right = g_array_new(FALSE, FALSE, sizeof(gboolean));
	self->cells = g_ptr_array_new_with_free_func(g_free);
	va_list args;
	va_start(args, head);
	for (; head; head = va_arg(args, const char *)) {
		gboolean is_right = *head == '>';
		g_array_append_val(right, is_right);
		g_ptr_array_add(self->cells, g_strdup(head + is_right));
	}
	va_end(args);
	self->columns = self->cells->len;
	self->right = (gboolean *)g_array_steal(right, NULL);
	return self;
}

/** Adds a row of as many strings as there are columns. */
void table_row(Table *self, ...)
{
	va_list args;
	va_start(args, self);
	for (guint i = 0; i < self->columns; i++) {
		const char *cell = va_arg(args, const char *);
		g_ptr_array_add(self->cells, g_strdup(cell ? cell : ""));
	}
	va_end(args);
}

/** How many terminal columns TEXT takes. */
unsigned table_width(const char *text)
{
	unsigned width = 0;
	for (const char *at = text; *at;) {
		if (at[0] == '\033' && at[1] == '[') {
			const char *end = strchr(at, 'm');
			if (!end)
				break;
			at = end + 1;
			continue;
		}
		gunichar c = g_utf8_get_char(at);
		width += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
		at = g_utf8_next_char(at);
	}
	return width;
}

/** The whole table. Caller frees. */
char *table_text(const Table *self)
{
	g_autofree unsigned *widths = g_new0(unsigned, self->columns);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < self->cells->len; i++) {
		unsigned width = table_width(g_ptr_array_index(self->cells, i));
		widths[i % self->columns] = MAX(widths[i % self->columns], width);
	}
	for (guint i = 0; i < self->cells->len; i++) {
		guint column = i % self->columns;
		const char *cell = g_ptr_array_index(self->cells, i);
		int padding = (int)(widths[column] - table_width(cell));
		if (self->right[column])
			g_string_append_printf(out, "%*s%s", padding, "", cell);
		else
			g_string_append_printf(out, "%s%*s", cell, padding, "");
		if (column + 1 < self->columns) {
			g_string_append(out, "  ");
			continue;
		}
		while (out->len && out->str[out->len - 1] == ' ')
			g_string_truncate(out, out->len - 1);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

void table_free(Table *self)
{
	g_ptr_array_unref(self->cells);
	g_free(self->right);
	g_free(self);
}
