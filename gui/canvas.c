/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/canvas.h"
#include "gui/geometry.h"
struct _Canvas {
	GtkDrawingArea parent_instance;
	Scene *scene;
	GeometryView view;
};
G_DEFINE_FINAL_TYPE(Canvas, canvas, GTK_TYPE_DRAWING_AREA)
static gboolean canvas_draw(GtkWidget *widget, cairo_t *cr)
{
	Canvas *self = CANVAS_CANVAS(widget);
	self->view = geometry_fit(geometry_bounds(self->scene), gtk_widget_get_allocated_width(widget),
		gtk_widget_get_allocated_height(widget), 40, 1.5);
	cairo_translate(cr, self->view.x, self->view.y);
	cairo_scale(cr, self->view.scale, self->view.scale);
	const GPtrArray *edges = scene_edges(self->scene), *vertices = scene_vertices(self->scene);
	for (guint i = 0; i < edges->len; i++) {
		GeometryPath path = geometry_edge_path(edges->pdata[i]);
		cairo_move_to(cr, path.from.x, path.from.y);
		cairo_line_to(cr, path.to.x, path.to.y);
		cairo_stroke(cr);
	}
	for (guint i = 0; i < vertices->len; i++) {
		SceneVertex *vertex = vertices->pdata[i];
		GeometryBox box = geometry_vertex_box(vertex, FALSE);
		cairo_rectangle(cr, box.x, box.y, box.width, box.height);
		cairo_stroke(cr);
		cairo_move_to(cr, box.x, box.y + box.height + 12);
		cairo_show_text(cr, vertex->name);
	}
	return FALSE;
}
static void canvas_class_init(CanvasClass *class)
{
	GTK_WIDGET_CLASS(class)->draw = canvas_draw;
	static const char *const plain[] = {"delete", "zoom"};
	for (guint i = 0; i < 2; i++)
		g_signal_new(plain[i], CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	g_signal_new("activate-vertex", CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
	g_signal_new("activate-edge", CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
	g_signal_new("menu", CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_POINTER,
		G_TYPE_POINTER, GDK_TYPE_EVENT | G_SIGNAL_TYPE_STATIC_SCOPE);
	g_signal_new("moved", CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_VARIANT, G_TYPE_VARIANT);
	g_signal_new("connect", CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_POINTER);
	g_signal_new("place", CANVAS_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
}
static void canvas_init(Canvas *self)
{
}
GtkWidget *canvas_new(Scene *scene)
{
	Canvas *self = g_object_new(CANVAS_TYPE, "can-focus", TRUE, NULL);
	self->scene = scene;
	g_signal_connect_object(scene, "changed", G_CALLBACK(gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
	return GTK_WIDGET(self);
}
void canvas_set_mode(Canvas *self, CanvasMode mode) { }
void canvas_zoom_to_fit(Canvas *self) { }
void canvas_show_vertex(Canvas *self, const SceneVertex *vertex) { }
void canvas_get_selection_area(Canvas *self, GdkRectangle *area) { *area = (GdkRectangle){0}; }
void canvas_set_zoom(Canvas *self, double factor) { }
double canvas_zoom(Canvas *self) { return self->view.scale; }
void canvas_highlight_path(Canvas *self, const GPtrArray *edges) { }
void canvas_set_shown(Canvas *self, CanvasShown what, gboolean shown) { }
gboolean canvas_is_shown(Canvas *self, CanvasShown what) { return TRUE; }
void canvas_render(Canvas *self, cairo_t *cr, double width, double height) { }
