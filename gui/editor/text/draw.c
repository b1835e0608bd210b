/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/text/draw.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define BRIDGE                                                                                                         \
	"ip link add br0 type bridge; ip link set br0 up; "                                                            \
	"for i in /sys/class/net/eth*; do ip link set \"${i##*/}\" master br0 up; done"

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

static void add(Edit *edit, GString *fragment)
{
	edit_insert(edit, edit_markup(edit)->root, fragment->str);
}

/** draw_node_base() - what names of such nodes start with. */
const char *draw_node_base(LabNodeKind kind)
{
	static const char *const bases[] = {[LAB_NODE_HOST] = "pc1",
		[LAB_NODE_ROUTER] = "r1",
		[LAB_NODE_FIREWALL] = "fw1",
		[LAB_NODE_SERVER] = "server1",
		[LAB_NODE_SWITCH] = "sw1"};

	return bases[kind];
}

/** draw_network_base() - what names of such networks start with. */
const char *draw_network_base(LabNetworkType type)
{
	return type == LAB_NETWORK_HUB ? "hub1" : "lan1";
}

/** draw_node() - adds a node
 *  @document: with markup
 *  @kind: of the node
 *  Returns its name; the caller frees it. */
char *draw_node(Document *document, LabNodeKind kind)
{
	const Markup *markup = document_markup(document);
	Edit *edit = edit_new(markup);
	g_autofree char *name = suggest_name(markup, ITEM_NODE, draw_node_base(kind));
	g_autoptr(GString) out = g_string_new("<node");

	markup_append_attribute(out, "name", name);
	markup_append_attribute(out, "kind", kind == LAB_NODE_HOST ? NULL : lab_node_kind_name(kind));
	if (kind == LAB_NODE_SWITCH)
		g_string_append_printf(out, ">\n%s<run>" BRIDGE "</run>\n</node>", edit_unit(edit));
	else
		g_string_append(out, "/>");
	add(edit, out);
	document_commit(document, edit, _("Add Node"), NULL);
	return g_steal_pointer(&name);
}

/** draw_network() - adds a network
 *  @document: with markup
 *  Returns its name; the caller frees it. */
char *draw_network(Document *document, LabNetworkType type)
{
	const Markup *markup = document_markup(document);
	Edit *edit = edit_new(markup);
	g_autofree char *name = suggest_name(markup, ITEM_NETWORK, draw_network_base(type));
	g_autoptr(GString) out = g_string_new("<network");

	markup_append_attribute(out, "name", name);
	markup_append_attribute(out, "type", type == LAB_NETWORK_HUB ? "hub" : NULL);
	g_string_append(out, "/>");
	add(edit, out);
	document_commit(document, edit, _("Add Network"), NULL);
	return g_steal_pointer(&name);
}

/* -- Connections --------------------------------------------------------------------------------------------------- */

static gboolean is_switch(const MarkupElement *node)
{
	return !g_strcmp0(markup_get(node, "kind"), "switch");
}

/* Hosts and servers that know no way out yet. */
static gboolean needs_route(const MarkupElement *node)
{
	return !lookup_is_router(node) && !is_switch(node) && !markup_child(node, "route", NULL, NULL);
}

static void add_route(Edit *edit, const MarkupElement *node, const char *gateway)
{
	g_autoptr(GString) out = g_string_new("<route to=\"default\"");

	markup_append_attribute(out, "via", gateway);
	g_string_append(out, "/>");
	edit_insert(edit, node, out->str);
}

/* The part before the prefix of the first address; NULL: there is none, or it is an IPv6 address. */
static char *bare_ipv4(const char *addresses)
{
	g_autofree char *bare = g_strndup(addresses ? addresses : "", strcspn(addresses ? addresses : "", "/"));

	return *bare && !strchr(bare, ':') ? g_steal_pointer(&bare) : NULL;
}

/** draw_route_others() - hosts on a network that know no way out yet go through its first gateway from now on
 *  @edit: gets the changes
 *  @gateway: IPv4 address */
void draw_route_others(Edit *edit, const char *network, const char *gateway)
{
	const Markup *markup = edit_markup(edit);
	g_autoptr(GHashTable) group = lookup_group(markup, network);

	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *node = markup->root->children->pdata[i];
		gboolean here = FALSE;

		if (!is(node, "node") || !needs_route(node))
			continue;
		for (guint k = 0; k < node->children->len && !here; k++) {
			const MarkupElement *interface = node->children->pdata[k];
			const char *own = is(interface, "interface") ? markup_get(interface, "network") : NULL;

			here = own && g_hash_table_contains(group, own) && markup_get(interface, "address");
		}
		if (here)
			add_route(edit, node, gateway);
	}
}

static char *plug_in(Edit *edit, const char *node_name, const char *network)
{
	const Markup *markup = edit_markup(edit);
	const MarkupElement *node = lookup(markup, ITEM_NODE, node_name);
	g_autofree char *name = suggest_interface(markup, node_name), *addresses = NULL;
	g_autofree char *gateway = suggest_gateway(markup, network), *own = NULL;
	g_autoptr(GString) out = g_string_new("<interface");

	if (!is_switch(node))
		addresses = suggest_addresses(markup, network, lookup_is_router(node));
	own = bare_ipv4(addresses);
	markup_append_attribute(out, "name", name);
	markup_append_attribute(out, "network", network);
	markup_append_attribute(out, "address", addresses && *addresses ? addresses : NULL);
	g_string_append(out, "/>");
	edit_insert(edit, node, out->str);
	if (gateway && own && needs_route(node))
		add_route(edit, node, gateway);
	else if (!gateway && own && lookup_is_router(node))
		draw_route_others(edit, network, own);
	return g_strdup_printf("%s:%s", node_name, name);
}

static void append_end(Edit *edit, GString *out, Item item, const char *address)
{
	g_autofree char *interface = item.kind == ITEM_NODE ? suggest_interface(edit_markup(edit), item.name) : NULL;

	g_string_append_printf(out, "\n%s<end", edit_unit(edit));
	markup_append_attribute(out, item.kind == ITEM_NODE ? "node" : "network", item.name);
	markup_append_attribute(out, "interface", interface);
	markup_append_attribute(out, "address", address);
	g_string_append(out, "/>");
}

static char *wire(Edit *edit, Item from, Item to)
{
	const Markup *markup = edit_markup(edit);
	g_autofree char *base = g_strdup_printf("%s-%s", from.name, to.name),
			*name = suggest_name(markup, ITEM_LINK, base);
	g_autoptr(GString) out = g_string_new("<link");
	const MarkupElement *nodes[2] = {lookup(markup, from.kind, from.name), lookup(markup, to.kind, to.name)};
	char *addresses[2] = {NULL, NULL};

	markup_append_attribute(out, "name", name);
	g_string_append_c(out, '>');
	if (from.kind == ITEM_NODE && !is_switch(nodes[0]) && !is_switch(nodes[1]))
		suggest_link_addresses(markup, addresses);
	for (unsigned i = 0; from.kind == ITEM_NODE && i < 2; i++)
		if (is_switch(nodes[1 - i]) && !is_switch(nodes[i]))
			addresses[i] =
				suggest_bridged_addresses(markup, i ? from.name : to.name, lookup_is_router(nodes[i]));
	append_end(edit, out, from, addresses[0]);
	append_end(edit, out, to, addresses[1]);
	g_string_append(out, "\n</link>");
	add(edit, out);
	for (unsigned i = 0; i < 2 && addresses[0] && addresses[1]; i++) {
		g_autofree char *gateway = bare_ipv4(addresses[1 - i]);

		if (lookup_is_router(nodes[1 - i]) && needs_route(nodes[i]))
			add_route(edit, nodes[i], gateway);
	}
	g_free(addresses[0]);
	g_free(addresses[1]);
	return g_steal_pointer(&name);
}

static char *connect_uplink(Document *document, Item uplink, Item to, GError **error)
{
	if (to.kind != ITEM_NETWORK) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			_("\"%s\" is an uplink: connect it to a network, and connect nodes to that network"),
			uplink.name);
		return NULL;
	}
	return draw_move_uplink(document, uplink.name, to.name, error) ? g_strconcat("uplink:", to.name, NULL) : NULL;
}

/** draw_connection() - joins two things: a node gets an interface on a network; two nodes, or two networks, a link; an
 *  uplink moves to the network
 *  @document: with markup
 *  @from, @to: nodes, networks or uplinks
 *  Returns the name of the cable (the caller frees it), or NULL and the reason. */
char *draw_connection(Document *document, Item from, Item to, GError **error)
{
	const Markup *markup = document_markup(document);
	Item items[] = {from, to};
	Edit *edit;
	char *name;

	for (unsigned i = 0; i < 2; i++)
		if (!lookup(markup, items[i].kind, items[i].name)) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
				_("\"%s\" is defined in a file that this lab includes; connect it there"),
				items[i].name);
			return NULL;
		}
	if (from.kind == to.kind && !strcmp(from.name, to.name)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("\"%s\" cannot be connected to itself"),
			from.name);
		return NULL;
	}
	if (from.kind == ITEM_UPLINK || to.kind == ITEM_UPLINK)
		return connect_uplink(
			document, from.kind == ITEM_UPLINK ? from : to, from.kind == ITEM_UPLINK ? to : from, error);
	edit = edit_new(markup);
	if (from.kind == to.kind)
		name = wire(edit, from, to);
	else
		name = from.kind == ITEM_NODE ? plug_in(edit, from.name, to.name) : plug_in(edit, to.name, from.name);
	document_commit(document, edit, _("Connect"), NULL);
	return name;
}

/* -- Taking away --------------------------------------------------------------------------------------------------- */

/* Whether "NODE:INTERFACE" is of the node and, where that is given, the interface. */
static gboolean is_port(const char *port, const char *node, const char *interface)
{
	gsize length = strlen(node);

	return port && !strncmp(port, node, length) && port[length] == ':' &&
		(!interface || !strcmp(port + length + 1, interface));
}

static void forget_link(Edit *edit, const MarkupElement *link);

/* Takes out what speaks of an interface, or, without one, of a node. */
static void forget_ports(Edit *edit, const char *node, const char *interface)
{
	const MarkupElement *root = edit_markup(edit)->root;

	for (guint i = 0; i < root->children->len; i++) {
		const MarkupElement *element = root->children->pdata[i];

		if (is(element, "capture") && is_port(markup_get(element, "interface"), node, interface))
			edit_remove(edit, element);
		for (guint k = 0; k < element->children->len; k++) {
			const MarkupElement *child = element->children->pdata[k];
			gboolean own = !g_strcmp0(markup_get(child, "node"), node);

			if (is(child, "mirror") &&
				(is_port(markup_get(child, "from"), node, interface) ||
					is_port(markup_get(child, "to"), node, interface)))
				edit_remove(edit, child);
			if (is(child, "end") && own &&
				(!interface || !g_strcmp0(markup_get(child, "interface"), interface)))
				forget_link(edit, element);
			if (is(child, "route") && interface && is(element, "node") &&
				!g_strcmp0(markup_get(element, "name"), node) &&
				!g_strcmp0(markup_get(child, "dev"), interface))
				edit_remove(edit, child);
		}
	}
}

static void forget_interface(Edit *edit, const MarkupElement *interface)
{
	const char *node = markup_get(interface->parent, "name"), *name = markup_get(interface, "name");

	if (edit_removes(edit, interface))
		return;
	edit_remove(edit, interface);
	/* While one types, there may be none yet: then nothing speaks of it. */
	if (node && name)
		forget_ports(edit, node, name);
}

static void forget_link(Edit *edit, const MarkupElement *link)
{
	const Markup *markup = edit_markup(edit);
	g_autofree char *name = lookup_link_name(markup, link);

	if (edit_removes(edit, link))
		return;
	edit_remove(edit, link);
	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];

		if (is(element, "capture") && name && !g_strcmp0(markup_get(element, "link"), name))
			edit_remove(edit, element);
	}
	/* The interfaces that its ends bring along go too. Those that their nodes declare stay, unplugged. */
	for (guint i = 0; i < link->children->len; i++) {
		const MarkupElement *end = link->children->pdata[i];
		const char *node = markup_get(end, "node"), *interface = markup_get(end, "interface");

		if (node && interface && !markup_child(lookup(markup, ITEM_NODE, node), "interface", "name", interface))
			forget_ports(edit, node, interface);
	}
}

/* A check is about nodes; without any it is not a check. */
static void forget_runs(Edit *edit, const char *node)
{
	const MarkupElement *root = edit_markup(edit)->root;

	for (guint i = 0; i < root->children->len; i++) {
		const MarkupElement *check = root->children->pdata[i];
		guint left = 0;

		if (!is(check, "check"))
			continue;
		for (guint k = 0; k < check->children->len; k++) {
			const MarkupElement *run = check->children->pdata[k];

			if (!g_strcmp0(markup_get(run, "node"), node))
				edit_remove(edit, run);
			left += !edit_removes(edit, run);
		}
		if (!left)
			edit_remove(edit, check);
	}
}

static void forget_network(Edit *edit, const char *name)
{
	const MarkupElement *root = edit_markup(edit)->root;

	for (guint i = 0; i < root->children->len; i++) {
		const MarkupElement *element = root->children->pdata[i];

		if (is(element, "capture") && !g_strcmp0(markup_get(element, "network"), name))
			edit_remove(edit, element);
		if (is(element, "uplink") && !g_strcmp0(markup_get(element, "network"), name))
			draw_forget_uplink(edit, element);
		for (guint k = 0; k < element->children->len; k++) {
			const MarkupElement *child = element->children->pdata[k];

			if (g_strcmp0(markup_get(child, "network"), name) != 0)
				continue;
			if (is(child, "interface"))
				forget_interface(edit, child);
			else if (is(child, "end"))
				forget_link(edit, element);
		}
	}
}

/** draw_delete() - takes nodes, networks, uplinks and links away, with all that speaks of them
 *  @document: with markup
 *  @items, @n: what; names that the text does not have (an included file may) are left out
 *  Returns whether there was anything. */
gboolean draw_delete(Document *document, const Item *items, gsize n)
{
	const Markup *markup = document_markup(document);
	g_autoptr(Edit) edit = edit_new(markup);
	gboolean any = FALSE;

	for (gsize i = 0; i < n; i++) {
		const MarkupElement *element = lookup(markup, items[i].kind, items[i].name);

		if (!element)
			continue;
		any = TRUE;
		if (items[i].kind == ITEM_LINK) {
			if (is(element, "link"))
				forget_link(edit, element);
			else
				forget_interface(edit, element);
			continue;
		}
		if (items[i].kind == ITEM_UPLINK) {
			draw_forget_uplink(edit, element);
		} else if (items[i].kind == ITEM_NODE) {
			edit_remove(edit, element);
			forget_ports(edit, items[i].name, NULL);
			forget_runs(edit, items[i].name);
		} else {
			edit_remove(edit, element);
			forget_network(edit, items[i].name);
		}
	}
	if (any)
		document_commit(document, g_steal_pointer(&edit), _("Delete"), NULL);
	return any;
}
