/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/problems.h"

#include <glib/gi18n.h>

#include "gui/panels/user_editor.h"

enum { COLUMN_ICON, COLUMN_KIND, COLUMN_PLACE, COLUMN_MESSAGE, COLUMN_FILE, COLUMN_LINE, COLUMN_COLUMN, N_COLUMNS };

/* Owned by its widget. */
typedef struct {
	const PanelContext *context; /* borrowed: the window has it */
	GtkListStore *store;
	GtkWidget *view;
	guint errors; /* of the last reading */
} Problems;

static Problems *problems_of(GtkWidget *scroll)
{
	return g_object_get_data(G_OBJECT(scroll), "problems");
}

static void add(Problems *self, const LabDiagnostic *diagnostic)
{
	gboolean error = diagnostic->severity == LAB_ERROR;
	const LabPos *pos = &diagnostic->pos;
	g_autofree char *file = pos->file ? g_path_get_basename(pos->file) : g_strdup("");
	g_autofree char *place =
		pos->line > 0 ? g_strdup_printf("%s:%d:%d", file, pos->line, pos->column) : g_strdup(file);
	gtk_list_store_insert_with_values(self->store, NULL, -1, COLUMN_ICON,
		error ? "dialog-error-symbolic" : "dialog-warning-symbolic", COLUMN_KIND,
		error ? _("Error") : _("Warning"), COLUMN_PLACE, place, COLUMN_MESSAGE, diagnostic->message,
		COLUMN_FILE, pos->file, COLUMN_LINE, pos->line, COLUMN_COLUMN, pos->column, -1);
}

/* Errors come to sight by themselves: without them one would wonder why nothing changes. */
static void fill(GtkWidget *scroll)
{
	Problems *self = problems_of(scroll);
	const LabDiagnostics *diagnostics = session_diagnostics(self->context->session);
	guint before = self->errors;
	gtk_list_store_clear(self->store);
	self->errors = diagnostics ? lab_diagnostics_count(diagnostics, LAB_ERROR) : 0;
	const GPtrArray *all = diagnostics ? lab_diagnostics_all((LabDiagnostics *)diagnostics) : NULL;
	for (guint i = 0; all && i < all->len; i++)
		add(self, all->pdata[i]);
	g_autofree char *title =
		all && all->len ? g_strdup_printf(_("Problems (%u)"), all->len) : g_strdup(_("Problems"));
	GtkWidget *stack = gtk_widget_get_parent(scroll);
	if (GTK_IS_STACK(stack))
		gtk_container_child_set(
			GTK_CONTAINER(stack), scroll, "title", title, "needs-attention", self->errors > 0, NULL);
	if (self->errors && !before)
		panel_show(self->context, problems_panel.id);
}

static void show_place(const PanelContext *context, const char *file, int line, int column)
{
	GAction *action = g_action_map_lookup_action(context->actions, "show-line");
	GFile *opened = session_file(context->session);
	g_autoptr(GFile) wanted = g_file_new_for_path(file);
	g_autoptr(GError) error = NULL;
	if (action && g_action_get_enabled(action) && opened && g_file_equal(opened, wanted))
		g_action_activate(action, g_variant_new("(si)", file, line));
	else if (!user_editor_open(context->window, file, line, column, &error))
		panel_complain(context, error->message);
}

static void on_activated(GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column, Problems *self)
{
	GtkTreeIter row;
	g_autofree char *file = NULL;
	int line, at;
	if (!gtk_tree_model_get_iter(GTK_TREE_MODEL(self->store), &row, path))
		return;
	gtk_tree_model_get(
		GTK_TREE_MODEL(self->store), &row, COLUMN_FILE, &file, COLUMN_LINE, &line, COLUMN_COLUMN, &at, -1);
	if (file)
		show_place(self->context, file, line, at);
}

static GtkWidget *list_new(Problems *self)
{
	self->store = gtk_list_store_new(N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
		G_TYPE_STRING, G_TYPE_INT, G_TYPE_INT);
	GtkWidget *view = gtk_tree_view_new_with_model(GTK_TREE_MODEL(self->store));
	GtkTreeViewColumn *kind = gtk_tree_view_column_new();
	GtkCellRenderer *icon = gtk_cell_renderer_pixbuf_new(), *text = gtk_cell_renderer_text_new();
	GtkCellRenderer *message = gtk_cell_renderer_text_new();
	g_object_unref(self->store);
	self->view = view;
	gtk_tree_view_column_set_title(kind, _("Kind"));
	gtk_tree_view_column_pack_start(kind, icon, FALSE);
	gtk_tree_view_column_add_attribute(kind, icon, "icon-name", COLUMN_ICON);
	gtk_tree_view_column_pack_start(kind, text, TRUE);
	gtk_tree_view_column_add_attribute(kind, text, "text", COLUMN_KIND);
	gtk_tree_view_append_column(GTK_TREE_VIEW(view), kind);
	gtk_tree_view_insert_column_with_attributes(
		GTK_TREE_VIEW(view), -1, _("Location"), gtk_cell_renderer_text_new(), "text", COLUMN_PLACE, NULL);
	g_object_set(message, "wrap-mode", PANGO_WRAP_WORD_CHAR, "wrap-width", 700, NULL);
	gtk_tree_view_insert_column_with_attributes(
		GTK_TREE_VIEW(view), -1, _("Problem"), message, "text", COLUMN_MESSAGE, NULL);
	gtk_tree_view_set_search_column(GTK_TREE_VIEW(view), COLUMN_MESSAGE);
	atk_object_set_name(gtk_widget_get_accessible(view), _("Problems"));
	gtk_widget_set_tooltip_text(view, _("Press Enter or double-click to open the file at this line"));
	g_signal_connect(view, "row-activated", G_CALLBACK(on_activated), self);
	return view;
}

static void on_problems(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Problems *self = problems_of(data);
	panel_show(self->context, problems_panel.id);
	gtk_widget_grab_focus(self->view);
}

static void on_open_problem(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Problems *self = problems_of(data);
	g_autoptr(GtkTreePath) path = gtk_tree_path_new_from_indices(g_variant_get_int32(parameter), -1);
	on_activated(GTK_TREE_VIEW(self->view), path, NULL, self);
}

static void on_open_in_editor(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	const PanelContext *context = problems_of(data)->context;
	GFile *file = session_file(context->session);
	g_autofree char *path = file ? g_file_get_path(file) : NULL;
	g_autoptr(GError) error = NULL;
	if (path && !user_editor_open(context->window, path, 0, 0, &error))
		panel_complain(context, error->message);
}

static const GActionEntry entries[] = {
	{.name = "open-in-editor", .activate = on_open_in_editor},
	{.name = "problems", .activate = on_problems},
	{.name = "open-problem", .activate = on_open_problem, .parameter_type = "i"},
};

static GtkWidget *create(const PanelContext *context)
{
	Problems *self = g_new0(Problems, 1);
	GtkWidget *scroll = gtk_scrolled_window_new(NULL, NULL);
	self->context = context;
	gtk_container_add(GTK_CONTAINER(scroll), list_new(self));
	g_object_set_data_full(G_OBJECT(scroll), "problems", self, g_free);
	g_signal_connect_object(context->session, "file", G_CALLBACK(fill), scroll, G_CONNECT_SWAPPED);
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), scroll);
	gtk_widget_show_all(scroll);
	return scroll;
}

const PanelType problems_panel = {"problems", N_("Problems"), PANEL_BOTTOM, create, FALSE, NULL};
