/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a vertex or an edge says of itself: for tooltips, and read out. */
#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "gui/canvas/canvas_private.h"
#include "gui/model/words.h"

enum { NEAR_LINE = 6 };

char *canvas_describe_vertex(const SceneVertex *vertex)
{
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "%s — %s", vertex->name, words_kind(vertex));
	if (vertex->image && *vertex->image)
		g_string_append_printf(text, ", %s", vertex->image);
	if (vertex->what == SCENE_UPLINK) {
		g_string_append_printf(text, "\n%s %s", _("gateway"), vertex->gateway);
		if (*vertex->forwards)
			g_string_append_printf(text, "\n%s", vertex->forwards);
	}
	if (*vertex->state_name)
		g_string_append_printf(text, "\n%s", words_state(vertex));
	if (*vertex->message)
		g_string_append_printf(text, ": %s", vertex->message);
	if (vertex->check)
		g_string_append_printf(text, "\n%s", vertex->check > 0 ? _("check passed") : _("check failed"));
	for (guint i = 0; i < vertex->edges->len && i < 12; i++) {
		const SceneEdge *edge = vertex->edges->pdata[i];
		unsigned end = edge->ends[0] == vertex ? 0 : 1;
		if (edge->interfaces[end])
			g_string_append_printf(text, "\n%s → %s  %s", edge->interfaces[end], edge->ends[1 - end]->name,
				edge->addresses[end]);
		else
			g_string_append_printf(text, "\n%s", edge->name);
	}
	if (vertex->edges->len > 12)
		g_string_append(text, "\n…");
	return g_string_free(text, FALSE);
}

/* What was dropped at a port and why. Names of counters are the switch's: "drop_queue_full". */
static void describe_drops(GString *text, GVariant *counters)
{
	GVariantIter ports, of_port;
	const char *port, *name;
	GVariant *values;
	guint64 value;
	if (!counters)
		return;
	g_variant_iter_init(&ports, counters);
	while (g_variant_iter_loop(&ports, "{&s@a{st}}", &port, &values)) {
		g_variant_iter_init(&of_port, values);
		while (g_variant_iter_next(&of_port, "{&st}", &name, &value)) {
			if (!g_str_has_prefix(name, "drop_") || value == 0)
				continue;
			g_autofree char *words = g_strdelimit(g_strdup(name + strlen("drop_")), "_", ' ');
			g_string_append_printf(text, _("\n%s: %" PRIu64 " dropped (%s)"), port, value, words);
		}
	}
}

char *canvas_describe_edge(const SceneEdge *edge)
{
	GString *text = g_string_new(edge->name);
	for (unsigned i = 0; i < 2; i++) {
		const SceneFlow *flow = &edge->flows[i];
		g_autofree char *rate = traffic_text(flow->bit_rate);
		g_autofree char *size = g_format_size(flow->bytes);
		g_string_append_printf(text, _("\n%s → %s: %s, %.0f frames/s; %" PRIu64 " frames, %s"),
			edge->ends[i]->name, edge->ends[1 - i]->name, rate, flow->frame_rate, flow->frames, size);
		if (edge->impairments[i] && *edge->impairments[i])
			g_string_append_printf(text, "; %s", edge->impairments[i]);
	}
	if (edge->down)
		g_string_append_printf(text, "\n%s", _("unplugged"));
	for (unsigned i = 0; i < 2 && !edge->down; i++)
		if (!edge->carrier[i])
			g_string_append_printf(text, _("\nno carrier at %s"), edge->ends[i]->name);
	describe_drops(text, edge->counters);
	return g_string_free(text, FALSE);
}

gboolean canvas_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
	Canvas *self = CANVAS_CANVAS(widget);
	GeometryPoint at = geometry_to_scene(&self->view, x, y);
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(self->scene);
	g_autoptr(GPtrArray) edges = scene_selected_edges(self->scene);
	const SceneVertex *vertex = NULL;
	const SceneEdge *edge = NULL;
	if (keyboard) {
		vertex = vertices->len ? vertices->pdata[0] : NULL;
		edge = edges->len ? edges->pdata[0] : NULL;
	} else if (self->drag == DRAG_NONE) {
		vertex = geometry_vertex_at(self->scene, at.x, at.y);
		edge = vertex ? NULL : geometry_edge_at(self->scene, at.x, at.y, NEAR_LINE / self->view.scale);
	}
	if (!vertex && !edge)
		return FALSE;
	g_autofree char *text = vertex ? canvas_describe_vertex(vertex) : canvas_describe_edge(edge);
	gtk_tooltip_set_text(tooltip, text);
	return TRUE;
}
