/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/packets_panel.h"

#include <glib/gi18n.h>

#include "gui/model/capture_place.h"
#include "gui/panels/filter_entry.h"
#include "gui/packets/packets_list.h"
#include "gui/packets/tracker.h"
#include "gui/panels/panel.h"
#include "gui/session/wireshark.h"

enum { STATUS = 500 }; /* ms between two looks at the counts */

#define PACKETS_TYPE_PANEL (packets_panel_get_type())
G_DECLARE_FINAL_TYPE(PacketsPanel, packets_panel, PACKETS, PANEL, GtkBox)

struct _PacketsPanel {
	GtkBox parent_instance;
	const PanelContext *context; /* borrowed: the window has it */
	PacketFeed *feed;
	PacketList *list;
	PacketTracker *tracker;
	GtkWidget *scope, *filter_box, *status;
	GtkScrolledWindow *scroll;
	GtkTreeView *view;
	FilterEntry *filter;
	char **places; /* that are captured */
	gboolean follow, paused;
	gboolean at_end; /* the newest frame is kept in sight */
	guint status_source;
};

G_DEFINE_FINAL_TYPE(PacketsPanel, packets_panel, GTK_TYPE_BOX)

static Session *session_of(PacketsPanel *self)
{
	return self->context->session;
}

/* -- What is captured -- */

static char **wanted_places(PacketsPanel *self)
{
	const char *scope = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->scope));
	return g_strcmp0(scope, "lab") == 0 ? g_new0(char *, 1) : capture_places(session_scene(session_of(self)));
}

static void update_status(PacketsPanel *self)
{
	guint64 total, skipped;
	const char *error = packet_feed_error(self->feed), *way = packet_tracker_text(self->tracker);
	g_autofree char *where = capture_places_text((const char *const *)self->places);
	GString *text = g_string_new(NULL);
	packet_feed_counts(self->feed, &total, &skipped);
	g_autofree char *all = g_strdup_printf("%'" G_GUINT64_FORMAT, total);
	g_autofree char *fewer = g_strdup_printf("%'" G_GUINT64_FORMAT, skipped);
	if (self->follow && *way)
		g_string_append(text, way);
	else if (!session_proxy(session_of(self)))
		g_string_append(text, _("Start the lab to see its frames."));
	else if (error)
		g_string_append(text, error);
	else
		g_string_append_printf(
			text, _("%s: %s frames, decoded by %s"), where, all, packet_list_reader(self->list));
	if (skipped && !(self->follow && *way))
		g_string_append_printf(text, _("; too many to list: %s omitted"), fewer);
	if (self->paused)
		g_string_append(text, _("; paused"));
	gtk_label_set_text(GTK_LABEL(self->status), text->str);
	g_string_free(text, TRUE);
}

static void start(PacketsPanel *self)
{
	packet_tracker_forget(self->tracker);
	packet_list_set_map(self->list, wire_map_new(session_scene(session_of(self))));
	packet_feed_start(self->feed, (const char *const *)self->places, filter_entry_get(self->filter));
	update_status(self);
}

/* Captures only while it is looked at: a capture costs the lab its offloads. */
static void follow_places(PacketsPanel *self, gboolean anew)
{
	g_auto(GStrv) places = wanted_places(self);
	gboolean same = self->places && g_strv_equal((const char *const *)places, (const char *const *)self->places);
	if (!gtk_widget_get_mapped(GTK_WIDGET(self)) || !session_proxy(session_of(self))) {
		packet_feed_stop(self->feed);
		update_status(self);
		return;
	}
	if (same && !anew && packet_feed_is_running(self->feed))
		return;
	g_strfreev(self->places);
	self->places = g_steal_pointer(&places);
	start(self);
}

static void on_selection(PacketsPanel *self)
{
	follow_places(self, FALSE);
}

static void on_anew(PacketsPanel *self)
{
	follow_places(self, TRUE);
}

static gboolean on_status_time(gpointer data)
{
	update_status(data);
	return G_SOURCE_CONTINUE;
}

static void on_map(PacketsPanel *self)
{
	follow_places(self, FALSE);
	if (!self->status_source)
		self->status_source = g_timeout_add(STATUS, on_status_time, self);
}

static void on_unmap(PacketsPanel *self)
{
	g_clear_handle_id(&self->status_source, g_source_remove);
	packet_feed_stop(self->feed);
}

/* -- The list -- */

/* The number of the chosen frame; 0: none is. */
static guint64 chosen(PacketsPanel *self)
{
	GtkTreeModel *model;
	GtkTreeIter row;
	guint64 number = 0;
	if (gtk_tree_selection_get_selected(gtk_tree_view_get_selection(self->view), &model, &row))
		gtk_tree_model_get(model, &row, PACKET_COLUMN_NUMBER, &number, -1);
	return number;
}

static void open_wireshark(PacketsPanel *self)
{
	const PacketStore *store = packet_feed_store(self->feed);
	const GByteArray *head = packet_feed_head(self->feed);
	guint64 number = chosen(self);
	if (!head || packet_store_first(store) > packet_store_last(store))
		return;
	g_autoptr(GBytes) capture = packet_store_file(store, head);
	wireshark_open_bytes(session_of(self), capture, number ? number - packet_store_first(store) + 1 : 0);
}

static void follow_chosen(PacketsPanel *self)
{
	const Packet *packet = packet_store_get(packet_feed_store(self->feed), chosen(self));
	if (self->follow && packet)
		packet_tracker_follow(self->tracker, packet, packet_feed_interface(self->feed, packet->interface));
	else
		packet_tracker_forget(self->tracker);
}

static void on_found(PacketsPanel *self)
{
	const GPtrArray *path = packet_tracker_path(self->tracker);
	canvas_highlight_path(self->context->canvas, path->len ? path : NULL);
	update_status(self);
}

/* Scrolling up is for reading; scrolling to the end is for following what comes. */
static void on_scrolled(GtkAdjustment *adjustment, PacketsPanel *self)
{
	self->at_end = gtk_adjustment_get_value(adjustment) + gtk_adjustment_get_page_size(adjustment) >=
		gtk_adjustment_get_upper(adjustment) - 1;
}

static void on_begun(PacketsPanel *self)
{
	self->at_end = TRUE;
}

/* How far down the list scrolls automatically: new frames do not push the chosen frame out of sight. */
static double lowest(PacketsPanel *self, GtkAdjustment *adjustment)
{
	double end = gtk_adjustment_get_upper(adjustment) - gtk_adjustment_get_page_size(adjustment);
	GtkTreeModel *model;
	GtkTreeIter chosen;
	GdkRectangle row;
	int x, y;
	if (!gtk_tree_selection_get_selected(gtk_tree_view_get_selection(self->view), &model, &chosen))
		return end;
	g_autoptr(GtkTreePath) path = gtk_tree_model_get_path(model, &chosen);
	gtk_tree_view_get_background_area(self->view, path, NULL, &row);
	gtk_tree_view_convert_bin_window_to_tree_coords(self->view, 0, row.y, &x, &y);
	return y + row.height > gtk_adjustment_get_value(adjustment) ? MIN(y, end) : end;
}

static void on_grown(GtkAdjustment *adjustment, PacketsPanel *self)
{
	if (self->at_end)
		gtk_adjustment_set_value(adjustment, lowest(self, adjustment));
}

/* -- Actions -- */

static void on_packets(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	PacketsPanel *self = data;
	gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->scope), "selection");
	panel_show(self->context, "packets");
}

static void on_scope(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	gtk_combo_box_set_active_id(
		GTK_COMBO_BOX(((PacketsPanel *)data)->scope), g_variant_get_string(parameter, NULL));
}

static void on_filter(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	filter_entry_set(((PacketsPanel *)data)->filter, g_variant_get_string(parameter, NULL));
}

static void on_pause(GSimpleAction *action, GVariant *state, gpointer data)
{
	PacketsPanel *self = data;
	self->paused = g_variant_get_boolean(state);
	packet_feed_set_paused(self->feed, self->paused);
	g_simple_action_set_state(action, state);
	update_status(self);
}

static void on_follow(GSimpleAction *action, GVariant *state, gpointer data)
{
	PacketsPanel *self = data;
	self->follow = g_variant_get_boolean(state);
	g_simple_action_set_state(action, state);
	follow_chosen(self);
}

static void on_clear(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	packet_feed_clear(((PacketsPanel *)data)->feed);
}

static void on_choose(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	PacketsPanel *self = data;
	guint64 number = g_variant_get_uint64(parameter);
	GtkTreeIter row;
	if (!packet_list_find(self->list, number ? number : packet_store_last(packet_feed_store(self->feed)), &row))
		return;
	g_autoptr(GtkTreePath) path = gtk_tree_model_get_path(packet_list_model(self->list), &row);
	gtk_tree_selection_select_iter(gtk_tree_view_get_selection(self->view), &row);
	gtk_tree_view_scroll_to_cell(self->view, path, NULL, FALSE, 0, 0);
}

static void on_wireshark(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	open_wireshark(data);
}

/* -- The widget -- */

static void packets_panel_dispose(GObject *object)
{
	PacketsPanel *self = PACKETS_PANEL(object);
	g_clear_handle_id(&self->status_source, g_source_remove);
	if (self->feed)
		g_object_run_dispose(G_OBJECT(self->feed));
	if (self->tracker)
		g_object_run_dispose(G_OBJECT(self->tracker));
	G_OBJECT_CLASS(packets_panel_parent_class)->dispose(object);
}

static void packets_panel_finalize(GObject *object)
{
	PacketsPanel *self = PACKETS_PANEL(object);
	g_clear_object(&self->list);
	g_clear_object(&self->feed);
	g_clear_object(&self->tracker);
	g_strfreev(self->places);
	G_OBJECT_CLASS(packets_panel_parent_class)->finalize(object);
}

static void packets_panel_class_init(PacketsPanelClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
	G_OBJECT_CLASS(class)->dispose = packets_panel_dispose;
	G_OBJECT_CLASS(class)->finalize = packets_panel_finalize;
	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/packets/packets_panel.ui");
	gtk_widget_class_bind_template_child(widget_class, PacketsPanel, scope);
	gtk_widget_class_bind_template_child(widget_class, PacketsPanel, filter_box);
	gtk_widget_class_bind_template_child(widget_class, PacketsPanel, status);
	gtk_widget_class_bind_template_child(widget_class, PacketsPanel, scroll);
	gtk_widget_class_bind_template_child(widget_class, PacketsPanel, view);
}

/* Ten thousand rows that come and go: their height is the same, and widths are not measured. */
static void add_columns(PacketsPanel *self)
{
	const struct {
		const char *title;
		int width;
	} columns[] = {
		[PACKET_COLUMN_TIME] = {_("Time"), 130},
		[PACKET_COLUMN_LINK] = {_("Link"), 170},
		[PACKET_COLUMN_FROM] = {_("From"), 150},
		[PACKET_COLUMN_TO] = {_("To"), 150},
		[PACKET_COLUMN_PROTOCOL] = {_("Protocol"), 80},
		[PACKET_COLUMN_INFO] = {_("Info"), 600},
	};
	for (int i = 0; i < (int)G_N_ELEMENTS(columns); i++) {
		GtkCellRenderer *cell = gtk_cell_renderer_text_new();
		GtkTreeViewColumn *column =
			gtk_tree_view_column_new_with_attributes(columns[i].title, cell, "text", i, NULL);
		g_object_set(cell, "ellipsize", PANGO_ELLIPSIZE_END, NULL); /* an IPv6 address cut would be another */
		gtk_cell_renderer_text_set_fixed_height_from_font(GTK_CELL_RENDERER_TEXT(cell), 1);
		gtk_tree_view_column_set_sizing(column, GTK_TREE_VIEW_COLUMN_FIXED);
		gtk_tree_view_column_set_fixed_width(column, columns[i].width);
		gtk_tree_view_column_set_resizable(column, TRUE);
		gtk_tree_view_append_column(self->view, column);
	}
	gtk_tree_view_set_fixed_height_mode(self->view, TRUE);
}

static void packets_panel_init(PacketsPanel *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	self->at_end = TRUE;
	add_columns(self);
	GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroll);
	g_signal_connect_object(adjustment, "value-changed", G_CALLBACK(on_scrolled), self, 0);
	g_signal_connect_object(adjustment, "changed", G_CALLBACK(on_grown), self, 0);
	g_signal_connect_object(self->view, "row-activated", G_CALLBACK(open_wireshark), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		gtk_tree_view_get_selection(self->view), "changed", G_CALLBACK(follow_chosen), self, G_CONNECT_SWAPPED);
	/* GtkBuilder sets what is active before there is anything. */
	gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->scope), "selection");
	g_signal_connect_object(self->scope, "changed", G_CALLBACK(on_selection), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self, "map", G_CALLBACK(on_map), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self, "unmap", G_CALLBACK(on_unmap), self, G_CONNECT_SWAPPED);
}

static GtkWidget *create(const PanelContext *context)
{
	static const GActionEntry entries[] = {
		{.name = "packets", .activate = on_packets},
		{.name = "packets-scope", .activate = on_scope, .parameter_type = "s"},
		{.name = "packets-filter", .activate = on_filter, .parameter_type = "s"},
		{.name = "packets-pause", .state = "false", .change_state = on_pause},
		{.name = "packets-follow", .state = "false", .change_state = on_follow},
		{.name = "packets-clear", .activate = on_clear},
		{.name = "packets-choose", .activate = on_choose, .parameter_type = "t"},
		{.name = "packets-wireshark", .activate = on_wireshark},
	};
	PacketsPanel *self = g_object_new(PACKETS_TYPE_PANEL, NULL);
	Session *session = context->session;
	GtkWidget *filter = filter_entry_new(session);
	self->context = context;
	self->filter = FILTER_ENTRY(filter);
	self->feed = packet_feed_new(session);
	self->list = packet_list_new(self->feed);
	self->tracker = packet_tracker_new(session);
	self->places = g_new0(char *, 1);
	gtk_widget_set_hexpand(filter, TRUE);
	gtk_container_add(GTK_CONTAINER(self->filter_box), filter);
	gtk_tree_view_set_model(self->view, packet_list_model(self->list));
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), self);
	g_signal_connect_object(filter, "accepted", G_CALLBACK(on_anew), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->feed, "begun", G_CALLBACK(on_begun), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->feed, "ended", G_CALLBACK(update_status), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->tracker, "found", G_CALLBACK(on_found), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_scene(session), "selection", G_CALLBACK(on_selection), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_scene(session), "structure", G_CALLBACK(on_selection), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session, "run", G_CALLBACK(on_anew), self, G_CONNECT_SWAPPED);
	update_status(self);
	return GTK_WIDGET(self);
}

const PanelType packets_panel = {"packets", N_("Packets"), PANEL_BOTTOM, create, FALSE, NULL};
