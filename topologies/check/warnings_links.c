/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is legal but surely wrong about links, networks and loops of networks. */
#include "topologies/check/warnings.h"

/* -- Link settings ------------------------------------------------------------------------------------------------- */

static void warn_of_settings(Warner *self, LabPos pos, const char *label, const LinkSettings *settings)
{
	double shortest = settings->loss < 1 ? settings->loss / (1 - settings->loss) : 0;

	for (const LinkSetting *setting = link_setting_table; setting->name; setting++)
		if (link_setting_is_idle(setting, settings))
			warn_at(self, pos, "%s: %s has no effect without %s; add %s=", label, setting->name,
				setting->needs, setting->needs);
	if (settings->jitter > settings->delay)
		warn_at(self, pos, "%s: jitter is greater than delay; a negative delay counts as zero", label);
	/* Between bursts at least one frame passes: a share of loss p needs bursts of p / (1 - p) or more. */
	if (settings->burst > 0 && settings->burst < shortest)
		warn_at(self, pos, "%s: at a loss of %g%%, bursts are at least %.1f frames long on average", label,
			settings->loss * 100, shortest);
}

static void warn_of_link(Warner *self, const LabLink *link)
{
	g_autofree char *label = lab_label("link", link->name);

	warn_of_settings(self, link->pos, label, &link->impairments[0]);
	if (!link_settings_equal(&link->impairments[0], &link->impairments[1]))
		warn_of_settings(self, link->pos, label, &link->impairments[1]);
}

/* -- Networks ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const LabInterface *first;
	unsigned interfaces, others; /* links, uplinks, the host, a socket */
} Use;

static Use *use_of(GHashTable *uses, const LabNetwork *network)
{
	Use *use = g_hash_table_lookup(uses, network);

	if (!use) {
		use = g_new0(Use, 1);
		use->others = (network->host_kind != LAB_HOST_NONE) + (network->socket != NULL);
		g_hash_table_insert(uses, (void *)network, use);
	}
	return use;
}

static GHashTable *uses_of_networks(const Lab *lab)
{
	GHashTable *uses = g_hash_table_new_full(NULL, NULL, NULL, g_free);

	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];

		for (guint k = 0; k < node->interfaces->len; k++) {
			const LabInterface *interface = node->interfaces->pdata[k];
			Use *use = interface->network ? use_of(uses, interface->network) : NULL;

			if (use && use->interfaces++ == 0)
				use->first = interface;
		}
	}
	for (guint i = 0; i < lab->links->len; i++) {
		const LabLink *link = lab->links->pdata[i];

		for (unsigned k = 0; k < G_N_ELEMENTS(link->ends); k++)
			if (link->ends[k].network)
				use_of(uses, link->ends[k].network)->others++;
	}
	for (guint i = 0; i < lab->uplinks->len; i++)
		use_of(uses, ((const LabUplink *)lab->uplinks->pdata[i])->network)->others++;
	return uses;
}

static void warn_of_network(Warner *self, const LabNetwork *network, const Use *use)
{
	if (!use->interfaces && !use->others)
		warn_at(self, network->pos, "network \"%s\" is not used; no interface, link or uplink refers to it",
			network->name);
	/* A router with a network of its own and nobody on it is how one gives a routing protocol something to announce. */
	else if (use->interfaces == 1 && !use->others && use->first->node->kind != LAB_NODE_ROUTER &&
		use->first->node->kind != LAB_NODE_FIREWALL)
		warn_at(self, network->pos, "network \"%s\" has only one interface, on node \"%s\"", network->name,
			use->first->node->name);
	if (network->priority_written && network->stp == LAB_STP_OFF)
		warn_at(self, network->pos,
			"network \"%s\": priority has no effect without a spanning tree; add stp=\"rstp\"",
			network->name);
	for (guint i = 0; i < network->mirrors->len; i++) {
		const LabMirror *mirror = network->mirrors->pdata[i];
		g_autofree char *there = lab_pos_to_text(mirror->pos, mirror->to->pos);

		if (network->type == LAB_NETWORK_HUB)
			warn_at(self, mirror->pos,
				"network \"%s\" is a hub: every port receives all frames, so no mirror is needed",
				network->name);
		if (mirror->to->addresses->len)
			warn_at(self, mirror->to->pos,
				"node \"%s\": interface \"%s\" has an address, but it is the target of a mirror (%s), "
				"so everything it sends is dropped",
				mirror->to->node->name, mirror->to->name, there);
	}
}

/* A link that carries all VLANs or knows none, so that a loop through it is a loop whatever else there is. */
static gboolean carries_everything(const LabLinkEnd *end)
{
	for (unsigned vlan = 1; end->vlan && vlan <= LAB_VLAN_MAX; vlan++)
		if (!lab_port_vlan_carries(end->vlan, vlan))
			return FALSE;
	return TRUE;
}

/* A loop in which nobody speaks RSTP. Where one network does, it sees its own frames come back, and breaks the loop. */
static void warn_of_loops(Warner *self)
{
	const GPtrArray *networks = self->lab->networks;
	g_autoptr(GHashTable) tree = g_hash_table_new(NULL, NULL); /* network -> number of its tree */

	for (guint i = 0; i < networks->len; i++)
		g_hash_table_insert(tree, networks->pdata[i], GUINT_TO_POINTER(i + 1));
	for (guint i = 0; i < self->lab->links->len; i++) {
		const LabLink *link = self->lab->links->pdata[i];
		const LabNetwork *a = link->ends[0].network, *b = link->ends[1].network;
		gpointer of_a, of_b;

		if (!a || a->stp != LAB_STP_OFF || b->stp != LAB_STP_OFF || link->impairments[0].down ||
			link->impairments[1].down || !carries_everything(&link->ends[0]) ||
			!carries_everything(&link->ends[1]))
			continue;
		of_a = g_hash_table_lookup(tree, a);
		of_b = g_hash_table_lookup(tree, b);
		if (of_a == of_b)
			warn_at(self, link->pos,
				"link \"%s\" closes a loop of networks, so broadcasts will circulate forever; set "
				"stp=\"rstp\" on \"%s\" and \"%s\", or down=\"yes\" on one link",
				link->name, a->name, b->name);
		for (guint k = 0; of_a != of_b && k < networks->len; k++)
			if (g_hash_table_lookup(tree, networks->pdata[k]) == of_b)
				g_hash_table_insert(tree, networks->pdata[k], of_a);
	}
}

/** warn_of_links() - warns of links, of cables that interfaces write for themselves, of networks and loops of them. */
void warn_of_links(Warner *self)
{
	const Lab *lab = self->lab;
	g_autoptr(GHashTable) uses = uses_of_networks(lab);

	for (guint i = 0; i < lab->networks->len; i++)
		warn_of_network(self, lab->networks->pdata[i], use_of(uses, lab->networks->pdata[i]));
	warn_of_loops(self);
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];

		for (guint k = 0; k < node->interfaces->len; k++) {
			const LabInterface *interface = node->interfaces->pdata[k];
			g_autofree char *label = lab_interface_label(interface);

			warn_of_settings(self, interface->pos, label, &interface->impairment);
		}
	}
	for (guint i = 0; i < lab->links->len; i++)
		warn_of_link(self, lab->links->pdata[i]);
}
