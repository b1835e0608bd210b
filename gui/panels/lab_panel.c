/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/lab_panel.h"

#include <glib/gi18n.h>

#include "gui/model/words.h"

enum { COLUMN_NAME, COLUMN_KIND, COLUMN_STATE, N_COLUMNS };

/* Owned by its widget: freed with it. */
typedef struct {
	const PanelContext *context; /* borrowed: the window has it */
	GtkWidget *title, *description;
	GtkListStore *store;
	GtkTreeView *view;
	gboolean following; /* the list follows the scene: its selection is not the user's */
} LabPanel;

static Scene *scene_of(const LabPanel *self)
{
	return session_scene(self->context->session);
}

static void set_text(GtkWidget *label, const char *text)
{
	gtk_label_set_text(GTK_LABEL(label), text);
	gtk_widget_set_visible(label, *text != '\0');
}

static LabPanel *panel_of(GtkWidget *box)
{
	return g_object_get_data(G_OBJECT(box), "lab-panel");
}

static void fill(GtkWidget *box)
{
	LabPanel *self = panel_of(box);
	const GPtrArray *vertices = scene_vertices(scene_of(self));
	self->following = TRUE;
	gtk_list_store_clear(self->store);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		gtk_list_store_insert_with_values(self->store, NULL, -1, COLUMN_NAME, vertex->name, COLUMN_KIND,
			words_kind(vertex), COLUMN_STATE, words_state(vertex), -1);
	}
	self->following = FALSE;
	set_text(self->title, scene_title(scene_of(self)));
	set_text(self->description, scene_description(scene_of(self)));
}

/* The rows are in the order of the vertices. */
static void follow(GtkWidget *box)
{
	LabPanel *self = panel_of(box);
	const GPtrArray *vertices = scene_vertices(scene_of(self));
	GtkTreeSelection *selection = gtk_tree_view_get_selection(self->view);
	GtkTreeIter row;
	gboolean more = gtk_tree_model_get_iter_first(GTK_TREE_MODEL(self->store), &row);
	self->following = TRUE;
	for (guint i = 0; i < vertices->len && more; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		g_autofree char *state = NULL;
		gtk_tree_model_get(GTK_TREE_MODEL(self->store), &row, COLUMN_STATE, &state, -1);
		if (g_strcmp0(state, words_state(vertex)) != 0)
			gtk_list_store_set(self->store, &row, COLUMN_STATE, words_state(vertex), -1);
		if (vertex->selected != gtk_tree_selection_iter_is_selected(selection, &row)) {
			if (vertex->selected)
				gtk_tree_selection_select_iter(selection, &row);
			else
				gtk_tree_selection_unselect_iter(selection, &row);
		}
		more = gtk_tree_model_iter_next(GTK_TREE_MODEL(self->store), &row);
	}
	self->following = FALSE;
}

static SceneVertex *vertex_of(LabPanel *self, GtkTreePath *path)
{
	const GPtrArray *vertices = scene_vertices(scene_of(self));
	guint index = (guint)gtk_tree_path_get_indices(path)[0];
	return index < vertices->len ? vertices->pdata[index] : NULL;
}

static void select_row(GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *row, gpointer data)
{
	LabPanel *self = data;
	scene_select(scene_of(self), vertex_of(self, path), NULL, TRUE);
}

static void on_chosen(GtkTreeSelection *selection, LabPanel *self)
{
	if (self->following)
		return;
	scene_select_only(scene_of(self), NULL, NULL);
	gtk_tree_selection_selected_foreach(selection, select_row, self);
}

static void on_row_activated(GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column, LabPanel *self)
{
	SceneVertex *vertex = vertex_of(self, path);
	if (!vertex)
		return;
	canvas_show_vertex(self->context->canvas, vertex);
	g_signal_emit_by_name(self->context->canvas, "activate-vertex", vertex);
}

static GtkWidget *label_new(const char *style)
{
	GtkWidget *label = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 30);
	if (style)
		gtk_style_context_add_class(gtk_widget_get_style_context(label), style);
	return label;
}

static GtkWidget *list_new(LabPanel *self)
{
	const char *const titles[] = {
		[COLUMN_NAME] = _("Name"), [COLUMN_KIND] = _("Kind"), [COLUMN_STATE] = _("State")};
	self->store = gtk_list_store_new(N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
	GtkWidget *view = gtk_tree_view_new_with_model(GTK_TREE_MODEL(self->store));
	g_object_unref(self->store);
	self->view = GTK_TREE_VIEW(view);
	for (int i = COLUMN_NAME; i < N_COLUMNS; i++)
		gtk_tree_view_insert_column_with_attributes(
			self->view, -1, titles[i], gtk_cell_renderer_text_new(), "text", i, NULL);
	gtk_tree_view_set_search_column(self->view, COLUMN_NAME);
	gtk_tree_selection_set_mode(gtk_tree_view_get_selection(self->view), GTK_SELECTION_MULTIPLE);
	atk_object_set_name(gtk_widget_get_accessible(view), _("Nodes and networks"));
	GtkWidget *scroll = gtk_scrolled_window_new(NULL, NULL);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_container_add(GTK_CONTAINER(scroll), view);
	gtk_widget_set_vexpand(scroll, TRUE);
	return scroll;
}

static GtkWidget *create(const PanelContext *context)
{
	LabPanel *self = g_new0(LabPanel, 1);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
	Scene *scene = session_scene(context->session);
	self->context = context;
	self->title = label_new("lab-title");
	self->description = label_new(NULL);
	gtk_container_add(GTK_CONTAINER(box), self->title);
	gtk_container_add(GTK_CONTAINER(box), self->description);
	gtk_container_add(GTK_CONTAINER(box), list_new(self));
	gtk_style_context_add_class(gtk_widget_get_style_context(box), "lab-panel");
	g_object_set_data_full(G_OBJECT(box), "lab-panel", self, g_free);
	g_signal_connect_object(scene, "structure", G_CALLBACK(fill), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(scene, "changed", G_CALLBACK(follow), box, G_CONNECT_SWAPPED);
	g_signal_connect(gtk_tree_view_get_selection(self->view), "changed", G_CALLBACK(on_chosen), self);
	g_signal_connect(self->view, "row-activated", G_CALLBACK(on_row_activated), self);
	gtk_widget_show_all(box);
	return box;
}

/* Shown when no other panel fits. */
static int fits(const PanelContext *context)
{
	return 1;
}

const PanelType lab_panel = {"lab", N_("Lab"), PANEL_SIDE, create, FALSE, fits};
