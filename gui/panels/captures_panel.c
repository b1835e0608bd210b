/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/captures_panel.h"

#include <glib/gi18n.h>

#include "gui/panels/capture_dialog.h"
#include "gui/model/capture_place.h"
#include "gui/session/captures.h"
#include "gui/panels/panel.h"
#include "gui/session/wireshark.h"

enum { COLUMN_ID, COLUMN_WHERE, COLUMN_FILE, COLUMN_FILTER, COLUMN_FRAMES, COLUMN_DROPPED, COLUMN_STATE, N_COLUMNS };

#define CAPTURES_TYPE_PANEL (captures_panel_get_type())
G_DECLARE_FINAL_TYPE(CapturesPanel, captures_panel, CAPTURES, PANEL, GtkBox)

struct _CapturesPanel {
	GtkBox parent_instance;
	const PanelContext *context; /* borrowed: the window has it */
	Captures *captures;
	GtkListStore *store;
	GtkTreeView *view;
	GtkWidget *stop, *open;
};

G_DEFINE_FINAL_TYPE(CapturesPanel, captures_panel, GTK_TYPE_BOX)

static Session *session_of(CapturesPanel *self)
{
	return self->context->session;
}

static char **places_of(CapturesPanel *self)
{
	return capture_places(session_scene(session_of(self)));
}

/* -- Actions -- */

static void on_wireshark(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	CapturesPanel *self = data;
	g_auto(GStrv) places = places_of(self);
	wireshark_open_places(session_of(self), (const char *const *)places);
}

static void on_ask(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	CapturesPanel *self = data;
	const char *name = g_action_get_name(G_ACTION(action));
	g_auto(GStrv) places = places_of(self);
	CaptureDialogKind kind = g_str_equal(name, "capture-ring") ? CAPTURE_DIALOG_RING
		: g_str_equal(name, "capture-history")             ? CAPTURE_DIALOG_PAST
								   : CAPTURE_DIALOG_FILE;
	capture_dialog_show(self->context, self->captures, kind, (const char *const *)places);
}

static void on_capture_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	CapturesPanel *self = data;
	g_auto(GStrv) places = places_of(self);
	CaptureWish wish = {.places = (const char *const *)places};
	g_variant_get(parameter, "(&s&s)", &wish.path, &wish.filter);
	captures_start(self->captures, &wish);
}

static void on_capture_last(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	CapturesPanel *self = data;
	g_auto(GStrv) places = places_of(self);
	CaptureWish wish = {.places = (const char *const *)places, .filter = ""};
	g_variant_get(parameter, "(&su)", &wish.path, &wish.last);
	captures_start(self->captures, &wish);
}

static void on_captures(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	panel_show(((CapturesPanel *)data)->context, "captures");
}

static void on_stop(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	captures_stop(((CapturesPanel *)data)->captures, g_variant_get_uint32(parameter));
}

static void on_stop_all(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	CapturesPanel *self = data;
	const GPtrArray *list = captures_list(self->captures);
	for (guint i = 0; i < list->len; i++)
		captures_stop(self->captures, ((const CaptureFacts *)list->pdata[i])->id);
}

static void on_forget(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	captures_forget(((CapturesPanel *)data)->captures);
}

static void update_actions(CapturesPanel *self)
{
	static const char *const of_run[] = {
		"wireshark", "capture-file", "capture-ring", "capture-history", "capture-to", "capture-last"};
	gboolean runs = session_proxy(session_of(self)) != NULL, some = FALSE, ended = FALSE;
	const GPtrArray *list = captures_list(self->captures);
	for (guint i = 0; i < list->len; i++) {
		const CaptureFacts *facts = list->pdata[i];
		some |= !facts->ended && !facts->declared;
		ended |= facts->ended != NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(of_run); i++)
		panel_enable_action(self->context, of_run[i], runs);
	panel_enable_action(self->context, "captures-stop", some);
	panel_enable_action(self->context, "capture-forget", ended);
}

/* -- The list -- */

/* The one chosen in the list, or NULL. */
static const CaptureFacts *chosen(CapturesPanel *self)
{
	GtkTreeModel *model;
	GtkTreeIter row;
	const GPtrArray *list = captures_list(self->captures);
	if (!gtk_tree_selection_get_selected(gtk_tree_view_get_selection(self->view), &model, &row))
		return NULL;
	g_autoptr(GtkTreePath) path = gtk_tree_model_get_path(model, &row);
	guint index = (guint)gtk_tree_path_get_indices(path)[0];
	return index < list->len ? list->pdata[index] : NULL;
}

static void update_buttons(CapturesPanel *self)
{
	const CaptureFacts *facts = chosen(self);
	gtk_widget_set_sensitive(self->stop, facts && facts->id && !facts->ended && !facts->declared);
	gtk_widget_set_sensitive(self->open, facts != NULL);
}

static void fill_row(CapturesPanel *self, GtkTreeIter *row, const CaptureFacts *facts)
{
	const char *state = facts->ended ? facts->ended
		: facts->declared        ? _("capturing (defined in the lab file)")
		: facts->id              ? _("capturing")
					 : _("starting");
	gtk_list_store_set(self->store, row, COLUMN_ID, facts->id, COLUMN_WHERE, facts->where, COLUMN_FILE, facts->file,
		COLUMN_FILTER, facts->filter, COLUMN_FRAMES, facts->captured, COLUMN_DROPPED, facts->dropped,
		COLUMN_STATE, state, -1);
}

static void fill(CapturesPanel *self)
{
	const GPtrArray *list = captures_list(self->captures);
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	GtkTreeIter row;
	gboolean there = gtk_tree_model_get_iter_first(model, &row);
	for (guint i = 0; i < list->len; i++) {
		if (!there)
			gtk_list_store_append(self->store, &row);
		fill_row(self, &row, list->pdata[i]);
		there = there && gtk_tree_model_iter_next(model, &row);
	}
	while (there)
		there = gtk_list_store_remove(self->store, &row);
	update_buttons(self);
	update_actions(self);
}

static void on_stop_clicked(CapturesPanel *self)
{
	const CaptureFacts *facts = chosen(self);
	if (facts)
		captures_stop(self->captures, facts->id);
}

static void on_open_clicked(CapturesPanel *self)
{
	const CaptureFacts *facts = chosen(self);
	g_autofree char *file = facts ? captures_newest_file(facts) : NULL;
	if (file)
		wireshark_open_file(session_of(self), file, 0, FALSE);
}

static void on_map(CapturesPanel *self)
{
	captures_set_visible(self->captures, TRUE);
}

static void on_unmap(CapturesPanel *self)
{
	captures_set_visible(self->captures, FALSE);
}

static void captures_panel_finalize(GObject *object)
{
	CapturesPanel *self = CAPTURES_PANEL(object);
	g_object_run_dispose(G_OBJECT(self->captures));
	g_object_unref(self->captures);
	G_OBJECT_CLASS(captures_panel_parent_class)->finalize(object);
}

static void captures_panel_class_init(CapturesPanelClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
	G_OBJECT_CLASS(class)->finalize = captures_panel_finalize;
	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/captures_panel.ui");
	gtk_widget_class_bind_template_child(widget_class, CapturesPanel, view);
	gtk_widget_class_bind_template_child(widget_class, CapturesPanel, stop);
	gtk_widget_class_bind_template_child(widget_class, CapturesPanel, open);
}

static void captures_panel_init(CapturesPanel *self)
{
	const char *const titles[] = {[COLUMN_WHERE] = _("Where"),
		[COLUMN_FILE] = _("File"),
		[COLUMN_FILTER] = _("Filter"),
		[COLUMN_FRAMES] = _("Frames"),
		[COLUMN_DROPPED] = _("Missed"),
		[COLUMN_STATE] = _("State")};
	gtk_widget_init_template(GTK_WIDGET(self));
	self->store = gtk_list_store_new(N_COLUMNS, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
		G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_STRING);
	gtk_tree_view_set_model(self->view, GTK_TREE_MODEL(self->store));
	g_object_unref(self->store);
	for (int i = COLUMN_WHERE; i < N_COLUMNS; i++) {
		gtk_tree_view_insert_column_with_attributes(
			self->view, -1, titles[i], gtk_cell_renderer_text_new(), "text", i, NULL);
		gtk_tree_view_column_set_resizable(gtk_tree_view_get_column(self->view, i - 1), TRUE);
	}
	g_signal_connect_object(gtk_tree_view_get_selection(self->view), "changed", G_CALLBACK(update_buttons), self,
		G_CONNECT_SWAPPED);
	g_signal_connect_object(self->stop, "clicked", G_CALLBACK(on_stop_clicked), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->open, "clicked", G_CALLBACK(on_open_clicked), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self, "map", G_CALLBACK(on_map), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self, "unmap", G_CALLBACK(on_unmap), self, G_CONNECT_SWAPPED);
}

static GtkWidget *create(const PanelContext *context)
{
	static const GActionEntry entries[] = {
		{.name = "wireshark", .activate = on_wireshark},
		{.name = "capture-file", .activate = on_ask},
		{.name = "capture-ring", .activate = on_ask},
		{.name = "capture-history", .activate = on_ask},
		{.name = "capture-to", .activate = on_capture_to, .parameter_type = "(ss)"},
		{.name = "capture-last", .activate = on_capture_last, .parameter_type = "(su)"},
		{.name = "captures", .activate = on_captures},
		{.name = "capture-stop", .activate = on_stop, .parameter_type = "u"},
		{.name = "captures-stop", .activate = on_stop_all},
		{.name = "capture-forget", .activate = on_forget},
	};
	CapturesPanel *self = g_object_new(CAPTURES_TYPE_PANEL, NULL);
	self->context = context;
	self->captures = captures_new(session_of(self));
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), self);
	g_signal_connect_object(self->captures, "changed", G_CALLBACK(fill), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_of(self), "run", G_CALLBACK(update_actions), self, G_CONNECT_SWAPPED);
	fill(self);
	return GTK_WIDGET(self);
}

const PanelType captures_panel = {"captures", N_("Captures"), PANEL_BOTTOM, create, FALSE, NULL};
