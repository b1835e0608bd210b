/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/text/lookup.h"

#include <string.h>

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

/* The end of a link: its node's or network's name, or NULL. */
static const char *end_name(const MarkupElement *link, guint index)
{
	for (guint i = 0; i < link->children->len; i++) {
		const MarkupElement *end = link->children->pdata[i];

		if (is(end, "end") && index-- == 0)
			return markup_get(end, "node") ? markup_get(end, "node") : markup_get(end, "network");
	}
	return NULL;
}

/** lookup_link_name() - the name that a link has, written or not (resolve.c); NULL: it has no two ends. Caller
 *  frees. */
char *lookup_link_name(const Markup *markup, const MarkupElement *link)
{
	const char *written = markup_get(link, "name"), *a = end_name(link, 0), *b = end_name(link, 1);
	guint before = 1;

	if (written || !a || !b)
		return g_strdup(written);
	for (guint i = 0; i < markup->root->children->len && markup->root->children->pdata[i] != link; i++) {
		const MarkupElement *other = markup->root->children->pdata[i];

		before += is(other, "link") && !markup_get(other, "name") && !g_strcmp0(end_name(other, 0), a) &&
			!g_strcmp0(end_name(other, 1), b);
	}
	return before > 1 ? g_strdup_printf("%s-%s-%u", a, b, before) : g_strdup_printf("%s-%s", a, b);
}

/** lookup_uplink_name() - the name that an uplink has, written or not (topologies/check/defaults.c). Caller frees. */
char *lookup_uplink_name(const Markup *markup, const MarkupElement *uplink)
{
	const char *written = markup_get(uplink, "name"), *network = markup_get(uplink, "network");
	guint n = 0;

	for (guint i = 0; i < markup->root->children->len; i++)
		n += is(markup->root->children->pdata[i], "uplink");
	if (written || n == 1 || !network)
		return g_strdup(written ? written : "uplink");
	return g_strconcat("uplink-", network, NULL);
}

/** lookup() - the element of something that is drawn
 *  @kind, @name: of it; a link "NODE:INTERFACE" is an interface on a network
 *  Returns the <node>, <network>, <uplink>, <link> or <interface> (borrowed), or NULL: the text has none (an included file
 *  may). */
MarkupElement *lookup(const Markup *markup, ItemKind kind, const char *name)
{
	const char *colon = kind == ITEM_LINK ? strchr(name, ':') : NULL;

	if (colon) {
		g_autofree char *node = g_strndup(name, (gsize)(colon - name));

		return markup_child(markup_child(markup->root, "node", "name", node), "interface", "name", colon + 1);
	}
	if (kind == ITEM_NODE || kind == ITEM_NETWORK)
		return markup_child(markup->root, kind == ITEM_NODE ? "node" : "network", "name", name);
	for (guint i = 0; i < markup->root->children->len; i++) {
		MarkupElement *one = markup->root->children->pdata[i];
		g_autofree char *own = NULL;

		if (is(one, kind == ITEM_LINK ? "link" : "uplink"))
			own = kind == ITEM_LINK ? lookup_link_name(markup, one) : lookup_uplink_name(markup, one);
		if (own && !strcmp(own, name))
			return one;
	}
	return NULL;
}

/** lookup_is_router() - whether others send through this node. */
gboolean lookup_is_router(const MarkupElement *node)
{
	const char *kind = markup_get(node, "kind");

	return !g_strcmp0(kind, "router") || !g_strcmp0(kind, "firewall");
}

/** lookup_interfaces() - the elements that make interfaces of a node: its <interface>s, and the <end>s that bring one
 *  along. Of MarkupElement, borrowed; the caller frees the array. */
GPtrArray *lookup_interfaces(const Markup *markup, const char *name)
{
	GPtrArray *found = g_ptr_array_new();
	const MarkupElement *node = lookup(markup, ITEM_NODE, name);

	for (guint i = 0; node && i < node->children->len; i++)
		if (is(node->children->pdata[i], "interface"))
			g_ptr_array_add(found, node->children->pdata[i]);
	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *link = markup->root->children->pdata[i];

		for (guint k = 0; is(link, "link") && k < link->children->len; k++) {
			MarkupElement *end = link->children->pdata[k];

			if (is(end, "end") && !g_strcmp0(markup_get(end, "node"), name) &&
				!(node && markup_child(node, "interface", "name", markup_get(end, "interface"))))
				g_ptr_array_add(found, end);
		}
	}
	return found;
}
