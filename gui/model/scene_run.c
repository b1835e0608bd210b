/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a running lab says of itself, taken into the scene: states of nodes, counters of cables. */
#include <string.h>

#include "gui/model/scene_private.h"
#include "netlab/client/lab_facts.h"

static const struct {
	const char *name;
	SceneState state;
} states[] = {
	{"stopped", SCENE_STOPPED},
	{"starting", SCENE_BOOTING},
	{"booting", SCENE_BOOTING},
	{"configuring", SCENE_BOOTING},
	{"stopping", SCENE_BOOTING},
	{"ready", SCENE_READY},
	{"paused", SCENE_PAUSED},
	{"failed", SCENE_FAILED},
};

static SceneState state_of(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_str_equal(states[i].name, name))
			return states[i].state;
	return SCENE_UNKNOWN;
}

static gboolean take(char **text, const char *value)
{
	if (g_strcmp0(*text, value) == 0)
		return FALSE;
	g_free(*text);
	*text = g_strdup(value);
	return TRUE;
}

static void set_state(Scene *self, SceneVertex *vertex, const char *state, const char *message)
{
	gboolean other = take(&vertex->state_name, state);
	if (take(&vertex->message, message) || other) {
		vertex->state = state_of(state);
		scene_touch(self);
	}
}

/** Takes over the states of all nodes. */
void scene_update_nodes(Scene *self, GVariant *answer)
{
	g_autoptr(GPtrArray) nodes = lab_nodes_from_variant(answer);
	self->running = TRUE;
	for (guint i = 0; i < nodes->len; i++) {
		const NodeFacts *node = nodes->pdata[i];
		SceneVertex *vertex = scene_find_vertex(self, SCENE_NODE, node->name);
		if (vertex)
			set_state(self, vertex, node->state, node->message);
	}
}

void scene_update_node(Scene *self, const char *node, const char *state, const char *message)
{
	SceneVertex *vertex = scene_find_vertex(self, SCENE_NODE, node);
	if (vertex)
		set_state(self, vertex, state, message);
}

void scene_set_check(Scene *self, const char *node, int check)
{
	SceneVertex *vertex = scene_find_vertex(self, SCENE_NODE, node);
	if (vertex && vertex->check != check) {
		vertex->check = check;
		scene_touch(self);
	}
}

static guint64 counter(GVariant *counters, const char *name)
{
	guint64 value = 0;
	if (counters)
		g_variant_lookup(counters, name, "t", &value);
	return value;
}

static guint64 sum_of_drops(GVariant *counters)
{
	GVariantIter iter;
	const char *name;
	guint64 value, sum = 0;
	if (!counters)
		return 0;
	g_variant_iter_init(&iter, counters);
	while (g_variant_iter_next(&iter, "{&st}", &name, &value))
		if (g_str_has_prefix(name, "drop_"))
			sum += value;
	return sum;
}

/* a{sa{st}} by end: of one end, or NULL. */
static GVariant *of_end(GVariant *all, const char *end)
{
	return all && end ? g_variant_lookup_value(all, end, G_VARIANT_TYPE("a{st}")) : NULL;
}

/* A value for every second that passed, so that the history keeps time when a look came late. */
static void remember(SceneFlow *flow, guint seconds)
{
	for (guint i = 0; i < seconds; i++) {
		flow->history[flow->next] = (float)flow->bit_rate;
		flow->next = (flow->next + 1) % SCENE_HISTORY;
	}
}

static void count(SceneFlow *flow, guint64 frames, guint64 bytes, guint64 drops, double seconds)
{
	/* Counters that went back mean that the lab was started again. */
	gboolean comparable = seconds > 0 && frames >= flow->frames && bytes >= flow->bytes;
	flow->frame_rate = comparable ? (double)(frames - flow->frames) / seconds : 0;
	flow->bit_rate = comparable ? 8.0 * (double)(bytes - flow->bytes) / seconds : 0;
	flow->frames = frames;
	flow->bytes = bytes;
	flow->drops = drops;
	if (seconds > 0)
		remember(flow, CLAMP((guint)(seconds + 0.5), 1, SCENE_HISTORY));
}

/* Ports count what they receive from their guest (rx) and hand to it (tx). What comes from a network is what its other
 * end was handed; between two networks, the cable's own counters are all there is. */
static void update_flows(SceneEdge *edge, const char *const between[2], GVariant *wire, double seconds)
{
	g_autoptr(GVariant) first = of_end(edge->counters, between[0]);
	g_autoptr(GVariant) second = of_end(edge->counters, between[1]);
	GVariant *ports[] = {first, second};
	for (guint i = 0; i < 2; i++) {
		g_autoptr(GVariant) cable = of_end(wire, between[i]);
		GVariant *here = ports[i], *there = ports[1 - i];
		GVariant *source = here ? here : there ? there : cable;
		gboolean rx = here || !there;
		count(&edge->flows[i], counter(source, rx ? "rx_frames" : "tx_frames"),
			counter(source, rx ? "rx_bytes" : "tx_bytes"), sum_of_drops(here) + sum_of_drops(cable),
			seconds);
	}
}

static void update_impairments(SceneEdge *edge, const char *const between[2], GVariant *impairments)
{
	for (guint i = 0; i < 2; i++) {
		g_autoptr(GVariant) set = impairments ? g_variant_lookup_value(impairments, between[i], NULL) : NULL;
		GString *text = g_string_new(NULL);
		GVariantIter iter;
		const char *name, *value;
		if (set && g_variant_is_of_type(set, G_VARIANT_TYPE("a{ss}"))) {
			g_variant_iter_init(&iter, set);
			while (g_variant_iter_next(&iter, "{&s&s}", &name, &value))
				g_string_append_printf(text, "%s%s=%s", text->len ? " " : "", name, value);
		}
		g_free(edge->impairments[i]);
		edge->impairments[i] = g_string_free(text, FALSE);
	}
}

static void update_edge(SceneEdge *edge, const LinkFacts *link, double seconds)
{
	edge->down = link->down;
	if (g_strv_length(link->between) != 2)
		return;
	const char *const ends[2] = {link->between[0], link->between[1]};
	for (guint i = 0; i < 2; i++) {
		edge->carrier[i] = !link->down;
		if (link->carrier)
			g_variant_lookup(link->carrier, ends[i], "b", &edge->carrier[i]);
	}
	g_clear_pointer(&edge->counters, g_variant_unref);
	edge->counters = link->counters ? g_variant_ref(link->counters) : NULL;
	g_clear_pointer(&edge->wire, g_variant_unref);
	edge->wire = link->wire ? g_variant_ref(link->wire) : NULL;
	update_flows(edge, ends, link->wire, seconds);
	update_impairments(edge, ends, link->impairment);
}

/* Nothing moves, and nothing has for as long as is remembered. */
static gboolean is_still(Scene *self)
{
	for (guint i = 0; i < self->edges->len; i++) {
		const SceneEdge *edge = self->edges->pdata[i];
		for (guint k = 0; k < 2; k++) {
			const SceneFlow *flow = &edge->flows[k];
			if (flow->frame_rate > 0)
				return FALSE;
			for (guint second = 0; second < SCENE_HISTORY; second++)
				if (flow->history[second] > 0)
					return FALSE;
		}
	}
	return TRUE;
}

guint64 scene_looks(Scene *self)
{
	return self->looks;
}

/** Takes over what all cables do; rates are over the time since the last call. */
void scene_update_links(Scene *self, GVariant *links, gint64 now)
{
	double seconds = self->counted ? (double)(now - self->counted) / G_USEC_PER_SEC : 0;
	if (!links)
		return;
	g_autoptr(GPtrArray) cables = lab_links_from_variant(links);
	for (guint i = 0; i < cables->len; i++) {
		const LinkFacts *link = cables->pdata[i];
		SceneEdge *edge = scene_find_edge(self, link->name);
		if (edge)
			update_edge(edge, link, seconds);
	}
	gboolean quiet = self->links && g_variant_equal(self->links, links) && is_still(self);
	if (!quiet || !self->quiet)
		scene_touch(self);
	self->quiet = quiet;
	g_variant_ref_sink(links);
	g_clear_pointer(&self->links, g_variant_unref);
	self->links = links;
	self->counted = now;
	self->looks++;
}

void scene_calm(Scene *self)
{
	for (guint i = 0; i < self->edges->len; i++) {
		SceneEdge *edge = self->edges->pdata[i];
		for (guint k = 0; k < 2; k++)
			edge->flows[k].frame_rate = edge->flows[k].bit_rate = 0;
	}
	scene_touch(self);
}

/** There is no supervisor any more. Totals stay to be read, rates end. */
void scene_forget_run(Scene *self)
{
	self->running = FALSE;
	self->counted = 0;
	self->quiet = FALSE;
	for (guint i = 0; i < self->vertices->len; i++) {
		SceneVertex *vertex = self->vertices->pdata[i];
		vertex->state = SCENE_UNKNOWN;
		vertex->check = 0;
		take(&vertex->state_name, "");
		take(&vertex->message, "");
	}
	for (guint i = 0; i < self->edges->len; i++) {
		SceneEdge *edge = self->edges->pdata[i];
		edge->down = edge->declared_down;
		edge->carrier[0] = edge->carrier[1] = !edge->down;
		take(&edge->impairments[0], edge->declared[0]);
		take(&edge->impairments[1], edge->declared[1]);
	}
	scene_calm(self);
}
