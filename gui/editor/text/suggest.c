/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/text/suggest.h"

#include <string.h>

#include "topologies/model/values.h"

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

static gboolean name_is_taken(const Markup *markup, ItemKind kind, const char *name)
{
	if (kind == ITEM_NODE || kind == ITEM_UPLINK)
		return lookup(markup, kind, name) != NULL;
	/* Networks and links share their names. */
	return lookup(markup, ITEM_NETWORK, name) || lookup(markup, ITEM_LINK, name);
}

/** suggest_name() - a name that is free
 *  @base: one that would do; "pc" becomes "pc1", and a taken "pc1" the next number. Of a link: as it is, if it is free
 *  Returns it; the caller frees it. */
char *suggest_name(const Markup *markup, ItemKind kind, const char *base)
{
	gsize length = strlen(base);
	g_autofree char *stem = NULL;
	guint64 number;

	if (kind == ITEM_LINK || g_ascii_isdigit(base[length ? length - 1 : 0]))
		if (!name_is_taken(markup, kind, base))
			return g_strdup(base);
	if (kind == ITEM_LINK) {
		stem = g_strconcat(base, "-", NULL);
		number = 2;
	} else {
		while (length > 1 && g_ascii_isdigit(base[length - 1]))
			length--;
		stem = g_strndup(base, length);
		number = base[length] ? g_ascii_strtoull(base + length, NULL, 10) + 1 : 1;
	}
	for (;; number++) {
		g_autofree char *name = g_strdup_printf("%s%" G_GUINT64_FORMAT, stem, number);

		if (!name_is_taken(markup, kind, name))
			return g_steal_pointer(&name);
	}
}

/** suggest_interface() - the first of eth0, eth1, ... that a node does not have; the caller frees it. */
char *suggest_interface(const Markup *markup, const char *node)
{
	g_autoptr(GPtrArray) interfaces = lookup_interfaces(markup, node);

	for (guint n = 0;; n++) {
		g_autofree char *name = g_strdup_printf("eth%u", n);
		gboolean taken = FALSE;

		for (guint i = 0; i < interfaces->len && !taken; i++) {
			const MarkupElement *one = interfaces->pdata[i];

			taken = !g_strcmp0(markup_get(one, is(one, "end") ? "interface" : "name"), name);
		}
		if (!taken)
			return g_steal_pointer(&name);
	}
}

/* -- Addresses ----------------------------------------------------------------------------------------------------- */

/** lookup_group() - the networks that frames of one reach: itself and those that links join to it
 *  Returns a set of names, borrowed from the markup and NETWORK; the caller frees it. */
GHashTable *lookup_group(const Markup *markup, const char *network)
{
	GHashTable *group = g_hash_table_new(g_str_hash, g_str_equal);
	gboolean grown = TRUE;

	g_hash_table_add(group, (gpointer)network);
	while (grown) {
		grown = FALSE;
		for (guint i = 0; i < markup->root->children->len; i++) {
			const MarkupElement *link = markup->root->children->pdata[i];
			const char *ends[2] = {NULL, NULL};

			for (guint k = 0, n = 0; is(link, "link") && k < link->children->len && n < 2; k++)
				if (is(link->children->pdata[k], "end"))
					ends[n++] = markup_get(link->children->pdata[k], "network");
			for (guint k = 0; k < 2 && ends[0] && ends[1]; k++)
				if (g_hash_table_contains(group, ends[k]))
					grown |= g_hash_table_add(group, (gpointer)ends[1 - k]);
		}
	}
	return group;
}

static LabAddress *address_of(const char *text, unsigned prefix)
{
	g_autofree char *with = g_strdup_printf("%s/%u", text, prefix);

	return value_interface_address(with, NULL);
}

/* What an uplink gives out itself: its name server's address, and those of its DHCP (topologies/check/defaults.c). */
static void reserve(GPtrArray *out, const LabAddress *gateway)
{
	gboolean v4 = g_inet_address_get_family(gateway->address) == G_SOCKET_FAMILY_IPV4;

	for (unsigned offset = 1; offset <= (v4 ? 28 : 1); offset = offset == 1 ? 13 : offset + 1) {
		g_autoptr(GInetAddress) address = lab_address_offset(gateway, offset);
		g_autofree char *number = address ? g_inet_address_to_string(address) : NULL;

		if (number)
			g_ptr_array_add(out, address_of(number, gateway->prefix));
	}
}

static void collect(GPtrArray *out, const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\r\n", -1);

	for (guint i = 0; words[i]; i++) {
		LabAddress *address = *words[i] ? value_interface_address(words[i], NULL) : NULL;

		if (address)
			g_ptr_array_add(out, address);
	}
}

/** lookup_addresses() - the addresses of interfaces and uplinks, also those that uplinks give out
 *  @networks: set of names: only those on them. NULL: all of the lab
 *  Returns an array of LabAddress; the caller frees it. */
GPtrArray *lookup_addresses(const Markup *markup, GHashTable *networks)
{
	GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)lab_address_free);

	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];

		if (is(element, "uplink")) {
			const char *network = markup_get(element, "network"), *address = markup_get(element, "address");

			if (!networks || (network && g_hash_table_contains(networks, network))) {
				guint first = out->len;

				collect(out, address ? address : "10.0.2.2/24 fd00:2::2/64");
				for (guint k = first, end = out->len; k < end; k++)
					reserve(out, out->pdata[k]);
			}
		}
		for (guint k = 0; (is(element, "node") || is(element, "link")) && k < element->children->len; k++) {
			const MarkupElement *child = element->children->pdata[k];
			const char *network = markup_get(child, "network");

			if ((is(child, "interface") || is(child, "end")) &&
				(!networks || (network && g_hash_table_contains(networks, network))))
				collect(out, markup_get(child, "address"));
		}
	}
	return out;
}

static gboolean overlaps(const GPtrArray *used, const LabAddress *subnet)
{
	for (guint i = 0; used && i < used->len; i++) {
		const LabAddress *one = used->pdata[i];

		if (g_inet_address_get_family(one->address) == g_inet_address_get_family(subnet->address) &&
			(lab_address_holds(one, subnet->address) || lab_address_holds(subnet, one->address)))
			return TRUE;
	}
	return FALSE;
}

/** suggest_subnet() - an IPv4 subnet that nothing in the lab is in
 *  @prefix: 24, for a network: 10.0.1.0 and so on; 30, for a link: 10.255.0.0 and so on
 *  @more: array of LabAddress: others that are taken; or NULL
 *  Returns its first address, without the prefix (the caller frees it), or NULL: all are taken. */
char *suggest_subnet(const Markup *markup, unsigned prefix, const GPtrArray *more)
{
	g_autoptr(GPtrArray) used = lookup_addresses(markup, NULL);

	for (guint n = prefix == 24; n < 65536; n++) {
		g_autofree char *text = prefix == 24
			? g_strdup_printf("10.%u.%u.0", n / 256, n % 256)
			: g_strdup_printf("10.%u.%u.%u", 255 - n / 16384, n / 64 % 256, n % 64 * 4);
		g_autoptr(LabAddress) subnet = address_of(text, prefix);

		if (subnet && !overlaps(used, subnet) && !overlaps(more, subnet))
			return g_steal_pointer(&text);
	}
	return NULL;
}

static gboolean is_used(const GPtrArray *used, GInetAddress *address)
{
	for (guint i = 0; i < used->len; i++)
		if (g_inet_address_equal(((LabAddress *)used->pdata[i])->address, address))
			return TRUE;
	return FALSE;
}

/* The first free address of a subnet. The very first is for a router. */
static char *free_address(const GPtrArray *used, const LabAddress *member, gboolean router)
{
	g_autofree char *network = lab_address_network_to_text(member);
	char *slash = strchr(network, '/');
	g_autoptr(LabAddress) base = NULL;

	*slash = '\0';
	base = address_of(network, member->prefix);
	for (unsigned n = router || member->prefix >= 30 ? 1 : 2; base && n < 256; n++) {
		g_autoptr(GInetAddress) address = lab_address_offset(base, n);
		g_autoptr(LabAddress) candidate = NULL;
		g_autofree char *text = NULL;

		if (!address || !lab_address_holds(base, address))
			return NULL;
		text = g_inet_address_to_string(address);
		candidate = address_of(text, member->prefix);
		if (candidate && !is_used(used, address) && !lab_address_is_network_or_broadcast(candidate))
			return lab_address_to_text(candidate);
	}
	return NULL;
}

/* The next free address of each family beside those that are used; of a new subnet where none is. */
static char *next_addresses(const Markup *markup, const GPtrArray *used, gboolean router)
{
	g_autoptr(GString) out = g_string_new(NULL);
	gboolean done[2] = {FALSE, FALSE};

	if (!used->len) {
		g_autofree char *subnet = suggest_subnet(markup, 24, NULL);
		g_autoptr(LabAddress) base = subnet ? address_of(subnet, 24) : NULL;

		return base ? free_address(used, base, router) : g_strdup("");
	}
	for (guint i = 0; i < used->len; i++) {
		const LabAddress *one = used->pdata[i];
		gboolean v6 = g_inet_address_get_family(one->address) == G_SOCKET_FAMILY_IPV6;
		g_autofree char *text = NULL;

		if (done[v6] || one->prefix >= (v6 ? 127 : 31) || g_inet_address_get_is_link_local(one->address))
			continue;
		done[v6] = TRUE;
		text = free_address(used, one, router);
		if (text)
			g_string_append_printf(out, "%s%s", out->len ? " " : "", text);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/** suggest_addresses() - the addresses for a new interface on a network: the next free one of each family that its
 *  subnet has, of a subnet of its own where nobody has any
 *  @network: name
 *  @router: may have the first address of the subnet
 *  Returns them as they are written; "" where none is free. The caller frees it. */
char *suggest_addresses(const Markup *markup, const char *network, gboolean router)
{
	g_autoptr(GHashTable) group = lookup_group(markup, network);
	g_autoptr(GPtrArray) used = lookup_addresses(markup, group);

	return next_addresses(markup, used, router);
}

/** suggest_bridged_addresses() - the same for the far end of a new link to a node that bridges its interfaces. */
char *suggest_bridged_addresses(const Markup *markup, const char *bridge, gboolean router)
{
	g_autoptr(GPtrArray) used = g_ptr_array_new_with_free_func((GDestroyNotify)lab_address_free),
			     ports = lookup_interfaces(markup, bridge);

	for (guint i = 0; i < ports->len; i++) {
		const MarkupElement *port = ports->pdata[i];
		const char *network = markup_get(port, "network");

		for (guint k = 0; is(port, "end") && k < port->parent->children->len; k++)
			collect(used, markup_get(port->parent->children->pdata[k], "address"));
		if (network) {
			g_autoptr(GHashTable) group = lookup_group(markup, network);
			g_autoptr(GPtrArray) there = lookup_addresses(markup, group);

			g_ptr_array_extend_and_steal(used, g_steal_pointer(&there));
		}
	}
	return next_addresses(markup, used, router);
}

/** suggest_link_addresses() - addresses for the two ends of a new link; NULLs where no subnet is free. Caller frees. */
void suggest_link_addresses(const Markup *markup, char *addresses[2])
{
	g_autofree char *subnet = suggest_subnet(markup, 30, NULL);
	g_autoptr(LabAddress) base = subnet ? address_of(subnet, 30) : NULL;

	for (unsigned i = 0; i < 2; i++) {
		g_autoptr(GInetAddress) address = base ? lab_address_offset(base, i + 1) : NULL;
		g_autofree char *text = address ? g_inet_address_to_string(address) : NULL;

		addresses[i] = text ? g_strconcat(text, "/30", NULL) : NULL;
	}
}

static char *first_ipv4(const char *text)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)lab_address_free);

	collect(all, text);
	for (guint i = 0; i < all->len; i++) {
		const LabAddress *one = all->pdata[i];

		if (g_inet_address_get_family(one->address) == G_SOCKET_FAMILY_IPV4)
			return g_inet_address_to_string(one->address);
	}
	return NULL;
}

/** suggest_gateway() - the IPv4 address by which one leaves a network: of its uplink or of a router on it
 *  Returns it (the caller frees it), or NULL. */
char *suggest_gateway(const Markup *markup, const char *network)
{
	g_autoptr(GHashTable) group = lookup_group(markup, network);
	char *found = NULL;

	for (guint i = 0; i < markup->root->children->len && !found; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];
		const char *own = is(element, "uplink") ? markup_get(element, "network") : NULL;

		if (own && g_hash_table_contains(group, own))
			found = markup_get(element, "address") ? first_ipv4(markup_get(element, "address"))
							       : g_strdup("10.0.2.2");
		for (guint k = 0;
			is(element, "node") && lookup_is_router(element) && k < element->children->len && !found; k++) {
			const MarkupElement *child = element->children->pdata[k];

			own = is(child, "interface") ? markup_get(child, "network") : NULL;
			if (own && g_hash_table_contains(group, own))
				found = first_ipv4(markup_get(child, "address"));
		}
	}
	return found;
}
