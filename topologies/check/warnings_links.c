/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is legal and surely wrong about cables, networks, uplinks and captures. */
#include <string.h>

#include "topologies/model/values.h"
#include "topologies/check/warnings.h"

/* Ports that need CAP_NET_BIND_SERVICE: net.ipv4.ip_unprivileged_port_start as the kernel has it. */
#define UNPRIVILEGED_PORT 1024

/* -- Impairments --------------------------------------------------------------------------------------------------- */

static void warn_of_impairment(Warner *self, LabPos pos, const char *label, const LabImpairment *impairment)
{
	double shortest = impairment->loss < 1 ? impairment->loss / (1 - impairment->loss) : 0;

	if (impairment->jitter_ns > impairment->delay_ns)
		warn_at(self, pos, "%s: the jitter is greater than the delay; a delay below zero counts as none",
			label);
	if (impairment->distribution != LAB_DISTRIBUTION_UNIFORM && !impairment->jitter_ns)
		warn_at(self, pos, "%s: a distribution without jitter changes nothing", label);
	if (impairment->reorder > 0 && !impairment->delay_ns)
		warn_at(self, pos, "%s: reorder lets frames skip the delay, and there is none; write delay= too",
			label);
	if (impairment->queue && !impairment->rate)
		warn_at(self, pos, "%s: a queue without a rate never fills; write rate= too", label);
	if (impairment->burst > 0 && !(impairment->loss > 0))
		warn_at(self, pos, "%s: bursts of losses without loss never come; write loss= too", label);
	/* Between bursts at least one frame passes: a share of loss p needs bursts of p / (1 - p) or more. */
	else if (impairment->burst > 0 && impairment->burst < shortest)
		warn_at(self, pos, "%s: with a loss of %g%% bursts are at least %.1f frames long on average", label,
			impairment->loss * 100, shortest);
}

static void warn_of_link(Warner *self, const LabLink *link)
{
	g_autofree char *label = lab_label("link", link->name);

	warn_of_impairment(self, link->pos, label, &link->impairments[0]);
	if (!lab_impairment_equal(&link->impairments[0], &link->impairments[1]))
		warn_of_impairment(self, link->pos, label, &link->impairments[1]);
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
		warn_at(self, network->pos, "network \"%s\" joins nothing; no interface names it", network->name);
	/* A router with a network of its own and nobody on it is how one gives a routing protocol something to announce. */
	else if (use->interfaces == 1 && !use->others && use->first->node->kind != LAB_NODE_ROUTER &&
		use->first->node->kind != LAB_NODE_FIREWALL)
		warn_at(self, network->pos, "network \"%s\" joins only one interface, of node \"%s\"", network->name,
			use->first->node->name);
	if (network->priority_written && network->stp == LAB_STP_OFF)
		warn_at(self, network->pos,
			"network \"%s\": a priority counts in a spanning tree; write stp=\"rstp\" too", network->name);
	for (guint i = 0; i < network->mirrors->len; i++) {
		const LabMirror *mirror = network->mirrors->pdata[i];
		g_autofree char *there = lab_pos_to_text(mirror->pos, mirror->to->pos);

		if (network->type == LAB_NETWORK_HUB)
			warn_at(self, mirror->pos,
				"network \"%s\" is a hub: everyone hears everything without a mirror", network->name);
		if (mirror->to->addresses->len)
			warn_at(self, mirror->to->pos,
				"node \"%s\": interface \"%s\" has an address, but what it sends is dropped: a mirror "
				"(%s) leads to it",
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
				"link \"%s\" closes a loop of networks, and broadcasts will go round for ever; write "
				"stp=\"rstp\" on \"%s\" "
				"and \"%s\", or down=\"yes\" on a link",
				link->name, a->name, b->name);
		for (guint k = 0; of_a != of_b && k < networks->len; k++)
			if (g_hash_table_lookup(tree, networks->pdata[k]) == of_b)
				g_hash_table_insert(tree, networks->pdata[k], of_a);
	}
}

/* -- Uplinks ------------------------------------------------------------------------------------------------------- */

static gboolean is_at_home(const LabUplink *uplink, const LabInterface *interface)
{
	for (guint i = 0; i < interface->addresses->len; i++) {
		GInetAddress *address = ((const LabAddress *)interface->addresses->pdata[i])->address;

		if (lab_address_holds(uplink->address4, address) || lab_address_holds(uplink->address6, address))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_gateway(const LabUplink *uplink, GInetAddress *address)
{
	return g_inet_address_equal(address, uplink->address4->address) ||
		g_inet_address_equal(address, uplink->address6->address);
}

/* Whether a node may get what it needs without the file saying so: by DHCP or router advertisements, or its own commands. */
static gboolean may_learn(const LabInterface *interface)
{
	return !interface->addresses->len || warner_mentions(interface->node, "dhc") ||
		warner_mentions(interface->node, "ip ");
}

static void warn_of_uplink_use(Warner *self, const LabUplink *uplink)
{
	const Segment *segment = segments_of_uplink(self->segments, uplink);
	g_autofree char *subnet = lab_address_network_to_text(uplink->address4);
	g_autofree char *gateway = g_inet_address_to_string(uplink->address4->address);
	gboolean at_home = FALSE, routed = FALSE;

	if (!segment || segment->open)
		return;
	for (guint i = 0; i < segment->interfaces->len; i++) {
		const LabInterface *interface = segment->interfaces->pdata[i];

		if (may_learn(interface))
			return;
		at_home |= is_at_home(uplink, interface);
		for (guint k = 0; k < interface->node->routes->len; k++) {
			const LabRoute *route = interface->node->routes->pdata[k];

			routed |= route->via && is_gateway(uplink, route->via);
		}
	}
	if (!at_home)
		warn_at(self, uplink->pos,
			"uplink \"%s\": nobody on %s has an address in its subnet %s; give an interface one, or the "
			"uplink address=",
			uplink->network_name, segment->label, subnet);
	else if (!routed && !uplink->restricted && !uplink->forwards->len)
		warn_at(self, uplink->pos,
			"uplink \"%s\": no node has a route through it; write <route to=\"default\" via=\"%s\"/>",
			uplink->network_name, gateway);
}

static void warn_of_forward(Warner *self, const LabUplink *uplink, const LabForward *forward)
{
	gboolean v4 = g_inet_address_get_family(forward->to_address) == G_SOCKET_FAMILY_IPV4;
	const LabAddress *own = v4 ? uplink->address4 : uplink->address6;
	g_autofree char *to = g_inet_address_to_string(forward->to_address), *subnet = lab_address_network_to_text(own);

	if (!lab_address_holds(own, forward->to_address))
		warn_at(self, forward->pos, "forward: %s is outside the uplink's subnet %s, so it will hardly answer",
			to, subnet);
	else if (is_gateway(uplink, forward->to_address))
		warn_at(self, forward->pos, "forward: %s is the uplink itself; name the node's address", to);
	if (forward->host_port < UNPRIVILEGED_PORT)
		warn_at(self, forward->pos,
			"forward: ports below %d are for root; %u may be refused when the lab starts",
			UNPRIVILEGED_PORT, forward->host_port);
}

static void warn_of_uplink(Warner *self, const LabUplink *uplink)
{
	warn_of_uplink_use(self, uplink);
	for (guint i = 0; i < uplink->forwards->len; i++)
		warn_of_forward(self, uplink, uplink->forwards->pdata[i]);
	/* Router advertisements need it (RFC 4862, 5.5.3). */
	if (uplink->address6->prefix != 64)
		warn_at(self, uplink->pos,
			"uplink \"%s\": no node configures itself from an IPv6 prefix of %u bits; 64 it must be",
			uplink->network_name, uplink->address6->prefix);
}

static void warn_of_neighbours(Warner *self, const Segment *segment)
{
	const LabUplink *first = segment->uplinks->len ? segment->uplinks->pdata[0] : NULL;

	for (guint i = 1; i < segment->uplinks->len; i++) {
		const LabUplink *uplink = segment->uplinks->pdata[i];
		g_autofree char *there = lab_pos_to_text(first->pos, uplink->pos);

		warn_at(self, uplink->pos, "uplink \"%s\": %s have another one (%s), and both answer DHCP",
			uplink->network_name, segment->label, there);
	}
	for (guint i = 0; first && i < segment->interfaces->len; i++) {
		const LabInterface *interface = segment->interfaces->pdata[i];

		for (guint k = 0; k < interface->addresses->len; k++) {
			GInetAddress *address = ((const LabAddress *)interface->addresses->pdata[k])->address;
			g_autofree char *text = g_inet_address_to_string(address),
					*label = lab_interface_label(interface);
			g_autofree char *there = lab_pos_to_text(first->pos, interface->pos);

			if (is_gateway(first, address) || g_inet_address_equal(address, first->dns4) ||
				g_inet_address_equal(address, first->dns6))
				warn_at(self, interface->pos,
					"%s: address %s is also that of the uplink or its DNS (%s)", label, text,
					there);
		}
	}
}

static void warn_of_capture(Warner *self, const LabCapture *capture)
{
	if (capture->format == LAB_CAPTURE_PCAPNG && !capture->format_written &&
		g_str_has_suffix(capture->file, ".pcap"))
		warn_at(self, capture->pos,
			"capture: this will be a pcapng file; call it so, or write format=\"pcap\"");
}

void warn_of_wires(Warner *self)
{
	const Lab *lab = self->lab;
	const GPtrArray *segments = segments_all(self->segments);
	g_autoptr(GHashTable) uses = uses_of_networks(lab);

	for (guint i = 0; i < lab->networks->len; i++)
		warn_of_network(self, lab->networks->pdata[i], use_of(uses, lab->networks->pdata[i]));
	warn_of_loops(self);
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];

		for (guint k = 0; k < node->interfaces->len; k++) {
			const LabInterface *interface = node->interfaces->pdata[k];
			g_autofree char *label = lab_interface_label(interface);

			warn_of_impairment(self, interface->pos, label, &interface->impairment);
		}
	}
	for (guint i = 0; i < lab->links->len; i++)
		warn_of_link(self, lab->links->pdata[i]);
	for (guint i = 0; i < lab->uplinks->len; i++)
		warn_of_uplink(self, lab->uplinks->pdata[i]);
	for (guint i = 0; i < segments->len; i++)
		warn_of_neighbours(self, segments->pdata[i]);
	for (guint i = 0; i < lab->captures->len; i++)
		warn_of_capture(self, lab->captures->pdata[i]);
}
