/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drawing of a scene: it paints and picks, nothing else.
 *
 * Signals:
 *   "activate-vertex" (gpointer SceneVertex)         double click or Enter
 *   "activate-edge" (gpointer SceneEdge)
 *   "menu" (gpointer vertex, gpointer edge, GdkEvent *)   secondary click, or the Menu key; both NULL: on nothing
 *   "moved" (GVariant *before, GVariant *after)      vertices were moved by hand: a(sdd) scene_key(), x, y; for undo
 *   "delete" ()                                      the Delete key: delete what is selected
 *   "zoom" ()                                        canvas_zoom() has changed
 *   "connect" (gpointer from SceneVertex, gpointer to SceneVertex)   in drawing mode a line was drawn
 *   "place" (double x, double y)                     in placing mode a place was clicked, scene units */
#pragma once

#include <gtk/gtk.h>

#include "gui/model/scene.h"

#define CANVAS_TYPE (canvas_get_type())
G_DECLARE_FINAL_TYPE(Canvas, canvas, CANVAS, CANVAS, GtkDrawingArea)

typedef enum { CANVAS_SELECT, CANVAS_CONNECT, CANVAS_PLACE } CanvasMode;
typedef enum {
	CANVAS_ADDRESSES,
	CANVAS_TRAFFIC,
	CANVAS_LEGEND,
	CANVAS_OVERVIEW,
	CANVAS_GRID,
	CANVAS_N_SHOWN
} CanvasShown;

/** Floating. */
GtkWidget *canvas_new(Scene *scene);
void canvas_set_mode(Canvas *self, CanvasMode mode);
/** The whole lab, from now on: also when it grows or the window does, until the user zooms or scrolls. */
void canvas_zoom_to_fit(Canvas *self);
/** Brings a vertex to sight, if it is not. */
void canvas_show_vertex(Canvas *self, const SceneVertex *vertex);
/** Where what is selected is on the widget: for menus by key. */
void canvas_get_selection_area(Canvas *self, GdkRectangle *area);
/** factor 1: one scene unit is one pixel. */
void canvas_set_zoom(Canvas *self, double factor);
double canvas_zoom(Canvas *self);
/** Paints edges in the order given, one after the other, as a path that a frame took; NULL ends it. of char *, names. */
void canvas_highlight_path(Canvas *self, const GPtrArray *edges);
/** What may be shown, or not. The overview shows itself only while the whole lab does not fit. */
void canvas_set_shown(Canvas *self, CanvasShown what, gboolean shown);
gboolean canvas_is_shown(Canvas *self, CanvasShown what);
/** How often it has been drawn so far, and how often more than the dots of the traffic was: for tests. */
void canvas_count_frames(Canvas *self, guint64 *draws, guint64 *layers);
/** Something new at a place of the widget, in pixels, as a click there in placing mode: says "place". */
void canvas_place(Canvas *self, double x, double y);
/** The whole picture on any cairo surface, fitted into width × height: for export and print. */
void canvas_render(Canvas *self, cairo_t *cr, double width, double height);
