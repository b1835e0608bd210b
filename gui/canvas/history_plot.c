/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/canvas/history_plot.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/canvas/colours.h"
#include "gui/model/history_scale.h"
#include "gui/model/traffic.h"

struct _HistoryPlot {
	GtkDrawingArea parent_instance;
	SceneFlow flows[2];
	char *names[2];
};

G_DEFINE_FINAL_TYPE(HistoryPlot, history_plot, GTK_TYPE_DRAWING_AREA)

static void history_plot_finalize(GObject *object)
{
	HistoryPlot *self = HISTORY_PLOT(object);
	g_free(self->names[0]);
	g_free(self->names[1]);
	G_OBJECT_CLASS(history_plot_parent_class)->finalize(object);
}

/* direction: -1 upwards, 1 downwards. */
static void draw_flow(cairo_t *cr, const SceneFlow *flow, double top, double width, double height, int direction)
{
	double x = 0, y = 0;
	cairo_move_to(cr, width, 0);
	for (guint second = 0; second < SCENE_HISTORY; second++) {
		history_place(flow, second, top, width, height, &x, &y);
		cairo_line_to(cr, x, direction * y);
	}
	cairo_line_to(cr, x, 0);
	cairo_close_path(cr);
}

/* colours: the ground, and of the text. */
static void draw_text(
	HistoryPlot *self, cairo_t *cr, const char *text, double x, double y, gboolean below, const GdkRGBA colours[2])
{
	g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), NULL);
	g_autofree char *markup = g_markup_printf_escaped("<small>%s</small>", text);
	int width, height;
	pango_layout_set_markup(layout, markup, -1);
	pango_layout_get_pixel_size(layout, &width, &height);
	y = below ? y - height : y;
	/* Traffic may be below it. */
	cairo_rectangle(cr, x - 2, y, width + 4, height);
	gdk_cairo_set_source_rgba(cr, &colours[0]);
	cairo_fill(cr);
	gdk_cairo_set_source_rgba(cr, &colours[1]);
	cairo_move_to(cr, x, y);
	pango_cairo_show_layout(cr, layout);
}

static gboolean history_plot_draw(GtkWidget *widget, cairo_t *cr)
{
	HistoryPlot *self = HISTORY_PLOT(widget);
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	double width = gtk_widget_get_allocated_width(widget), height = gtk_widget_get_allocated_height(widget);
	double top = history_top(history_largest(self->flows));
	static const GdkRGBA fills[2] = {{0.21, 0.52, 0.89, 1}, {0.9, 0.45, 0.1, 1}};
	GdkRGBA colours[] = {{1, 1, 1, 1}, {0, 0, 0, 1}}; /* the ground, and of texts */
	g_autofree char *scale = traffic_text(top);
	gtk_render_background(style, cr, 0, 0, width, height);
	gtk_style_context_get_color(style, gtk_style_context_get_state(style), &colours[1]);
	gtk_style_context_lookup_color(style, "theme_bg_color", &colours[0]);
	cairo_save(cr);
	cairo_translate(cr, 0, height / 2);
	for (guint i = 0; i < 2; i++) {
		draw_flow(cr, &self->flows[i], top, width, height / 2 - 2, i ? 1 : -1);
		const GdkRGBA fill = colours_readable(&fills[i], &colours[0], &colours[1], COLOURS_GRAPHIC);
		gdk_cairo_set_source_rgba(cr, &fill);
		cairo_fill(cr);
	}
	gdk_cairo_set_source_rgba(cr, &colours[1]);
	cairo_set_line_width(cr, 1);
	cairo_move_to(cr, 0, 0.5);
	cairo_line_to(cr, width, 0.5);
	cairo_stroke(cr);
	cairo_restore(cr);
	for (guint i = 0; i < 2 && self->names[i]; i++) {
		g_autofree char *rate = traffic_text(self->flows[i].bit_rate);
		g_autofree char *from = g_strdup_printf(_("from %s: %s"), self->names[i], rate);
		draw_text(self, cr, from, 4, i ? height : 0, i == 1, colours);
	}
	draw_text(self, cr, scale, width - 70, 0, FALSE, colours);
	return FALSE;
}

static void history_plot_class_init(HistoryPlotClass *class)
{
	G_OBJECT_CLASS(class)->finalize = history_plot_finalize;
	GTK_WIDGET_CLASS(class)->draw = history_plot_draw;
	gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "plot");
	gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), ATK_ROLE_CHART);
}

static void history_plot_init(HistoryPlot *self)
{
	gtk_widget_set_size_request(GTK_WIDGET(self), -1, 110);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self)), _("Traffic of the last two minutes"));
}

GtkWidget *history_plot_new(void)
{
	return g_object_new(HISTORY_TYPE_PLOT, NULL);
}

void history_plot_show(HistoryPlot *self, const SceneFlow flows[2], const char *const names[2])
{
	memcpy(self->flows, flows, sizeof self->flows);
	for (guint i = 0; i < 2; i++) {
		g_free(self->names[i]);
		self->names[i] = g_strdup(names[i]);
	}
	g_autofree char *first = traffic_text(flows[0].bit_rate), *second = traffic_text(flows[1].bit_rate);
	g_autofree char *text = g_strdup_printf(_("from %s: %s, from %s: %s"), names[0], first, names[1], second);
	atk_object_set_description(gtk_widget_get_accessible(GTK_WIDGET(self)), text);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}
