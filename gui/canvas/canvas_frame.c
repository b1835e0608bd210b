/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is around the picture, in pixels: title, legend, overview, and what a drag shows. */
#include <glib/gi18n.h>
#include <math.h>

#include "gui/canvas/canvas_private.h"

enum { EDGE = 18, LEGEND_ROW = 20, LEGEND_GAP = 14 };

static void set_alpha(cairo_t *cr, const GdkRGBA *colour, double alpha)
{
	cairo_set_source_rgba(cr, colour->red, colour->green, colour->blue, alpha);
}

static double height_of(PangoLayout *layout)
{
	int width, height;
	pango_layout_get_size(layout, &width, &height);
	return (double)height / PANGO_SCALE;
}

static double width_of(PangoLayout *layout)
{
	int width, height;
	pango_layout_get_size(layout, &width, &height);
	return (double)width / PANGO_SCALE;
}

/* A text of at most two lines; returns its height. cr NULL: measures only. */
static double paint_wrapped(
	Canvas *self, cairo_t *cr, CanvasText style, const char *text, double y, double width, const GdkRGBA *colour)
{
	if (!*text)
		return 0;
	PangoLayout *layout = canvas_layout(self, style, text);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_height(layout, -2);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	if (cr)
		canvas_paint_text(self, cr, style, text, EDGE, y, colour);
	return height_of(layout);
}

/* Returns where the picture may begin. */
static double paint_title(Canvas *self, cairo_t *cr, double width, const CanvasColours *colours)
{
	double y = EDGE - 4, across = MAX(width - 2 * EDGE, 50);
	y += paint_wrapped(self, cr, TEXT_TITLE, scene_title(self->scene), y, across, colours ? &colours->ink : NULL) +
		2;
	y += paint_wrapped(
		self, cr, TEXT_BODY, scene_description(self->scene), y, across, colours ? &colours->faint : NULL);
	return y;
}

/** Pixels that title and description take above a picture of this width. */
double canvas_title_height(Canvas *self, double width)
{
	return self->shown[CANVAS_LEGEND] ? paint_title(self, NULL, width, NULL) : 0;
}

/* -- The legend -- */

static const SceneState legend_states[] = {SCENE_READY, SCENE_BOOTING, SCENE_PAUSED, SCENE_FAILED, SCENE_STOPPED};
enum { LEGEND_UNPLUGGED = G_N_ELEMENTS(legend_states), LEGEND_TRAFFIC, N_LEGEND };

static void paint_sign(cairo_t *cr, guint item, double x, double y, const CanvasColours *colours)
{
	static const double dashes[] = {5, 3};
	if (item < LEGEND_UNPLUGGED) {
		canvas_paint_badge(cr, legend_states[item], 0, x + 7, y, 6.5);
	} else if (item == LEGEND_UNPLUGGED) {
		gdk_cairo_set_source_rgba(cr, &colours->trouble);
		cairo_set_line_width(cr, 1.7);
		cairo_set_dash(cr, dashes, G_N_ELEMENTS(dashes), 0);
		cairo_move_to(cr, x, y);
		cairo_line_to(cr, x + 24, y);
		cairo_stroke(cr);
		cairo_set_dash(cr, NULL, 0, 0);
	} else {
		gdk_cairo_set_source_rgba(cr, &colours->busy);
		for (int i = 0; i < 4; i++) {
			cairo_set_line_width(cr, 1.6 + i * 1.4);
			cairo_move_to(cr, x + i * 7, y);
			cairo_line_to(cr, x + i * 7 + 7, y);
			cairo_stroke(cr);
		}
	}
}

/* A sign and its name, in the middle of y. Returns their width. cr NULL: measures only. */
static double paint_legend_item(Canvas *self, cairo_t *cr, guint item, double x, double y, const CanvasColours *colours)
{
	const char *name = item == LEGEND_TRAFFIC ? _("traffic")
		: item == LEGEND_UNPLUGGED        ? _("unplugged")
						  : canvas_state_name(legend_states[item]);
	PangoLayout *layout = canvas_layout(self, TEXT_LABEL, name);
	double sign = item == LEGEND_TRAFFIC ? 33 : item == LEGEND_UNPLUGGED ? 29 : 18;
	if (cr) {
		paint_sign(cr, item, x, y, colours);
		canvas_paint_text(self, cr, TEXT_LABEL, name, x + sign, y - height_of(layout) / 2, &colours->faint);
	}
	return sign + width_of(layout);
}

/* In as many rows as it takes, from y downwards. Returns their number. cr NULL: measures only. */
static guint paint_legend(Canvas *self, cairo_t *cr, double y, double width, const CanvasColours *colours)
{
	double x = EDGE;
	guint rows = 1;
	for (guint item = 0; item < N_LEGEND; item++) {
		double across = paint_legend_item(self, NULL, item, x, y, colours);
		if (x > EDGE && x + across > width - EDGE) {
			x = EDGE;
			rows++;
		}
		if (cr)
			paint_legend_item(self, cr, item, x, y + (rows - 1) * LEGEND_ROW, colours);
		x += across + LEGEND_GAP;
	}
	return rows;
}

/** Pixels that the rows of the legend but the first take below a picture of this width. */
double canvas_legend_height(Canvas *self, double width)
{
	gboolean shown = self->shown[CANVAS_LEGEND] && scene_vertices(self->scene)->len;
	return shown ? (paint_legend(self, NULL, 0, width, NULL) - 1) * LEGEND_ROW : 0;
}

/** Title and description above, the legend below. */
void canvas_paint_frame(Canvas *self, cairo_t *cr, double width, double height, const CanvasColours *colours)
{
	gboolean legend = scene_vertices(self->scene)->len > 0;
	double more = canvas_legend_height(self, width);
	if (!self->shown[CANVAS_LEGEND])
		return;
	/* Zoomed in, the picture continues below them. */
	if (!self->fits) {
		set_alpha(cr, &colours->paper, 0.85);
		cairo_rectangle(cr, 0, 0, width, canvas_title_height(self, width) + 4);
		if (legend)
			cairo_rectangle(cr, 0, height - more - 2 * EDGE + 4, width, more + 2 * EDGE - 4);
		cairo_fill(cr);
	}
	paint_title(self, cr, width, colours);
	if (legend)
		paint_legend(self, cr, height - more - EDGE, width, colours);
}

/** The whole lab, small, with what is in sight framed. */
void canvas_paint_overview(Canvas *self, cairo_t *cr, const CanvasColours *colours)
{
	GeometryBox box = canvas_overview_box(self), bounds = geometry_bounds(self->scene);
	const GPtrArray *vertices = scene_vertices(self->scene), *edges = scene_edges(self->scene);
	GtkWidget *widget = GTK_WIDGET(self);
	if (box.width <= 0)
		return;
	GeometryView small = geometry_fit(bounds, box.width, box.height, 8, 1);
	GeometryPoint from = geometry_to_scene(&self->view, 0, 0);
	GeometryPoint to = geometry_to_scene(
		&self->view, gtk_widget_get_allocated_width(widget), gtk_widget_get_allocated_height(widget));
	cairo_save(cr);
	canvas_rounded(cr, box, 6);
	set_alpha(cr, &colours->paper, 0.92);
	cairo_fill_preserve(cr);
	gdk_cairo_set_source_rgba(cr, &colours->line);
	cairo_set_line_width(cr, 1);
	cairo_stroke_preserve(cr);
	cairo_clip(cr);
	cairo_translate(cr, box.x + small.x, box.y + small.y);
	cairo_scale(cr, small.scale, small.scale);
	cairo_set_line_width(cr, 0.6 / small.scale);
	set_alpha(cr, &colours->line, 0.6);
	for (guint i = 0; i < edges->len; i++) {
		const SceneEdge *edge = edges->pdata[i];
		cairo_move_to(cr, edge->ends[0]->x, edge->ends[0]->y);
		cairo_line_to(cr, edge->ends[1]->x, edge->ends[1]->y);
	}
	cairo_stroke(cr);
	set_alpha(cr, &colours->ink, 0.8);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		double half = 1.8 / small.scale;
		cairo_rectangle(cr, vertex->x - half, vertex->y - half, 2 * half, 2 * half);
	}
	cairo_fill(cr);
	cairo_rectangle(cr, from.x, from.y, to.x - from.x, to.y - from.y);
	set_alpha(cr, &colours->accent, 0.15);
	cairo_fill_preserve(cr);
	gdk_cairo_set_source_rgba(cr, &colours->accent);
	cairo_set_line_width(cr, 1.4 / small.scale);
	cairo_stroke(cr);
	cairo_restore(cr);
}

static void paint_guides(Canvas *self, cairo_t *cr, const CanvasColours *colours)
{
	static const double dashes[] = {4, 4};
	GeometryPoint at = geometry_to_widget(&self->view, self->snap.x, self->snap.y);
	GtkWidget *widget = GTK_WIDGET(self);
	set_alpha(cr, &colours->accent, 0.8);
	cairo_set_line_width(cr, 1);
	cairo_set_dash(cr, dashes, G_N_ELEMENTS(dashes), 0);
	if (self->snap.along_x) {
		cairo_move_to(cr, at.x, 0);
		cairo_line_to(cr, at.x, gtk_widget_get_allocated_height(widget));
	}
	if (self->snap.along_y) {
		cairo_move_to(cr, 0, at.y);
		cairo_line_to(cr, gtk_widget_get_allocated_width(widget), at.y);
	}
	cairo_stroke(cr);
	cairo_set_dash(cr, NULL, 0, 0);
}

/** The rubber band, the line that is being drawn, the lines to which a vertex snaps. */
void canvas_paint_drag(Canvas *self, cairo_t *cr, const CanvasColours *colours)
{
	GeometryBox band = geometry_box_between(
		(GeometryPoint){self->press_x, self->press_y}, (GeometryPoint){self->pointer_x, self->pointer_y});
	const SceneVertex *leader = canvas_leader(self);
	if (!self->drag_began)
		return;
	if (self->drag == DRAG_BAND) {
		cairo_rectangle(cr, band.x + 0.5, band.y + 0.5, band.width, band.height);
		set_alpha(cr, &colours->accent, 0.15);
		cairo_fill_preserve(cr);
		gdk_cairo_set_source_rgba(cr, &colours->accent);
		cairo_set_line_width(cr, 1);
		cairo_stroke(cr);
	} else if (self->drag == DRAG_MOVE) {
		paint_guides(self, cr, colours);
	} else if (self->drag == DRAG_CONNECT && leader) {
		GeometryPoint from = geometry_to_widget(&self->view, leader->x, leader->y);
		gdk_cairo_set_source_rgba(cr, &colours->accent);
		cairo_set_line_width(cr, 2.5);
		cairo_move_to(cr, from.x, from.y);
		cairo_line_to(cr, self->pointer_x, self->pointer_y);
		cairo_stroke(cr);
	}
}
