/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names to pointers: links between networks, mirrors, uplinks, captures. Networks that links join become groups. */
#include <string.h>

#include "topologies/check/resolve.h"

static gboolean joins(const LabLink *link, const LabNetwork *a, const LabNetwork *b)
{
	return (link->ends[0].network == a && link->ends[1].network == b) ||
		(link->ends[0].network == b && link->ends[1].network == a);
}

/* The name of a link between networks that has none: "lan-dmz". A second one would be "dmz-lan" or a number: nobody could
 * tell which is meant. */
static void name_link(Resolver *self, LabLink *link)
{
	const LabNetwork *a = link->ends[0].network, *b = link->ends[1].network;
	g_autofree char *name = g_strdup_printf("%s-%s", a->name, b->name);

	for (guint i = 0; i < self->lab->links->len; i++) {
		const LabLink *other = self->lab->links->pdata[i];
		g_autofree char *there = NULL;

		if (other == link || !joins(other, a, b))
			continue;
		there = lab_pos_to_text(other->pos, link->pos);
		lab_diagnostics_add(self->diagnostics, LAB_ERROR, link->pos,
			"this link has no name, and another link also joins networks \"%s\" and \"%s\" (%s); "
			"give each link a name",
			a->name, b->name, there);
		return;
	}
	if (g_hash_table_contains(self->cables, name)) {
		lab_diagnostics_add(self->diagnostics, LAB_ERROR, link->pos,
			"this link has no name, and its default name \"%s\" is already used; add name=", name);
		return;
	}
	link->name = g_steal_pointer(&name);
	g_hash_table_add(self->cables, link->name);
}

/** resolve_network_ends() - finds the networks that a link's ends name
 *  @a: its first end
 *  @b: its second end */
void resolve_network_ends(Resolver *self, LabPendingEnd *a, LabPendingEnd *b)
{
	LabPendingEnd *ends[] = {a, b};
	LabLink *link = a->link;
	g_autofree char *own = lab_label("link", link->name), *label = g_strconcat(own, ": end", NULL);

	for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++)
		if (ends[i]->network_name)
			link->ends[i].network =
				resolver_network(self, ends[i]->interface->pos, label, ends[i]->network_name);
	if (!link->ends[0].network || !link->ends[1].network)
		return;
	if (link->ends[0].network == link->ends[1].network)
		lab_diagnostics_add(self->diagnostics, LAB_ERROR, link->pos,
			"%s: both ends are on network \"%s\", so its frames would only come back; "
			"join two different networks",
			own, link->ends[0].network->name);
	else if (!link->name)
		name_link(self, link);
}

/* The interface that "NODE:IFACE" means; reports an error and returns NULL when it does not exist. */
static LabInterface *resolve_port(
	Resolver *self, LabPos pos, const char *label, const char *attribute, const char *port)
{
	const char *colon = strchr(port, ':');
	g_autofree char *node_name = colon ? g_strndup(port, (gsize)(colon - port)) : NULL;
	g_autofree char *own = g_strdup_printf("%s: %s \"%s\"", label, attribute, port);
	LabNode *node;
	LabInterface *interface;

	if (!colon) {
		lab_diagnostics_add(self->diagnostics, LAB_ERROR, pos, "%s is not of the form \"NODE:INTERFACE\"", own);
		return NULL;
	}
	node = lab_find_node(self->lab, node_name);
	interface = node ? lab_node_find_interface(node, colon + 1) : NULL;
	if (!node)
		resolver_missing(self, pos, own, "refers to", "node", node_name, NAMES_OF(self->lab->nodes, LabNode));
	else if (!interface)
		resolver_missing(
			self, pos, own, "refers to", "interface", colon + 1, NAMES_OF(node->interfaces, LabInterface));
	return interface;
}

static void resolve_mirror(Resolver *self, const LabNetwork *network, LabMirror *mirror)
{
	g_autofree char *own = lab_label("network", network->name), *label = g_strconcat(own, ": mirror", NULL);

	if (mirror->from_name && strcmp(mirror->from_name, "all") != 0)
		mirror->from = resolve_port(self, mirror->pos, label, "from", mirror->from_name);
	if (mirror->to_name)
		mirror->to = resolve_port(self, mirror->pos, label, "to", mirror->to_name);
}

static void resolve_uplink(Resolver *self, LabUplink *uplink)
{
	if (uplink->network_name)
		uplink->network = resolver_network(self, uplink->pos, "uplink", uplink->network_name);
}

static void resolve_capture(Resolver *self, LabCapture *capture)
{
	Lab *lab = self->lab;

	if (capture->link_name) {
		capture->link = lab_find_link(lab, capture->link_name);
		if (!capture->link)
			resolver_missing(self, capture->pos, "capture", "refers to", "link", capture->link_name,
				NAMES_OF(lab->links, LabLink));
	}
	if (capture->interface_name)
		capture->interface = resolve_port(self, capture->pos, "capture", "interface", capture->interface_name);
	if (capture->network_name)
		capture->network = resolver_network(self, capture->pos, "capture", capture->network_name);
}

/* Every network starts alone; a link makes two groups one. Then the numbers are closed up. */
static void group_networks(Lab *lab)
{
	g_autofree unsigned *number = g_new0(unsigned, lab->networks->len + 1);

	for (guint i = 0; i < lab->networks->len; i++)
		((LabNetwork *)lab->networks->pdata[i])->group = i;
	for (guint i = 0; i < lab->links->len; i++) {
		const LabNetwork *a = ((const LabLink *)lab->links->pdata[i])->ends[0].network,
				 *b = ((const LabLink *)lab->links->pdata[i])->ends[1].network;
		unsigned low, high;

		if (!a || !b || a->group == b->group)
			continue;
		low = MIN(a->group, b->group);
		high = MAX(a->group, b->group);
		for (guint k = 0; k < lab->networks->len; k++) {
			LabNetwork *network = lab->networks->pdata[k];

			if (network->group == high)
				network->group = low;
		}
	}
	for (guint i = 0; i < lab->networks->len; i++) {
		LabNetwork *network = lab->networks->pdata[i];

		/* A group has the index of its first network, which comes before all others. */
		if (network->group == i)
			number[i] = lab->n_groups++;
		network->group = number[network->group];
	}
}

/** resolve_networks() - gives mirrors, uplinks and captures their pointers, networks their groups. Links have theirs. */
void resolve_networks(Resolver *self)
{
	for (guint i = 0; i < self->lab->networks->len; i++) {
		const LabNetwork *network = self->lab->networks->pdata[i];

		for (guint k = 0; k < network->mirrors->len; k++)
			resolve_mirror(self, network, network->mirrors->pdata[k]);
	}
	for (guint i = 0; i < self->lab->uplinks->len; i++)
		resolve_uplink(self, self->lab->uplinks->pdata[i]);
	for (guint i = 0; i < self->lab->captures->len; i++)
		resolve_capture(self, self->lab->captures->pdata[i]);
	group_networks(self->lab);
}
