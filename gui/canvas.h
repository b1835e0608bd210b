/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drawing of a scene: paints and picks, no more.
 *
 * Signals:
 *   "activate-vertex" (gpointer SceneVertex)         double click or Enter
 *   "activate-edge" (gpointer SceneEdge)
 *   "menu" (gpointer vertex, gpointer edge, GdkEvent *)   secondary click, or the Menu key; both NULL: on nothing
 *   "moved" (GVariant *before, GVariant *after)      vertices were moved by hand: a(bsdd) is_network, name, x, y; for undo
 *   "connect" (gpointer from SceneVertex, gpointer to SceneVertex)   in drawing mode a line was drawn
 *   "place" (double x, double y)                     in placing mode a place was clicked, scene units */
#pragma once

#include <gtk/gtk.h>

#include "gui/scene.h"

#define CANVAS_TYPE (canvas_get_type())
G_DECLARE_FINAL_TYPE(Canvas, canvas, CANVAS, CANVAS, GtkDrawingArea)

typedef enum { CANVAS_SELECT, CANVAS_CONNECT, CANVAS_PLACE } CanvasMode;

GtkWidget *canvas_new(Scene *scene);
void canvas_set_mode(Canvas *self, CanvasMode mode);
void canvas_zoom_to_fit(Canvas *self);
/** factor 1: one scene unit is one pixel. */
void canvas_set_zoom(Canvas *self, double factor);
double canvas_zoom(Canvas *self);
void canvas_set_show(Canvas *self, gboolean addresses, gboolean traffic, gboolean legend, gboolean overview, gboolean grid);
/** Paints edges in the order given, one after the other, as a path that a frame took; NULL ends it. of char *, names. */
void canvas_highlight_path(Canvas *self, const GPtrArray *edges);
/** The whole picture on any cairo surface, fitted into width × height: for export and print. */
void canvas_render(Canvas *self, cairo_t *cr, double width, double height);
