/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pointer and gestures. */
#include <math.h>
#include <string.h>

#include "gui/canvas/canvas_private.h"

enum { THRESHOLD = 4, NEAR_LINE = 6, SNAP = 7 };

static SceneVertex *vertex_under(Canvas *self, double x, double y)
{
	GeometryPoint at = geometry_to_scene(&self->view, x, y);
	return geometry_vertex_at(self->scene, at.x, at.y);
}

static SceneEdge *edge_under(Canvas *self, double x, double y)
{
	GeometryPoint at = geometry_to_scene(&self->view, x, y);
	return geometry_edge_at(self->scene, at.x, at.y, NEAR_LINE / self->view.scale);
}

static const char *cursor_name(const Canvas *self)
{
	static const char *const of_mode[] = {
		[CANVAS_SELECT] = NULL, [CANVAS_CONNECT] = "crosshair", [CANVAS_PLACE] = "cell"};
	return self->drag == DRAG_PAN ? "grabbing" : self->hand ? "grab" : of_mode[self->mode];
}

static void update_cursor(Canvas *self)
{
	GtkWidget *widget = GTK_WIDGET(self);
	const char *name = cursor_name(self);
	if (!gtk_widget_get_realized(widget))
		return;
	g_autoptr(GdkCursor) cursor = name ? gdk_cursor_new_from_name(gtk_widget_get_display(widget), name) : NULL;
	gdk_window_set_cursor(gtk_widget_get_window(widget), cursor);
}

/** Ends what the pointer does; what it moved stays where it is. */
void canvas_end_drag(Canvas *self)
{
	self->drag = DRAG_NONE;
	self->drag_began = FALSE;
	update_cursor(self);
	self->snap = (GeometrySnap){0};
	g_clear_pointer(&self->before, g_variant_unref);
	g_clear_pointer(&self->leader, g_free);
	canvas_stale(self);
}

/** Ends what the pointer does as if it had not been done: what it moved goes back. */
void canvas_cancel_drag(Canvas *self)
{
	if (self->drag == DRAG_MOVE && self->before)
		canvas_restore_places(self);
	canvas_end_drag(self);
}

/** The vertices have changed: what was being dragged may be gone. */
void canvas_input_structure(Canvas *self)
{
	if (self->drag == DRAG_MOVE || self->drag == DRAG_CONNECT)
		canvas_cancel_drag(self);
}

void canvas_set_mode(Canvas *self, CanvasMode mode)
{
	self->mode = mode;
	canvas_cancel_drag(self);
}

/** While the space bar is held, the pointer pans. */
void canvas_set_hand(Canvas *self, gboolean hand)
{
	if (self->hand == hand)
		return;
	self->hand = hand;
	update_cursor(self);
}

/* -- Pressing -- */

static void begin(Canvas *self, CanvasDrag drag, const SceneVertex *leader)
{
	self->drag = drag;
	self->drag_began = FALSE;
	self->press_view = self->view;
	update_cursor(self);
	g_free(self->leader);
	self->leader = leader ? scene_key(leader->what, leader->name) : NULL;
}

static void pan_overview(Canvas *self, double x, double y)
{
	GtkWidget *widget = GTK_WIDGET(self);
	GeometryBox box = canvas_overview_box(self);
	GeometryView small = geometry_fit(geometry_bounds(self->scene), box.width, box.height, 8, 1), view = self->view;
	GeometryPoint wanted = geometry_to_scene(&small, x - box.x, y - box.y);
	view.x = gtk_widget_get_allocated_width(widget) / 2.0 - wanted.x * view.scale;
	view.y = gtk_widget_get_allocated_height(widget) / 2.0 - wanted.y * view.scale;
	canvas_set_view(self, view, FALSE);
}

static void press_vertex(Canvas *self, SceneVertex *vertex, gboolean adding)
{
	if (adding)
		scene_select(self->scene, vertex, NULL, !vertex->selected);
	else if (!vertex->selected)
		scene_select_only(self->scene, vertex, NULL);
	if (!vertex->selected)
		return;
	begin(self, DRAG_MOVE, vertex);
	g_clear_pointer(&self->before, g_variant_unref);
	self->before = canvas_places(self);
}

/** Something new at a place of the widget. */
void canvas_place(Canvas *self, double x, double y)
{
	GeometryPoint at = geometry_to_scene(&self->view, x, y);
	at = geometry_snap_new(self->scene, at.x, at.y, SNAP / self->view.scale);
	self->by_hand = TRUE;
	canvas_emit_place(self, at.x, at.y);
}

static void press_left(Canvas *self, const GdkEventButton *event)
{
	gboolean adding = event->state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK);
	SceneVertex *vertex = vertex_under(self, event->x, event->y);
	SceneEdge *edge = vertex ? NULL : edge_under(self, event->x, event->y);
	if (self->mode == CANVAS_PLACE) {
		canvas_place(self, event->x, event->y);
	} else if (self->mode == CANVAS_CONNECT) {
		if (vertex)
			begin(self, DRAG_CONNECT, vertex);
	} else if (vertex) {
		press_vertex(self, vertex, adding);
	} else if (edge) {
		if (adding)
			scene_select(self->scene, NULL, edge, !edge->selected);
		else
			scene_select_only(self->scene, NULL, edge);
	} else {
		if (!adding)
			scene_select_only(self->scene, NULL, NULL);
		begin(self, DRAG_BAND, NULL);
	}
}

static void press_right(Canvas *self, const GdkEventButton *event)
{
	SceneVertex *vertex = vertex_under(self, event->x, event->y);
	SceneEdge *edge = vertex ? NULL : edge_under(self, event->x, event->y);
	if ((vertex && !vertex->selected) || (edge && !edge->selected) || (!vertex && !edge))
		scene_select_only(self->scene, vertex, edge);
	canvas_emit_menu(self, vertex, edge, (const GdkEvent *)event);
}

static gboolean on_press(GtkWidget *widget, GdkEventButton *event)
{
	Canvas *self = CANVAS_CANVAS(widget);
	gtk_widget_grab_focus(widget);
	/* Another button does not change what the first one does; a line that waits for its other end takes any. */
	if (self->drag != DRAG_NONE && !(event->type == GDK_2BUTTON_PRESS && self->drag == DRAG_MOVE)) {
		if (event->type == GDK_BUTTON_PRESS && self->drag == DRAG_CONNECT &&
			event->button != GDK_BUTTON_PRIMARY)
			canvas_cancel_drag(self);
		return TRUE;
	}
	self->press_x = self->pointer_x = event->x;
	self->press_y = self->pointer_y = event->y;
	self->button = event->button;
	GeometryBox overview = canvas_overview_box(self);
	if (event->type == GDK_2BUTTON_PRESS && event->button == GDK_BUTTON_PRIMARY && self->mode == CANVAS_SELECT) {
		SceneVertex *vertex = vertex_under(self, event->x, event->y);
		SceneEdge *edge = vertex ? NULL : edge_under(self, event->x, event->y);
		canvas_cancel_drag(self);
		if (vertex)
			canvas_emit_vertex(self, vertex);
		else if (edge)
			canvas_emit_edge(self, edge);
		return TRUE;
	}
	if (event->type != GDK_BUTTON_PRESS)
		return TRUE;
	if (event->button == GDK_BUTTON_PRIMARY && overview.width > 0 &&
		geometry_box_has(overview, event->x, event->y)) {
		begin(self, DRAG_OVERVIEW, NULL);
		pan_overview(self, event->x, event->y);
	} else if (event->button == GDK_BUTTON_MIDDLE ||
		(event->button == GDK_BUTTON_PRIMARY && (self->hand || event->state & GDK_MOD1_MASK)))
		begin(self, DRAG_PAN, NULL);
	else if (event->button == GDK_BUTTON_PRIMARY)
		press_left(self, event);
	else if (gdk_event_triggers_context_menu((const GdkEvent *)event))
		press_right(self, event);
	return TRUE;
}

/* -- Moving -- */

/* Back to where they were, then as far as the pointer is away: what was rounded does not add up. */
void canvas_restore_places(Canvas *self)
{
	GVariantIter iter;
	const char *key;
	double x, y;
	g_variant_iter_init(&iter, self->before);
	while (g_variant_iter_next(&iter, "(&sdd)", &key, &x, &y)) {
		SceneVertex *vertex = scene_find_key(self->scene, key);
		if (vertex)
			scene_move(self->scene, vertex, x, y);
	}
}

void canvas_move_selected(Canvas *self, double dx, double dy)
{
	g_autoptr(GPtrArray) selected = scene_selected_vertices(self->scene);
	for (guint i = 0; i < selected->len; i++) {
		SceneVertex *vertex = selected->pdata[i];
		scene_move(self->scene, vertex, vertex->x + dx, vertex->y + dy);
	}
}

static void drag_vertices(Canvas *self, gboolean freely)
{
	const SceneVertex *leader = canvas_leader(self);
	double dx = (self->pointer_x - self->press_x) / self->view.scale;
	double dy = (self->pointer_y - self->press_y) / self->view.scale;
	if (!leader)
		return;
	canvas_restore_places(self);
	self->snap = freely ? (GeometrySnap){.dx = dx, .dy = dy}
			    : geometry_snap(self->scene, leader, dx, dy, SNAP / self->view.scale);
	canvas_move_selected(self, self->snap.dx, self->snap.dy);
	self->by_hand = TRUE;
}

static gboolean on_motion(GtkWidget *widget, GdkEventMotion *event)
{
	Canvas *self = CANVAS_CANVAS(widget);
	self->pointer_x = event->x;
	self->pointer_y = event->y;
	if (self->drag == DRAG_NONE)
		return FALSE;
	/* The button was released where we did not see it. */
	if (self->drag != DRAG_CONNECT && !(event->state & (GDK_BUTTON1_MASK << (self->button - GDK_BUTTON_PRIMARY)))) {
		canvas_cancel_drag(self);
		return FALSE;
	}
	if (hypot(event->x - self->press_x, event->y - self->press_y) >= THRESHOLD)
		self->drag_began = TRUE;
	if (!self->drag_began)
		return TRUE;
	GeometryView view = self->press_view;
	switch (self->drag) {
	case DRAG_MOVE:
		drag_vertices(self, event->state & GDK_CONTROL_MASK);
		break;
	case DRAG_PAN:
		view.x += event->x - self->press_x;
		view.y += event->y - self->press_y;
		canvas_set_view(self, view, FALSE);
		break;
	case DRAG_OVERVIEW:
		pan_overview(self, event->x, event->y);
		break;
	default:
		canvas_stale(self);
	}
	return TRUE;
}

static void select_band(Canvas *self)
{
	const GPtrArray *vertices = scene_vertices(self->scene);
	GeometryBox band = geometry_box_between(geometry_to_scene(&self->view, self->press_x, self->press_y),
		geometry_to_scene(&self->view, self->pointer_x, self->pointer_y));
	for (guint i = 0; i < vertices->len; i++)
		if (geometry_boxes_meet(band, geometry_vertex_box(vertices->pdata[i], FALSE)))
			scene_select(self->scene, vertices->pdata[i], NULL, TRUE);
}

static gboolean on_release(GtkWidget *widget, GdkEventButton *event)
{
	Canvas *self = CANVAS_CANVAS(widget);
	CanvasDrag drag = self->drag;
	gboolean began = self->drag_began;
	g_autoptr(GVariant) before = self->before ? g_variant_ref(self->before) : NULL;
	SceneVertex *from = canvas_leader(self), *to = vertex_under(self, event->x, event->y);
	gboolean adding = event->state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK);
	if (drag == DRAG_NONE || event->button != self->button)
		return FALSE;
	/* Clicked, not drawn: the line follows the pointer until the next click. */
	if (drag == DRAG_CONNECT && from && from == to &&
		hypot(event->x - self->press_x, event->y - self->press_y) < THRESHOLD)
		return TRUE;
	if (drag == DRAG_BAND && began)
		select_band(self);
	canvas_end_drag(self);
	if (drag == DRAG_MOVE && began)
		canvas_emit_moved(self, before);
	else if (drag == DRAG_MOVE && !adding && from)
		scene_select_only(self->scene, from, NULL);
	if (drag == DRAG_CONNECT && from && to && from != to)
		canvas_emit_connect(self, from, to);
	return TRUE;
}

/* -- Zooming -- */

static gboolean on_scroll(GtkWidget *widget, GdkEventScroll *event)
{
	Canvas *self = CANVAS_CANVAS(widget);
	const GdkDevice *device = gdk_event_get_source_device((GdkEvent *)event);
	gboolean touchpad = device && gdk_device_get_source((GdkDevice *)device) == GDK_SOURCE_TOUCHPAD;
	gboolean zoom = touchpad ? event->state & GDK_CONTROL_MASK : !(event->state & GDK_SHIFT_MASK);
	double dx = 0, dy = 0;
	GeometryView view = self->view;
	if (!gdk_event_get_scroll_deltas((GdkEvent *)event, &dx, &dy)) {
		dx = event->direction == GDK_SCROLL_RIGHT ? 1 : event->direction == GDK_SCROLL_LEFT ? -1 : 0;
		dy = event->direction == GDK_SCROLL_DOWN ? 1 : event->direction == GDK_SCROLL_UP ? -1 : 0;
	}
	if (zoom && dy != 0) {
		geometry_zoom(&view, view.scale * pow(CANVAS_ZOOM_STEP, -dy), event->x, event->y);
	} else {
		/* A wheel that is tilted goes sideways, as one that is turned with Shift does. */
		gboolean sideways = !touchpad && dx == 0;
		view.x -= (sideways ? dy : dx) * CANVAS_PAN_STEP;
		view.y -= (sideways ? dx : dy) * CANVAS_PAN_STEP;
	}
	canvas_set_view(self, view, FALSE);
	return TRUE;
}

static void on_pinch_begin(GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
	Canvas *self = CANVAS_CANVAS(data);
	/* The first finger was a pointer until the second one came. */
	canvas_cancel_drag(self);
	self->pinch_view = self->view;
	self->pinch_at = (GeometryPoint){self->pointer_x, self->pointer_y};
	gtk_gesture_get_bounding_box_center(gesture, &self->pinch_at.x, &self->pinch_at.y);
}

static void on_pinch(GtkGestureZoom *gesture, double scale, gpointer data)
{
	Canvas *self = CANVAS_CANVAS(data);
	GeometryPoint at = self->pinch_at;
	gtk_gesture_get_bounding_box_center(GTK_GESTURE(gesture), &at.x, &at.y);
	canvas_set_view(self, geometry_pinch(&self->pinch_view, self->pinch_at, at, scale), FALSE);
}

static gboolean on_focus(GtkWidget *widget, GdkEventFocus *event)
{
	canvas_set_hand(CANVAS_CANVAS(widget), FALSE);
	canvas_stale(CANVAS_CANVAS(widget));
	return FALSE;
}

/* A menu or a dialog took the pointer away. */
static gboolean on_grab_broken(GtkWidget *widget, GdkEventGrabBroken *event)
{
	canvas_cancel_drag(CANVAS_CANVAS(widget));
	return FALSE;
}

void canvas_input_class_init(GtkWidgetClass *class)
{
	class->button_press_event = on_press;
	class->button_release_event = on_release;
	class->motion_notify_event = on_motion;
	class->scroll_event = on_scroll;
	class->grab_broken_event = on_grab_broken;
	class->key_press_event = canvas_key_press;
	class->key_release_event = canvas_key_release;
	class->popup_menu = canvas_popup_menu;
	class->focus_in_event = on_focus;
	class->focus_out_event = on_focus;
}

void canvas_input_init(Canvas *self)
{
	GtkWidget *widget = GTK_WIDGET(self);
	gtk_widget_add_events(widget,
		GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK | GDK_SCROLL_MASK |
			GDK_SMOOTH_SCROLL_MASK | GDK_KEY_PRESS_MASK | GDK_KEY_RELEASE_MASK | GDK_FOCUS_CHANGE_MASK |
			GDK_TOUCHPAD_GESTURE_MASK);
	self->pinch = gtk_gesture_zoom_new(widget);
	g_signal_connect_object(self->pinch, "begin", G_CALLBACK(on_pinch_begin), self, 0);
	g_signal_connect_object(self->pinch, "scale-changed", G_CALLBACK(on_pinch), self, 0);
}
