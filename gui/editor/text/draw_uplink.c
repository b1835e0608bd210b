/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways out of the lab: uplinks, and the ports of the host that lead in through them. */
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "gui/editor/text/draw.h"
#include "topologies/model/values.h"

enum {
	FIRST_PORT = 8080,
	DNS = 1,
	DHCP = 13,
	DHCP_END = 28
}; /* offsets from the gateway: topologies/check/defaults.c */

#define USUAL_SUBNET "10.0.2.0/24"

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

static const MarkupElement *uplink_of(const Markup *markup, const char *network)
{
	return markup_child(markup->root, "uplink", "network", network);
}

/** draw_uplink_name() - the name that the next uplink gets. The caller frees it. */
char *draw_uplink_name(Document *document)
{
	const Markup *markup = document_markup(document);

	return markup_child(markup->root, "uplink", NULL, NULL) ? suggest_name(markup, ITEM_UPLINK, "uplink2")
								: g_strdup("uplink");
}

/* -- Addresses ----------------------------------------------------------------------------------------------------- */

static gboolean is_used(const GPtrArray *used, const LabAddress *base, unsigned offset)
{
	g_autoptr(GInetAddress) address = lab_address_offset(base, offset);

	if (!address || !lab_address_holds(base, address))
		return TRUE;
	for (guint i = 0; i < used->len; i++)
		if (g_inet_address_equal(((LabAddress *)used->pdata[i])->address, address))
			return TRUE;
	return FALSE;
}

/* Room for a gateway, its name server after it, and what its DHCP gives. */
static gboolean has_room(const GPtrArray *used, const LabAddress *base, unsigned gateway)
{
	gboolean taken = is_used(used, base, gateway) || is_used(used, base, gateway + DNS);

	for (unsigned offset = DHCP; offset <= DHCP_END && !taken; offset++)
		taken = is_used(used, base, gateway + offset);
	return !taken;
}

/* "10.0.1.1/24" in the subnet of a member; NULL: there is no room. */
static char *gateway_in(const GPtrArray *used, const LabAddress *member)
{
	g_autofree char *network = lab_address_network_to_text(member);
	g_autoptr(LabAddress) base = NULL;

	*strchr(network, '/') = '\0';
	base = g_new0(LabAddress, 1);
	base->address = g_inet_address_new_from_string(network);
	base->prefix = member->prefix;
	for (unsigned n = 1; n < 224; n++)
		if (has_room(used, base, n)) {
			g_autoptr(GInetAddress) address = lab_address_offset(base, n);
			g_autofree char *text = g_inet_address_to_string(address);

			return g_strdup_printf("%s/%u", text, member->prefix);
		}
	return NULL;
}

static gboolean is_usual(const LabAddress *address)
{
	g_autofree char *network = lab_address_network_to_text(address);

	return !strcmp(network, USUAL_SUBNET);
}

/** suggest_uplink_addresses() - the addresses for a new uplink: in the subnet that the network has
 *  @network: name
 *  Returns them as they are written (the caller frees them), or NULL: the usual ones will do. */
char *suggest_uplink_addresses(const Markup *markup, const char *network)
{
	g_autoptr(GHashTable) group = lookup_group(markup, network);
	g_autoptr(GPtrArray) here = lookup_addresses(markup, group), all = lookup_addresses(markup, NULL);
	gboolean usual_taken = FALSE;

	for (guint i = 0; i < here->len; i++) {
		const LabAddress *one = here->pdata[i];

		if (g_inet_address_get_family(one->address) == G_SOCKET_FAMILY_IPV4 && one->prefix <= 26)
			return gateway_in(here, one);
	}
	for (guint i = 0; i < all->len; i++)
		usual_taken |= is_usual(all->pdata[i]);
	if (usual_taken) {
		g_autofree char *subnet = suggest_subnet(markup, 24, NULL), *with = g_strconcat(subnet, "/24", NULL);
		g_autoptr(LabAddress) base = subnet ? value_interface_address(with, NULL) : NULL;

		return base ? gateway_in(here, base) : NULL;
	}
	return NULL;
}

static char *host_port(const Markup *markup)
{
	for (guint port = FIRST_PORT;; port++) {
		g_autofree char *text = g_strdup_printf("%u", port);
		gboolean taken = FALSE;

		for (guint i = 0; i < markup->root->children->len && !taken; i++) {
			const MarkupElement *element = markup->root->children->pdata[i];

			for (guint k = 0; is(element, "uplink") && k < element->children->len && !taken; k++) {
				const char *host = markup_get(element->children->pdata[k], "host");

				taken = host && g_str_has_suffix(host, text);
			}
		}
		if (!taken)
			return g_steal_pointer(&text);
	}
}

/* Servers first: they are what users most often want to reach. */
static char *address_to_reach(const Markup *markup, const char *network)
{
	char *found = NULL;

	for (unsigned any = 0; any < 2 && !found; any++)
		for (guint i = 0; i < markup->root->children->len && !found; i++) {
			const MarkupElement *node = markup->root->children->pdata[i];

			if (!is(node, "node") || (!any && g_strcmp0(markup_get(node, "kind"), "server") != 0))
				continue;
			for (guint k = 0; k < node->children->len && !found; k++) {
				const MarkupElement *interface = node->children->pdata[k];
				const char *address = markup_get(interface, "address");

				if (is(interface, "interface") &&
					!g_strcmp0(markup_get(interface, "network"), network) && address &&
					!strchr(address, ':'))
					found = g_strndup(address, strcspn(address, "/ "));
			}
		}
	return found;
}

/** suggest_forward() - a valid <forward> for an uplink. The caller frees it. */
char *suggest_forward(const Markup *markup, const MarkupElement *uplink)
{
	const char *network = markup_get(uplink, "network");
	g_autofree char *port = host_port(markup), *to = network ? address_to_reach(markup, network) : NULL;

	return g_strdup_printf("<forward host=\"%s\" to=\"%s:80\"/>", port, to ? to : "10.0.2.10");
}

/* -- Drawing ------------------------------------------------------------------------------------------------------- */

static void insert_uplink(Edit *edit, const char *name, const char *network, const char *addresses)
{
	g_autoptr(GString) out = g_string_new("<uplink");

	markup_append_attribute(out, "network", network);
	markup_append_attribute(out, "name", name);
	markup_append_attribute(out, "address", addresses);
	g_string_append(out, "/>");
	edit_insert(edit, edit_markup(edit)->root, out->str);
}

/** draw_uplink() - adds a way out of a network
 *  @document: with markup
 *  @network: name of one that has none; NULL: a new one
 *  Returns its name; the caller frees it. */
char *draw_uplink(Document *document, const char *network)
{
	const Markup *markup = document_markup(document);
	Edit *edit = edit_new(markup);
	const MarkupElement *first = markup_child(markup->root, "uplink", NULL, NULL);
	g_autofree char *name = draw_uplink_name(document), *new = NULL, *addresses = NULL;

	if (!network) {
		g_autoptr(GString) out = g_string_new("<network");

		network = new = suggest_name(markup, ITEM_NETWORK, draw_network_base(LAB_NETWORK_SWITCH));
		markup_append_attribute(out, "name", new);
		g_string_append(out, "/>");
		edit_insert(edit, markup->root, out->str);
	}
	addresses = suggest_uplink_addresses(markup, network);
	/* The only one may be without a name; beside another it would be called otherwise than it was. */
	if (first && !markup_get(first, "name")) {
		g_autofree char *before = lookup_uplink_name(markup, first);

		edit_set_attribute(edit, first, "name", before);
	}
	insert_uplink(edit, first ? name : NULL, network, addresses);
	if (addresses) {
		g_autofree char *gateway = g_strndup(addresses, strcspn(addresses, "/"));

		draw_route_others(edit, network, gateway);
	}
	document_commit(document, edit, _("Add Uplink"), NULL);
	return g_steal_pointer(&name);
}

static char *gateway_of(const MarkupElement *uplink)
{
	const char *address = markup_get(uplink, "address");

	return address && !strchr(address, ':') ? g_strndup(address, strcspn(address, "/")) : g_strdup("10.0.2.2");
}

/** draw_forget_uplink() - takes an uplink away, and the routes that lead through it
 *  @edit: gets the changes
 *  @uplink: of its markup */
void draw_forget_uplink(Edit *edit, const MarkupElement *uplink)
{
	const Markup *markup = edit_markup(edit);
	g_autofree char *gateway = gateway_of(uplink);
	g_autoptr(GHashTable) group =
		lookup_group(markup, markup_get(uplink, "network") ? markup_get(uplink, "network") : "");

	edit_remove(edit, uplink);
	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *node = markup->root->children->pdata[i];
		gboolean here = FALSE;

		for (guint k = 0; is(node, "node") && k < node->children->len; k++) {
			const MarkupElement *child = node->children->pdata[k];
			const char *network = is(child, "interface") ? markup_get(child, "network") : NULL;

			here |= network && g_hash_table_contains(group, network);
		}
		for (guint k = 0; here && k < node->children->len; k++) {
			const MarkupElement *route = node->children->pdata[k];

			if (is(route, "route") && !g_strcmp0(markup_get(route, "via"), gateway))
				edit_remove(edit, route);
		}
	}
}

/** draw_move_uplink() - makes an uplink that of another network
 *  @document: with markup
 *  Returns FALSE and the reason: the network has one. */
gboolean draw_move_uplink(Document *document, const char *uplink, const char *network, GError **error)
{
	const Markup *markup = document_markup(document);
	const MarkupElement *element = lookup(markup, ITEM_UPLINK, uplink), *other = uplink_of(markup, network);
	Edit *edit;

	if (other && other != element) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS,
			_("network \"%s\" already has an uplink; a network can have only one"), network);
		return FALSE;
	}
	edit = edit_new(markup);
	edit_set_attribute(edit, element, "network", network);
	document_commit(document, edit, _("Connect"), NULL);
	return TRUE;
}
