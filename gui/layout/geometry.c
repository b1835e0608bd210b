/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/layout/geometry.h"

#include <math.h>

enum { CHARACTER = 8, LABEL_CHARACTER = 6, BETWEEN_LABELS = 14, BESIDE_PARALLEL = 26, LOOP = 46 };

gboolean geometry_box_has(GeometryBox box, double x, double y)
{
	return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height;
}

double geometry_overlap(GeometryBox a, GeometryBox b)
{
	double width = MIN(a.x + a.width, b.x + b.width) - MAX(a.x, b.x);
	double height = MIN(a.y + a.height, b.y + b.height) - MAX(a.y, b.y);
	return width > 0 && height > 0 ? width * height : 0;
}

gboolean geometry_boxes_meet(GeometryBox a, GeometryBox b)
{
	return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

GeometryBox geometry_join(GeometryBox a, GeometryBox b)
{
	double x = MIN(a.x, b.x), y = MIN(a.y, b.y);
	return (GeometryBox){x, y, MAX(a.x + a.width, b.x + b.width) - x, MAX(a.y + a.height, b.y + b.height) - y};
}

GeometryBox geometry_box_between(GeometryPoint a, GeometryPoint b)
{
	return (GeometryBox){MIN(a.x, b.x), MIN(a.y, b.y), fabs(a.x - b.x), fabs(a.y - b.y)};
}

GeometryBox geometry_vertex_box(const SceneVertex *vertex, gboolean with_label)
{
	double name = CHARACTER * (double)g_utf8_strlen(vertex->name, -1), width = GEOMETRY_ICON;
	double height = GEOMETRY_ICON, below = 0;
	if (vertex->what == SCENE_NETWORK) {
		width = MAX(84, name + 48);
		height = vertex->outside ? GEOMETRY_NETWORK_HEIGHT * 1.5 : GEOMETRY_NETWORK_HEIGHT;
	} else if (with_label) {
		width = MAX(width, name + 8);
		below = GEOMETRY_LABEL;
	}
	return (GeometryBox){vertex->x - width / 2, vertex->y - height / 2, width, height + below};
}

GeometryBox geometry_bounds(Scene *scene)
{
	const GPtrArray *vertices = scene_vertices(scene);
	GeometryBox bounds = {0};
	for (guint i = 0; i < vertices->len; i++) {
		GeometryBox box = geometry_vertex_box(vertices->pdata[i], TRUE);
		bounds = i ? geometry_join(bounds, box) : box;
	}
	return bounds;
}

GeometryPoint geometry_to_widget(const GeometryView *view, double x, double y)
{
	return (GeometryPoint){x * view->scale + view->x, y * view->scale + view->y};
}

GeometryPoint geometry_to_scene(const GeometryView *view, double x, double y)
{
	return (GeometryPoint){(x - view->x) / view->scale, (y - view->y) / view->scale};
}

void geometry_zoom(GeometryView *view, double scale, double x, double y)
{
	GeometryPoint held = geometry_to_scene(view, x, y);
	view->scale = CLAMP(scale, GEOMETRY_ZOOM_MIN, GEOMETRY_ZOOM_MAX);
	view->x = x - held.x * view->scale;
	view->y = y - held.y * view->scale;
}

GeometryView geometry_pinch(const GeometryView *began, GeometryPoint from, GeometryPoint to, double scale)
{
	GeometryView view = *began;
	geometry_zoom(&view, began->scale * scale, from.x, from.y);
	view.x += to.x - from.x;
	view.y += to.y - from.y;
	return view;
}

GeometryView geometry_fit(GeometryBox bounds, double width, double height, double margin, double most)
{
	double across = MAX(width - 2 * margin, 10), down = MAX(height - 2 * margin, 10);
	double scale = MIN(across / MAX(bounds.width, 1), down / MAX(bounds.height, 1));
	scale = CLAMP(scale, GEOMETRY_ZOOM_MIN, most);
	return (GeometryView){scale, width / 2 - (bounds.x + bounds.width / 2) * scale,
		height / 2 - (bounds.y + bounds.height / 2) * scale};
}

/* -- Edges -- */

/* Where the way from the middle of a vertex towards (x, y) leaves it. A network is as a box, all else a circle. */
static GeometryPoint border(const SceneVertex *vertex, double x, double y)
{
	double dx = x - vertex->x, dy = y - vertex->y, length = hypot(dx, dy);
	GeometryBox box = geometry_vertex_box(vertex, FALSE);
	if (length < 1)
		return (GeometryPoint){vertex->x, vertex->y};
	double away = box.width / 2 + 2;
	if (vertex->what == SCENE_NETWORK)
		away = MIN(fabs(dx) > 0 ? box.width / 2 * length / fabs(dx) : G_MAXDOUBLE,
			fabs(dy) > 0 ? box.height / 2 * length / fabs(dy) : G_MAXDOUBLE);
	away = MIN(away, length / 2);
	return (GeometryPoint){vertex->x + dx / length * away, vertex->y + dy / length * away};
}

static GeometryPoint on_curve(const GeometryPath *path, double t)
{
	double a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;
	return (GeometryPoint){a * path->from.x + b * path->bend.x + c * path->to.x,
		a * path->from.y + b * path->bend.y + c * path->to.y};
}

static void measure(GeometryPath *path)
{
	path->length = path->curved ? 0 : hypot(path->to.x - path->from.x, path->to.y - path->from.y);
	GeometryPoint last = path->from;
	for (int i = 1; path->curved && i <= GEOMETRY_CURVE; i++) {
		GeometryPoint next = on_curve(path, (double)i / GEOMETRY_CURVE);
		path->length += hypot(next.x - last.x, next.y - last.y);
		last = next;
	}
}

/* Which of how many edges between the same two vertices it is. */
static void rank(const SceneEdge *edge, unsigned *index, unsigned *count)
{
	const GPtrArray *candidates = edge->ends[0]->edges;
	*index = *count = 0;
	for (guint i = 0; i < candidates->len; i++) {
		const SceneEdge *other = candidates->pdata[i];
		if ((other->ends[0] == edge->ends[0] && other->ends[1] == edge->ends[1]) ||
			(other->ends[0] == edge->ends[1] && other->ends[1] == edge->ends[0])) {
			if (other == edge)
				*index = *count;
			++*count;
		}
	}
}

static GeometryPath loop_path(const SceneVertex *vertex, unsigned index)
{
	double r = GEOMETRY_ICON / 2.0 + 2, out = r + LOOP * (1 + 0.5 * index);
	return (GeometryPath){{vertex->x + r * 0.3, vertex->y - r}, {vertex->x + out, vertex->y - out},
		{vertex->x + r, vertex->y - r * 0.3}, TRUE, 0};
}

GeometryPath geometry_edge_path(const SceneEdge *edge)
{
	const SceneVertex *a = edge->ends[0], *b = edge->ends[1];
	unsigned index, count;
	rank(edge, &index, &count);
	GeometryPath path = {0};
	if (a == b) {
		path = loop_path(a, index / 2);
	} else {
		/* The normal of the way from the vertex that comes first in memory: the same for both directions. */
		const SceneVertex *first = a < b ? a : b, *second = a < b ? b : a;
		double dx = second->x - first->x, dy = second->y - first->y, length = MAX(hypot(dx, dy), 1);
		double aside = (index - (count - 1) / 2.0) * BESIDE_PARALLEL * 2;
		path.bend = (GeometryPoint){
			(a->x + b->x) / 2 - dy / length * aside, (a->y + b->y) / 2 + dx / length * aside};
		path.curved = fabs(aside) > 1;
		path.from = border(a, path.curved ? path.bend.x : b->x, path.curved ? path.bend.y : b->y);
		path.to = border(b, path.curved ? path.bend.x : a->x, path.curved ? path.bend.y : a->y);
	}
	measure(&path);
	return path;
}

GeometryPoint geometry_path_at(const GeometryPath *path, double distance, double aside)
{
	GeometryPoint a = path->from, b = path->to;
	double length = path->length;
	distance = CLAMP(distance, 0, path->length);
	for (int i = 1; path->curved && i <= GEOMETRY_CURVE; i++) {
		b = on_curve(path, (double)i / GEOMETRY_CURVE);
		length = hypot(b.x - a.x, b.y - a.y);
		if (distance <= length || i == GEOMETRY_CURVE)
			break;
		distance -= length;
		a = b;
	}
	length = MAX(length, 1e-6);
	double ux = (b.x - a.x) / length, uy = (b.y - a.y) / length;
	return (GeometryPoint){a.x + ux * distance - uy * aside, a.y + uy * distance + ux * aside};
}

double geometry_edge_room(const SceneEdge *edge)
{
	double room = 0;
	for (unsigned end = 0; end < 2; end++) {
		if (!edge->interfaces[end])
			continue;
		g_auto(GStrv) lines = g_strsplit(edge->addresses[end], " ", 3);
		glong longest = g_utf8_strlen(edge->interfaces[end], -1);
		for (guint i = 0; i < 2 && lines[i]; i++)
			longest = MAX(longest, g_utf8_strlen(lines[i], -1));
		room += LABEL_CHARACTER * (double)longest + BETWEEN_LABELS / 2.0;
	}
	return room;
}

GeometryBox geometry_edge_bounds(const SceneEdge *edge)
{
	enum { WIDTH = 4 };
	GeometryPath path = geometry_edge_path(edge);
	GeometryPoint middle = geometry_path_at(&path, path.length / 2, 0);
	double half_x = 0, half_y = 0;
	for (int i = 0; i <= GEOMETRY_CURVE; i++) {
		GeometryPoint point = geometry_path_at(&path, path.length * i / GEOMETRY_CURVE, 0);
		half_x = MAX(half_x, fabs(point.x - middle.x) + WIDTH / 2.0);
		half_y = MAX(half_y, fabs(point.y - middle.y) + WIDTH / 2.0);
	}
	return (GeometryBox){middle.x - half_x, middle.y - half_y, 2 * half_x, 2 * half_y};
}

static double to_segment(GeometryPoint a, GeometryPoint b, double x, double y)
{
	double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
	double t = square > 0 ? CLAMP(((x - a.x) * dx + (y - a.y) * dy) / square, 0, 1) : 0;
	return hypot(a.x + t * dx - x, a.y + t * dy - y);
}

double geometry_path_distance(const GeometryPath *path, double x, double y)
{
	if (!path->curved)
		return to_segment(path->from, path->to, x, y);
	GeometryPoint last = path->from;
	double best = G_MAXDOUBLE;
	for (int i = 1; i <= GEOMETRY_CURVE; i++) {
		GeometryPoint next = on_curve(path, (double)i / GEOMETRY_CURVE);
		best = MIN(best, to_segment(last, next, x, y));
		last = next;
	}
	return best;
}
