/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a graph looks like. */
#include "gui/layout/layout_shape.h"

LayoutLinks *layout_links_new(const LayoutGraph *graph)
{
	LayoutLinks *self = g_new0(LayoutLinks, 1);
	self->n = graph->vertices->len;
	self->neighbours = g_new(GArray *, self->n + 1);
	for (guint i = 0; i < self->n; i++)
		self->neighbours[i] = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < graph->edges->len; i++) {
		const LayoutEdge *edge = &g_array_index(graph->edges, LayoutEdge, i);
		guint a = edge->ends[0], b = edge->ends[1];
		gboolean known = a == b;
		for (guint k = 0; k < self->neighbours[a]->len; k++)
			known |= layout_links_neighbour(self, a, k) == b;
		if (known)
			continue;
		g_array_append_val(self->neighbours[a], b);
		g_array_append_val(self->neighbours[b], a);
		self->n_edges++;
	}
	return self;
}

void layout_links_free(LayoutLinks *self)
{
	for (guint i = 0; i < self->n; i++)
		g_array_unref(self->neighbours[i]);
	g_free(self->neighbours);
	g_free(self);
}

guint layout_links_degree(const LayoutLinks *self, guint vertex)
{
	return self->neighbours[vertex]->len;
}

guint layout_links_neighbour(const LayoutLinks *self, guint vertex, guint index)
{
	return g_array_index(self->neighbours[vertex], guint, index);
}

/** Distances (in edges) from the nearest of the vertices that are 0 in distances; the others are G_MAXUINT and stay so
 *  where nothing leads. */
void layout_links_spread(const LayoutLinks *self, guint *distances)
{
	g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < self->n; i++)
		if (distances[i] == 0)
			g_array_append_val(queue, i);
	for (guint at = 0; at < queue->len; at++) {
		guint vertex = g_array_index(queue, guint, at);
		for (guint k = 0; k < layout_links_degree(self, vertex); k++) {
			guint next = layout_links_neighbour(self, vertex, k);
			if (distances[next] != G_MAXUINT)
				continue;
			distances[next] = distances[vertex] + 1;
			g_array_append_val(queue, next);
		}
	}
}

static guint *blank(guint n)
{
	guint *distances = g_new(guint, n + 1);
	for (guint i = 0; i < n; i++)
		distances[i] = G_MAXUINT;
	return distances;
}

/** Distances from one vertex; caller frees. */
guint *layout_links_from(const LayoutLinks *self, guint vertex)
{
	guint *distances = blank(self->n);
	distances[vertex] = 0;
	layout_links_spread(self, distances);
	return distances;
}

static guint components(const LayoutLinks *self)
{
	g_autofree guint *seen = blank(self->n);
	guint count = 0;
	for (guint i = 0; i < self->n; i++) {
		if (seen[i] != G_MAXUINT)
			continue;
		g_autofree guint *from = layout_links_from(self, i);
		for (guint k = 0; k < self->n; k++)
			if (from[k] != G_MAXUINT)
				seen[k] = 0;
		count++;
	}
	return count;
}

static guint farthest(const guint *distances, guint n, guint except)
{
	guint best = except;
	for (guint i = 0; i < n; i++)
		if (distances[i] != G_MAXUINT && (best == except || distances[i] > distances[best]))
			best = i;
	return best;
}

/** The middle of a longest way through the component of VERTEX: of a tree, its centre. */
guint layout_links_centre(const LayoutLinks *self, guint vertex)
{
	g_autofree guint *first = layout_links_from(self, vertex);
	guint a = farthest(first, self->n, vertex);
	g_autofree guint *from_a = layout_links_from(self, a);
	guint b = farthest(from_a, self->n, a);
	g_autofree guint *from_b = layout_links_from(self, b);
	guint length = from_a[b], best = vertex;
	for (guint i = 0; i < self->n; i++)
		if (from_a[i] == length / 2 && from_b[i] == length - length / 2) {
			best = i;
			break;
		}
	return best;
}

static gboolean is_chain(const LayoutLinks *self)
{
	for (guint i = 0; i < self->n; i++)
		if (layout_links_degree(self, i) > 2)
			return FALSE;
	return TRUE;
}

static gboolean is_star(const LayoutLinks *self)
{
	guint centre = layout_links_centre(self, 0);
	g_autofree guint *distances = layout_links_from(self, centre);
	for (guint i = 0; i < self->n; i++)
		if (distances[i] > 2 || (i != centre && layout_links_degree(self, i) > 2))
			return FALSE;
	return TRUE;
}

/** Floors of a layered graph: the distance of every vertex from the nearest one that has one neighbour alone. Caller
 *  frees; NULL when it is not one. */
guint *layout_floors(const LayoutLinks *self)
{
	g_autofree guint *floors = blank(self->n);
	guint top = 0, widest = 0;
	for (guint i = 0; i < self->n; i++)
		if (layout_links_degree(self, i) == 1)
			floors[i] = 0;
	layout_links_spread(self, floors);
	g_autofree guint *population = g_new0(guint, self->n + 1);
	for (guint i = 0; i < self->n; i++) {
		if (floors[i] == G_MAXUINT)
			return NULL;
		for (guint k = 0; k < layout_links_degree(self, i); k++) {
			guint other = floors[layout_links_neighbour(self, i, k)];
			if (other + 1 != floors[i] && other != floors[i] + 1)
				return NULL;
		}
		population[floors[i]]++;
		top = MAX(top, floors[i]);
		widest = MAX(widest, population[floors[i]]);
	}
	/* Too wide a floor is a line that nobody can read; and what has few leaves has its floors by chance. */
	gboolean layered = top >= 2 && widest <= LAYOUT_WIDEST_FLOOR && population[0] * 4 >= self->n;
	return layered ? g_steal_pointer(&floors) : NULL;
}

LayoutShape layout_links_shape(const LayoutLinks *self)
{
	if (self->n == 0)
		return LAYOUT_EMPTY;
	guint parts = components(self);
	if (self->n_edges + parts == self->n) {
		if (parts > 1)
			return LAYOUT_TREE;
		return is_chain(self) ? LAYOUT_CHAIN : is_star(self) ? LAYOUT_STAR : LAYOUT_TREE;
	}
	/* One cycle may look like floors, but a ring is what it is. */
	if (parts == 1 && self->n_edges == self->n)
		return LAYOUT_RING;
	g_autofree guint *floors = layout_floors(self);
	return floors ? LAYOUT_LAYERED : LAYOUT_MESH;
}

LayoutShape layout_shape(const LayoutGraph *graph)
{
	g_autoptr(LayoutLinks) links = layout_links_new(graph);
	return layout_links_shape(links);
}
