/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New elements with values that are valid until others are set. */
#include <glib/gi18n.h>
#include <string.h>

#include "gui/editor/ui/property_change.h"

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

/* The first of BEFORE AFTER, BEFORE 1 AFTER, ... that no child of this name has in its attribute. */
static char *free_value(
	const MarkupElement *parent, const char *element, const char *attribute, const char *before, const char *after)
{
	for (guint n = 0;; n++) {
		g_autofree char *number = n ? g_strdup_printf("%u", n) : g_strdup("");
		g_autofree char *value = g_strconcat(before, number, after, NULL);

		if (!markup_child(parent, element, attribute, value))
			return g_steal_pointer(&value);
	}
}

static char *element_new(const char *element, const char *attribute, const char *value, const char *content)
{
	g_autoptr(GString) out = g_string_new("<");

	g_string_append(out, element);
	markup_append_attribute(out, attribute, value);
	g_string_append_printf(out, content ? ">%s</%s>" : "/>", content, element);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *text_new(const char *element, const char *text)
{
	g_autoptr(GString) escaped = markup_escape(text, FALSE);

	return g_strdup_printf("<%s>%s</%s>", element, escaped->str, element);
}

static char *route_new(const Markup *markup, const PropertySubject *subject)
{
	g_autofree char *interface = NULL, *gateway = NULL;
	g_autoptr(GPtrArray) interfaces = NULL;

	interfaces = lookup_interfaces(markup, subject->name);
	for (guint i = 0; i < interfaces->len && !gateway; i++) {
		const MarkupElement *one = interfaces->pdata[i];

		interface = interface ? interface : g_strdup(markup_get(one, is(one, "end") ? "interface" : "name"));
		if (markup_get(one, "network"))
			gateway = suggest_gateway(markup, markup_get(one, "network"));
	}
	if (gateway)
		return g_strdup_printf("<route to=\"default\" via=\"%s\"/>", gateway);
	return interface ? g_strdup_printf("<route to=\"default\" dev=\"%s\"/>", interface)
			 : g_strdup("<route to=\"default\" via=\"10.0.1.1\"/>");
}

static char *run_new(const Markup *markup, const MarkupElement *check)
{
	const MarkupElement *before = markup_child(check, "run", NULL, NULL),
			    *node = markup_child(markup->root, "node", NULL, NULL);

	return element_new("run", "node", before ? markup_get(before, "node") : markup_get(node, "name"), "true");
}

static char *check_new(const Markup *markup, const char *unit, const char **refusal)
{
	g_autofree char *name = free_value(markup->root, "check", "name", _("New check"), ""), *run = NULL,
			*content = NULL;

	if (!markup_child(markup->root, "node", NULL, NULL)) {
		*refusal = _("Add a node first: a check runs on a node.");
		return NULL;
	}
	run = run_new(markup, NULL);
	content = g_strdup_printf("\n%s%s\n", unit, run);
	return element_new("check", "name", name, content);
}

/* From the first port of a network to the last. */
static char *mirror_new(const Markup *markup, const char *network, const char **refusal)
{
	g_autofree char *from = NULL, *to = NULL;

	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *node = markup->root->children->pdata[i];

		for (guint k = 0; is(node, "node") && k < node->children->len; k++) {
			const MarkupElement *interface = node->children->pdata[k];

			if (!is(interface, "interface") || g_strcmp0(markup_get(interface, "network"), network) != 0)
				continue;
			if (!from)
				from = g_steal_pointer(&to);
			g_free(to);
			to = g_strdup_printf("%s:%s", markup_get(node, "name"), markup_get(interface, "name"));
		}
	}
	if (!to) {
		*refusal = _("Connect a node first: it receives the mirrored frames.");
		return NULL;
	}
	return g_strdup_printf("<mirror from=\"%s\" to=\"%s\"/>", from ? from : "all", to);
}

/** property_new() - a new element, as XML for edit_insert()
 *  @parent: what it goes into
 *  @element: its name
 *  @unit: of indentation
 *  @refusal: gets why there can be none yet; borrowed
 *  Returns it (the caller frees it), or NULL: elements of this kind cannot be made, or not yet. */
char *property_new(const Markup *markup, const PropertySubject *subject, const MarkupElement *parent,
	const char *element, const char *unit, const char **refusal)
{
	g_autofree char *name = NULL;

	if (!strcmp(element, "title"))
		return text_new("title", _("A new lab"));
	if (!strcmp(element, "description"))
		return text_new("description", _("The purpose of this lab."));
	if (!strcmp(element, "defaults"))
		return g_strdup("<defaults image=\"tiny\"/>");
	if (!strcmp(element, "check"))
		return check_new(markup, unit, refusal);
	if (!strcmp(element, "mirror"))
		return mirror_new(markup, subject->name, refusal);
	if (!strcmp(element, "forward"))
		return suggest_forward(markup, parent);
	if (!strcmp(element, "run"))
		return is(parent, "check") ? run_new(markup, parent) : g_strdup("<run>true</run>");
	if (!strcmp(element, "sysctl"))
		return g_strdup("<sysctl name=\"net.ipv4.ip_forward\" value=\"1\"/>");
	if (!strcmp(element, "capture") || !strcmp(element, "file")) {
		gboolean file = *element == 'f';

		name = free_value(
			parent, element, file ? "path" : "file", file ? "/etc/motd" : "lab", file ? "" : ".pcapng");
		return element_new(element, file ? "path" : "file", name, NULL);
	}
	if (!strcmp(element, "interface")) {
		name = suggest_interface(markup, subject->name);
		return element_new("interface", "name", name, NULL);
	}
	return !strcmp(element, "route") ? route_new(markup, subject) : NULL;
}
