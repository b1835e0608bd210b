/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Automatic layout: where vertices go so that a lab is easy to read. Graphviz does the work; which of its engines suits is
 * decided from the shape of the graph. Knows neither scene nor widget. The one file with Graphviz is layout_graphviz.c. */
#pragma once

#include <glib.h>

typedef struct {
	double x, y;          /* centre; y grows downwards */
	double width, height; /* with its label */
	gboolean fixed;       /* stays where it is */
} LayoutVertex;

typedef struct {
	guint ends[2]; /* indices of vertices */
	double room;   /* that its line needs at least, between its vertices */
} LayoutEdge;

typedef struct {
	GArray *vertices; /* of LayoutVertex */
	GArray *edges;    /* of LayoutEdge */
} LayoutGraph;

typedef enum {
	LAYOUT_EMPTY,
	LAYOUT_CHAIN,   /* one line */
	LAYOUT_STAR,    /* arms from one centre, each a line of at most two */
	LAYOUT_TREE,    /* any other forest */
	LAYOUT_RING,    /* one cycle, with or without something hanging from it */
	LAYOUT_LAYERED, /* floors above each other, like a fat tree: every edge joins two neighbouring floors */
	LAYOUT_MESH,    /* all else */
} LayoutShape;

/** How Graphviz is asked. */
typedef struct {
	const char *engine; /* "dot", "neato", "twopi", "sfdp" */
	double spacing;     /* wanted length of an edge */
	double rank_gap;    /* between two floors, for dot */
	gboolean downwards; /* edges point from ends[0] to ends[1], for dot */
	gboolean begun;     /* vertices have places to begin with, for neato */
} LayoutRequest;

LayoutGraph *layout_graph_new(void);
void layout_graph_free(LayoutGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LayoutGraph, layout_graph_free)
guint layout_graph_add_vertex(LayoutGraph *self, double width, double height);
void layout_graph_add_edge(LayoutGraph *self, guint from, guint to);

LayoutShape layout_shape(const LayoutGraph *self);
/** Gives every vertex that is not fixed a place. May be called on any thread; one at a time does Graphviz's part. */
void layout_run(LayoutGraph *self);

/** How far apart the centres of its vertices should be; usual: for an edge of small ones. */
double layout_edge_length(const LayoutGraph *self, const LayoutEdge *edge, double usual);

/** layout_graphviz.c: asks Graphviz for the places of all vertices; fixed ones are held where they are by neato alone.
 *  FALSE: it could not. */
gboolean layout_graphviz(LayoutGraph *self, const LayoutRequest *request);
