/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is under the pointer, what is next to something, and where moved things come to rest. */
#include <math.h>

#include "gui/layout/geometry.h"

SceneVertex *geometry_vertex_at(Scene *scene, double x, double y)
{
	const GPtrArray *vertices = scene_vertices(scene);
	for (guint i = vertices->len; i-- > 0;)
		if (geometry_box_has(geometry_vertex_box(vertices->pdata[i], TRUE), x, y))
			return vertices->pdata[i];
	return NULL;
}

SceneEdge *geometry_edge_at(Scene *scene, double x, double y, double tolerance)
{
	const GPtrArray *edges = scene_edges(scene);
	SceneEdge *best = NULL;
	for (guint i = 0; i < edges->len; i++) {
		GeometryPath path = geometry_edge_path(edges->pdata[i]);
		double distance = geometry_path_distance(&path, x, y);
		if (distance <= tolerance) {
			tolerance = distance;
			best = edges->pdata[i];
		}
	}
	return best;
}

SceneVertex *geometry_next(Scene *scene, const SceneVertex *from, int dx, int dy)
{
	const GPtrArray *vertices = scene_vertices(scene);
	SceneVertex *best = NULL;
	double least = G_MAXDOUBLE;
	for (guint i = 0; i < vertices->len; i++) {
		SceneVertex *vertex = vertices->pdata[i];
		double x = vertex->x - (from ? from->x : 0), y = vertex->y - (from ? from->y : 0);
		double along = x * dx + y * dy, across = fabs(x * dy) + fabs(y * dx);
		if (vertex == from || (from && (along <= 0 || across > 2 * along)))
			continue;
		double cost = from ? along + 2 * across : along;
		if (cost < least) {
			least = cost;
			best = vertex;
		}
	}
	return best;
}

static double to_grid(double value)
{
	return round(value / GEOMETRY_GRID) * GEOMETRY_GRID;
}

GeometrySnap geometry_snap(Scene *scene, const SceneVertex *leader, double dx, double dy, double tolerance)
{
	const GPtrArray *vertices = scene_vertices(scene);
	double x = leader->x + dx, y = leader->y + dy, off_x = tolerance, off_y = tolerance;
	GeometrySnap snap = {0};
	snap.x = to_grid(x);
	snap.y = to_grid(y);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *other = vertices->pdata[i];
		if (other->selected || other == leader)
			continue;
		if (fabs(other->x - x) <= off_x) {
			off_x = fabs(other->x - x);
			snap.x = other->x;
			snap.along_x = TRUE;
		}
		if (fabs(other->y - y) <= off_y) {
			off_y = fabs(other->y - y);
			snap.y = other->y;
			snap.along_y = TRUE;
		}
	}
	snap.dx = snap.x - leader->x;
	snap.dy = snap.y - leader->y;
	return snap;
}

GeometryPoint geometry_snap_new(Scene *scene, double x, double y, double tolerance)
{
	const SceneVertex new = {.x = x, .y = y};
	GeometrySnap snap = geometry_snap(scene, &new, 0, 0, tolerance);
	return (GeometryPoint){snap.x, snap.y};
}

/* -- Labels -- */

struct GeometryLabels {
	GArray *taken; /* of GeometryBox */
	GArray *lines; /* of GeometryPath */
};

GeometryLabels *geometry_labels_new(void)
{
	GeometryLabels *self = g_new(GeometryLabels, 1);
	self->taken = g_array_new(FALSE, FALSE, sizeof(GeometryBox));
	self->lines = g_array_new(FALSE, FALSE, sizeof(GeometryPath));
	return self;
}

void geometry_labels_free(GeometryLabels *self)
{
	g_array_unref(self->taken);
	g_array_unref(self->lines);
	g_free(self);
}

void geometry_labels_avoid(GeometryLabels *self, GeometryBox box)
{
	g_array_append_val(self->taken, box);
}

void geometry_labels_avoid_path(GeometryLabels *self, const GeometryPath *path)
{
	g_array_append_vals(self->lines, path, 1);
}

/* Length of a straight line within a box (Liang and Barsky's clipping). */
static double within(GeometryPoint from, GeometryPoint to, GeometryBox box)
{
	double dx = to.x - from.x, dy = to.y - from.y, begin = 0, end = 1;
	double steps[4] = {-dx, dx, -dy, dy};
	double room[4] = {from.x - box.x, box.x + box.width - from.x, from.y - box.y, box.y + box.height - from.y};
	for (int i = 0; i < 4; i++) {
		if (steps[i] == 0) {
			if (room[i] < 0)
				return 0;
		} else if (steps[i] < 0) {
			begin = MAX(begin, room[i] / steps[i]);
		} else {
			end = MIN(end, room[i] / steps[i]);
		}
	}
	return end > begin ? (end - begin) * hypot(dx, dy) : 0;
}

static double crossed(const GeometryPath *path, GeometryBox box)
{
	if (!path->curved)
		return within(path->from, path->to, box);
	double length = 0;
	GeometryPoint last = path->from;
	for (int i = 1; i <= GEOMETRY_CURVE; i++) {
		GeometryPoint next = geometry_path_at(path, path->length * i / GEOMETRY_CURVE, 0);
		length += within(last, next, box);
		last = next;
	}
	return length;
}

gboolean geometry_labels_covered(const GeometryLabels *self, GeometryBox box)
{
	gboolean covered = FALSE;
	for (guint i = 0; i < self->taken->len && !covered; i++)
		covered = geometry_overlap(g_array_index(self->taken, GeometryBox, i), box) > 1;
	return covered;
}

/* How bad a place is: a text covered is worse than a line crossed. */
static double covered(const GeometryLabels *self, GeometryBox box)
{
	double area = 0;
	for (guint i = 0; i < self->lines->len; i++)
		area += 4 * crossed(&g_array_index(self->lines, GeometryPath, i), box);
	for (guint i = 0; i < self->taken->len; i++)
		area += geometry_overlap(g_array_index(self->taken, GeometryBox, i), box);
	return area;
}

/* How far a box of width × height must be from a line in the direction of (ux, uy), so as not to touch it. */
static double clearance(double ux, double uy, double width, double height)
{
	return (fabs(uy) * width + fabs(ux) * height) / 2;
}

enum {
	BESIDE = 6,   /* room for a line that is thick with traffic */
	ON_LINE = 16, /* half of a text that is on a line */
};

/* Where a label is away from its line by FURTHER than it needs to be: the best of such places, if it is better than BEST. */
static void try_places(const GeometryLabels *self, const GeometryPath *path, unsigned end, double further,
	GeometryBox *best, double *least)
{
	static const double distances[] = {12, 22, 34, 40, 48, 64};
	for (gsize i = 0; i < G_N_ELEMENTS(distances) && *least > 0; i++) {
		double along = MIN(distances[i], path->length / 2);
		double at = end ? path->length - along : along;
		GeometryPoint here = geometry_path_at(path, at, 0), ahead = geometry_path_at(path, at, 1);
		/* The normal, and from it the direction. */
		double nx = ahead.x - here.x, ny = ahead.y - here.y;
		double away = clearance(-ny, nx, best->width, best->height) + BESIDE + further;
		for (int side = 1; side >= -1 && *least > 0; side -= 2) {
			GeometryBox box = {here.x + nx * away * side - best->width / 2,
				here.y + ny * away * side - best->height / 2, best->width, best->height};
			double cost = covered(self, box);
			if (cost < *least) {
				*least = cost;
				*best = box;
			}
		}
	}
}

GeometryBox geometry_labels_place(const GeometryLabels *self, const GeometryPath *path, unsigned end,
	const SceneVertex *below, double width, double height)
{
	GeometryBox best = {0, 0, width, height};
	double least = G_MAXDOUBLE;
	/* A short line has a text on it already: then above or below that. */
	for (int further = 0; further <= ON_LINE && least > 0; further += ON_LINE)
		try_places(self, path, end, further, &best, &least);
	if (below && least > 0) {
		GeometryBox vertex = geometry_vertex_box(below, TRUE);
		GeometryBox box = {vertex.x + (vertex.width - width) / 2, vertex.y + vertex.height, width, height};
		best = covered(self, box) < least ? box : best;
	}
	return best;
}
