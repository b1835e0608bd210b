/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Renaming: every reference to the old name gets the new one. */
#include <string.h>

#include "gui/editor/text/draw.h"

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

static void replace(Edit *edit, const MarkupElement *element, const char *attribute, const char *from, const char *to)
{
	if (!g_strcmp0(markup_get(element, attribute), from))
		edit_set_attribute(edit, element, attribute, to);
}

/* "NODE:INTERFACE", where either may be new. interface_from NULL: whatever the interface is. */
static void replace_port(Edit *edit, const MarkupElement *element, const char *attribute, const char *node_from,
	const char *node_to, const char *interface_from, const char *interface_to)
{
	const char *port = markup_get(element, attribute);
	gsize length = strlen(node_from);

	if (port && !strncmp(port, node_from, length) && port[length] == ':' &&
		(!interface_from || !strcmp(port + length + 1, interface_from))) {
		g_autofree char *new =
			g_strdup_printf("%s:%s", node_to, interface_from ? interface_to : port + length + 1);

		edit_set_attribute(edit, element, attribute, new);
	}
}

/* A link without a name of its own is called by its ends. Where something speaks of it, it keeps the name that it
 * has. */
static void pin_link(Edit *edit, const MarkupElement *link, const char *attribute, const char *name)
{
	const Markup *markup = edit_markup(edit);
	g_autofree char *own = markup_get(link, "name") ? NULL : lookup_link_name(markup, link);

	if (own && markup_child(link, "end", attribute, name) && markup_child(markup->root, "capture", "link", own))
		edit_set_attribute(edit, link, "name", own);
}

/** rename_item() - gives a node, network, uplink or link another name
 *  @edit: gets the changes
 *  @from: the name that it has
 *  @to: the name that it gets */
void rename_item(Edit *edit, ItemKind kind, const char *from, const char *to)
{
	const Markup *markup = edit_markup(edit);
	const MarkupElement *target = lookup(markup, kind, from);

	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];

		if (is(element, "link") && kind != ITEM_LINK)
			pin_link(edit, element, kind == ITEM_NODE ? "node" : "network", from);
		if (kind == ITEM_NODE && is(element, "capture"))
			replace_port(edit, element, "interface", from, to, NULL, NULL);
		if (kind == ITEM_NETWORK && (is(element, "capture") || is(element, "uplink")))
			replace(edit, element, "network", from, to);
		if (kind == ITEM_LINK && is(element, "capture"))
			replace(edit, element, "link", from, to);
		for (guint k = 0; k < element->children->len; k++) {
			const MarkupElement *child = element->children->pdata[k];

			if (kind == ITEM_NODE && (is(child, "end") || is(child, "run")))
				replace(edit, child, "node", from, to);
			if (kind == ITEM_NODE && is(child, "mirror")) {
				replace_port(edit, child, "from", from, to, NULL, NULL);
				replace_port(edit, child, "to", from, to, NULL, NULL);
			}
			if (kind == ITEM_NETWORK && (is(child, "end") || is(child, "interface")))
				replace(edit, child, "network", from, to);
		}
	}
	if (target)
		edit_set_attribute(edit, target, "name", to);
}

/** rename_interface() - gives an interface another name, also one that a link's end brings along
 *  @edit: gets the changes
 *  @node: whose it is
 *  @from, @to: its old and its new name */
void rename_interface(Edit *edit, const char *node, const char *from, const char *to)
{
	const Markup *markup = edit_markup(edit);

	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];
		gboolean own = is(element, "node") && !g_strcmp0(markup_get(element, "name"), node);

		if (is(element, "capture"))
			replace_port(edit, element, "interface", node, node, from, to);
		for (guint k = 0; k < element->children->len; k++) {
			const MarkupElement *child = element->children->pdata[k];

			if (own && is(child, "interface"))
				replace(edit, child, "name", from, to);
			if (own && is(child, "route"))
				replace(edit, child, "dev", from, to);
			if (is(child, "end") && !g_strcmp0(markup_get(child, "node"), node))
				replace(edit, child, "interface", from, to);
			if (is(child, "mirror")) {
				replace_port(edit, child, "from", node, node, from, to);
				replace_port(edit, child, "to", node, node, from, to);
			}
		}
	}
}
