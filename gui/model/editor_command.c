/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/editor_command.h"

#include <string.h>

typedef enum {
	PLUS_LINE,           /* +12 FILE */
	PLUS_LINE_COLUMN,    /* +12:7 FILE */
	FILE_LINE_COLUMN,    /* FILE:12:7 */
	GOTO,                /* -g FILE:12:7 */
	LINE_COLUMN_OPTIONS, /* -l 12 -c 7 FILE */
	LINE_OPTION,         /* --line 12 FILE */
} Way;

/* From the manuals of the editors. */
static const struct {
	const char *name;
	Way way;
	gboolean terminal;
} editors[] = {
	{"vi", PLUS_LINE, TRUE},
	{"vim", PLUS_LINE, TRUE},
	{"vim.basic", PLUS_LINE, TRUE},
	{"vim.tiny", PLUS_LINE, TRUE},
	{"nvim", PLUS_LINE, TRUE},
	{"nano", PLUS_LINE, TRUE},
	{"pico", PLUS_LINE, TRUE},
	{"joe", PLUS_LINE, TRUE},
	{"jed", PLUS_LINE, TRUE},
	{"mcedit", PLUS_LINE, TRUE},
	{"ne", PLUS_LINE, TRUE},
	{"mg", PLUS_LINE, TRUE},
	{"kak", PLUS_LINE_COLUMN, TRUE},
	{"micro", PLUS_LINE_COLUMN, TRUE},
	{"hx", FILE_LINE_COLUMN, TRUE},
	{"helix", FILE_LINE_COLUMN, TRUE},
	{"gvim", PLUS_LINE, FALSE},
	{"emacs", PLUS_LINE_COLUMN, FALSE},
	{"emacsclient", PLUS_LINE_COLUMN, FALSE},
	{"gedit", PLUS_LINE_COLUMN, FALSE},
	{"gnome-text-editor", PLUS_LINE, FALSE},
	{"pluma", PLUS_LINE, FALSE},
	{"xed", PLUS_LINE, FALSE},
	{"mousepad", LINE_COLUMN_OPTIONS, FALSE},
	{"geany", FILE_LINE_COLUMN, FALSE},
	{"subl", FILE_LINE_COLUMN, FALSE},
	{"zed", FILE_LINE_COLUMN, FALSE},
	{"code", GOTO, FALSE},
	{"code-oss", GOTO, FALSE},
	{"codium", GOTO, FALSE},
	{"kate", LINE_COLUMN_OPTIONS, FALSE},
	{"kwrite", LINE_COLUMN_OPTIONS, FALSE},
	{"idea", LINE_OPTION, FALSE},
	{"clion", LINE_OPTION, FALSE},
};

static void add(GPtrArray *argv, char *word)
{
	g_ptr_array_add(argv, word);
}

static void add_place(GPtrArray *argv, Way way, const char *file, int line, int column)
{
	switch (way) {
	case PLUS_LINE:
		add(argv, g_strdup_printf("+%d", line));
		break;
	case PLUS_LINE_COLUMN:
		add(argv, g_strdup_printf("+%d:%d", line, column));
		break;
	case GOTO:
		add(argv, g_strdup("-g"));
		add(argv, g_strdup_printf("%s:%d:%d", file, line, column));
		return;
	case FILE_LINE_COLUMN:
		add(argv, g_strdup_printf("%s:%d:%d", file, line, column));
		return;
	case LINE_COLUMN_OPTIONS:
		add(argv, g_strdup("-l"));
		add(argv, g_strdup_printf("%d", line));
		add(argv, g_strdup("-c"));
		add(argv, g_strdup_printf("%d", column));
		break;
	case LINE_OPTION:
		add(argv, g_strdup("--line"));
		add(argv, g_strdup_printf("%d", line));
		break;
	}
	add(argv, g_strdup(file));
}

/* emacs runs in the terminal when told so. */
static gboolean asks_for_terminal(char **words)
{
	static const char *const options[] = {"-nw", "--no-window-system", "-t", "--tty", NULL};
	for (char **word = words + 1; *word; word++)
		if (g_strv_contains(options, *word))
			return TRUE;
	return FALSE;
}

char **editor_command(const char *editor, const char *file, int line, int column, gboolean *terminal)
{
	g_auto(GStrv) words = NULL;
	*terminal = FALSE;
	if (!g_shell_parse_argv(editor, NULL, &words, NULL))
		return NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *name = g_path_get_basename(words[0]);
	for (char **word = words; *word; word++)
		add(argv, g_strdup(*word));
	gsize i = 0;
	while (i < G_N_ELEMENTS(editors) && !g_str_equal(editors[i].name, name))
		i++;
	gboolean known = i < G_N_ELEMENTS(editors);
	if (known)
		*terminal = editors[i].terminal || (g_str_has_prefix(name, "emacs") && asks_for_terminal(words));
	if (known && line > 0)
		add_place(argv, editors[i].way, file, line, MAX(column, 1));
	else
		add(argv, g_strdup(file));
	add(argv, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&argv), FALSE);
}
