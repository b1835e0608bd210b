/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is legal but surely wrong about uplinks and their forwards. */
#include "topologies/check/warnings.h"
#include "topologies/model/values.h"

/* Ports that need CAP_NET_BIND_SERVICE: net.ipv4.ip_unprivileged_port_start as the kernel has it. */
#define UNPRIVILEGED_PORT 1024

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
static gboolean may_learn(Warner *self, const LabInterface *interface)
{
	return !interface->addresses->len || warner_mentions(self, interface->node, "dhc") ||
		warner_mentions(self, interface->node, "ip ");
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

		if (may_learn(self, interface) || !warner_may_spend(self, interface->node->routes->len))
			return;
		at_home |= is_at_home(uplink, interface);
		for (guint k = 0; k < interface->node->routes->len; k++) {
			const LabRoute *route = interface->node->routes->pdata[k];

			routed |= route->via && is_gateway(uplink, route->via);
		}
	}
	if (!at_home)
		warn_at(self, uplink->pos,
			"uplink \"%s\": no interface on %s has an address in the uplink's subnet %s; change an "
			"interface's address, or the uplink's address=",
			uplink->network_name, segment->label, subnet);
	else if (!routed && !uplink->restricted && !uplink->forwards->len)
		warn_at(self, uplink->pos,
			"uplink \"%s\": no node has a route through it; add <route to=\"default\" via=\"%s\"/>",
			uplink->network_name, gateway);
}

static void warn_of_forward(Warner *self, const LabUplink *uplink, const LabForward *forward)
{
	gboolean v4 = g_inet_address_get_family(forward->to_address) == G_SOCKET_FAMILY_IPV4;
	const LabAddress *own = v4 ? uplink->address4 : uplink->address6;
	g_autofree char *to = g_inet_address_to_string(forward->to_address), *subnet = lab_address_network_to_text(own);

	if (!lab_address_holds(own, forward->to_address))
		warn_at(self, forward->pos,
			"forward: %s is outside the uplink's subnet %s, so it will probably not answer", to, subnet);
	else if (is_gateway(uplink, forward->to_address))
		warn_at(self, forward->pos, "forward: %s is the uplink's own address; use the address of a node", to);
	if (forward->host_port < UNPRIVILEGED_PORT)
		warn_at(self, forward->pos,
			"forward: ports below %d usually need root, so port %u may be refused when the lab starts",
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
			"uplink \"%s\": nodes cannot configure themselves from an IPv6 prefix of %u bits; use 64",
			uplink->network_name, uplink->address6->prefix);
}

static void warn_of_neighbours(Warner *self, const Segment *segment)
{
	const LabUplink *first = segment->uplinks->len ? segment->uplinks->pdata[0] : NULL;

	for (guint i = 1; i < segment->uplinks->len; i++) {
		const LabUplink *uplink = segment->uplinks->pdata[i];
		g_autofree char *there = lab_pos_to_text(first->pos, uplink->pos);

		warn_at(self, uplink->pos,
			"uplink \"%s\": there is another uplink on %s (%s), and both answer DHCP requests",
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
					"%s: address %s is also used by the uplink or its DNS server (%s); use a "
					"different address",
					label, text, there);
		}
	}
}

/** warn_of_uplinks() - warns of uplinks that nobody can use, of forwards that cannot answer and of addresses taken twice. */
void warn_of_uplinks(Warner *self)
{
	const GPtrArray *segments = segments_all(self->segments);

	for (guint i = 0; i < self->lab->uplinks->len; i++)
		warn_of_uplink(self, self->lab->uplinks->pdata[i]);
	for (guint i = 0; i < segments->len; i++)
		warn_of_neighbours(self, segments->pdata[i]);
}
