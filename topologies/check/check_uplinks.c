/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors about uplinks and their forwards. */
#include "topologies/check/checker.h"

static gboolean overlap(const LabForward *a, const LabForward *b)
{
	return a->udp == b->udp && a->host_port == b->host_port &&
		g_inet_address_get_family(a->host_address) == g_inet_address_get_family(b->host_address) &&
		(g_inet_address_equal(a->host_address, b->host_address) || g_inet_address_get_is_any(a->host_address) ||
			g_inet_address_get_is_any(b->host_address));
}

/* Forwards of all uplinks: the host's ports are the same for all. */
static void check_forwards(Checker *self)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (guint i = 0; i < self->lab->uplinks->len; i++) {
		const LabUplink *uplink = self->lab->uplinks->pdata[i];

		for (guint k = 0; k < uplink->forwards->len; k++)
			if (((const LabForward *)uplink->forwards->pdata[k])->host_port)
				g_ptr_array_add(all, uplink->forwards->pdata[k]);
	}
	for (guint i = 0; i < all->len; i++)
		for (guint k = 0; k < i; k++) {
			const LabForward *forward = all->pdata[i], *other = all->pdata[k];
			g_autofree char *there = NULL;

			if (!overlap(forward, other))
				continue;
			there = lab_pos_to_text(other->pos, forward->pos);
			checker_error(self, forward->pos,
				"forward: %s port %u of the host is already forwarded (%s); use a different port",
				forward->udp ? "UDP" : "TCP", forward->host_port, there);
			break;
		}
}

static void check_uplink(Checker *self, const LabUplink *uplink)
{
	g_autofree char *label = lab_label("uplink", uplink->network_name);

	checker_port_name(self, uplink->pos, "uplink", uplink->network);
	if (uplink->restricted && uplink->loopback)
		checker_error(self, uplink->pos,
			"%s: with restrict=\"yes\" nodes reach nothing of the host, so loopback=\"yes\" has no effect; remove one of "
			"them",
			label);
	if (!uplink->dns4 || !uplink->dhcp_start)
		checker_error(self, uplink->pos,
			"%s: its subnet has no room for DNS (the first address after the gateway) and DHCP (the 13th "
			"to the 28th); use a lower address or a shorter prefix, such as \"10.0.2.2/24\"",
			label);
	/* One too many is what the loader leaves. */
	if (uplink->forwards->len > LAB_MAX_FORWARDS)
		checker_error(self, uplink->pos, "%s has too many forwards; the limit is %d", label, LAB_MAX_FORWARDS);
	if (!uplink->dns6)
		checker_error(self, uplink->pos,
			"%s: its IPv6 subnet has no room for DNS (the first address after the gateway); use a lower "
			"address or a shorter prefix",
			label);
}

/** check_uplinks() - reports what is wrong with uplinks and forwards. */
void check_uplinks(Checker *self)
{
	g_autoptr(GHashTable) networks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < self->lab->uplinks->len; i++) {
		const LabUplink *uplink = self->lab->uplinks->pdata[i];
		g_autofree char *first = NULL, *named = NULL;

		check_uplink(self, uplink);
		first = uplink->network ? checker_first_use(networks, g_strdup(uplink->network_name), &uplink->pos)
					: NULL;
		if (first) {
			checker_error(self, uplink->pos,
				"network \"%s\" already has an uplink (%s); a network can have only one",
				uplink->network_name, first);
			continue;
		}
		named = checker_first_use(names, g_strdup(uplink->name), &uplink->pos);
		if (named)
			checker_error(self, uplink->pos, "uplink \"%s\" is already defined (%s); use a different name",
				uplink->name, named);
	}
	check_forwards(self);
}
