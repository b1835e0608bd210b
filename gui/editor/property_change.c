/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/property_change.h"

#include <glib/gi18n.h>
#include <string.h>

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

static const MarkupElement *subject_element(const Markup *markup, const PropertySubject *subject)
{
	return subject->is_lab ? markup->root : lookup(markup, subject->kind, subject->name);
}

/** property_elements() - the elements that a section shows; of a node's interfaces also those that links bring along.
 *  Borrowed elements; the caller frees the array. */
GPtrArray *property_elements(const Markup *markup, const PropertySubject *subject, const PropertySection *section)
{
	const MarkupElement *element = subject_element(markup, subject);
	GPtrArray *found = NULL;

	if (!strcmp(section->element, "interface"))
		return lookup_interfaces(markup, subject->name);
	found = g_ptr_array_new();
	for (guint i = 0; element && i < element->children->len; i++)
		if (is(element->children->pdata[i], section->element))
			g_ptr_array_add(found, element->children->pdata[i]);
	return found;
}

/** property_element() - the element that a property is of; NULL: it is gone.
 *  @section: NULL: the subject's own
 *  @index: among the section's */
const MarkupElement *property_element(const Markup *markup, const PropertySubject *subject,
	const PropertySection *section, guint index)
{
	g_autoptr(GPtrArray) elements = NULL;

	if (!section)
		return subject_element(markup, subject);
	elements = property_elements(markup, subject, section);
	return index < elements->len ? elements->pdata[index] : NULL;
}

/** property_element_label() - what an element of a section is called; the caller frees it. */
char *property_element_label(const Markup *markup, const MarkupElement *element)
{
	static const char *const names[] = {"interface", "name", "network", "path", "to", "from"};
	g_autofree char *text = NULL;

	if (is(element, "end") && markup_get(element, "node")) {
		g_autofree char *link = lookup_link_name(markup, element->parent);

		return g_strdup_printf("%s:%s (%s)", markup_get(element, "node"),
			markup_get(element, "interface") ? markup_get(element, "interface") : "?", link ? link : "");
	}
	if (is(element, "forward") && markup_get(element, "host") && markup_get(element, "to"))
		return g_strdup_printf("%s → %s", markup_get(element, "host"), markup_get(element, "to"));
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (markup_get(element, names[i]) && !(i == 2 && is(element, "interface")))
			return g_strdup(markup_get(element, names[i]));
	text = markup_block(element);
	text[strcspn(text, "\n")] = '\0';
	return *text ? g_steal_pointer(&text) : g_strdup(element->name);
}

/* -- Changes ------------------------------------------------------------------------------------------------------- */

static void rename_in(Edit *edit, const PropertySubject *subject, const MarkupElement *element, const char *value)
{
	const char *to = value ? value : "";

	if (is(element, "interface"))
		rename_interface(edit, markup_get(element->parent, "name"), markup_get(element, "name"), to);
	else if ((is(element, "link") || is(element, "uplink")) && !value)
		edit_set_attribute(edit, element, "name", NULL);
	else
		rename_item(edit, subject->kind, subject->name, to);
}

static Edit *edit_for(const Markup *markup, const PropertySubject *subject, const MarkupElement *element,
	const PropertySpec *spec, const char *value)
{
	Edit *edit = edit_new(markup);

	if (spec->kind == PROPERTY_NAME)
		rename_in(edit, subject, element, value);
	else if (!spec->attribute)
		edit_set_text(edit, element, value);
	else if (is(element, "end") && !strcmp(spec->attribute, "interface") && value && markup_get(element, "interface"))
		rename_interface(edit, markup_get(element, "node"), markup_get(element, "interface"), value);
	else
		edit_set_attribute(edit, element, spec->attribute, value);
	return edit;
}

/* What is selected stays selected under its new name. */
static void commit_name(Editor *editor, PropertySubject *subject, const MarkupElement *element, Edit *edit,
	const char *value)
{
	Scene *scene = session_scene(lab_window_session(editor_window(editor)));
	g_autofree char *old = g_steal_pointer(&subject->name);

	if (is(element, "interface") && subject->kind == ITEM_LINK && strchr(old, ':')) {
		subject->name = g_strdup_printf("%.*s:%s", (int)strcspn(old, ":"), old, value);
		document_commit(editor_document(editor), edit, _("name"), "name");
		scene_select_only(scene, NULL, scene_find_edge(scene, subject->name));
	} else if (is(element, "interface")) {
		subject->name = g_steal_pointer(&old);
		document_commit(editor_document(editor), edit, _("name"), "name");
	} else if (!value) {
		document_commit(editor_document(editor), edit, _("name"), "name");
		subject->name = g_steal_pointer(&old);
	} else {
		edit_free(edit);
		subject->name = g_strdup(value);
		editor_rename(editor, subject->kind, old, value);
	}
}

/** property_change() - gives a property another value, if the lab is right with it
 *  @subject: gets its new name, where that is what changes
 *  @element: of the document's markup
 *  @value: as written; NULL: not written
 *  Returns NULL, or what is wrong, in the loader's words (the caller frees it): then nothing has changed. */
char *property_change(Editor *editor, PropertySubject *subject, const MarkupElement *element,
	const PropertySpec *spec, const char *value)
{
	Document *document = editor_document(editor);
	const Markup *markup = document_markup(document);
	Edit *edit;
	char *problem;
	g_autofree char *merge = NULL;

	if (spec->attribute && !g_strcmp0(markup_get(element, spec->attribute), value))
		return NULL;
	edit = edit_for(markup, subject, element, spec, value);
	problem = document_refusal(document, edit);
	if (problem) {
		edit_free(edit);
		return problem;
	}
	if (spec->kind == PROPERTY_NAME) {
		commit_name(editor, subject, element, edit, value);
		return NULL;
	}
	merge = g_strdup_printf("%s-%s-%" G_GSIZE_FORMAT, element->name, spec->attribute ? spec->attribute : "",
		element->open.start);
	document_commit(document, edit, _(spec->label), merge);
	return NULL;
}

/* -- Elements ------------------------------------------------------------------------------------------------------ */

/* The first of /etc/motd, /etc/motd1, ... that the node does not have. */
static char *free_path(const MarkupElement *node)
{
	for (guint n = 0;; n++) {
		g_autofree char *path = n ? g_strdup_printf("/etc/motd%u", n) : g_strdup("/etc/motd");

		if (!markup_child(node, "file", "path", path))
			return g_steal_pointer(&path);
	}
}

/* A new element that is right as it stands; NULL: there is none of this kind. */
static char *fragment_for(const Markup *markup, const PropertySubject *subject, const MarkupElement *parent,
	const char *element)
{
	g_autofree char *name = NULL, *interface = NULL, *gateway = NULL;
	g_autoptr(GPtrArray) interfaces = NULL;

	if (!strcmp(element, "title"))
		return g_strdup_printf("<title>%s</title>", _("A new lab"));
	if (!strcmp(element, "description"))
		return g_strdup_printf("<description>%s</description>", _("What it is for."));
	if (!strcmp(element, "defaults"))
		return g_strdup("<defaults image=\"tiny\"/>");
	if (!strcmp(element, "forward"))
		return suggest_forward(markup, parent);
	if (!strcmp(element, "run"))
		return g_strdup("<run>true</run>");
	if (!strcmp(element, "sysctl"))
		return g_strdup("<sysctl name=\"net.ipv4.ip_forward\" value=\"1\"/>");
	if (!strcmp(element, "file")) {
		name = free_path(parent);
		return g_strdup_printf("<file path=\"%s\"/>", name);
	}
	if (!strcmp(element, "interface")) {
		name = suggest_interface(markup, subject->name);
		return g_strdup_printf("<interface name=\"%s\"/>", name);
	}
	if (strcmp(element, "route") != 0)
		return NULL;
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

/** property_add() - adds an element of a section, with values that will do until others are set. */
void property_add(Editor *editor, const PropertySubject *subject, const PropertySection *section)
{
	const Markup *markup = document_markup(editor_document(editor));
	const MarkupElement *parent = markup ? subject_element(markup, subject) : NULL;
	g_autofree char *fragment = parent ? fragment_for(markup, subject, parent, section->element) : NULL;
	Edit *edit;

	if (!fragment)
		return;
	edit = edit_new(markup);
	edit_insert(edit, parent, fragment);
	document_commit(editor_document(editor), edit, _(section->add), NULL);
}

/** property_remove() - takes an element of a section away, and what speaks of it; an interface of a link with the
 *  link. */
void property_remove(Editor *editor, const PropertySubject *subject, const PropertySection *section, guint index)
{
	const Markup *markup = document_markup(editor_document(editor));
	const MarkupElement *element = markup ? property_element(markup, subject, section, index) : NULL;
	g_autofree char *cable = NULL;
	Edit *edit;

	if (!element)
		return;
	if (is(element, "end"))
		cable = lookup_link_name(markup, element->parent);
	else if (is(element, "interface"))
		cable = g_strdup_printf("%s:%s", subject->name, markup_get(element, "name"));
	if (cable) {
		draw_delete(editor_document(editor), &(Item){ITEM_LINK, cable}, 1);
		return;
	}
	edit = edit_new(markup);
	edit_remove(edit, element);
	document_commit(editor_document(editor), edit, _("remove"), NULL);
}
