/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/application.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "gui/app/preferences.h"
#include "gui/app/recent.h"
#include "gui/app/settings.h"
#include "gui/app/window.h"
#include "netlab/host/limits.h"
#include "netlab/client/lab_directory.h"
#include "netlab/host/paths.h"

#define APPLICATION_ID "org.netlab.Gui"
#define RESOURCES "/org/netlab/Gui"

struct _LabApplication {
	GtkApplication parent_instance;
};

G_DEFINE_FINAL_TYPE(LabApplication, lab_application, GTK_TYPE_APPLICATION)

/* -- Windows -- */

/* A window that shows the file already, or is empty. */
static LabWindow *window_for(LabApplication *self, GFile *file)
{
	LabWindow *empty = NULL;
	for (GList *each = gtk_application_get_windows(GTK_APPLICATION(self)); each; each = each->next) {
		if (!LAB_IS_WINDOW(each->data))
			continue;
		GFile *opened = session_file(lab_window_session(each->data));
		if (opened && file && g_file_equal(opened, file))
			return each->data;
		if (lab_window_is_empty(each->data))
			empty = each->data;
	}
	return empty ? empty : lab_window_new(GTK_APPLICATION(self));
}

static void open_file(LabApplication *self, GFile *file)
{
	LabWindow *window = window_for(self, file);
	GFile *opened = session_file(lab_window_session(window));
	if (!opened || !g_file_equal(opened, file)) {
		lab_window_open(window, file);
		recent_add(file);
	}
	gtk_window_present(GTK_WINDOW(window));
}

static void attach(LabApplication *self, const char *lab)
{
	LabWindow *window = window_for(self, NULL);
	lab_window_attach(window, lab);
	gtk_window_present(GTK_WINDOW(window));
}

static void lab_application_activate(GApplication *application)
{
	gtk_window_present(GTK_WINDOW(window_for(LAB_APPLICATION(application), NULL)));
}

/* The hint of g_application_open() says that the files are names of labs that run: a process that is asked by another
 * one gets files alone. */
#define HINT_LAB "lab"

static void lab_application_open(GApplication *application, GFile **files, int n_files, const char *hint)
{
	for (int i = 0; i < n_files; i++) {
		g_autofree char *name = g_file_get_basename(files[i]);
		if (g_str_equal(hint, HINT_LAB))
			attach(LAB_APPLICATION(application), name);
		else
			open_file(LAB_APPLICATION(application), files[i]);
	}
}

/* -- The command line -- */

static const char summary[] =
	N_("Shows a lab: its nodes, networks and links, their states and the traffic between them.\n"
	   "Each argument is a lab file, its folder, or the name of a running lab.");
static const char examples[] = N_("Examples:\n"
				  "  netlab-gui                          an empty window\n"
				  "  netlab-gui examples/firewall        the lab in this folder, running or not\n"
				  "  netlab-gui ring.xml ospf            a lab file, and a running lab by name");

static gboolean is_lab(const char *word)
{
	g_autoptr(LabDirectory) lab = lab_directory_find(word, NULL);
	return lab && lab->alive;
}

/* An argument that is a file is opened; any other may be the name of a running lab. */
static gboolean lab_application_local_command_line(GApplication *application, char ***arguments, int *status)
{
	g_auto(GStrv) words = *arguments;
	*arguments = g_new0(char *, 1);
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_path_get_basename(words[0]);
	g_autoptr(GOptionContext) context = g_option_context_new(_("[FILE|FOLDER|LAB]…"));
	gboolean version = FALSE;
	char **rest = NULL;
	const GOptionEntry options[] = {
		{"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version"), NULL},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL},
		{0},
	};
	g_option_context_set_summary(context, _(summary));
	g_option_context_set_description(context, _(examples));
	g_option_context_add_main_entries(context, options, GETTEXT_PACKAGE);
	g_option_context_add_group(context, gtk_get_option_group(FALSE));
	*status = 0;
	if (!g_option_context_parse_strv(context, &words, &error)) {
		g_printerr(_("%s: %s; run “%s --help” for help\n"), name, error->message, name);
		*status = 2;
		return TRUE;
	}
	if (version) {
		g_print("netlab-gui " NETLAB_VERSION "\n");
		return TRUE;
	}
	g_auto(GStrv) labs = rest;
	if (!settings_open(&error)) {
		g_printerr("%s: %s\n", name, error->message);
		*status = 1;
		return TRUE;
	}
	if (!gtk_init_check(NULL, NULL)) {
		g_printerr(_("%s: no display; set DISPLAY or WAYLAND_DISPLAY, or log in to a desktop\n"), name);
		*status = 1;
		return TRUE;
	}
	if (!g_application_register(application, NULL, &error)) {
		g_printerr("%s: %s\n", name, error->message);
		*status = 1;
		return TRUE;
	}
	for (char **word = labs; word && *word; word++) {
		g_autoptr(GFile) file = g_file_new_for_commandline_arg(*word);
		gboolean lab = !g_file_query_exists(file, NULL) && is_lab(*word);
		if (!lab && !g_file_query_exists(file, NULL)) {
			g_printerr(_("%s: “%s” is neither a file nor a running lab\n"), name, *word);
			*status = 1;
			continue;
		}
		g_application_open(application, &file, 1, lab ? HINT_LAB : "");
	}
	if (!labs || !*labs)
		g_application_activate(application);
	return TRUE;
}

/* -- Actions -- */

static void ask_answered(GtkNativeDialog *chooser, int answer, LabApplication *self)
{
	g_autoptr(GFile) file =
		answer == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser)) : NULL;
	if (file)
		open_file(self, file);
	g_object_unref(chooser);
}

void lab_application_ask_open(LabApplication *self, GtkWindow *parent)
{
	GtkFileChooserNative *chooser =
		gtk_file_chooser_native_new(_("Open a lab"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
	GtkFileFilter *labs = gtk_file_filter_new(), *all = gtk_file_filter_new();
	gtk_file_filter_set_name(labs, _("Lab files"));
	gtk_file_filter_add_pattern(labs, "*.xml");
	gtk_file_filter_set_name(all, _("All files"));
	gtk_file_filter_add_pattern(all, "*");
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), labs);
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), all);
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(chooser), TRUE);
	g_signal_connect_object(chooser, "response", G_CALLBACK(ask_answered), self, 0);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

static void on_open(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	lab_application_ask_open(data, gtk_application_get_active_window(data));
}

static void on_open_file(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_autoptr(GFile) file = g_file_new_for_path(g_variant_get_string(parameter, NULL));
	open_file(data, file);
}

static void on_attach(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	attach(data, g_variant_get_string(parameter, NULL));
}

static void on_new_window(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	gtk_window_present(GTK_WINDOW(lab_window_new(data)));
}

static void on_preferences(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	preferences_show(gtk_application_get_active_window(data));
}

static void on_about(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	static const char *const authors[] = {"The netlab authors", NULL};
	gtk_show_about_dialog(gtk_application_get_active_window(data), "program-name", "netlab", "version",
		NETLAB_VERSION, "comments",
		_("Virtual network labs: every node runs a real Linux kernel, and every link can be captured."),
		"logo-icon-name", APPLICATION_ID, "authors", authors, "translator-credits", _("translator-credits"),
		"license-type", GTK_LICENSE_GPL_2_0, NULL);
}

static void on_quit(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	for (GList *each; (each = gtk_application_get_windows(data));) {
		guint before = g_list_length(each);
		gtk_window_close(each->data);
		/* A window may stay open: something in it is not saved. */
		while (gtk_events_pending())
			gtk_main_iteration();
		if (g_list_length(gtk_application_get_windows(data)) >= before)
			return;
	}
}

static const GActionEntry entries[] = {
	{.name = "open", .activate = on_open},
	{.name = "open-file", .activate = on_open_file, .parameter_type = "s"},
	{.name = "attach", .activate = on_attach, .parameter_type = "s"},
	{.name = "new-window", .activate = on_new_window},
	{.name = "preferences", .activate = on_preferences},
	{.name = "about", .activate = on_about},
	{.name = "quit", .activate = on_quit},
};

static const struct {
	const char *action, *keys[4];
} shortcuts[] = {
	{"app.open", {"<Primary>o"}},
	{"app.new-window", {"<Primary><Shift>n"}},
	{"app.quit", {"<Primary>q"}},
	{"app.preferences", {"<Primary>comma"}},
	{"app.dark", {"<Primary><Shift>d"}},
	{"win.close", {"<Primary>w"}},
	{"win.start", {"F5"}},
	{"win.stop", {"<Shift>F5"}},
	{"win.restart", {"<Primary>F5"}},
	{"win.reload", {"<Primary>r"}},
	{"win.menu", {"F10"}},
	{"win.undo", {"<Primary>z"}},
	{"win.redo", {"<Primary><Shift>z", "<Primary>y"}},
	{"win.select-all", {"<Primary>a"}},
	{"win.zoom-in", {"<Primary>plus", "<Primary>equal", "<Primary>KP_Add"}},
	{"win.zoom-out", {"<Primary>minus", "<Primary>KP_Subtract"}},
	{"win.zoom-normal", {"<Primary>0"}},
	{"win.zoom-fit", {"<Primary>9"}},
	{"win.arrange", {"<Primary><Shift>l"}},
	{"win.show-side", {"F9"}},
	{"win.show-bottom", {"<Primary>F9"}},
	{"win.show-editor", {"<Primary>e"}},
	{"win.fullscreen", {"F11"}},
	{"win.new", {"<Primary>n"}},
	{"win.save", {"<Primary>s"}},
	{"win.save-as", {"<Primary><Shift>s"}},
	{"win.console", {"<Primary>t"}},
	{"win.console-window", {"<Primary><Shift>t"}},
	{"win.boot-log", {"<Primary>b"}},
	{"win.run-command", {"<Primary>k"}},
	{"win.checks", {"<Primary><Shift>c"}},
	{"win.export", {"<Primary><Shift>e"}},
	{"win.print", {"<Primary>p"}},
	{"win.packets", {"<Primary>l"}},
	{"win.wireshark", {"<Primary><Shift>w"}},
	{"win.packets-pause", {"<Primary><Shift>p"}},
	{"win.packets-follow", {"<Primary><Shift>g"}},
	{"win.capture-file", {"<Primary><Shift>f"}},
	{"win.capture-history", {"<Primary><Shift>h"}},
	{"win.captures", {"<Primary><Shift>b"}},
	{"win.link-toggle", {"<Primary><Shift>x"}},
	{"win.link-clear", {"<Primary><Shift>o"}},
	{"win.link-reset", {"<Primary><Shift>y"}},
	{"win.cut", {"<Primary>x"}},
	{"win.copy", {"<Primary>c"}},
	{"win.paste", {"<Primary>v"}},
	{"win.duplicate", {"<Primary>d"}},
	{"win.draw", {"<Primary>g"}},
	{"win.connect", {"<Primary>j"}},
	{"win.properties", {"<Alt>Return"}},
	{"win.show-source", {"<Primary>u"}},
	{"win.show-help-overlay", {"<Primary>question", "<Primary>F1"}},
};

static void load_style(void)
{
	g_autoptr(GtkCssProvider) style = gtk_css_provider_new();
	gtk_css_provider_load_from_resource(style, RESOURCES "/netlab-gui.css");
	gtk_style_context_add_provider_for_screen(
		gdk_screen_get_default(), GTK_STYLE_PROVIDER(style), GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void lab_application_startup(GApplication *application)
{
	limits_raise();
	G_APPLICATION_CLASS(lab_application_parent_class)->startup(application);
	g_action_map_add_action_entries(G_ACTION_MAP(application), entries, G_N_ELEMENTS(entries), application);
	for (gsize i = 0; i < G_N_ELEMENTS(shortcuts); i++)
		gtk_application_set_accels_for_action(
			GTK_APPLICATION(application), shortcuts[i].action, (const char *const *)shortcuts[i].keys);
	g_autoptr(GAction) dark = settings_dark_action();
	g_action_map_add_action(G_ACTION_MAP(application), dark);
	recent_fill_menu(gtk_application_get_menu_by_id(GTK_APPLICATION(application), "recent-menu"));
	gtk_window_set_default_icon_name(APPLICATION_ID);
	load_style();
}

static void lab_application_class_init(LabApplicationClass *class)
{
	GApplicationClass *application_class = G_APPLICATION_CLASS(class);
	application_class->startup = lab_application_startup;
	application_class->activate = lab_application_activate;
	application_class->open = lab_application_open;
	application_class->local_command_line = lab_application_local_command_line;
}

static void lab_application_init(LabApplication *self)
{
}

LabApplication *lab_application_new(void)
{
	setlocale(LC_ALL, "");
	g_autofree char *locale = path_share("../locale");
	bindtextdomain(GETTEXT_PACKAGE, locale);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	g_set_prgname("netlab-gui");
	return g_object_new(LAB_TYPE_APPLICATION, "application-id", APPLICATION_ID, "flags", G_APPLICATION_HANDLES_OPEN,
		"resource-base-path", RESOURCES, NULL);
}
