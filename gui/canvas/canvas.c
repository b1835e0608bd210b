/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The widget and its view. */
#include "gui/canvas/canvas.h"

#include <math.h>

#include "gui/canvas/canvas_private.h"

enum { MARGIN = 56, OVERVIEW_WIDTH = 190, OVERVIEW_HEIGHT = 130, OVERVIEW_EDGE = 12 };

#define LARGEST_FIT 1.7

G_DEFINE_FINAL_TYPE(Canvas, canvas, GTK_TYPE_DRAWING_AREA)

enum {
	SIGNAL_ACTIVATE_VERTEX,
	SIGNAL_ACTIVATE_EDGE,
	SIGNAL_MENU,
	SIGNAL_MOVED,
	SIGNAL_DELETE,
	SIGNAL_ZOOM,
	SIGNAL_CONNECT,
	SIGNAL_PLACE,
	N_SIGNALS
};
static guint signals[N_SIGNALS];

/* -- The view -- */

static void fit(Canvas *self)
{
	GtkWidget *widget = GTK_WIDGET(self);
	double width = gtk_widget_get_allocated_width(widget), height = gtk_widget_get_allocated_height(widget);
	double above = canvas_title_height(self, width);
	GeometryBox bounds = geometry_bounds(self->scene);
	GeometryView view = geometry_fit(bounds, width, MAX(height - above - canvas_legend_height(self, width), 20),
		MARGIN, bounds.width > 0 ? LARGEST_FIT : 1);
	view.y += above;
	self->by_hand = FALSE;
	if (fabs(view.scale - self->view.scale) < 1e-9 && fabs(view.x - self->view.x) < 0.01 &&
		fabs(view.y - self->view.y) < 0.01)
		return;
	canvas_set_view(self, view, TRUE);
}

void canvas_set_view(Canvas *self, GeometryView view, gboolean fits)
{
	gboolean zoomed = view.scale != self->view.scale;
	self->view = view;
	self->fits = fits;
	canvas_traffic_update(self);
	canvas_stale(self);
	if (zoomed)
		g_signal_emit(self, signals[SIGNAL_ZOOM], 0);
}

/** The layer has to be painted again before the next drawing. */
void canvas_stale(Canvas *self)
{
	self->layer_stale = TRUE;
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void canvas_zoom_to_fit(Canvas *self)
{
	self->fits = TRUE;
	fit(self);
}

void canvas_set_zoom(Canvas *self, double factor)
{
	GtkWidget *widget = GTK_WIDGET(self);
	GeometryView view = self->view;
	geometry_zoom(&view, factor, gtk_widget_get_allocated_width(widget) / 2.0,
		gtk_widget_get_allocated_height(widget) / 2.0);
	canvas_set_view(self, view, FALSE);
}

double canvas_zoom(Canvas *self)
{
	return self->view.scale;
}

void canvas_show_vertex(Canvas *self, const SceneVertex *vertex)
{
	GtkWidget *widget = GTK_WIDGET(self);
	double width = gtk_widget_get_allocated_width(widget), height = gtk_widget_get_allocated_height(widget);
	GeometryPoint at = geometry_to_widget(&self->view, vertex->x, vertex->y);
	if (geometry_box_has((GeometryBox){MARGIN / 2.0, MARGIN / 2.0, width - MARGIN, height - MARGIN}, at.x, at.y))
		return;
	GeometryView view = self->view;
	view.x += width / 2 - at.x;
	view.y += height / 2 - at.y;
	canvas_set_view(self, view, FALSE);
}

static gboolean all_in_sight(Canvas *self, GeometryBox bounds)
{
	GtkWidget *widget = GTK_WIDGET(self);
	double width = gtk_widget_get_allocated_width(widget), height = gtk_widget_get_allocated_height(widget);
	GeometryPoint from = geometry_to_widget(&self->view, bounds.x, bounds.y);
	GeometryPoint to = geometry_to_widget(&self->view, bounds.x + bounds.width, bounds.y + bounds.height);
	return from.x >= -1 && from.y >= -1 && to.x <= width + 1 && to.y <= height + 1;
}

/** Where the overview is, in pixels; without width when it is not shown: all of the lab is in sight. */
GeometryBox canvas_overview_box(Canvas *self)
{
	GtkWidget *widget = GTK_WIDGET(self);
	double width = gtk_widget_get_allocated_width(widget), height = gtk_widget_get_allocated_height(widget);
	GeometryBox bounds = geometry_bounds(self->scene);
	if (!self->shown[CANVAS_OVERVIEW] || bounds.width <= 0 || width < 3 * OVERVIEW_WIDTH ||
		height < 2 * OVERVIEW_HEIGHT || all_in_sight(self, bounds))
		return (GeometryBox){0};
	return (GeometryBox){width - OVERVIEW_WIDTH - OVERVIEW_EDGE, height - OVERVIEW_HEIGHT - OVERVIEW_EDGE,
		OVERVIEW_WIDTH, OVERVIEW_HEIGHT};
}

void canvas_get_selection_area(Canvas *self, GdkRectangle *area)
{
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(self->scene);
	g_autoptr(GPtrArray) edges = scene_selected_edges(self->scene);
	GtkWidget *widget = GTK_WIDGET(self);
	GeometryPoint at = {
		gtk_widget_get_allocated_width(widget) / 2.0, gtk_widget_get_allocated_height(widget) / 2.0};
	double half = 1;
	if (vertices->len) {
		const SceneVertex *vertex = vertices->pdata[0];
		at = geometry_to_widget(&self->view, vertex->x, vertex->y);
		half = GEOMETRY_ICON / 2.0 * self->view.scale;
	} else if (edges->len) {
		GeometryPath path = geometry_edge_path(edges->pdata[0]);
		GeometryPoint middle = geometry_path_at(&path, path.length / 2, 0);
		at = geometry_to_widget(&self->view, middle.x, middle.y);
	}
	*area = (GdkRectangle){(int)(at.x - half), (int)(at.y - half), (int)(2 * half), (int)(2 * half)};
}

void canvas_set_shown(Canvas *self, CanvasShown what, gboolean shown)
{
	self->shown[what] = shown;
	canvas_traffic_update(self);
	canvas_stale(self);
}

gboolean canvas_is_shown(Canvas *self, CanvasShown what)
{
	return self->shown[what];
}

void canvas_highlight_path(Canvas *self, const GPtrArray *edges)
{
	g_clear_pointer(&self->highlight, g_ptr_array_unref);
	if (edges && edges->len) {
		self->highlight = g_ptr_array_new_with_free_func(g_free);
		for (guint i = 0; i < edges->len; i++)
			g_ptr_array_add(self->highlight, g_strdup(edges->pdata[i]));
	}
	canvas_stale(self);
}

void canvas_count_frames(Canvas *self, guint64 *draws, guint64 *layers)
{
	*draws = self->n_draws;
	*layers = self->n_layers;
}

Scene *canvas_scene(Canvas *self)
{
	return self->scene;
}

/* -- Moves -- */

/** Places of the selected vertices: a(sdd). */
GVariant *canvas_places(Canvas *self)
{
	g_autoptr(GPtrArray) selected = scene_selected_vertices(self->scene);
	GVariantBuilder places;
	g_variant_builder_init(&places, G_VARIANT_TYPE("a(sdd)"));
	for (guint i = 0; i < selected->len; i++) {
		const SceneVertex *vertex = selected->pdata[i];
		g_autofree char *key = scene_key(vertex->what, vertex->name);
		g_variant_builder_add(&places, "(sdd)", key, vertex->x, vertex->y);
	}
	return g_variant_ref_sink(g_variant_builder_end(&places));
}

void canvas_emit_moved(Canvas *self, GVariant *before)
{
	g_autoptr(GVariant) after = canvas_places(self);
	if (!g_variant_equal(before, after))
		g_signal_emit(self, signals[SIGNAL_MOVED], 0, before, after);
}

SceneVertex *canvas_leader(Canvas *self)
{
	return self->leader ? scene_find_key(self->scene, self->leader) : NULL;
}

/* -- Signals -- */

void canvas_emit_vertex(Canvas *self, SceneVertex *vertex)
{
	g_signal_emit(self, signals[SIGNAL_ACTIVATE_VERTEX], 0, vertex);
}

void canvas_emit_edge(Canvas *self, SceneEdge *edge)
{
	g_signal_emit(self, signals[SIGNAL_ACTIVATE_EDGE], 0, edge);
}

void canvas_emit_menu(Canvas *self, SceneVertex *vertex, SceneEdge *edge, const GdkEvent *event)
{
	g_signal_emit(self, signals[SIGNAL_MENU], 0, vertex, edge, event);
}

void canvas_emit_delete(Canvas *self)
{
	g_signal_emit(self, signals[SIGNAL_DELETE], 0);
}

void canvas_emit_connect(Canvas *self, SceneVertex *from, SceneVertex *to)
{
	g_signal_emit(self, signals[SIGNAL_CONNECT], 0, from, to);
}

void canvas_emit_place(Canvas *self, double x, double y)
{
	g_signal_emit(self, signals[SIGNAL_PLACE], 0, x, y);
}

/* -- Following the scene -- */

static void on_structure(Scene *scene, Canvas *self)
{
	canvas_input_structure(self);
	canvas_forget_layouts(self);
	canvas_traffic_restart(self);
	canvas_a11y_structure(self);
	canvas_stale(self);
}

static void on_changed(Scene *scene, Canvas *self)
{
	/* What was just put somewhere must stay under the pointer. */
	if (self->fits && self->drag == DRAG_NONE &&
		!(self->by_hand && all_in_sight(self, geometry_bounds(self->scene))))
		fit(self);
	canvas_traffic_update(self);
	/* Counters change every second; usually nothing of it is visible. */
	if (canvas_digest(self) != self->digest)
		canvas_stale(self);
}

static void on_selection(Scene *scene, Canvas *self)
{
	canvas_a11y_selection(self);
}

/* -- Drawing -- */

static void paint_layer(Canvas *self, int width, int height)
{
	CanvasColours colours;
	canvas_colours(self, &colours);
	if (!self->layer)
		self->layer = gdk_window_create_similar_surface(
			gtk_widget_get_window(GTK_WIDGET(self)), CAIRO_CONTENT_COLOR, width, height);
	cairo_t *cr = cairo_create(self->layer);
	gdk_cairo_set_source_rgba(cr, &colours.paper);
	cairo_paint(cr);
	canvas_remember_paths(self);
	self->digest = canvas_digest(self);
	self->n_layers++;
	canvas_paint(self, cr, &self->view, &colours);
	canvas_paint_frame(self, cr, width, height, &colours);
	canvas_paint_overview(self, cr, &colours);
	canvas_paint_drag(self, cr, &colours);
	cairo_destroy(cr);
	self->layer_stale = FALSE;
}

static gboolean canvas_draw(GtkWidget *widget, cairo_t *cr)
{
	Canvas *self = CANVAS_CANVAS(widget);
	self->n_draws++;
	if (self->layer_stale || !self->layer)
		paint_layer(self, gtk_widget_get_allocated_width(widget), gtk_widget_get_allocated_height(widget));
	cairo_set_source_surface(cr, self->layer, 0, 0);
	cairo_paint(cr);
	canvas_traffic_paint(self, cr);
	return FALSE;
}

void canvas_render(Canvas *self, cairo_t *cr, double width, double height)
{
	const CanvasColours on_paper =
		colours_of(&(GdkRGBA){1, 1, 1, 1}, &(GdkRGBA){0.13, 0.15, 0.18, 1}, &(GdkRGBA){0.11, 0.44, 0.85, 1});
	double margin = MIN(width, height) / 20;
	double above = MIN(canvas_title_height(self, width), height / 4);
	double below = canvas_legend_height(self, width);
	GeometryView view = geometry_fit(geometry_bounds(self->scene), width, height - above - below, margin, 4);
	view.y += above;
	gdk_cairo_set_source_rgba(cr, &on_paper.paper);
	cairo_paint(cr);
	canvas_remember_paths(self);
	self->on_paper = TRUE;
	canvas_paint(self, cr, &view, &on_paper);
	self->on_paper = FALSE;
	canvas_paint_frame(self, cr, width, height, &on_paper);
	canvas_stale(self);
}

static void drop_layer(Canvas *self)
{
	g_clear_pointer(&self->layer, cairo_surface_destroy);
	g_clear_pointer(&self->dot, cairo_surface_destroy);
	canvas_stale(self);
}

static void canvas_size_allocate(GtkWidget *widget, GtkAllocation *allocation)
{
	Canvas *self = CANVAS_CANVAS(widget);
	double wider = allocation->width - gtk_widget_get_allocated_width(widget);
	double higher = allocation->height - gtk_widget_get_allocated_height(widget);
	GTK_WIDGET_CLASS(canvas_parent_class)->size_allocate(widget, allocation);
	drop_layer(self);
	if (self->fits) {
		fit(self);
	} else if (wider != 0 || higher != 0) {
		/* What is in the middle stays there. */
		GeometryView view = self->view;
		view.x += wider / 2;
		view.y += higher / 2;
		canvas_set_view(self, view, FALSE);
	}
}

static void canvas_style_updated(GtkWidget *widget)
{
	Canvas *self = CANVAS_CANVAS(widget);
	GTK_WIDGET_CLASS(canvas_parent_class)->style_updated(widget);
	canvas_forget_layouts(self);
	drop_layer(self);
}

static void canvas_unrealize(GtkWidget *widget)
{
	Canvas *self = CANVAS_CANVAS(widget);
	canvas_traffic_clear(self);
	drop_layer(self);
	GTK_WIDGET_CLASS(canvas_parent_class)->unrealize(widget);
}

static void on_scale(GObject *object, GParamSpec *property, gpointer data)
{
	g_hash_table_remove_all(CANVAS_CANVAS(object)->icons);
	drop_layer(CANVAS_CANVAS(object));
}

static void canvas_dispose(GObject *object)
{
	Canvas *self = CANVAS_CANVAS(object);
	canvas_traffic_clear(self);
	g_clear_object(&self->pinch);
	g_clear_object(&self->scene);
	G_OBJECT_CLASS(canvas_parent_class)->dispose(object);
}

static void canvas_finalize(GObject *object)
{
	Canvas *self = CANVAS_CANVAS(object);
	g_clear_pointer(&self->highlight, g_ptr_array_unref);
	g_clear_pointer(&self->layer, cairo_surface_destroy);
	g_clear_pointer(&self->dot, cairo_surface_destroy);
	g_clear_pointer(&self->before, g_variant_unref);
	g_hash_table_unref(self->icons);
	for (guint i = 0; i < N_TEXTS; i++)
		g_hash_table_unref(self->layouts[i]);
	g_array_unref(self->drawn);
	g_free(self->paths);
	g_free(self->pills);
	g_free(self->flows);
	g_free(self->leader);
	G_OBJECT_CLASS(canvas_parent_class)->finalize(object);
}

static void canvas_class_init(CanvasClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
	G_OBJECT_CLASS(class)->dispose = canvas_dispose;
	G_OBJECT_CLASS(class)->finalize = canvas_finalize;
	widget_class->draw = canvas_draw;
	widget_class->size_allocate = canvas_size_allocate;
	widget_class->style_updated = canvas_style_updated;
	widget_class->unrealize = canvas_unrealize;
	widget_class->query_tooltip = canvas_query_tooltip;
	canvas_input_class_init(widget_class);
	canvas_a11y_class_init(widget_class);
#define SIGNAL(id, name, ...)                                                                                          \
	signals[id] = g_signal_new(name, CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, __VA_ARGS__)
	SIGNAL(SIGNAL_ACTIVATE_VERTEX, "activate-vertex", 1, G_TYPE_POINTER);
	SIGNAL(SIGNAL_ACTIVATE_EDGE, "activate-edge", 1, G_TYPE_POINTER);
	SIGNAL(SIGNAL_MENU, "menu", 3, G_TYPE_POINTER, G_TYPE_POINTER, GDK_TYPE_EVENT | G_SIGNAL_TYPE_STATIC_SCOPE);
	SIGNAL(SIGNAL_MOVED, "moved", 2, G_TYPE_VARIANT, G_TYPE_VARIANT);
	SIGNAL(SIGNAL_DELETE, "delete", 0);
	SIGNAL(SIGNAL_ZOOM, "zoom", 0);
	SIGNAL(SIGNAL_CONNECT, "connect", 2, G_TYPE_POINTER, G_TYPE_POINTER);
	SIGNAL(SIGNAL_PLACE, "place", 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
#undef SIGNAL
}

static void canvas_init(Canvas *self)
{
	self->view = (GeometryView){1, 0, 0};
	self->fits = TRUE;
	self->icons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)cairo_surface_destroy);
	for (guint i = 0; i < N_TEXTS; i++)
		self->layouts[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
	self->drawn = g_array_new(FALSE, FALSE, sizeof(GdkRectangle));
	self->shown[CANVAS_ADDRESSES] = self->shown[CANVAS_TRAFFIC] = TRUE;
	self->shown[CANVAS_LEGEND] = self->shown[CANVAS_OVERVIEW] = TRUE;
	gtk_widget_set_can_focus(GTK_WIDGET(self), TRUE);
	gtk_widget_set_has_tooltip(GTK_WIDGET(self), TRUE);
	canvas_input_init(self);
	g_signal_connect(self, "notify::scale-factor", G_CALLBACK(on_scale), NULL);
}

GtkWidget *canvas_new(Scene *scene)
{
	Canvas *self = g_object_new(CANVAS_TYPE, NULL);
	self->scene = g_object_ref(scene);
	g_signal_connect_object(scene, "structure", G_CALLBACK(on_structure), self, 0);
	g_signal_connect_object(scene, "changed", G_CALLBACK(on_changed), self, 0);
	g_signal_connect_object(scene, "selection", G_CALLBACK(on_selection), self, 0);
	canvas_traffic_restart(self);
	return GTK_WIDGET(self);
}
