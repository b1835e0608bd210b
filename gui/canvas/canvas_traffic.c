/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dots that travel along the lines. Only their own few pixels are drawn again, and nothing at all when nothing moves. */
#include <math.h>

#include "gui/canvas/canvas_private.h"

enum {
	CALM = 150, /* edges with traffic: with more of them, traffic shows only in the thickness of lines */
	DOT = 9,    /* pixels of a dot's picture, at zoom 1 and more */
	LEAST = 6,  /* the same, from far away */
};

/** Other edges: dots of the old ones are gone. */
void canvas_traffic_restart(Canvas *self)
{
	g_free(self->flows);
	self->flows = g_new0(TrafficFlow, 2 * scene_edges(self->scene)->len + 1);
	canvas_remember_paths(self);
	canvas_traffic_update(self);
}

static double seconds(GdkFrameClock *clock)
{
	return (double)gdk_frame_clock_get_frame_time(clock) / G_USEC_PER_SEC;
}

static gboolean is_alive(const SceneEdge *edge)
{
	return !edge->down && (edge->flows[0].frame_rate > 0 || edge->flows[1].frame_rate > 0);
}

static int dot_size(const Canvas *self)
{
	return (int)CLAMP(lround(DOT * self->view.scale), LEAST, DOT);
}

static GdkRectangle dot_rectangle(Canvas *self, guint index, guint dot, double now)
{
	const SceneEdge *edge = scene_edges(self->scene)->pdata[index / 2];
	const GeometryPath *path = &self->paths[index / 2];
	unsigned from = index % 2;
	double lane = traffic_width(edge->flows[from].bit_rate) / 2 + TRAFFIC_GAP;
	double way = traffic_dot(&self->flows[index], dot, now);
	GeometryPoint at = geometry_path_at(path, from ? path->length - way : way, from ? -lane : lane);
	at = geometry_to_widget(&self->view, at.x, at.y);
	int size = dot_size(self);
	return (GdkRectangle){(int)lround(at.x - size / 2.0), (int)lround(at.y - size / 2.0), size, size};
}

/* A line that leaves a node downwards passes under its name, and every line under what its cable does to frames: a dot
 * there would hide it. */
static gboolean covers_text(Canvas *self, guint index, const GdkRectangle *place)
{
	const SceneEdge *edge = scene_edges(self->scene)->pdata[index];
	const GeometryBox *pill = &self->pills[index];
	double half = dot_size(self) / 2.0 / self->view.scale;
	GeometryPoint at =
		geometry_to_scene(&self->view, place->x + place->width / 2.0, place->y + place->height / 2.0);
	GeometryBox dot = {at.x - half, at.y - half, 2 * half, 2 * half};
	return (pill->width > 0 && geometry_boxes_meet(*pill, dot)) ||
		geometry_box_has(geometry_vertex_box(edge->ends[0], TRUE), at.x, at.y) ||
		geometry_box_has(geometry_vertex_box(edge->ends[1], TRUE), at.x, at.y);
}

/* Puts the places of all dots into self->drawn; returns whether there is any, or will be. */
static gboolean advance(Canvas *self, double now)
{
	const GPtrArray *edges = scene_edges(self->scene);
	double most = traffic_most(self->view.scale, self->busy);
	gboolean any = FALSE;
	g_array_set_size(self->drawn, 0);
	for (guint i = 0; i < edges->len; i++) {
		const SceneEdge *edge = edges->pdata[i];
		for (unsigned from = 0; from < 2; from++) {
			TrafficFlow *flow = &self->flows[2 * i + from];
			traffic_advance(flow, is_alive(edge) ? edge->flows[from].frame_rate : 0, most, now,
				self->paths[i].length);
			any |= flow->count > 0 || (is_alive(edge) && edge->flows[from].frame_rate > 0);
			for (guint dot = 0; dot < flow->count; dot++) {
				GdkRectangle place = dot_rectangle(self, 2 * i + from, dot, now);
				if (!covers_text(self, i, &place))
					g_array_append_val(self->drawn, place);
			}
		}
	}
	return any;
}

static void add_drawn(Canvas *self, GArray *places)
{
	g_array_append_vals(places, self->drawn->data, self->drawn->len);
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	Canvas *self = CANVAS_CANVAS(widget);
	g_autoptr(GArray) places = g_array_sized_new(FALSE, FALSE, sizeof(GdkRectangle), 2 * self->drawn->len + 64);
	add_drawn(self, places);
	gboolean any = advance(self, seconds(clock));
	add_drawn(self, places);
	if (places->len) {
		cairo_region_t *region =
			cairo_region_create_rectangles((cairo_rectangle_int_t *)places->data, (int)places->len);
		gtk_widget_queue_draw_region(widget, region);
		cairo_region_destroy(region);
	}
	if (!any)
		self->tick = 0;
	return any ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/** Takes all dots away. */
void canvas_traffic_clear(Canvas *self)
{
	if (self->tick)
		gtk_widget_remove_tick_callback(GTK_WIDGET(self), self->tick);
	self->tick = 0;
	g_array_set_size(self->drawn, 0);
}

/* Whether the widget shows any of it. */
static gboolean is_in_sight(Canvas *self, const SceneEdge *edge)
{
	GtkWidget *widget = GTK_WIDGET(self);
	GeometryPoint to = {gtk_widget_get_allocated_width(widget), gtk_widget_get_allocated_height(widget)};
	GeometryBox seen =
		geometry_box_between(geometry_to_scene(&self->view, 0, 0), geometry_to_scene(&self->view, to.x, to.y));
	return geometry_boxes_meet(seen, geometry_edge_bounds(edge));
}

/** Rates have changed, traffic is shown or hidden, or another part of the lab is visible: dots start to move, or stop. */
void canvas_traffic_update(Canvas *self)
{
	const GPtrArray *edges = scene_edges(self->scene);
	gboolean seen = FALSE;
	self->busy = 0;
	for (guint i = 0; i < edges->len; i++) {
		gboolean alive = is_alive(edges->pdata[i]);
		self->busy += alive;
		seen = seen || (alive && is_in_sight(self, edges->pdata[i]));
	}
	if (!self->shown[CANVAS_TRAFFIC] || self->busy > CALM || (self->busy > 0 && !seen))
		canvas_traffic_clear(self);
	else if (seen && !self->tick)
		self->tick = gtk_widget_add_tick_callback(GTK_WIDGET(self), on_tick, NULL, NULL);
}

static cairo_surface_t *dot_surface(Canvas *self, cairo_t *target, int size)
{
	CanvasColours colours;
	canvas_colours(self, &colours);
	cairo_surface_t *surface =
		cairo_surface_create_similar(cairo_get_target(target), CAIRO_CONTENT_COLOR_ALPHA, size, size);
	cairo_t *cr = cairo_create(surface);
	cairo_arc(cr, size / 2.0, size / 2.0, size / 2.0 - 1.1, 0, 2 * G_PI);
	gdk_cairo_set_source_rgba(cr, &colours.paper);
	cairo_fill_preserve(cr);
	gdk_cairo_set_source_rgba(cr, &colours.busy);
	cairo_set_line_width(cr, 0.2 * size);
	cairo_stroke(cr);
	cairo_destroy(cr);
	return surface;
}

/* The clip is made of hundreds of small boxes, which cairo would go through for every dot. All dots lie within it, or
 * have not moved: the whole widget does as well. */
static void widen_clip(Canvas *self, cairo_t *cr)
{
	GtkWidget *widget = GTK_WIDGET(self);
	cairo_reset_clip(cr);
	cairo_rectangle(cr, 0, 0, gtk_widget_get_allocated_width(widget), gtk_widget_get_allocated_height(widget));
	cairo_clip(cr);
}

void canvas_traffic_paint(Canvas *self, cairo_t *cr)
{
	GdkRectangle clip;
	if (!self->tick || !self->drawn->len || !gdk_cairo_get_clip_rectangle(cr, &clip))
		return;
	int size = g_array_index(self->drawn, GdkRectangle, 0).width;
	if (size != self->dot_size)
		g_clear_pointer(&self->dot, cairo_surface_destroy);
	if (!self->dot)
		self->dot = dot_surface(self, cr, size);
	self->dot_size = size;
	cairo_save(cr);
	widen_clip(self, cr);
	for (guint i = 0; i < self->drawn->len; i++) {
		const GdkRectangle *place = &g_array_index(self->drawn, GdkRectangle, i);
		if (!gdk_rectangle_intersect(place, &clip, NULL))
			continue;
		cairo_set_source_surface(cr, self->dot, place->x, place->y);
		cairo_paint(cr);
	}
	cairo_restore(cr);
}
