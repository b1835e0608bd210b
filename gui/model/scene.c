/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/scene.h"

#include "gui/model/scene_private.h"
#include "topologies/model/values.h"

G_DEFINE_FINAL_TYPE(Scene, scene, G_TYPE_OBJECT)

enum { SIGNAL_STRUCTURE, SIGNAL_CHANGED, SIGNAL_SELECTION, N_SIGNALS };
static guint signals[N_SIGNALS];

static void vertex_free(gpointer data)
{
	SceneVertex *self = data;
	g_free(self->name);
	g_free(self->image);
	g_free(self->gateway);
	g_free(self->forwards);
	g_free(self->state_name);
	g_free(self->message);
	g_ptr_array_unref(self->edges);
	g_free(self);
}

static void edge_free(gpointer data)
{
	SceneEdge *self = data;
	g_free(self->name);
	for (guint i = 0; i < 2; i++) {
		g_free(self->interfaces[i]);
		g_free(self->addresses[i]);
		g_free(self->impairments[i]);
		g_free(self->declared[i]);
	}
	g_clear_pointer(&self->counters, g_variant_unref);
	g_clear_pointer(&self->wire, g_variant_unref);
	g_free(self);
}

static void make_empty(Scene *self)
{
	self->vertices = g_ptr_array_new_with_free_func(vertex_free);
	self->edges = g_ptr_array_new_with_free_func(edge_free);
	self->vertex_of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->cables = g_hash_table_new(g_str_hash, g_str_equal);
}

static void release(Scene *self)
{
	g_hash_table_unref(self->vertex_of);
	g_hash_table_unref(self->cables);
	g_ptr_array_unref(self->edges);
	g_ptr_array_unref(self->vertices);
}

static void scene_finalize(GObject *object)
{
	Scene *self = SCENE_SCENE(object);
	g_clear_handle_id(&self->changed_source, g_source_remove);
	g_clear_handle_id(&self->selection_source, g_source_remove);
	release(self);
	g_clear_pointer(&self->links, g_variant_unref);
	g_free(self->title);
	g_free(self->description);
	G_OBJECT_CLASS(scene_parent_class)->finalize(object);
}

static void scene_class_init(SceneClass *class)
{
	static const char *const names[] = {
		[SIGNAL_STRUCTURE] = "structure", [SIGNAL_CHANGED] = "changed", [SIGNAL_SELECTION] = "selection"};
	G_OBJECT_CLASS(class)->finalize = scene_finalize;
	for (guint i = 0; i < N_SIGNALS; i++)
		signals[i] = g_signal_new(names[i], SCENE_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void scene_init(Scene *self)
{
	make_empty(self);
	self->title = g_strdup("");
	self->description = g_strdup("");
}

Scene *scene_new(void)
{
	return g_object_new(SCENE_TYPE, NULL);
}

/* Both signals wait for the end of this turn of the main loop, so that a thousand counters are one repainting. */
static gboolean say_changed(gpointer data)
{
	Scene *self = data;
	self->changed_source = 0;
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
	return G_SOURCE_REMOVE;
}

static gboolean say_selection(gpointer data)
{
	Scene *self = data;
	self->selection_source = 0;
	g_signal_emit(self, signals[SIGNAL_SELECTION], 0);
	return G_SOURCE_REMOVE;
}

void scene_touch(Scene *self)
{
	if (!self->changed_source)
		self->changed_source = g_idle_add_full(G_PRIORITY_DEFAULT, say_changed, self, NULL);
}

static void touch_selection(Scene *self)
{
	scene_touch(self);
	if (!self->selection_source)
		self->selection_source = g_idle_add_full(G_PRIORITY_DEFAULT, say_selection, self, NULL);
}

static SceneVertex *add_vertex(Scene *self, SceneWhat what, const char *name)
{
	SceneVertex *vertex = g_new0(SceneVertex, 1);
	vertex->name = g_strdup(name);
	vertex->what = what;
	vertex->state_name = g_strdup("");
	vertex->message = g_strdup("");
	vertex->edges = g_ptr_array_new();
	g_ptr_array_add(self->vertices, vertex);
	g_hash_table_insert(self->vertex_of, scene_key(what, name), vertex);
	return vertex;
}

static char *addresses_of(const LabInterface *interface)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; interface && i < interface->addresses->len; i++) {
		const LabAddress *address = interface->addresses->pdata[i];
		g_autofree char *number = g_inet_address_to_string(address->address);
		g_string_append_printf(text, "%s%s/%u", i ? " " : "", number, address->prefix);
	}
	return g_string_free(text, FALSE);
}

static char *impairment_of(const LinkSettings *impairment)
{
	/* Names and values by turns. */
	g_auto(GStrv) words = link_settings_to_strings(impairment);
	GString *text = g_string_new(NULL);
	for (char **name = words; *name; name += 2)
		g_string_append_printf(text, "%s%s=%s", text->len ? " " : "", name[0], name[1]);
	return g_string_free(text, FALSE);
}

static void append_socket(GString *out, GInetAddress *address, guint16 port)
{
	g_autofree char *number = g_inet_address_to_string(address);
	gboolean v6 = g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
	g_string_append_printf(out, v6 ? "[%s]:%u" : "%s:%u", number, port);
}

static char *forwards_of(const LabUplink *uplink)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < uplink->forwards->len; i++) {
		const LabForward *forward = uplink->forwards->pdata[i];
		if (i)
			g_string_append_c(text, '\n');
		append_socket(text, forward->host_address, forward->host_port);
		g_string_append(text, " → ");
		append_socket(text, forward->to_address, forward->to_port);
		if (forward->udp)
			g_string_append(text, " UDP");
	}
	return g_string_free(text, FALSE);
}

static void add_uplink(Scene *self, const LabUplink *uplink)
{
	SceneVertex *vertex = add_vertex(self, SCENE_UPLINK, uplink->name);
	g_autofree char *v4 = lab_address_to_text(uplink->address4), *v6 = lab_address_to_text(uplink->address6);
	vertex->restricted = uplink->restricted;
	vertex->gateway = g_strconcat(v4, " ", v6, NULL);
	vertex->forwards = forwards_of(uplink);
}

/* An end of a cable: a vertex, the name and the addresses of the interface there. Takes addresses. */
typedef struct {
	SceneVertex *vertex;
	const char *interface;
	char *addresses;
} End;

static SceneEdge *join(Scene *self, char *name, const End ends[2], const LinkSettings *const impairments[2])
{
	SceneEdge *edge = g_new0(SceneEdge, 1);
	edge->name = name;
	for (guint i = 0; i < 2; i++) {
		edge->ends[i] = ends[i].vertex;
		edge->interfaces[i] = g_strdup(ends[i].interface);
		edge->addresses[i] = ends[i].addresses;
		edge->impairments[i] = impairment_of(impairments[i]);
		edge->declared[i] = g_strdup(edge->impairments[i]);
		edge->down |= impairments[i]->down;
		g_ptr_array_add(edge->ends[i]->edges, edge);
	}
	edge->declared_down = edge->down;
	edge->carrier[0] = edge->carrier[1] = !edge->down;
	g_ptr_array_add(self->edges, edge);
	g_hash_table_insert(self->cables, edge->name, edge);
	return edge;
}

static SceneEdge *add_edge(Scene *self, char *name, const LabLinkEnd ends[2], const LinkSettings *const impairments[2])
{
	End both[2];
	for (guint i = 0; i < 2; i++) {
		const LabInterface *interface = ends[i].interface;
		both[i].vertex = interface ? scene_find_vertex(self, SCENE_NODE, interface->node->name)
					   : scene_find_vertex(self, SCENE_NETWORK, ends[i].network->name);
		both[i].interface = interface ? interface->name : NULL;
		both[i].addresses = addresses_of(interface);
	}
	return join(self, name, both, impairments);
}

static void cable_uplink(Scene *self, const LabUplink *uplink)
{
	static const LinkSettings none;
	SceneVertex *vertex = scene_find_vertex(self, SCENE_UPLINK, uplink->name);
	SceneVertex *network = scene_find_vertex(self, SCENE_NETWORK, uplink->network->name);
	const End ends[] = {{vertex, NULL, g_strdup(vertex->gateway)}, {network, NULL, g_strdup("")}};
	/* The name that its cable has: topologies/plan/plan_networks.c. */
	join(self, g_strconcat("uplink:", network->name, NULL), ends, (const LinkSettings *const[]){&none, &none});
}

static void add_interfaces(Scene *self, const LabNode *node)
{
	for (guint i = 0; i < node->interfaces->len; i++) {
		LabInterface *interface = node->interfaces->pdata[i];
		const LinkSettings *const impairments[] = {&interface->impairment, &interface->impairment};
		const LabLinkEnd ends[] = {{interface, NULL, NULL}, {NULL, interface->network, NULL}};
		/* The name that cables of interfaces have: topologies/plan/plan.h. */
		if (interface->network)
			add_edge(self, g_strconcat(node->name, ":", interface->name, NULL), ends, impairments);
	}
}

static void build(Scene *self, const Lab *lab)
{
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];
		SceneVertex *vertex = add_vertex(self, SCENE_NODE, node->name);
		vertex->kind = node->kind;
		vertex->image = g_strdup(node->image);
	}
	for (guint i = 0; i < lab->networks->len; i++) {
		const LabNetwork *network = lab->networks->pdata[i];
		SceneVertex *vertex = add_vertex(self, SCENE_NETWORK, network->name);
		vertex->type = network->type;
		vertex->outside = network->host_kind != LAB_HOST_NONE;
	}
	for (guint i = 0; i < lab->uplinks->len; i++)
		add_uplink(self, lab->uplinks->pdata[i]);
	for (guint i = 0; i < lab->nodes->len; i++)
		add_interfaces(self, lab->nodes->pdata[i]);
	for (guint i = 0; i < lab->links->len; i++) {
		const LabLink *link = lab->links->pdata[i];
		const LinkSettings *const impairments[] = {&link->impairments[0], &link->impairments[1]};
		add_edge(self, g_strdup(link->name), link->ends, impairments)->is_link = TRUE;
	}
	for (guint i = 0; i < lab->uplinks->len; i++)
		cable_uplink(self, lab->uplinks->pdata[i]);
}

static void keep_vertex(SceneVertex *vertex, SceneVertex *old)
{
	vertex->x = old->x;
	vertex->y = old->y;
	vertex->placed = old->placed;
	vertex->selected = old->selected;
	vertex->state = old->state;
	vertex->check = old->check;
	g_free(vertex->state_name);
	g_free(vertex->message);
	vertex->state_name = g_steal_pointer(&old->state_name);
	vertex->message = g_steal_pointer(&old->message);
}

static void keep_edge(SceneEdge *edge, SceneEdge *old)
{
	edge->selected = old->selected;
	memcpy(edge->flows, old->flows, sizeof edge->flows);
	edge->counters = g_steal_pointer(&old->counters);
	edge->wire = g_steal_pointer(&old->wire);
}

static void keep(Scene *self, const Scene *old)
{
	for (guint i = 0; i < self->vertices->len; i++) {
		SceneVertex *vertex = self->vertices->pdata[i];
		g_autofree char *key = scene_key(vertex->what, vertex->name);
		SceneVertex *before = g_hash_table_lookup(old->vertex_of, key);
		if (before)
			keep_vertex(vertex, before);
	}
	for (guint i = 0; i < self->edges->len; i++) {
		SceneEdge *edge = self->edges->pdata[i];
		SceneEdge *before = g_hash_table_lookup(old->cables, edge->name);
		if (before)
			keep_edge(edge, before);
	}
}

/** Takes over a topology: see scene.h. What was there before lives until everyone has heard that it is gone. */
void scene_set_lab(Scene *self, const Lab *lab)
{
	Scene old = *self;
	make_empty(self);
	build(self, lab);
	keep(self, &old);
	self->quiet = FALSE;
	g_free(self->title);
	g_free(self->description);
	self->title = g_strdup(lab->title ? lab->title : lab->name);
	self->description = g_strdup(lab->description ? lab->description : "");
	g_signal_emit(self, signals[SIGNAL_STRUCTURE], 0);
	release(&old);
	touch_selection(self);
}

const GPtrArray *scene_vertices(Scene *self)
{
	return self->vertices;
}

const GPtrArray *scene_edges(Scene *self)
{
	return self->edges;
}

SceneVertex *scene_find_vertex(Scene *self, SceneWhat what, const char *name)
{
	g_autofree char *key = scene_key(what, name);
	return scene_find_key(self, key);
}

char *scene_key(SceneWhat what, const char *name)
{
	static const char *const letters[] = {[SCENE_NODE] = "n", [SCENE_NETWORK] = "w", [SCENE_UPLINK] = "u"};
	return g_strconcat(letters[what], name, NULL);
}

SceneVertex *scene_find_key(Scene *self, const char *key)
{
	return g_hash_table_lookup(self->vertex_of, key);
}

SceneEdge *scene_find_edge(Scene *self, const char *name)
{
	return g_hash_table_lookup(self->cables, name);
}

const char *scene_title(Scene *self)
{
	return self->title;
}

const char *scene_description(Scene *self)
{
	return self->description;
}

gboolean scene_is_running(Scene *self)
{
	return self->running;
}

void scene_move(Scene *self, SceneVertex *vertex, double x, double y)
{
	vertex->x = x;
	vertex->y = y;
	vertex->placed = TRUE;
	scene_touch(self);
}

void scene_select(Scene *self, SceneVertex *vertex, SceneEdge *edge, gboolean selected)
{
	if (vertex && vertex->selected != selected) {
		vertex->selected = selected;
		touch_selection(self);
	}
	if (edge && edge->selected != selected) {
		edge->selected = selected;
		touch_selection(self);
	}
}

void scene_select_only(Scene *self, SceneVertex *vertex, SceneEdge *edge)
{
	for (guint i = 0; i < self->vertices->len; i++)
		scene_select(self, self->vertices->pdata[i], NULL, self->vertices->pdata[i] == vertex);
	for (guint i = 0; i < self->edges->len; i++)
		scene_select(self, NULL, self->edges->pdata[i], self->edges->pdata[i] == edge);
}

GPtrArray *scene_selected_vertices(Scene *self)
{
	GPtrArray *selected = g_ptr_array_new();
	for (guint i = 0; i < self->vertices->len; i++)
		if (((SceneVertex *)self->vertices->pdata[i])->selected)
			g_ptr_array_add(selected, self->vertices->pdata[i]);
	return selected;
}

GPtrArray *scene_selected_edges(Scene *self)
{
	GPtrArray *selected = g_ptr_array_new();
	for (guint i = 0; i < self->edges->len; i++)
		if (((SceneEdge *)self->edges->pdata[i])->selected)
			g_ptr_array_add(selected, self->edges->pdata[i]);
	return selected;
}
