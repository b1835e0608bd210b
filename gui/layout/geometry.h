/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arithmetic of the drawing: where things are, how large, and what is under the pointer. Free of GTK and cairo.
 *
 * Scene units are pixels at zoom 1; y grows downwards. */
#pragma once

#include "gui/model/scene.h"

typedef struct {
	double x, y;
} GeometryPoint;

typedef struct {
	double x, y, width, height; /* x, y: upper left corner */
} GeometryBox;

enum {
	GEOMETRY_ICON = 52,  /* side of a node's icon */
	GEOMETRY_LABEL = 18, /* height of the name under it */
	GEOMETRY_NETWORK_HEIGHT = 34,
	GEOMETRY_GRID = 10,
	GEOMETRY_CURVE = 16, /* straight pieces that a bent line is measured in */
};

/* -- Boxes -- */

gboolean geometry_box_has(GeometryBox box, double x, double y);
gboolean geometry_boxes_meet(GeometryBox a, GeometryBox b);
/** Area of what both have. */
double geometry_overlap(GeometryBox a, GeometryBox b);
GeometryBox geometry_join(GeometryBox a, GeometryBox b);
/** The box between two points, whichever comes first. */
GeometryBox geometry_box_between(GeometryPoint a, GeometryPoint b);
/** A vertex's icon or capsule; with_label: and its name under it. */
GeometryBox geometry_vertex_box(const SceneVertex *vertex, gboolean with_label);
/** All vertices with their names; without any, width and height are 0. */
GeometryBox geometry_bounds(Scene *scene);

/* -- View: widget = scene × scale + (x, y) -- */

#define GEOMETRY_ZOOM_MIN 0.05
#define GEOMETRY_ZOOM_MAX 8.0

typedef struct {
	double scale, x, y;
} GeometryView;

GeometryPoint geometry_to_widget(const GeometryView *view, double x, double y);
GeometryPoint geometry_to_scene(const GeometryView *view, double x, double y);
/** Zooms to a scale, so that what is at widget place (x, y) stays there. */
void geometry_zoom(GeometryView *view, double scale, double x, double y);
/** The view of a pinch: what was between the fingers when they began is between them still, as much larger as they went
 *  apart.
 *  @began: the view then; @from: their middle then, @to: now, widget places; @scale: distance now by distance then */
GeometryView geometry_pinch(const GeometryView *began, GeometryPoint from, GeometryPoint to, double scale);
/** The view in which bounds fill a widget of width × height but for a margin on every side; no larger than most. */
GeometryView geometry_fit(GeometryBox bounds, double width, double height, double margin, double most);

/* -- Edges -- */

/** The line of an edge, from the border of one vertex to that of the other. */
typedef struct {
	GeometryPoint from, bend, to; /* bend: control point of a quadratic curve */
	gboolean curved;
	double length;
} GeometryPath;

/** Edges between the same two vertices lie beside each other. */
GeometryPath geometry_edge_path(const SceneEdge *edge);
/** A box that has all of an edge's line, and in its very middle a point of it. */
GeometryBox geometry_edge_bounds(const SceneEdge *edge);
/** The point at a distance from its beginning, aside (to the right of the way) from the line. */
GeometryPoint geometry_path_at(const GeometryPath *path, double distance, double aside);
double geometry_path_distance(const GeometryPath *path, double x, double y);

/** How long the line of an edge must be for the labels at its ends to fit beside each other. */
double geometry_edge_room(const SceneEdge *edge);

/* -- Picking -- */

/** The vertex at a place, the uppermost one; NULL none. */
SceneVertex *geometry_vertex_at(Scene *scene, double x, double y);
/** The nearest edge at most tolerance away; NULL none. */
SceneEdge *geometry_edge_at(Scene *scene, double x, double y, double tolerance);
/** The vertex that one comes to from another in a direction: (1, 0) to the right. From NULL: the outermost one. */
SceneVertex *geometry_next(Scene *scene, const SceneVertex *from, int dx, int dy);

/* -- Moving -- */

typedef struct {
	double dx, dy;             /* by how much to move, instead of what was asked for */
	gboolean along_x, along_y; /* whether a vertex is at x, at y: for lines that show it */
	double x, y;
} GeometrySnap;

/** Where something new comes to rest that is put at (x, y). */
GeometryPoint geometry_snap_new(Scene *scene, double x, double y, double tolerance);
/** Corrects a move of the selected vertices, leader's place deciding: to the same x or y as another vertex at most
 *  tolerance away, else to the grid. */
GeometrySnap geometry_snap(Scene *scene, const SceneVertex *leader, double dx, double dy, double tolerance);

/* -- Labels near the ends of lines -- */

typedef struct GeometryLabels GeometryLabels;

GeometryLabels *geometry_labels_new(void);
void geometry_labels_free(GeometryLabels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GeometryLabels, geometry_labels_free)
/** What labels must not cover. */
void geometry_labels_avoid(GeometryLabels *self, GeometryBox box);
void geometry_labels_avoid_path(GeometryLabels *self, const GeometryPath *path);
/** Whether a text would cover something that labels must not cover; lines do not count. */
gboolean geometry_labels_covered(const GeometryLabels *self, GeometryBox box);
/** A place for a label of width × height near an end (0, 1) of a line, beside it and where least is covered.
 *  The caller then reports that it is there: geometry_labels_avoid().
 *  @below: the vertex at this end, if no other line leads there: a label below its name is its own, too; or NULL */
GeometryBox geometry_labels_place(const GeometryLabels *self, const GeometryPath *path, unsigned end,
	const SceneVertex *below, double width, double height);
