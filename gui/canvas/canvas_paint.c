/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of a scene. */
#include <math.h>
#include <string.h>

#include "gui/canvas/canvas_private.h"

/* Below these zooms a text is a smear: it is left out. Names of nodes grow before, against the zoom, to stay legible.
 */
#define NAMES_FROM 0.2
#define NAMES_GROW_FROM 0.6
#define NAMES_GROW_MOST 1.8
#define LABELS_FROM 0.38
#define LABELS_GROW_FROM 0.75

/** The colours of the widget's theme. */
void canvas_colours(Canvas *self, CanvasColours *colours)
{
	GtkStyleContext *style = gtk_widget_get_style_context(GTK_WIDGET(self));
	GdkRGBA paper = {1, 1, 1, 1}, ink = {0.13, 0.15, 0.18, 1}, accent = {0.11, 0.44, 0.85, 1};
	gtk_style_context_lookup_color(style, "theme_base_color", &paper);
	gtk_style_context_lookup_color(style, "theme_text_color", &ink);
	gtk_style_context_lookup_color(style, "theme_selected_bg_color", &accent);
	*colours = colours_of(&paper, &ink, &accent);
}

void canvas_remember_paths(Canvas *self)
{
	const GPtrArray *edges = scene_edges(self->scene);
	g_free(self->paths);
	g_free(self->pills);
	self->paths = g_new(GeometryPath, edges->len + 1);
	self->pills = g_new0(GeometryBox, edges->len + 1);
	for (guint i = 0; i < edges->len; i++)
		self->paths[i] = geometry_edge_path(edges->pdata[i]);
}

static void set_alpha(cairo_t *cr, const GdkRGBA *colour, double alpha)
{
	cairo_set_source_rgba(cr, colour->red, colour->green, colour->blue, alpha);
}

/* -- Edges -- */

/* The line, or its lane at a distance to the right of it. */
static void trace(cairo_t *cr, const GeometryPath *path, double aside)
{
	unsigned pieces = path->curved ? GEOMETRY_CURVE : 1;
	for (unsigned i = 0; i <= pieces; i++) {
		GeometryPoint point = geometry_path_at(path, path->length * i / pieces, aside);
		if (i)
			cairo_line_to(cr, point.x, point.y);
		else
			cairo_move_to(cr, point.x, point.y);
	}
}

static gboolean has_carrier(const SceneEdge *edge)
{
	return edge->carrier[0] && edge->carrier[1];
}

/* One lane for each direction, as on a road: what comes from ends[0] keeps to the right. */
static void paint_lanes(cairo_t *cr, const SceneEdge *edge, const GeometryPath *path, const CanvasColours *colours)
{
	for (int i = 0; i < 2; i++) {
		double width = traffic_width(edge->flows[i].bit_rate);
		gboolean busy = edge->flows[i].frame_rate > 0;
		gdk_cairo_set_source_rgba(cr, busy ? &colours->busy : &colours->line);
		cairo_set_line_width(cr, width);
		trace(cr, path, (i ? -1 : 1) * (width / 2 + TRAFFIC_GAP));
		cairo_stroke(cr);
	}
}

static void paint_break(cairo_t *cr, const GeometryPath *path, const CanvasColours *colours)
{
	GeometryPoint at = geometry_path_at(path, path->length / 2, 0);
	const double r = 8;
	cairo_arc(cr, at.x, at.y, r, 0, 2 * G_PI);
	gdk_cairo_set_source_rgba(cr, &colours->paper);
	cairo_fill_preserve(cr);
	gdk_cairo_set_source_rgba(cr, &colours->trouble);
	cairo_set_line_width(cr, 1.8);
	cairo_stroke(cr);
	cairo_move_to(cr, at.x - r * 0.4, at.y - r * 0.4);
	cairo_line_to(cr, at.x + r * 0.4, at.y + r * 0.4);
	cairo_move_to(cr, at.x + r * 0.4, at.y - r * 0.4);
	cairo_line_to(cr, at.x - r * 0.4, at.y + r * 0.4);
	cairo_stroke(cr);
}

static void paint_edge(Canvas *self, cairo_t *cr, const SceneEdge *edge, const GeometryPath *path,
	const CanvasColours *colours, double scale)
{
	static const double dashes[] = {6, 5};
	gboolean busy = self->shown[CANVAS_TRAFFIC] && (edge->flows[0].frame_rate > 0 || edge->flows[1].frame_rate > 0);
	if (edge->selected && !self->on_paper) {
		gdk_cairo_set_source_rgba(cr, &colours->accent);
		cairo_set_line_width(cr, 12);
		trace(cr, path, 0);
		cairo_stroke_preserve(cr);
		gdk_cairo_set_source_rgba(cr, &colours->selected);
		cairo_set_line_width(cr, 8.5);
		cairo_stroke(cr);
	}
	if (busy && !edge->down) {
		paint_lanes(cr, edge, path, colours);
		return;
	}
	gdk_cairo_set_source_rgba(cr, edge->down ? &colours->trouble : &colours->line);
	if (!has_carrier(edge))
		cairo_set_dash(cr, dashes, G_N_ELEMENTS(dashes), 0);
	cairo_set_line_width(cr, MAX(1.7, 0.8 / scale));
	trace(cr, path, 0);
	cairo_stroke(cr);
	cairo_set_dash(cr, NULL, 0, 0);
	if (edge->down)
		paint_break(cr, path, colours);
}

/* -- Texts beside edges -- */

static void text_size(Canvas *self, CanvasText style, const char *text, double *width, double *height)
{
	int w, h;
	pango_layout_get_size(canvas_layout(self, style, text), &w, &h);
	*width = (double)w / PANGO_SCALE;
	*height = (double)h / PANGO_SCALE;
}

/* "eth0" over its addresses, one a line. */
static char *end_text(const SceneEdge *edge, unsigned end)
{
	g_auto(GStrv) addresses = g_strsplit(edge->addresses[end], " ", 3);
	GString *text = g_string_new(edge->interfaces[end]);
	for (guint i = 0; addresses[i] && *addresses[i]; i++)
		g_string_append_printf(text, "\n%s", i < 2 ? addresses[i] : "…");
	return g_string_free(text, FALSE);
}

/* The node at an end, if nothing else leads there. */
static const SceneVertex *lonely_node(const GPtrArray *edges, const SceneEdge *edge, unsigned end)
{
	const SceneVertex *vertex = edge->ends[end];
	guint lines = 0;
	for (guint i = 0; i < edges->len; i++) {
		const SceneEdge *other = edges->pdata[i];
		lines += (other->ends[0] == vertex) + (other->ends[1] == vertex);
	}
	return vertex->what == SCENE_NODE && lines == 1 ? vertex : NULL;
}

static void paint_end(Canvas *self, cairo_t *cr, const SceneEdge *edge, const GeometryPath *path, unsigned end,
	GeometryLabels *labels, const CanvasColours *colours, double grown)
{
	if (!edge->interfaces[end])
		return;
	g_autofree char *text = end_text(edge, end);
	double width, height;
	text_size(self, TEXT_LABEL, text, &width, &height);
	GeometryBox box = geometry_labels_place(labels, path, end, lonely_node(scene_edges(self->scene), edge, end),
		(width + 4) * grown, height * grown);
	/* Where there is no room for it as large as it has to be, the tooltip has it. */
	if (grown > 1 && geometry_labels_covered(labels, box))
		return;
	geometry_labels_avoid(labels, box);
	cairo_save(cr);
	cairo_translate(cr, box.x, box.y);
	cairo_scale(cr, grown, grown);
	set_alpha(cr, &colours->paper, 0.82);
	canvas_rounded(cr, (GeometryBox){0, 0, width + 4, height}, 3);
	cairo_fill(cr);
	canvas_paint_text(self, cr, TEXT_LABEL, text, 2, 0, edge->carrier[end] ? &colours->faint : &colours->trouble);
	cairo_restore(cr);
}

/* What the cable does to frames: one text where both directions are alike, an arrow before each where not. */
static char *impairment_text(const SceneEdge *edge)
{
	const char *there = edge->impairments[0], *back = edge->impairments[1];
	if (g_strcmp0(there, back) == 0)
		return g_strdup(there ? there : "");
	/* Arrows as the line lies. */
	gboolean rightwards = edge->ends[1]->x >= edge->ends[0]->x;
	return g_strdup_printf("%s%s%s%s%s", *there ? rightwards ? "→ " : "← " : "", there, *there && *back ? "\n" : "",
		*back ? rightwards ? "← " : "→ " : "", back);
}

static GeometryBox paint_pill(Canvas *self, cairo_t *cr, const char *text, GeometryPoint at, const GdkRGBA *fill,
	const GdkRGBA *ink, GeometryLabels *labels)
{
	double width, height;
	text_size(self, TEXT_PILL, text, &width, &height);
	GeometryBox box = {at.x - width / 2 - 6, at.y - height / 2 - 2, width + 12, height + 4};
	canvas_rounded(cr, box, MIN(box.height / 2, 9));
	gdk_cairo_set_source_rgba(cr, fill);
	cairo_fill(cr);
	canvas_paint_text(self, cr, TEXT_PILL, text, box.x + 6, box.y + 2, ink);
	if (labels)
		geometry_labels_avoid(labels, box);
	return box;
}

static void paint_middle(Canvas *self, cairo_t *cr, guint index, GeometryLabels *labels, const CanvasColours *colours)
{
	const SceneEdge *edge = scene_edges(self->scene)->pdata[index];
	const GeometryPath *path = &self->paths[index];
	g_autofree char *text = impairment_text(edge);
	if (!*text || edge->down)
		return;
	/* One a line: the line under it is short. */
	gboolean alike = !strchr(text, '\n') && !g_str_has_prefix(text, "→") && !g_str_has_prefix(text, "←");
	g_strdelimit(text, alike ? " " : "", '\n');
	g_strdelimit(text, "=", ' ');
	self->pills[index] = paint_pill(self, cr, text, geometry_path_at(path, path->length / 2, 0), &colours->pill,
		&(GdkRGBA)COLOURS_PILL_INK, labels);
}

static void paint_labels(Canvas *self, cairo_t *cr, const CanvasColours *colours, double scale)
{
	double grown = MAX(LABELS_GROW_FROM / scale, 1);
	const GPtrArray *vertices = scene_vertices(self->scene), *edges = scene_edges(self->scene);
	g_autoptr(GeometryLabels) labels = geometry_labels_new();
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		GeometryBox box = geometry_vertex_box(vertex, TRUE);
		/* With its badge. */
		box.width += vertex->what == SCENE_NODE && box.width < GEOMETRY_ICON + 14 ? 8 : 0;
		geometry_labels_avoid(labels, box);
	}
	for (guint i = 0; i < edges->len; i++)
		geometry_labels_avoid_path(labels, &self->paths[i]);
	for (guint i = 0; i < edges->len; i++)
		paint_middle(self, cr, i, labels, colours);
	if (!self->shown[CANVAS_ADDRESSES])
		return;
	for (guint i = 0; i < edges->len; i++)
		for (unsigned end = 0; end < 2; end++)
			paint_end(self, cr, edges->pdata[i], &self->paths[i], end, labels, colours, grown);
}

/* -- Vertices -- */

static void paint_name(
	Canvas *self, cairo_t *cr, const SceneVertex *vertex, double y, const CanvasColours *colours, double scale)
{
	double width, height, grown = CLAMP(NAMES_GROW_FROM / scale, 1, NAMES_GROW_MOST);
	text_size(self, TEXT_NAME, vertex->name, &width, &height);
	cairo_save(cr);
	cairo_translate(cr, vertex->x, y);
	cairo_scale(cr, grown, grown);
	/* A line may pass under it. */
	canvas_rounded(cr, (GeometryBox){-width / 2 - 3, 0, width + 6, height}, 4);
	gboolean selected = vertex->selected && !self->on_paper;
	set_alpha(cr, selected ? &colours->selected : &colours->paper, selected ? 1 : 0.85);
	cairo_fill(cr);
	canvas_paint_text(self, cr, TEXT_NAME, vertex->name, -width / 2, 0, &colours->ink);
	cairo_restore(cr);
}

static void paint_selection(cairo_t *cr, GeometryBox box, const CanvasColours *colours, gboolean focus, double scale)
{
	canvas_rounded(cr, (GeometryBox){box.x - 7, box.y - 7, box.width + 14, box.height + 12}, 9);
	gdk_cairo_set_source_rgba(cr, &colours->selected);
	cairo_fill_preserve(cr);
	gdk_cairo_set_source_rgba(cr, &colours->accent);
	cairo_set_line_width(cr, (focus ? 2.5 : 1.5) / MIN(scale, 1));
	cairo_stroke(cr);
}

static const char *icon_of(const SceneVertex *vertex)
{
	if (vertex->what == SCENE_UPLINK)
		return vertex->restricted ? "cloud-in" : "cloud";
	return vertex->what == SCENE_NETWORK ? lab_network_type_name(vertex->type) : lab_node_kind_name(vertex->kind);
}

/* A bus: a bar with a switch or a hub at its left and its name. With a device of the host: under a cloud. */
static void paint_network(
	Canvas *self, cairo_t *cr, const SceneVertex *vertex, const CanvasColours *colours, double scale)
{
	GeometryBox box = geometry_vertex_box(vertex, FALSE);
	GdkRGBA fill = colours_mix(&colours->paper, &colours->ink, 0.06);
	double width, height, icon = 20, text_x;
	if (vertex->outside) {
		GeometryBox cloud = {box.x + box.width / 2 - 17, box.y - 6, 34, 34};
		canvas_paint_icon(self, cr, "cloud", cloud, scale, 1);
		box.y += 22;
		box.height -= 22;
	}
	canvas_rounded(cr, box, box.height / 2);
	gdk_cairo_set_source_rgba(cr, &fill);
	cairo_fill_preserve(cr);
	gdk_cairo_set_source_rgba(cr, &colours->line);
	cairo_set_line_width(cr, 1.6);
	cairo_stroke(cr);
	icon = MIN(icon, box.height - 8);
	text_size(self, TEXT_NAME, vertex->name, &width, &height);
	text_x = box.x + (box.width - width - icon - 6) / 2;
	canvas_paint_icon(self, cr, icon_of(vertex), (GeometryBox){text_x, box.y + (box.height - icon) / 2, icon, icon},
		scale, 1);
	if (scale >= NAMES_FROM)
		canvas_paint_text(self, cr, TEXT_NAME, vertex->name, text_x + icon + 6,
			box.y + (box.height - height) / 2, &colours->ink);
}

static void paint_node(Canvas *self, cairo_t *cr, const SceneVertex *vertex, const CanvasColours *colours, double scale)
{
	GeometryBox box = geometry_vertex_box(vertex, FALSE);
	double alpha = vertex->state == SCENE_STOPPED ? 0.45 : vertex->state == SCENE_BOOTING ? 0.7 : 1;
	/* Zoomed out, a badge grows so that states can still be distinguished. */
	double badge = 9 * CLAMP(0.75 / scale, 1, 2);
	canvas_paint_icon(self, cr, icon_of(vertex), box, scale, alpha);
	if (scale >= NAMES_FROM)
		paint_name(self, cr, vertex, box.y + box.height + 1, colours, scale);
	canvas_paint_badge(cr, vertex->state, 0, box.x + box.width - 3, box.y + box.height - badge, badge);
	if (vertex->check)
		canvas_paint_badge(cr, SCENE_UNKNOWN, vertex->check, box.x + 3, box.y + 5, badge);
}

static void paint_vertex(
	Canvas *self, cairo_t *cr, const SceneVertex *vertex, const CanvasColours *colours, double scale)
{
	if (vertex->selected && !self->on_paper)
		paint_selection(
			cr, geometry_vertex_box(vertex, TRUE), colours, gtk_widget_has_focus(GTK_WIDGET(self)), scale);
	if (vertex->what == SCENE_NETWORK)
		paint_network(self, cr, vertex, colours, scale);
	else
		paint_node(self, cr, vertex, colours, scale);
}

/* -- All of it -- */

/* FNV-1a. */
static guint64 digest_bytes(guint64 digest, const void *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++)
		digest = (digest ^ ((const guint8 *)bytes)[i]) * G_GUINT64_CONSTANT(0x100000001b3);
	return digest;
}

static guint64 digest_text(guint64 digest, const char *text)
{
	return text ? digest_bytes(digest, text, strlen(text) + 1) : digest;
}

/** Stands for all that a scene's picture shows and that "changed" may speak of: the same digest, the same picture. A
 *  line's width counts by quarters of a pixel. */
guint64 canvas_digest(Canvas *self)
{
	const GPtrArray *vertices = scene_vertices(self->scene), *edges = scene_edges(self->scene);
	guint64 digest = G_GUINT64_CONSTANT(0xcbf29ce484222325);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		const double place[] = {vertex->x, vertex->y};
		const int facts[] = {(int)vertex->state, vertex->check, vertex->selected};
		digest = digest_bytes(digest, place, sizeof place);
		digest = digest_bytes(digest, facts, sizeof facts);
	}
	for (guint i = 0; i < edges->len; i++) {
		const SceneEdge *edge = edges->pdata[i];
		const int facts[] = {edge->selected, edge->down, edge->carrier[0], edge->carrier[1]};
		digest = digest_bytes(digest, facts, sizeof facts);
		for (unsigned from = 0; from < 2; from++) {
			const SceneFlow *flow = &edge->flows[from];
			const int width = (int)lround(4 * traffic_width(flow->bit_rate)) * (flow->frame_rate > 0);
			digest = digest_bytes(digest, &width, sizeof width);
			digest = digest_text(digest, edge->impairments[from]);
		}
	}
	return digest;
}

static void paint_grid(cairo_t *cr, const GeometryView *view, const CanvasColours *colours)
{
	double left, top, right, bottom, step = GEOMETRY_GRID * (view->scale < 0.8 ? 10 : 5);
	cairo_clip_extents(cr, &left, &top, &right, &bottom);
	set_alpha(cr, &colours->line, 0.25);
	cairo_set_line_width(cr, 0.6);
	for (double x = floor(left / step) * step; x < right; x += step) {
		cairo_move_to(cr, x, top);
		cairo_line_to(cr, x, bottom);
	}
	for (double y = floor(top / step) * step; y < bottom; y += step) {
		cairo_move_to(cr, left, y);
		cairo_line_to(cr, right, y);
	}
	cairo_stroke(cr);
}

static void paint_highlight(cairo_t *cr, const GeometryPath *path, const CanvasColours *colours)
{
	gdk_cairo_set_source_rgba(cr, &colours->way);
	cairo_set_line_width(cr, 6);
	trace(cr, path, 0);
	cairo_stroke(cr);
}

/* In the middle of the line, or beside what is there; dots keep away from both. */
static void paint_step(Canvas *self, cairo_t *cr, guint index, guint step)
{
	g_autofree char *number = g_strdup_printf("%u", step + 1);
	GeometryBox *there = &self->pills[index];
	GeometryPoint at = geometry_path_at(&self->paths[index], self->paths[index].length / 2, 0);
	if (there->width > 0)
		at.x = there->x - 10;
	GeometryBox box = paint_pill(self, cr, number, at, &(GdkRGBA)COLOURS_WAY, &(GdkRGBA){1, 1, 1, 1}, NULL);
	*there = there->width > 0
		? geometry_box_between((GeometryPoint){box.x, MIN(box.y, there->y)},
			  (GeometryPoint){there->x + there->width, MAX(box.y + box.height, there->y + there->height)})
		: box;
}

/* The way of a packet: its links, or the numbers that show their order. */
static void paint_way(Canvas *self, cairo_t *cr, gboolean numbers, const CanvasColours *colours)
{
	const GPtrArray *edges = scene_edges(self->scene);
	for (guint step = 0; self->highlight && step < self->highlight->len; step++)
		for (guint i = 0; i < edges->len; i++) {
			const SceneEdge *edge = edges->pdata[i];
			if (!g_str_equal(edge->name, self->highlight->pdata[step]))
				continue;
			if (numbers)
				paint_step(self, cr, i, step);
			else
				paint_highlight(cr, &self->paths[i], colours);
		}
}

/** Paints the scene as it is seen in a view. */
void canvas_paint(Canvas *self, cairo_t *cr, const GeometryView *view, const CanvasColours *colours)
{
	const GPtrArray *vertices = scene_vertices(self->scene), *edges = scene_edges(self->scene);
	cairo_save(cr);
	cairo_translate(cr, view->x, view->y);
	cairo_scale(cr, view->scale, view->scale);
	if (self->shown[CANVAS_GRID])
		paint_grid(cr, view, colours);
	for (guint i = 0; i < edges->len; i++)
		paint_edge(self, cr, edges->pdata[i], &self->paths[i], colours, view->scale);
	paint_way(self, cr, FALSE, colours);
	for (guint i = 0; i < vertices->len; i++)
		paint_vertex(self, cr, vertices->pdata[i], colours, view->scale);
	memset(self->pills, 0, edges->len * sizeof *self->pills);
	if (view->scale >= LABELS_FROM)
		paint_labels(self, cr, colours, view->scale);
	paint_way(self, cr, TRUE, colours);
	cairo_restore(cr);
}
