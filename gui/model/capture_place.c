/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/capture_place.h"

#include <glib/gi18n.h>

#include "gui/model/link_counters.h"

static void add_interfaces(GStrvBuilder *places, const SceneVertex *vertex)
{
	for (guint i = 0; i < vertex->edges->len; i++) {
		const SceneEdge *edge = vertex->edges->pdata[i];
		for (guint end = 0; end < 2; end++)
			if (edge->ends[end] == vertex && !edge->selected) {
				g_autofree char *name = link_end_name(edge, end);
				g_strv_builder_add(places, name);
			}
	}
}

char **capture_places(Scene *scene)
{
	g_autoptr(GStrvBuilder) places = g_strv_builder_new();
	g_autoptr(GPtrArray) edges = scene_selected_edges(scene), vertices = scene_selected_vertices(scene);
	for (guint i = 0; i < edges->len; i++)
		g_strv_builder_add(places, ((const SceneEdge *)edges->pdata[i])->name);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		if (vertex->what == SCENE_NETWORK && vertex->edges->len)
			g_strv_builder_add(places, vertex->name);
		else
			add_interfaces(places, vertex);
	}
	return g_strv_builder_end(places);
}

char *capture_places_text(const char *const *places)
{
	guint n = g_strv_length((char **)places);
	return n == 0   ? g_strdup(_("the whole lab"))
		: n < 4 ? g_strjoinv(", ", (char **)places)
			: g_strdup_printf(ngettext("%u capture point", "%u capture points", n), n);
}

char *capture_places_file(const char *const *places, const char *lab)
{
	g_autofree char *name = g_strdup(places[0] && !places[1] ? places[0] : lab);
	return g_strconcat(g_strdelimit(name, ":/", '-'), ".pcapng", NULL);
}
