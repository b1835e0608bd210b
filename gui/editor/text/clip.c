/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copy and paste. A clip is a piece of a lab as text, so that it also goes to and comes from other programs. What is
 * pasted gets names and addresses that are free, and stays connected to the networks that are there. */
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "gui/editor/text/draw.h"
#include "topologies/model/values.h"

#define HEAD "<lab xmlns=\"urn:netlab:lab:1\" name=\"clip\">\n"

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

static gboolean has_item(const Item *items, gsize n, ItemKind kind, const char *name)
{
	for (gsize i = 0; i < n; i++)
		if (items[i].kind == kind && !g_strcmp0(items[i].name, name))
			return TRUE;
	return FALSE;
}

/* A link is copied with both of its ends, or not at all. */
static gboolean is_wanted(const MarkupElement *element, const Item *items, gsize n)
{
	if (is(element, "node"))
		return has_item(items, n, ITEM_NODE, markup_get(element, "name"));
	if (is(element, "network"))
		return has_item(items, n, ITEM_NETWORK, markup_get(element, "name"));
	if (!is(element, "link"))
		return FALSE;
	for (guint i = 0; i < element->children->len; i++) {
		const MarkupElement *end = element->children->pdata[i];

		if (is(end, "end") && !has_item(items, n, ITEM_NODE, markup_get(end, "node")) &&
			!has_item(items, n, ITEM_NETWORK, markup_get(end, "network")))
			return FALSE;
	}
	return TRUE;
}

/** draw_copy() - a piece of the lab: nodes, networks, and the links between them
 *  @document: with markup
 *  Returns it as text (the caller frees it), or NULL: nothing of that is in this text. */
char *draw_copy(Document *document, const Item *items, gsize n)
{
	const Markup *markup = document_markup(document);
	g_autoptr(GString) out = g_string_new(HEAD);

	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];
		g_autofree char *text = is_wanted(element, items, n) ? edit_outdented(markup, element) : NULL;

		if (text)
			g_string_append_printf(out, "%s\n", text);
	}
	if (out->len == strlen(HEAD))
		return NULL;
	g_string_append(out, "</lab>\n");
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* -- Pasting ------------------------------------------------------------------------------------------------------- */

typedef struct {
	const Markup *there; /* the lab that it goes to */
	Markup *clip;
	GHashTable *subnets; /* old to new subnet, both char * without prefix, of pasted networks and links */
	GPtrArray *taken;    /* of LabAddress: given to what was pasted before */
} Paster;

static Markup *changed(Markup *markup, Edit *edit)
{
	g_autofree char *text = edit_apply(edit);
	Markup *after = markup_parse(text);

	edit_free(edit);
	markup_free(markup);
	return after;
}

/* The nth pasted element of this kind; names change while they are being gone through. */
static const MarkupElement *nth(const Markup *clip, const char *name, guint n)
{
	for (guint i = 0; i < clip->root->children->len; i++)
		if (is(clip->root->children->pdata[i], name) && n-- == 0)
			return clip->root->children->pdata[i];
	return NULL;
}

static gboolean is_free(const Paster *self, ItemKind kind, const char *name)
{
	if (kind == ITEM_NODE)
		return !lookup(self->there, ITEM_NODE, name);
	return !lookup(self->there, ITEM_NETWORK, name) && !lookup(self->there, ITEM_LINK, name);
}

/* A name that is free there and in the clip. */
static char *free_name(const Paster *self, ItemKind kind, const char *name)
{
	g_autofree char *candidate = suggest_name(self->there, kind, name);

	while (lookup(self->clip, kind, candidate) || !is_free(self, kind, candidate)) {
		g_autofree char *before = g_steal_pointer(&candidate), *next = NULL;

		if (kind == ITEM_LINK) {
			candidate = g_strconcat(before, "-2", NULL);
			continue;
		}
		next = suggest_name(self->clip, kind, before);
		candidate = suggest_name(self->there, kind, next);
	}
	return g_steal_pointer(&candidate);
}

static void rename_all(Paster *self, ItemKind kind, const char *element)
{
	for (guint i = 0; nth(self->clip, element, i); i++) {
		const char *name = markup_get(nth(self->clip, element, i), "name");
		g_autofree char *old = g_strdup(name), *new = NULL;
		Edit *edit;

		if (!old || is_free(self, kind, old))
			continue;
		new = free_name(self, kind, old);
		edit = edit_new(self->clip);
		rename_item(edit, kind, old, new);
		self->clip = changed(self->clip, edit);
	}
}

static gboolean is_taken(const GPtrArray *used, GInetAddress *address)
{
	for (guint i = 0; i < used->len; i++)
		if (g_inet_address_equal(((LabAddress *)used->pdata[i])->address, address))
			return TRUE;
	return FALSE;
}

/* The IPv4 subnet that OLD becomes in the lab that it is pasted to, where it may be in use. */
static const char *new_subnet(Paster *self, const LabAddress *member)
{
	g_autofree char *network = lab_address_network_to_text(member);
	const char *known = g_hash_table_lookup(self->subnets, network);
	char *subnet;

	if (known)
		return known;
	subnet = suggest_subnet(self->there, member->prefix >= 30 ? 30 : 24, self->taken);
	if (subnet) {
		g_autofree char *with = g_strdup_printf("%s/%u", subnet, member->prefix >= 30 ? 30 : 24);

		g_ptr_array_add(self->taken, value_interface_address(with, NULL));
		g_hash_table_insert(self->subnets, g_strdup(network), subnet);
	}
	return subnet;
}

/* The same host in another subnet; NULL: cannot be found (IPv6, subnets larger than /24). */
static char *moved(Paster *self, const LabAddress *address)
{
	const guint8 *bytes = g_inet_address_to_bytes(address->address);
	const char *subnet;
	guint host;

	if (g_inet_address_get_family(address->address) != G_SOCKET_FAMILY_IPV4 || address->prefix < 24 ||
		address->prefix > 30)
		return NULL;
	subnet = new_subnet(self, address);
	host = bytes[3] & (0xffu >> (address->prefix - 24));
	if (!subnet)
		return NULL;
	return g_strdup_printf("%.*s.%u/%u", (int)(strrchr(subnet, '.') - subnet), subnet,
		(guint)atoi(strrchr(subnet, '.') + 1) + host, address->prefix);
}

/* New addresses where the old ones are taken: in the same subnet on a network that is there, in a new one otherwise. */
static char *new_addresses(Paster *self, const char *text, const char *network)
{
	g_autoptr(GPtrArray) used = lookup_addresses(self->there, NULL);
	g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
	g_autoptr(GString) out = g_string_new(NULL);
	gboolean stays = network && lookup(self->there, ITEM_NETWORK, network);

	for (guint i = 0; words[i]; i++) {
		g_autoptr(LabAddress) address = *words[i] ? value_interface_address(words[i], NULL) : NULL;
		g_autofree char *new = NULL;

		if (!address)
			continue;
		if (stays && (is_taken(used, address->address) || is_taken(self->taken, address->address))) {
			g_autofree char *bare = NULL;

			/* One after the other: each is noted as taken. */
			for (unsigned n = 2; n < 255 && !new; n++) {
				g_autofree char *base = lab_address_network_to_text(address);
				g_autoptr(LabAddress) subnet = value_interface_address(base, NULL);
				g_autoptr(GInetAddress) candidate = subnet ? lab_address_offset(subnet, n) : NULL;

				if (candidate && !is_taken(used, candidate) && !is_taken(self->taken, candidate)) {
					bare = g_inet_address_to_string(candidate);
					new = g_strdup_printf("%s/%u", bare, address->prefix);
				}
			}
		} else if (!stays) {
			g_autofree char *subnet = lab_address_network_to_text(address);
			g_autoptr(LabAddress) base = value_interface_address(subnet, NULL);
			gboolean clash = g_hash_table_contains(self->subnets, subnet);

			for (guint k = 0; k < used->len && base && !clash; k++)
				clash = lab_address_holds(base, ((LabAddress *)used->pdata[k])->address);
			new = clash ? moved(self, address) : g_strdup(words[i]);
		} else {
			new = g_strdup(words[i]);
		}
		if (!new)
			continue;
		if (stays)
			g_ptr_array_add(self->taken, value_interface_address(new, NULL));
		g_string_append_printf(out, "%s%s", out->len ? " " : "", new);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* A gateway in a subnet that has moved moves along. */
static void move_route(Paster *self, Edit *edit, const MarkupElement *route)
{
	const char *via = markup_get(route, "via");

	for (unsigned prefix = 24; via && prefix <= 30; prefix++) {
		g_autofree char *with = g_strdup_printf("%s/%u", via, prefix);
		g_autoptr(LabAddress) address = value_interface_address(with, NULL);
		g_autofree char *subnet = address ? lab_address_network_to_text(address) : NULL;

		if (subnet && g_hash_table_contains(self->subnets, subnet)) {
			g_autofree char *new = moved(self, address);

			if (new) {
				*strchr(new, '/') = '\0';
				edit_set_attribute(edit, route, "via", new);
			}
			return;
		}
	}
}

static void settle(Paster *self, Edit *edit, const MarkupElement *element)
{
	const char *network = markup_get(element, "network"), *address = markup_get(element, "address");

	/* A MAC address is one machine's. */
	edit_set_attribute(edit, element, "mac", NULL);
	if (network && !lookup(self->clip, ITEM_NETWORK, network) && !lookup(self->there, ITEM_NETWORK, network)) {
		static const char *const port[] = {"network", "vlan", "trunk", "native", "delay", "jitter",
			"distribution", "loss", "burst", "duplicate", "corrupt", "reorder", "rate", "queue", "down"};

		for (guint i = 0; i < G_N_ELEMENTS(port); i++)
			edit_set_attribute(edit, element, port[i], NULL);
	}
	if (address) {
		g_autofree char *new = new_addresses(self, address, network);

		edit_set_attribute(edit, element, "address", *new ? new : NULL);
	}
}

static void settle_all(Paster *self)
{
	Edit *edit = edit_new(self->clip);

	for (guint i = 0; i < self->clip->root->children->len; i++) {
		const MarkupElement *element = self->clip->root->children->pdata[i];

		for (guint k = 0; k < element->children->len; k++) {
			const MarkupElement *child = element->children->pdata[k];

			if (is(child, "interface") || is(child, "end"))
				settle(self, edit, child);
			else if (is(child, "mirror"))
				edit_remove(edit, child);
		}
		/* One device of the host, one socket, is one network's. */
		if (is(element, "network")) {
			edit_set_attribute(edit, element, "host", NULL);
			edit_set_attribute(edit, element, "socket", NULL);
		}
	}
	self->clip = changed(self->clip, edit);
	edit = edit_new(self->clip);
	for (guint i = 0; i < self->clip->root->children->len; i++) {
		const MarkupElement *element = self->clip->root->children->pdata[i];

		for (guint k = 0; k < element->children->len; k++)
			if (is(element->children->pdata[k], "route"))
				move_route(self, edit, element->children->pdata[k]);
	}
	self->clip = changed(self->clip, edit);
}

static gboolean refuse(GError **error)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
		_("the copied text is not part of a lab: it has no <node>, <network> or <link>"));
	return FALSE;
}

/** draw_paste() - puts a clip into the lab, as one step
 *  @document: with markup
 *  @clip: what draw_copy() gave, or a lab or a piece of one from elsewhere
 *  @label: of the step, translated
 *  Returns the names of the nodes and networks that came, each with "n" or "w" in front (the caller frees the
 *  array), or
 *  NULL and the reason. */
GPtrArray *draw_paste(Document *document, const char *clip, const char *label, GError **error)
{
	g_autoptr(GHashTable) subnets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GPtrArray) taken = g_ptr_array_new_with_free_func((GDestroyNotify)lab_address_free);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	Paster self = {document_markup(document), markup_parse(clip), subnets, taken};
	g_autoptr(Edit) edit = NULL;

	if (!self.clip || !is(self.clip->root, "lab")) {
		g_autofree char *wrapped = g_strconcat(HEAD, clip, "</lab>", NULL);

		markup_free(self.clip);
		self.clip = markup_parse(wrapped);
	}
	if (!self.clip || !(nth(self.clip, "node", 0) || nth(self.clip, "network", 0) || nth(self.clip, "link", 0))) {
		markup_free(self.clip);
		refuse(error);
		return NULL;
	}
	rename_all(&self, ITEM_NODE, "node");
	rename_all(&self, ITEM_NETWORK, "network");
	rename_all(&self, ITEM_LINK, "link");
	settle_all(&self);
	edit = edit_new(self.there);
	for (guint i = 0; i < self.clip->root->children->len; i++) {
		const MarkupElement *element = self.clip->root->children->pdata[i];
		g_autofree char *text = NULL;

		if (!is(element, "node") && !is(element, "network") && !is(element, "link"))
			continue;
		text = edit_outdented(self.clip, element);
		edit_insert(edit, self.there->root, text);
		if (!is(element, "link"))
			g_ptr_array_add(
				names, g_strconcat(is(element, "node") ? "n" : "w", markup_get(element, "name"), NULL));
	}
	markup_free(self.clip);
	document_commit(document, g_steal_pointer(&edit), label, NULL);
	return g_steal_pointer(&names);
}
