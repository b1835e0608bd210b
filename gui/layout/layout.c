/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/layout/layout.h"

#include <math.h>

#include "gui/layout/layout_shape.h"

enum {
	SPACING = 140,   /* of an edge: room for the labels at both its ends */
	ROW = 10,        /* vertices of a chain beside each other */
	SMALL_STAR = 6,  /* leaves that a star may have to hang downwards; more are arranged around its centre */
	SMALL_TREE = 14, /* the same of a tree */
	LARGE_MESH = 90, /* vertices that neato is given; it takes the cube of them */
};

#define NEAREST 1.5 /* aspect of a screen: width to height */

LayoutGraph *layout_graph_new(void)
{
	LayoutGraph *self = g_new(LayoutGraph, 1);
	self->vertices = g_array_new(FALSE, TRUE, sizeof(LayoutVertex));
	self->edges = g_array_new(FALSE, TRUE, sizeof(LayoutEdge));
	return self;
}

void layout_graph_free(LayoutGraph *self)
{
	g_array_unref(self->vertices);
	g_array_unref(self->edges);
	g_free(self);
}

guint layout_graph_add_vertex(LayoutGraph *self, double width, double height)
{
	LayoutVertex vertex = {.width = width, .height = height};
	g_array_append_val(self->vertices, vertex);
	return self->vertices->len - 1;
}

void layout_graph_add_edge(LayoutGraph *self, guint from, guint to)
{
	LayoutEdge edge = {.ends = {from, to}};
	g_array_append_val(self->edges, edge);
}

static LayoutVertex *vertex_at(LayoutGraph *self, guint index)
{
	return &g_array_index(self->vertices, LayoutVertex, index);
}

double layout_edge_length(const LayoutGraph *self, const LayoutEdge *edge, double usual)
{
	enum { USUAL = 60 };
	double within = 0, beyond = 0;
	for (guint i = 0; i < 2; i++) {
		double width = g_array_index(self->vertices, LayoutVertex, edge->ends[i]).width;
		within += width / 2;
		beyond += MAX(width - USUAL, 0) / 2;
	}
	/* An edge of wide vertices is longer: what is seen of it counts. */
	return MAX(usual + beyond, edge->room + within);
}

/* -- A chain: lines one above the other, as one writes, there and back -- */

static double longest_between(LayoutGraph *self, guint a, guint b)
{
	double longest = SPACING;
	for (guint i = 0; i < self->edges->len; i++) {
		const LayoutEdge *edge = &g_array_index(self->edges, LayoutEdge, i);
		if ((edge->ends[0] == a && edge->ends[1] == b) || (edge->ends[0] == b && edge->ends[1] == a))
			longest = MAX(longest, layout_edge_length(self, edge, SPACING));
	}
	return longest;
}

static void lay_chain(LayoutGraph *self, const LayoutLinks *links)
{
	double x = 0;
	guint at = 0, before = G_MAXUINT, rows = (links->n + ROW - 1) / ROW, in_row = (links->n + rows - 1) / rows;
	while (at + 1 < links->n && layout_links_degree(links, at) > 1)
		at++;
	for (guint i = 0; i < links->n; i++) {
		guint row = i / in_row;
		if (i % in_row)
			x += longest_between(self, before, at) * (row % 2 ? -1 : 1);
		vertex_at(self, at)->x = x;
		vertex_at(self, at)->y = (double)SPACING * row;
		guint next = G_MAXUINT;
		for (guint k = 0; k < layout_links_degree(links, at); k++)
			if (layout_links_neighbour(links, at, k) != before)
				next = layout_links_neighbour(links, at, k);
		before = at;
		at = next;
	}
}

/* -- A ring: its cycle on a circle, what hangs from it further out. Graphviz unfolds what is folded in none -- */

/* Degrees after leaves were taken off, again and again: 2 on the cycle, 0 elsewhere. Caller frees. */
static guint *peel(const LayoutLinks *links)
{
	guint *degrees = g_new(guint, links->n + 1);
	for (guint i = 0; i < links->n; i++)
		degrees[i] = layout_links_degree(links, i);
	for (gboolean more = TRUE; more;) {
		more = FALSE;
		for (guint i = 0; i < links->n; i++) {
			if (degrees[i] != 1)
				continue;
			degrees[i] = 0;
			more = TRUE;
			for (guint k = 0; k < layout_links_degree(links, i); k++)
				if (degrees[layout_links_neighbour(links, i, k)] > 0)
					degrees[layout_links_neighbour(links, i, k)]--;
		}
	}
	return degrees;
}

static void begin_ring(LayoutGraph *self, const LayoutLinks *links)
{
	g_autofree guint *degrees = peel(links), *away = g_new(guint, links->n + 1);
	g_autofree double *angles = g_new0(double, links->n + 1);
	guint cycle = 0, at = 0, step = 0;
	for (guint i = 0; i < links->n; i++) {
		cycle += degrees[i] > 0;
		away[i] = degrees[i] > 0 ? 0 : G_MAXUINT;
	}
	while (degrees[at] == 0)
		at++;
	/* Once around: degrees 0 marks what has its angle. */
	for (gboolean more = TRUE; more;) {
		angles[at] = 2 * G_PI * step++ / cycle - G_PI / 2;
		degrees[at] = 0;
		more = FALSE;
		for (guint k = 0; k < layout_links_degree(links, at) && !more; k++) {
			guint next = layout_links_neighbour(links, at, k);
			if (degrees[next] > 0) {
				at = next;
				more = TRUE;
			}
		}
	}
	layout_links_spread(links, away);
	for (guint distance = 0, found = 1; found; distance++) {
		found = 0;
		for (guint i = 0; i < links->n; i++) {
			if (away[i] != distance)
				continue;
			double radius = MAX(SPACING * cycle / (2 * G_PI), SPACING * 0.6) + (double)SPACING * distance;
			guint children = 0;
			found++;
			vertex_at(self, i)->x = radius * cos(angles[i]);
			vertex_at(self, i)->y = radius * sin(angles[i]);
			for (guint k = 0; k < layout_links_degree(links, i); k++) {
				guint child = layout_links_neighbour(links, i, k);
				if (away[child] == distance + 1)
					angles[child] = angles[i] + 0.15 * children++;
			}
		}
	}
}

/* -- Whole graphs -- */

static void point_downwards(LayoutGraph *self, const guint *heights)
{
	for (guint i = 0; i < self->edges->len; i++) {
		LayoutEdge *edge = &g_array_index(self->edges, LayoutEdge, i);
		if (heights[edge->ends[0]] < heights[edge->ends[1]])
			*edge = (LayoutEdge){{edge->ends[1], edge->ends[0]}, edge->room};
	}
}

static guint leaves(const LayoutLinks *links)
{
	guint count = 0;
	for (guint i = 0; i < links->n; i++)
		count += layout_links_degree(links, i) <= 1;
	return count;
}

/* Every part of a forest hangs from its centre. */
static void hang_tree(LayoutGraph *self, const LayoutLinks *links)
{
	g_autofree guint *heights = g_new0(guint, links->n + 1);
	for (guint i = 0; i < links->n; i++) {
		if (heights[i])
			continue;
		g_autofree guint *depths = layout_links_from(links, layout_links_centre(links, i));
		for (guint k = 0; k < links->n; k++)
			if (depths[k] != G_MAXUINT)
				heights[k] = G_MAXUINT - depths[k];
	}
	point_downwards(self, heights);
}

/* Turns the picture so that its longer side lies, and puts its upper end up. */
static void lie_down(LayoutGraph *self)
{
	double x = 0, y = 0, xx = 0, xy = 0, yy = 0, n = self->vertices->len;
	for (guint i = 0; i < self->vertices->len; i++) {
		x += vertex_at(self, i)->x / n;
		y += vertex_at(self, i)->y / n;
	}
	for (guint i = 0; i < self->vertices->len; i++) {
		double dx = vertex_at(self, i)->x - x, dy = vertex_at(self, i)->y - y;
		xx += dx * dx;
		xy += dx * dy;
		yy += dy * dy;
	}
	/* What is as long as it is wide stays as it is. */
	double spread = hypot(xx - yy, 2 * xy), sum = xx + yy;
	if (spread < 0.15 * sum)
		return;
	double angle = -0.5 * atan2(2 * xy, xx - yy), c = cos(angle), s = sin(angle);
	for (guint i = 0; i < self->vertices->len; i++) {
		LayoutVertex *vertex = vertex_at(self, i);
		double dx = vertex->x - x, dy = vertex->y - y;
		vertex->x = c * dx - s * dy;
		vertex->y = s * dx + c * dy;
	}
}

/* Vertices keep their places while anything is left to chance: a row, should Graphviz not be able to. */
static void lay_grid(LayoutGraph *self)
{
	guint columns = MAX(1, (guint)ceil(sqrt(self->vertices->len * NEAREST)));
	for (guint i = 0; i < self->vertices->len; i++) {
		vertex_at(self, i)->x = (double)SPACING * (i % columns);
		vertex_at(self, i)->y = (double)SPACING * (i / columns);
	}
}

static void lay_all(LayoutGraph *self, const LayoutLinks *links)
{
	LayoutRequest request = {.engine = "neato", .spacing = SPACING, .rank_gap = SPACING * 0.55};
	LayoutShape shape = layout_links_shape(links);
	g_autofree guint *floors = NULL;
	switch (shape) {
	case LAYOUT_EMPTY:
		return;
	case LAYOUT_CHAIN:
		lay_chain(self, links);
		return;
	case LAYOUT_STAR:
	case LAYOUT_TREE:
		request.downwards = leaves(links) <= (shape == LAYOUT_STAR ? SMALL_STAR : SMALL_TREE);
		request.engine = request.downwards ? "dot" : links->n > LARGE_MESH ? "sfdp" : "twopi";
		if (request.downwards)
			hang_tree(self, links);
		break;
	case LAYOUT_LAYERED:
		request.engine = "dot";
		request.downwards = TRUE;
		request.rank_gap = SPACING; /* many lines cross between two floors */
		floors = layout_floors(links);
		point_downwards(self, floors);
		break;
	case LAYOUT_RING:
		begin_ring(self, links);
		request.begun = TRUE;
		break;
	case LAYOUT_MESH:
		request.engine = links->n > LARGE_MESH ? "sfdp" : "neato";
		break;
	}
	if (!layout_graphviz(self, &request))
		lay_grid(self);
	else if (!request.downwards)
		lie_down(self);
}

/* -- Some are fixed -- */

static gboolean is_free(LayoutGraph *self, const gboolean *settled, guint index, double x, double y)
{
	const LayoutVertex *vertex = vertex_at(self, index);
	for (guint i = 0; i < self->vertices->len; i++) {
		const LayoutVertex *other = vertex_at(self, i);
		if (settled[i] && fabs(other->x - x) < (other->width + vertex->width) / 2 + 8 &&
			fabs(other->y - y) < (other->height + vertex->height) / 2 + 8)
			return FALSE;
	}
	return TRUE;
}

/* Near its neighbours, on the first free place of a spiral. */
static void settle(LayoutGraph *self, const LayoutLinks *links, gboolean *settled, guint index)
{
	double x = 0, y = 0;
	guint near = 0;
	for (guint i = 0; i < links->n; i++) {
		gboolean counts = settled[i];
		if (layout_links_degree(links, index) > 0) {
			counts = FALSE;
			for (guint k = 0; settled[i] && k < layout_links_degree(links, index); k++)
				counts |= layout_links_neighbour(links, index, k) == i;
		}
		if (counts) {
			x += vertex_at(self, i)->x;
			y += vertex_at(self, i)->y;
			near++;
		}
	}
	x /= MAX(near, 1);
	y /= MAX(near, 1);
	for (double turn = 0; turn < 2000; turn += 0.5) {
		/* Four turns of the spiral are one spacing; it begins one spacing away from a single neighbour. */
		double radius = (near == 1 ? SPACING : 0) + SPACING * turn / (8 * G_PI);
		double px = x + radius * cos(turn), py = y + radius * sin(turn);
		if (is_free(self, settled, index, px, py)) {
			vertex_at(self, index)->x = px;
			vertex_at(self, index)->y = py;
			break;
		}
	}
	settled[index] = TRUE;
}

static guint settled_neighbours(const LayoutLinks *links, const gboolean *settled, guint index)
{
	guint count = 0;
	for (guint k = 0; k < layout_links_degree(links, index); k++)
		count += settled[layout_links_neighbour(links, index, k)];
	return count;
}

/* The one with most neighbours in place first. */
static void settle_all(LayoutGraph *self, const LayoutLinks *links)
{
	g_autofree gboolean *settled = g_new(gboolean, links->n + 1);
	guint left = 0;
	for (guint i = 0; i < links->n; i++) {
		settled[i] = vertex_at(self, i)->fixed;
		left += !settled[i];
	}
	for (; left > 0; left--) {
		guint best = G_MAXUINT, most = 0;
		for (guint i = 0; i < links->n; i++) {
			guint count = settled[i] ? 0 : settled_neighbours(links, settled, i);
			if (!settled[i] && (best == G_MAXUINT || count > most)) {
				best = i;
				most = count;
			}
		}
		settle(self, links, settled, best);
	}
}

void layout_run(LayoutGraph *self)
{
	g_autoptr(LayoutLinks) links = layout_links_new(self);
	guint fixed = 0;
	for (guint i = 0; i < links->n; i++)
		fixed += vertex_at(self, i)->fixed;
	if (fixed == links->n)
		return;
	if (fixed == 0)
		lay_all(self, links);
	else if (fixed * 2 < links->n && links->n <= LARGE_MESH &&
		layout_graphviz(
			self, &(LayoutRequest){.engine = "neato", .spacing = SPACING, .rank_gap = SPACING * 0.55}))
		return;
	else
		settle_all(self, links);
}
