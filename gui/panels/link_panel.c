/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/link_panel.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/canvas/history_plot.h"
#include "gui/panels/link_change.h"
#include "gui/model/link_counters.h"
#include "gui/panels/link_row.h"
#include "gui/panels/panel.h"

enum { COLUMN_LABEL, COLUMN_FIRST, COLUMN_SECOND, N_COLUMNS };

#define LINK_TYPE_PANEL (link_panel_get_type())
G_DECLARE_FINAL_TYPE(LinkPanel, link_panel, LINK, PANEL, GtkBox)

struct _LinkPanel {
	GtkBox parent_instance;
	const PanelContext *context; /* borrowed: the window has it */
	GtkWidget *title, *plug, *carrier, *plot_box, *settings, *direction, *differ, *main_rows, *more_rows, *hint;
	GtkTreeView *counters;
	GtkListStore *store;
	HistoryPlot *plot;
	GPtrArray *rows;      /* of LinkRow, borrowed */
	char *shown;          /* name of the link shown; NULL none */
	gboolean showing;     /* it is us who move the controls */
	gint64 plugged_since; /* when the user moved the switch */
	LinkThrottle throttle;
	GHashTable *unsent;      /* setting -> value, of these links: */
	GPtrArray *unsent_links; /* names */
	int unsent_from;
	guint send_source;
};

G_DEFINE_FINAL_TYPE(LinkPanel, link_panel, GTK_TYPE_BOX)

static Session *session_of(LinkPanel *self)
{
	return self->context->session;
}

static Scene *scene_of(LinkPanel *self)
{
	return session_scene(session_of(self));
}

static GPtrArray *selected_names(LinkPanel *self)
{
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene_of(self));
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < edges->len; i++)
		g_ptr_array_add(names, g_strdup(((const SceneEdge *)edges->pdata[i])->name));
	return names;
}

static void change_links(LinkPanel *self, const GPtrArray *names, int from, const char *base, GVariant *attributes)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(attributes);
	for (guint i = 0; i < names->len; i++) {
		const SceneEdge *edge = scene_find_edge(scene_of(self), names->pdata[i]);
		if (edge)
			link_change(
				session_of(self), self->context->undo, edge, names->len == 1 ? from : -1, base, owned);
	}
}

/* Of all that are selected. */
static void change_all(LinkPanel *self, int from, const char *base, GVariant *attributes)
{
	g_autoptr(GPtrArray) names = selected_names(self);
	change_links(self, names, from, base, attributes);
}

static GVariant *nothing(void)
{
	return g_variant_new("a{ss}", NULL);
}

static GVariant *one(const char *name, const char *value)
{
	GVariantBuilder attributes;
	g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
	g_variant_builder_add(&attributes, "{ss}", name, value);
	return g_variant_builder_end(&attributes);
}

/* -- What the user changes -- */

/* -1: both. */
static int chosen_direction(LinkPanel *self)
{
	return MAX(gtk_combo_box_get_active(GTK_COMBO_BOX(self->direction)), 0) - 1;
}

static void send_now(LinkPanel *self)
{
	GVariantBuilder attributes;
	GHashTableIter iter;
	gpointer name, value;
	g_clear_handle_id(&self->send_source, g_source_remove);
	if (!g_hash_table_size(self->unsent))
		return;
	g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
	g_hash_table_iter_init(&iter, self->unsent);
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_variant_builder_add(&attributes, "{ss}", name, value);
	g_hash_table_remove_all(self->unsent);
	self->throttle.last = g_get_monotonic_time();
	change_links(self, self->unsent_links, self->unsent_from, "", g_variant_builder_end(&attributes));
}

static gboolean on_send_time(gpointer data)
{
	LinkPanel *self = data;
	self->send_source = 0;
	send_now(self);
	return G_SOURCE_REMOVE;
}

static void on_value(LinkRow *row, const char *value, gboolean last, LinkPanel *self)
{
	gint64 wait = link_throttle_wait(&self->throttle, g_get_monotonic_time());
	if (!g_hash_table_size(self->unsent)) {
		g_clear_pointer(&self->unsent_links, g_ptr_array_unref);
		self->unsent_links = selected_names(self);
		self->unsent_from = chosen_direction(self);
	}
	g_hash_table_replace(self->unsent, (gpointer)link_row_setting(row)->name, g_strdup(value));
	if (wait == 0 || last)
		send_now(self);
	else if (!self->send_source)
		self->send_source = g_timeout_add((guint)(wait / 1000) + 1, on_send_time, self);
}

static void on_plug(GtkSwitch *plug, GParamSpec *property, LinkPanel *self)
{
	if (self->showing)
		return;
	self->plugged_since = g_get_monotonic_time();
	change_all(self, -1, "", one("down", gtk_switch_get_active(plug) ? "no" : "yes"));
}

static gboolean is_unplugging(LinkPanel *self, const char *action)
{
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene_of(self));
	if (g_str_equal(action, "link-toggle"))
		return edges->len && !((const SceneEdge *)edges->pdata[0])->down;
	return g_str_equal(action, "link-unplug");
}

static void on_action(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	LinkPanel *self = data;
	const char *name = g_action_get_name(G_ACTION(action));
	self->plugged_since = 0;
	for (guint i = 0; i < self->rows->len; i++)
		link_row_reset(self->rows->pdata[i]);
	if (g_str_equal(name, "link-reset"))
		change_all(self, -1, "declared", nothing());
	else if (g_str_equal(name, "link-clear"))
		change_all(self, -1, "perfect", nothing());
	else
		change_all(self, -1, "", one("down", is_unplugging(self, name) ? "yes" : "no"));
}

/* "delay=20ms loss=1%" */
static void on_set(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_auto(GStrv) words = g_strsplit_set(g_variant_get_string(parameter, NULL), " ", -1);
	GVariantBuilder attributes;
	g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
	for (char **word = words; *word; word++) {
		char *value = strchr(*word, '=');
		if (!value)
			continue;
		*value++ = '\0';
		g_variant_builder_add(&attributes, "{ss}", *word, value);
	}
	change_all(data, -1, "", g_variant_builder_end(&attributes));
}

/* -- What is shown -- */

static void show_directions(LinkPanel *self, const SceneEdge *edge, gboolean alone)
{
	GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT(self->direction);
	self->showing = TRUE;
	gtk_combo_box_text_remove_all(combo);
	gtk_combo_box_text_append_text(combo, _("Both directions"));
	for (guint i = 0; alone && i < 2; i++) {
		g_autofree char *end = link_end_name(edge, i);
		g_autofree char *text = g_strdup_printf(_("From %s"), end);
		gtk_combo_box_text_append_text(combo, text);
	}
	gtk_combo_box_set_active(GTK_COMBO_BOX(combo), 0);
	self->showing = FALSE;
}

static void show_settings(LinkPanel *self, const SceneEdge *edge)
{
	int direction = chosen_direction(self);
	gboolean differ = direction < 0 && !g_str_equal(edge->impairments[0], edge->impairments[1]);
	for (guint i = 0; i < self->rows->len; i++) {
		LinkRow *row = self->rows->pdata[i];
		g_autofree char *value =
			link_slider_of(edge->impairments[MAX(direction, 0)], link_row_setting(row)->name);
		link_row_show(row, value);
	}
	gtk_widget_set_visible(self->differ, differ);
	/* The answer comes with the next look at the lab. A switch that is told what it shows already ends its movement,
	 * and the click that began it is lost. */
	if (g_get_monotonic_time() - self->plugged_since > G_USEC_PER_SEC &&
		gtk_switch_get_active(GTK_SWITCH(self->plug)) == edge->down) {
		self->showing = TRUE;
		gtk_switch_set_active(GTK_SWITCH(self->plug), !edge->down);
		self->showing = FALSE;
	}
}

static void show_counters(LinkPanel *self, const SceneEdge *edge)
{
	g_autoptr(GPtrArray) counters = link_counters(edge);
	GtkTreeModel *model = GTK_TREE_MODEL(self->store);
	GtkTreeIter row;
	gboolean there = gtk_tree_model_get_iter_first(model, &row);
	for (guint i = 0; i < counters->len; i++) {
		const LinkCounter *counter = counters->pdata[i];
		g_autofree char *first = g_strdup_printf("%'" G_GUINT64_FORMAT, counter->values[0]);
		g_autofree char *second = g_strdup_printf("%'" G_GUINT64_FORMAT, counter->values[1]);
		if (!there)
			gtk_list_store_append(self->store, &row);
		gtk_list_store_set(self->store, &row, COLUMN_LABEL, counter->label, COLUMN_FIRST, first, COLUMN_SECOND,
			second, -1);
		there = there && gtk_tree_model_iter_next(model, &row);
	}
	while (there)
		there = gtk_list_store_remove(self->store, &row);
}

static void show_traffic(LinkPanel *self, const SceneEdge *edge)
{
	g_autofree char *first = link_end_name(edge, 0), *second = link_end_name(edge, 1);
	const char *names[] = {first, second};
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < 2; i++)
		/* A network always has a carrier to give. */
		if (edge->interfaces[i])
			g_string_append_printf(text, "%s%s: %s", text->len ? ", " : "", names[i],
				edge->carrier[i] ? _("carrier") : _("no carrier"));
	gtk_label_set_text(GTK_LABEL(self->carrier), text->str);
	g_string_free(text, TRUE);
	for (guint i = 0; i < 2; i++) {
		g_autofree char *title = g_strdup_printf(_("from %s"), names[i]);
		gtk_tree_view_column_set_title(gtk_tree_view_get_column(self->counters, COLUMN_FIRST + (int)i), title);
	}
	history_plot_show(self->plot, edge->flows, names);
}

static void follow(LinkPanel *self)
{
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene_of(self));
	gboolean runs = session_proxy(session_of(self)) != NULL;
	if (!edges->len)
		return;
	const SceneEdge *edge = edges->pdata[0];
	g_autofree char *several = g_strdup_printf(ngettext("%u link", "%u links", edges->len), edges->len);
	gtk_label_set_text(GTK_LABEL(self->title), edges->len > 1 ? several : edge->name);
	gtk_widget_set_sensitive(self->settings, runs);
	gtk_widget_set_sensitive(self->plug, runs);
	gtk_widget_set_visible(self->hint, !runs);
	show_settings(self, edge);
	show_traffic(self, edge);
	show_counters(self, edge);
}

static void on_changed(LinkPanel *self)
{
	if (gtk_widget_get_mapped(GTK_WIDGET(self)))
		follow(self);
}

static void update_actions(LinkPanel *self)
{
	static const char *const names[] = {
		"link-unplug", "link-plug", "link-toggle", "link-reset", "link-clear", "link-set"};
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene_of(self));
	gboolean can = edges->len && session_proxy(session_of(self)),
		 down = edges->len && ((SceneEdge *)edges->pdata[0])->down;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		gboolean fits = i == 0 ? !down : i == 1 ? down : TRUE;
		panel_enable_action(self->context, names[i], can && (edges->len > 1 || fits));
	}
}

static void on_selection(LinkPanel *self)
{
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene_of(self));
	const SceneEdge *edge = edges->len ? edges->pdata[0] : NULL;
	gboolean other = g_strcmp0(self->shown, edge ? edge->name : NULL) != 0;
	update_actions(self);
	if (other)
		send_now(self);
	if (!edge)
		return;
	if (other) {
		self->plugged_since = 0;
		for (guint i = 0; i < self->rows->len; i++)
			link_row_reset(self->rows->pdata[i]);
		g_free(self->shown);
		self->shown = g_strdup(edge->name);
	}
	show_directions(self, edge, edges->len == 1);
	follow(self);
}

static void on_direction(GtkComboBox *combo, LinkPanel *self)
{
	if (self->showing)
		return;
	send_now(self);
	for (guint i = 0; i < self->rows->len; i++)
		link_row_reset(self->rows->pdata[i]);
	follow(self);
}

/* -- The widget -- */

static void link_panel_dispose(GObject *object)
{
	LinkPanel *self = LINK_PANEL(object);
	g_clear_handle_id(&self->send_source, g_source_remove);
	G_OBJECT_CLASS(link_panel_parent_class)->dispose(object);
}

static void link_panel_finalize(GObject *object)
{
	LinkPanel *self = LINK_PANEL(object);
	g_ptr_array_unref(self->rows);
	g_hash_table_unref(self->unsent);
	g_clear_pointer(&self->unsent_links, g_ptr_array_unref);
	g_free(self->shown);
	G_OBJECT_CLASS(link_panel_parent_class)->finalize(object);
}

static void link_panel_class_init(LinkPanelClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
	G_OBJECT_CLASS(class)->dispose = link_panel_dispose;
	G_OBJECT_CLASS(class)->finalize = link_panel_finalize;
	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/link_panel.ui");
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, title);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, plug);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, carrier);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, plot_box);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, settings);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, direction);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, differ);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, main_rows);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, more_rows);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, hint);
	gtk_widget_class_bind_template_child(widget_class, LinkPanel, counters);
}

static void link_panel_init(LinkPanel *self)
{
	const char *const titles[] = {[COLUMN_LABEL] = _("Counter"), [COLUMN_FIRST] = "", [COLUMN_SECOND] = ""};
	gtk_widget_init_template(GTK_WIDGET(self));
	self->rows = g_ptr_array_new();
	self->unsent = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	GtkWidget *plot = history_plot_new();
	self->plot = HISTORY_PLOT(plot);
	gtk_container_add(GTK_CONTAINER(self->plot_box), plot);
	gtk_widget_show(plot);
	for (const LinkSetting *setting = link_setting_table; setting->name; setting++) {
		if (!link_has_slider(setting))
			continue;
		GtkWidget *row = link_row_new(setting);
		gtk_container_add(GTK_CONTAINER(setting->common ? self->main_rows : self->more_rows), row);
		g_ptr_array_add(self->rows, row);
		g_signal_connect_object(row, "value", G_CALLBACK(on_value), self, 0);
	}
	self->store = gtk_list_store_new(N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
	gtk_tree_view_set_model(self->counters, GTK_TREE_MODEL(self->store));
	g_object_unref(self->store);
	for (int i = 0; i < N_COLUMNS; i++) {
		GtkCellRenderer *cell = gtk_cell_renderer_text_new();
		g_object_set(cell, "xalign", i == COLUMN_LABEL ? 0.0 : 1.0, "scale", 0.9, NULL);
		gtk_tree_view_insert_column_with_attributes(self->counters, -1, titles[i], cell, "text", i, NULL);
	}
	g_signal_connect_object(self->plug, "notify::active", G_CALLBACK(on_plug), self, 0);
	g_signal_connect_object(self->direction, "changed", G_CALLBACK(on_direction), self, 0);
	g_signal_connect_object(self, "map", G_CALLBACK(follow), self, G_CONNECT_SWAPPED);
}

static GtkWidget *create(const PanelContext *context)
{
	static const GActionEntry entries[] = {
		{.name = "link-unplug", .activate = on_action},
		{.name = "link-plug", .activate = on_action},
		{.name = "link-toggle", .activate = on_action},
		{.name = "link-reset", .activate = on_action},
		{.name = "link-clear", .activate = on_action},
		{.name = "link-set", .activate = on_set, .parameter_type = "s"},
	};
	LinkPanel *self = g_object_new(LINK_TYPE_PANEL, NULL);
	self->context = context;
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), self);
	g_signal_connect_object(scene_of(self), "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(scene_of(self), "changed", G_CALLBACK(update_actions), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(scene_of(self), "selection", G_CALLBACK(on_selection), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_of(self), "run", G_CALLBACK(on_selection), self, G_CONNECT_SWAPPED);
	update_actions(self);
	return GTK_WIDGET(self);
}

static int fits(const PanelContext *context)
{
	Scene *scene = session_scene(context->session);
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene);
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(scene);
	return !edges->len ? 0 : vertices->len ? 5 : 20;
}

const PanelType link_panel = {"link", N_("Link"), PANEL_SIDE, create, TRUE, fits};
