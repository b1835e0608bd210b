/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/user_editor.h"

#include <glib/gi18n.h>
#include <vte/vte.h>

#include "gui/model/editor_command.h"

enum { WIDTH = 900, HEIGHT = 640 };

static void spawned(VteTerminal *terminal, GPid pid, GError *error, gpointer data)
{
	/* terminal is NULL when it was closed meanwhile. */
	if (!terminal || !error)
		return;
	g_autofree char *text = g_strdup_printf("%s\r\n", error->message);
	vte_terminal_feed(terminal, text, -1);
}

static void open_in_terminal(GtkWindow *parent, char **argv, const char *file)
{
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL), *terminal = vte_terminal_new();
	g_autofree char *folder = g_path_get_dirname(file), *title = g_path_get_basename(file);
	gtk_window_set_title(GTK_WINDOW(window), title);
	gtk_window_set_default_size(GTK_WINDOW(window), WIDTH, HEIGHT);
	gtk_container_add(GTK_CONTAINER(window), terminal);
	atk_object_set_name(gtk_widget_get_accessible(terminal), title);
	g_signal_connect_object(terminal, "child-exited", G_CALLBACK(gtk_widget_destroy), window, G_CONNECT_SWAPPED);
	g_signal_connect_object(parent, "destroy", G_CALLBACK(gtk_widget_destroy), window, G_CONNECT_SWAPPED);
	vte_terminal_spawn_async(VTE_TERMINAL(terminal), VTE_PTY_DEFAULT, folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
		NULL, NULL, -1, NULL, spawned, NULL);
	gtk_widget_show_all(window);
}

/* The program that the desktop opens text with may be one that accepts a line. */
static gboolean open_by_desktop(GtkWindow *parent, const char *file, int line, int column, GError **error)
{
	g_autoptr(GAppInfo) application = g_app_info_get_default_for_type("text/plain", FALSE);
	g_autofree char *uri = g_filename_to_uri(file, NULL, error);
	gboolean terminal;
	if (!uri)
		return FALSE;
	const char *program = application ? g_app_info_get_executable(application) : NULL;
	g_auto(GStrv) argv = program ? editor_command(program, file, line, column, &terminal) : NULL;
	/* Three words and more: it is known how it takes the line. */
	if (argv && g_strv_length(argv) > 2 && !terminal) {
		g_autoptr(GSubprocess) editor =
			g_subprocess_newv((const char *const *)argv, G_SUBPROCESS_FLAGS_NONE, error);
		return editor != NULL;
	}
	if (gtk_show_uri_on_window(parent, uri, GDK_CURRENT_TIME, error))
		return TRUE;
	g_prefix_error(error, _("cannot open “%s” (set $VISUAL to your editor): "), file);
	return FALSE;
}

gboolean user_editor_open(GtkWindow *parent, const char *file, int line, int column, GError **error)
{
	const char *visual = g_getenv("VISUAL"), *editor = visual && *visual ? visual : g_getenv("EDITOR");
	gboolean terminal;
	if (!editor || !*editor)
		return open_by_desktop(parent, file, line, column, error);
	g_auto(GStrv) argv = editor_command(editor, file, line, column, &terminal);
	if (!argv) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			_("$VISUAL or $EDITOR is not a valid command: %s. Correct its quotes."), editor);
		return FALSE;
	}
	if (terminal) {
		open_in_terminal(parent, argv, file);
		return TRUE;
	}
	g_autoptr(GSubprocess) process = g_subprocess_newv((const char *const *)argv, G_SUBPROCESS_FLAGS_NONE, error);
	if (!process)
		g_prefix_error(error, _("cannot start the editor from $VISUAL or $EDITOR: "));
	return process != NULL;
}
