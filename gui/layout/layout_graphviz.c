/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one file that sees Graphviz. It measures nodes in inches and places in points (POINTS_PER_INCH is its own); a
 * point is a scene unit here. */
#include <graphviz/gvc.h>
#include <stdlib.h>

#include "gui/layout/layout.h"

/* Numbers with a point, whatever the locale. */
static void set_number(void *object, const char *name, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	g_ascii_formatd(text, sizeof text, "%.4f", value);
	agsafeset(object, (char *)name, text, (char *)"");
}

static void set(void *object, const char *name, const char *value)
{
	agsafeset(object, (char *)name, (char *)value, (char *)"");
}

static void set_graph(Agraph_t *graph, const LayoutRequest *request, gboolean held)
{
	set(graph, "splines", "false");
	set(graph, "start", "7"); /* the same lab looks the same every time */
	set(graph, "inputscale", "72");
	if (!request->downwards)
		set(graph, "pack", "40"); /* dot forgets nodesep with it, and needs it not */
	set(graph, "sep", "+14");
	set(graph, "overlap", held ? "true" : "prism");
	/* Lengths of edges are meant: prism would scale all to the size of the vertices first. */
	set(graph, "overlap_scaling", "0");
	set(graph, "overlap_shrink", "false");
	set_number(graph, "nodesep", request->spacing * 0.4 / POINTS_PER_INCH);
	set_number(graph, "ranksep", request->rank_gap / POINTS_PER_INCH);
	set_number(graph, "K", request->spacing / POINTS_PER_INCH);
	if (g_str_equal(request->engine, "twopi"))
		set_number(graph, "ranksep", request->spacing / POINTS_PER_INCH);
}

/* square: the picture may be turned afterwards. */
static Agnode_t *add_node(Agraph_t *graph, const LayoutVertex *vertex, guint index, gboolean square, gboolean begun)
{
	char name[16];
	double longer = MAX(vertex->width, vertex->height);
	g_snprintf(name, sizeof name, "v%u", index);
	Agnode_t *node = agnode(graph, name, TRUE);
	set(node, "shape", "box");
	set(node, "label", "");
	set(node, "fixedsize", "true");
	set_number(node, "width", (square ? longer : vertex->width) / POINTS_PER_INCH);
	set_number(node, "height", (square ? longer : vertex->height) / POINTS_PER_INCH);
	if (vertex->fixed || begun) {
		char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE];
		g_autofree char *place = g_strdup_printf("%s,%s%s", g_ascii_formatd(x, sizeof x, "%.2f", vertex->x),
			g_ascii_formatd(y, sizeof y, "%.2f", -vertex->y), vertex->fixed ? "!" : "");
		set(node, "pos", place);
	}
	return node;
}

/* A layout may have been moved as a whole: back, so that what is fixed stays. */
static void take_places(LayoutGraph *self, Agnode_t **nodes)
{
	double dx = 0, dy = 0;
	guint fixed = 0;
	for (guint i = 0; i < self->vertices->len; i++) {
		const LayoutVertex *vertex = &g_array_index(self->vertices, LayoutVertex, i);
		if (!vertex->fixed)
			continue;
		dx += vertex->x - ND_coord(nodes[i]).x;
		dy += vertex->y + ND_coord(nodes[i]).y;
		fixed++;
	}
	for (guint i = 0; i < self->vertices->len; i++) {
		LayoutVertex *vertex = &g_array_index(self->vertices, LayoutVertex, i);
		if (vertex->fixed)
			continue;
		vertex->x = ND_coord(nodes[i]).x + (fixed ? dx / fixed : 0);
		vertex->y = -ND_coord(nodes[i]).y + (fixed ? dy / fixed : 0);
	}
}

gboolean layout_graphviz(LayoutGraph *self, const LayoutRequest *request)
{
	static GMutex one_at_a_time; /* Graphviz keeps its state in globals */
	gboolean held = FALSE;
	for (guint i = 0; i < self->vertices->len; i++)
		held |= g_array_index(self->vertices, LayoutVertex, i).fixed;
	g_mutex_lock(&one_at_a_time);
	static GVC_t *context;
	if (!context)
		context = gvContext();
	agseterr(AGMAX); /* what it could not do shows in its answer, and is no news for the user */
	Agraph_t *graph = agopen((char *)"lab", request->downwards ? Agstrictdirected : Agstrictundirected, NULL);
	set_graph(graph, request, held);
	g_autofree Agnode_t **nodes = g_new(Agnode_t *, self->vertices->len + 1);
	for (guint i = 0; i < self->vertices->len; i++)
		nodes[i] = add_node(graph, &g_array_index(self->vertices, LayoutVertex, i), i,
			!request->downwards && !held, request->begun);
	for (guint i = 0; i < self->edges->len; i++) {
		const LayoutEdge *edge = &g_array_index(self->edges, LayoutEdge, i);
		Agedge_t *drawn = agedge(graph, nodes[edge->ends[0]], nodes[edge->ends[1]], NULL, TRUE);
		set_number(drawn, "len", layout_edge_length(self, edge, request->spacing) / POINTS_PER_INCH);
	}
	srand(1); /* overlap removal throws dice that "start" does not govern */
	gboolean done = gvLayout(context, graph, request->engine) == 0;
	if (done)
		take_places(self, nodes);
	gvFreeLayout(context, graph);
	agclose(graph);
	g_mutex_unlock(&one_at_a_time);
	return done;
}
