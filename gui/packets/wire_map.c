/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/wire_map.h"

/* What an interface's owner sends goes from its end to the other. */
typedef struct {
	char *cable;
	guint number, own, other;
	char *out, *in; /* texts of the two directions */
} Entry;

struct WireMap {
	GHashTable *entries; /* interface -> Entry */
};

static void entry_free(gpointer data)
{
	Entry *entry = data;
	g_free(entry->cable);
	g_free(entry->out);
	g_free(entry->in);
	g_free(entry);
}

static guint index_of(const GPtrArray *vertices, const SceneVertex *vertex)
{
	guint index = 0;
	g_ptr_array_find((GPtrArray *)vertices, vertex, &index);
	return index;
}

static char *end_text(const SceneEdge *edge, guint end)
{
	return edge->interfaces[end] ? g_strconcat(edge->ends[end]->name, ":", edge->interfaces[end], NULL)
				     : g_strdup(edge->ends[end]->name);
}

/* The name that the switch gives the interface at this end: see add_interface() in switch/control/captures.c. */
static char *interface_name(const SceneEdge *edge, guint end)
{
	if (edge->ends[end]->what == SCENE_UPLINK)
		return g_strdup(edge->name);
	return edge->interfaces[end] ? end_text(edge, end) : g_strconcat(edge->ends[end]->name, ":", edge->name, NULL);
}

WireMap *wire_map_new(Scene *scene)
{
	WireMap *self = g_new0(WireMap, 1);
	const GPtrArray *edges = scene_edges(scene), *vertices = scene_vertices(scene);
	self->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
	for (guint i = 0; i < edges->len; i++) {
		const SceneEdge *edge = edges->pdata[i];
		guint ends[] = {index_of(vertices, edge->ends[0]), index_of(vertices, edge->ends[1])};
		g_autofree char *first = end_text(edge, 0), *second = end_text(edge, 1);
		char *texts[] = {first, second};
		for (guint end = 0; end < 2; end++) {
			Entry *entry = g_new0(Entry, 1);
			*entry = (Entry){g_strdup(edge->name), i, ends[end], ends[1 - end],
				g_strconcat(texts[end], " → ", texts[1 - end], NULL),
				g_strconcat(texts[1 - end], " → ", texts[end], NULL)};
			g_hash_table_replace(self->entries, interface_name(edge, end), entry);
		}
	}
	return self;
}

void wire_map_free(WireMap *self)
{
	g_hash_table_unref(self->entries);
	g_free(self);
}

gboolean wire_map_find(const WireMap *self, const char *interface, gboolean inbound, WirePlace *place)
{
	const Entry *entry = interface ? g_hash_table_lookup(self->entries, interface) : NULL;
	if (!entry)
		return FALSE;
	*place = (WirePlace){entry->cable, entry->number, inbound ? entry->other : entry->own,
		inbound ? entry->own : entry->other, inbound ? entry->in : entry->out};
	return TRUE;
}
