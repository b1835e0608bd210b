/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names to pointers, link ends to interfaces. */
#include <string.h>

#include "topologies/check/resolve.h"

/* The names of ELEMENTS, borrowed, NULL-terminated. @offset: of the name in the element. The caller frees the array. */
static const char **names_of(const GPtrArray *elements, gsize offset)
{
	const char **names = g_new0(const char *, elements->len + 1);
	guint n = 0;

	for (guint i = 0; i < elements->len; i++) {
		const char *name = G_STRUCT_MEMBER(char *, elements->pdata[i], offset);

		if (name)
			names[n++] = name;
	}
	return names;
}

/** resolver_missing() - reports that NAME does not exist, unless an element of that name was left out for its own error
 *  @label: who names it
 *  @verb: between label and kind: "refers to"
 *  @kind: what it would be
 *  @elements, @offset: NAMES_OF() what there is */
void resolver_missing(Resolver *self, LabPos pos, const char *label, const char *verb, const char *kind,
	const char *name, const GPtrArray *elements, gsize offset)
{
	g_autofree const char **candidates = NULL;
	const char *nearest = NULL;

	if (g_hash_table_contains(self->dropped, name))
		return;
	if (!lab_diagnostics_are_many(self->diagnostics)) {
		candidates = names_of(elements, offset);
		nearest = lab_nearest(name, candidates);
	}
	lab_diagnostics_add(self->diagnostics, LAB_ERROR, pos, "%s %s %s \"%s\", which does not exist%s%s%s", label,
		verb, kind, name, nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/** resolver_network() - the network of this name; reports an error and returns NULL when it does not exist. @label: who
 * refers to it. */
LabNetwork *resolver_network(Resolver *self, LabPos pos, const char *label, const char *name)
{
	LabNetwork *network = lab_find_network(self->lab, name);

	if (!network)
		resolver_missing(
			self, pos, label, "refers to", "network", name, NAMES_OF(self->lab->networks, LabNetwork));
	return network;
}

static void resolve_interface(Resolver *self, LabInterface *interface)
{
	g_autofree char *label = lab_interface_label(interface);

	if (interface->network_name)
		interface->network = resolver_network(self, interface->pos, label, interface->network_name);
}

static void add_name(GHashTable *names, char *name)
{
	if (name)
		g_hash_table_add(names, name);
}

/* The name of a link that has none: "r1-r2", with a number where that is taken. */
static void name_link(Resolver *self, LabLink *link, const char *a, const char *b)
{
	g_autofree char *base = g_strdup_printf("%s-%s", a, b), *name = g_strdup(base);
	unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(self->numbers, base));

	while (g_hash_table_contains(self->cables, name)) {
		g_free(name);
		n = MAX(n + 1, 2);
		name = g_strdup_printf("%s-%u", base, n);
	}
	g_hash_table_replace(self->numbers, g_steal_pointer(&base), GUINT_TO_POINTER(n));
	link->name = g_steal_pointer(&name);
	g_hash_table_add(self->cables, link->name);
}

/* 'link "core": end "r1"' */
static char *end_label(const LabPendingEnd *end)
{
	g_autofree char *link = lab_label("link", end->link->name), *own = lab_label("end", end->node_name);

	return g_strdup_printf("%s: %s", link, own);
}

/* Lets the link's end take the interface that its node declares. */
static void join(Resolver *self, LabPendingEnd *end, LabInterface *declared)
{
	g_autofree char *label = end_label(end), *there = lab_pos_to_text(declared->pos, end->interface->pos);

	if (declared->link) {
		g_autofree char *other = lab_label("link", declared->link->name);

		lab_diagnostics_add(self->diagnostics, LAB_ERROR, end->interface->pos,
			"%s: interface \"%s\" is already an end of %s; an interface can have only one cable", label,
			declared->name, declared->link == end->link ? "this link" : other);
		return;
	}
	if (declared->network_name)
		lab_diagnostics_add(self->diagnostics, LAB_ERROR, end->interface->pos,
			"%s: interface \"%s\" is already on network \"%s\"; an interface can have only one cable",
			label, declared->name, declared->network_name);
	else if (end->has_settings)
		lab_diagnostics_add(self->diagnostics, LAB_ERROR, end->interface->pos,
			"%s: interface \"%s\" is declared in its node (%s); set address, mac, mtu and offload there",
			label, declared->name, there);
	declared->link = end->link;
	end->link->ends[end->index].interface = declared;
}

static void resolve_end(Resolver *self, LabPendingEnd *end)
{
	LabNode *node = end->node_name ? lab_find_node(self->lab, end->node_name) : NULL;
	LabInterface *declared;

	if (!node && end->node_name) {
		g_autofree char *link = lab_label("link", end->link->name);
		g_autofree char *label = g_strconcat(link, ": end", NULL);

		resolver_missing(self, end->interface->pos, label, "refers to", "node", end->node_name,
			NAMES_OF(self->lab->nodes, LabNode));
	}
	if (!node || !end->interface->name)
		return;
	declared = lab_node_find_interface(node, end->interface->name);
	if (declared) {
		join(self, end, declared);
		return;
	}
	/* One too many is enough for lab_check() to refuse the node. */
	if (node->interfaces->len > LAB_MAX_INTERFACES)
		return;
	end->interface->node = node;
	end->interface->link = end->link;
	end->link->ends[end->index].interface = end->interface;
	g_ptr_array_add(node->interfaces, g_steal_pointer(&end->interface));
}

static void resolve_route(Resolver *self, const LabNode *node, const LabRoute *route)
{
	g_autofree char *label = NULL, *own = NULL, *to = NULL;

	/* Not an element of ours, but every guest has it. */
	if (!route->dev || !strcmp(route->dev, "lo") || lab_node_find_interface(node, route->dev))
		return;
	to = route->to ? g_inet_address_to_string(route->to->address) : NULL;
	own = lab_label("node", node->name);
	label = g_strdup_printf("%s: route to %s", own, route->is_default ? "default" : to ? to : "?");
	resolver_missing(self, route->pos, label, "refers to", "interface", route->dev,
		NAMES_OF(node->interfaces, LabInterface));
}

static void resolve_check(Resolver *self, const LabCheck *check)
{
	g_autofree char *label = lab_label("check", check->name), *run_label = g_strconcat(label, ": run", NULL);

	for (guint i = 0; i < check->runs->len; i++) {
		LabCheckRun *run = check->runs->pdata[i];

		run->node = run->node_name ? lab_find_node(self->lab, run->node_name) : NULL;
		if (run->node_name && !run->node)
			resolver_missing(self, run->pos, run_label, "refers to", "node", run->node_name,
				NAMES_OF(self->lab->nodes, LabNode));
	}
}

/** lab_resolve() - gives names their pointers, and interfaces of link ends to their nodes
 *  @draft: changed: its ends lose the interfaces that nodes take
 *  @diagnostics: gets what does not exist or does not fit */
void lab_resolve(LabDraft *draft, LabDiagnostics *diagnostics)
{
	Lab *lab = draft->lab;
	const GPtrArray *ends = draft->ends;
	g_autoptr(GHashTable) cables = g_hash_table_new(g_str_hash, g_str_equal),
			      numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Resolver self = {lab, cables, numbers, draft->dropped, diagnostics};

	lab_index(lab);
	for (guint i = 0; i < lab->networks->len; i++)
		add_name(cables, ((const LabNetwork *)lab->networks->pdata[i])->name);
	for (guint i = 0; i < lab->links->len; i++)
		add_name(cables, ((const LabLink *)lab->links->pdata[i])->name);
	for (guint i = 0; i + 1 < ends->len; i++) {
		LabPendingEnd *a = ends->pdata[i], *b = ends->pdata[i + 1];

		if (a->link != b->link)
			continue;
		if (!a->link->name && a->node_name && b->node_name)
			name_link(&self, a->link, a->node_name, b->node_name);
		resolve_network_ends(&self, a, b);
	}
	for (guint i = 0; i < ends->len; i++)
		resolve_end(&self, ends->pdata[i]);
	for (guint i = 0; i < lab->nodes->len; i++) {
		LabNode *node = lab->nodes->pdata[i];

		for (guint j = 0; j < node->interfaces->len; j++)
			resolve_interface(&self, node->interfaces->pdata[j]);
		for (guint j = 0; j < node->routes->len; j++)
			resolve_route(&self, node, node->routes->pdata[j]);
	}
	resolve_networks(&self);
	for (guint i = 0; i < lab->checks->len; i++)
		resolve_check(&self, lab->checks->pdata[i]);
}
