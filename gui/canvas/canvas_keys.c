/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys. */
#include "gui/canvas/canvas_private.h"

static SceneVertex *selected_vertex(Canvas *self)
{
	g_autoptr(GPtrArray) selected = scene_selected_vertices(self->scene);
	return selected->len ? selected->pdata[0] : NULL;
}

static SceneEdge *selected_edge(Canvas *self)
{
	g_autoptr(GPtrArray) selected = scene_selected_edges(self->scene);
	return selected->len ? selected->pdata[0] : NULL;
}

static void arrow(Canvas *self, int dx, int dy, guint modifiers)
{
	SceneVertex *from = selected_vertex(self);
	if (modifiers & GDK_CONTROL_MASK) {
		GeometryView view = self->view;
		view.x -= dx * CANVAS_PAN_STEP;
		view.y -= dy * CANVAS_PAN_STEP;
		canvas_set_view(self, view, FALSE);
	} else if (modifiers & GDK_MOD1_MASK) {
		g_autoptr(GVariant) before = canvas_places(self);
		self->by_hand = TRUE;
		canvas_move_selected(self, dx * GEOMETRY_GRID, dy * GEOMETRY_GRID);
		canvas_emit_moved(self, before);
	} else {
		SceneVertex *next = geometry_next(self->scene, from, dx, dy);
		if (!next)
			return;
		if (modifiers & GDK_SHIFT_MASK)
			scene_select(self->scene, next, NULL, TRUE);
		else
			scene_select_only(self->scene, next, NULL);
		canvas_show_vertex(self, next);
	}
}

/* The next edge of the selected vertex, or of the selected edge's first end, or of all. */
static void next_edge(Canvas *self, int step)
{
	const SceneVertex *vertex = selected_vertex(self);
	SceneEdge *edge = selected_edge(self);
	const GPtrArray *edges = vertex ? vertex->edges : edge ? edge->ends[0]->edges : scene_edges(self->scene);
	guint index = 0;
	if (!edges->len)
		return;
	if (edge && g_ptr_array_find((GPtrArray *)edges, edge, &index))
		index = (index + edges->len + (guint)step) % edges->len;
	scene_select_only(self->scene, NULL, edges->pdata[index]);
}

static void activate(Canvas *self)
{
	SceneVertex *vertex = selected_vertex(self);
	SceneEdge *edge = selected_edge(self);
	if (vertex)
		canvas_emit_vertex(self, vertex);
	else if (edge)
		canvas_emit_edge(self, edge);
}

gboolean canvas_popup_menu(GtkWidget *widget)
{
	Canvas *self = CANVAS_CANVAS(widget);
	g_autoptr(GdkEvent) event = gtk_get_current_event();
	g_autoptr(GdkEvent) none = event ? NULL : gdk_event_new(GDK_NOTHING);
	canvas_emit_menu(self, selected_vertex(self), selected_edge(self), event ? event : none);
	return TRUE;
}

static void escape(Canvas *self)
{
	if (self->drag == DRAG_NONE && self->mode == CANVAS_SELECT)
		scene_select_only(self->scene, NULL, NULL);
	canvas_cancel_drag(self);
}

gboolean canvas_key_press(GtkWidget *widget, GdkEventKey *event)
{
	Canvas *self = CANVAS_CANVAS(widget);
	guint modifiers = event->state & gtk_accelerator_get_default_mod_mask();
	switch (event->keyval) {
	case GDK_KEY_Left:
	case GDK_KEY_KP_Left:
		arrow(self, -1, 0, modifiers);
		return TRUE;
	case GDK_KEY_Right:
	case GDK_KEY_KP_Right:
		arrow(self, 1, 0, modifiers);
		return TRUE;
	case GDK_KEY_Up:
	case GDK_KEY_KP_Up:
		arrow(self, 0, -1, modifiers);
		return TRUE;
	case GDK_KEY_Down:
	case GDK_KEY_KP_Down:
		arrow(self, 0, 1, modifiers);
		return TRUE;
	}
	if (modifiers & (GDK_CONTROL_MASK | GDK_MOD1_MASK))
		return FALSE;
	switch (event->keyval) {
	case GDK_KEY_bracketleft:
		next_edge(self, -1);
		return TRUE;
	case GDK_KEY_bracketright:
		next_edge(self, 1);
		return TRUE;
	case GDK_KEY_Return:
	case GDK_KEY_KP_Enter:
	case GDK_KEY_ISO_Enter:
		activate(self);
		return TRUE;
	case GDK_KEY_Delete:
	case GDK_KEY_KP_Delete:
	case GDK_KEY_BackSpace:
		canvas_emit_delete(self);
		return TRUE;
	case GDK_KEY_Escape:
		escape(self);
		return TRUE;
	case GDK_KEY_space:
		canvas_set_hand(self, TRUE);
		return TRUE;
	case GDK_KEY_Home:
		canvas_zoom_to_fit(self);
		return TRUE;
	case GDK_KEY_plus:
	case GDK_KEY_KP_Add:
		canvas_set_zoom(self, self->view.scale * CANVAS_ZOOM_STEP);
		return TRUE;
	case GDK_KEY_minus:
	case GDK_KEY_KP_Subtract:
		canvas_set_zoom(self, self->view.scale / CANVAS_ZOOM_STEP);
		return TRUE;
	}
	return FALSE;
}

gboolean canvas_key_release(GtkWidget *widget, GdkEventKey *event)
{
	if (event->keyval != GDK_KEY_space)
		return FALSE;
	canvas_set_hand(CANVAS_CANVAS(widget), FALSE);
	return TRUE;
}
