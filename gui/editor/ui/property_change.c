/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/property_change.h"

#include <glib/gi18n.h>
#include <string.h>

#include "netlab/host/paths.h"

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

	if (!strcmp(section->element, "interface"))
		return lookup_interfaces(markup, subject->name);
	return property_inner_elements(element, section);
}

/** property_inner_elements() - the elements of a section in ELEMENT (NULL: there are none). Borrowed elements; the caller
 *  frees the array. */
GPtrArray *property_inner_elements(const MarkupElement *element, const PropertySection *inner)
{
	GPtrArray *found = g_ptr_array_new();

	for (guint i = 0; element && i < element->children->len; i++)
		if (is(element->children->pdata[i], inner->element))
			g_ptr_array_add(found, element->children->pdata[i]);
	return found;
}

/** property_element() - the element that a property is of; NULL: it is gone. */
const MarkupElement *property_element(const Markup *markup, const PropertySubject *subject, const PropertyPlace *place)
{
	g_autoptr(GPtrArray) elements = NULL, inner = NULL;
	const MarkupElement *element;

	if (!place->section)
		return subject_element(markup, subject);
	elements = property_elements(markup, subject, place->section);
	element = place->index < elements->len ? elements->pdata[place->index] : NULL;
	if (!place->inner)
		return element;
	inner = property_inner_elements(element, place->inner);
	return place->inner_index < inner->len ? inner->pdata[place->inner_index] : NULL;
}

/** property_element_label() - what an element of a section is called; the caller frees it. */
char *property_element_label(const Markup *markup, const MarkupElement *element)
{
	static const char *const names[] = {"file", "interface", "name", "network", "path", "to", "from"};
	g_autofree char *text = NULL;

	if (is(element, "end") && markup_get(element, "node")) {
		g_autofree char *link = lookup_link_name(markup, element->parent);

		return g_strdup_printf("%s:%s (%s)", markup_get(element, "node"),
			markup_get(element, "interface") ? markup_get(element, "interface") : "?", link ? link : "");
	}
	if (is(element, "forward") && markup_get(element, "host") && markup_get(element, "to"))
		return g_strdup_printf("%s → %s", markup_get(element, "host"), markup_get(element, "to"));
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (markup_get(element, names[i]) && !(i == 3 && is(element, "interface")))
			return g_strdup(markup_get(element, names[i]));
	text = markup_block(element);
	text[strcspn(text, "\n")] = '\0';
	return *text ? g_steal_pointer(&text) : g_strdup(element->name);
}

/** property_value() - what is written; NULL: nothing. The caller frees it. */
char *property_value(const MarkupElement *element, const PropertySpec *spec)
{
	g_autofree char *text = NULL;

	if (spec->attribute)
		return g_strdup(markup_get(element, spec->attribute));
	text = markup_block(element);
	return *text ? g_steal_pointer(&text) : NULL;
}

static void add_names(GStrvBuilder *out, const Markup *markup, const char *element)
{
	g_strv_builder_add(out, "");
	for (guint i = 0; i < markup->root->children->len; i++) {
		const MarkupElement *child = markup->root->children->pdata[i];

		if (is(child, element) && markup_get(child, "name"))
			g_strv_builder_add(out, markup_get(child, "name"));
	}
}

static void add_images(GStrvBuilder *out)
{
	g_autofree char *path = path_cache("images");
	g_autoptr(GDir) images = g_dir_open(path, 0, NULL);
	const char *name;

	while (images && (name = g_dir_read_name(images)))
		if (*name != '.')
			g_strv_builder_add(out, name);
}

/** property_options() - what there is to choose from in this lab; NULL: nothing of this kind. The caller frees it. */
char **property_options(const Markup *markup, PropertyKind kind)
{
	g_autoptr(GStrvBuilder) out = g_strv_builder_new();

	if (kind == PROPERTY_IMAGE)
		add_images(out);
	else if (kind == PROPERTY_NETWORK || kind == PROPERTY_NODE)
		add_names(out, markup, kind == PROPERTY_NODE ? "node" : "network");
	else
		return NULL;
	return g_strv_builder_end(out);
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
	else if (is(element, "end") && !strcmp(spec->attribute, "interface") && value &&
		markup_get(element, "interface"))
		rename_interface(edit, markup_get(element, "node"), markup_get(element, "interface"), value);
	else
		edit_set_attribute(edit, element, spec->attribute, value);
	return edit;
}

/* What the subject is called once the edit is made: NAME, or, a link or an uplink without one of its own, by what it
 * joins. */
static char *name_after(Edit *edit, const PropertySubject *subject, const char *name)
{
	const MarkupElement *element = subject_element(edit_markup(edit), subject);
	g_autofree char *text = NULL, *made = NULL;
	g_autoptr(Markup) after = NULL;
	guint index = 0;

	if (!is(element, "link") && !is(element, "uplink"))
		return g_strdup(name);
	text = edit_apply(edit);
	after = markup_parse(text);
	g_ptr_array_find(element->parent->children, element, &index);
	element = after->root->children->pdata[index];
	made = is(element, "link") ? lookup_link_name(after, element) : lookup_uplink_name(after, element);
	return made ? g_steal_pointer(&made) : g_strdup(subject->name);
}

/* What is selected stays selected under its new name. */
static void commit_name(
	Editor *editor, PropertySubject *subject, const MarkupElement *element, Edit *edit, const char *value)
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
	} else {
		subject->name = g_strdup(value);
		editor_rename(editor, edit, subject->kind, old, subject->name);
	}
}

/** property_change() - gives a property another value, if the lab is right with it
 *  @subject: gets its new name, where that is what changes
 *  @element: of the document's markup
 *  @value: as written; NULL: not written
 *  Returns NULL, or what is wrong, in the loader's words (the caller frees it): then nothing has changed. */
char *property_change(Editor *editor, PropertySubject *subject, const MarkupElement *element, const PropertySpec *spec,
	const char *value)
{
	Document *document = editor_document(editor);
	const Markup *markup = document_markup(document);
	Edit *edit;
	char *problem;
	g_autofree char *merge = NULL, *name = NULL;

	if (spec->attribute && !g_strcmp0(markup_get(element, spec->attribute), value))
		return NULL;
	edit = edit_for(markup, subject, element, spec, value);
	problem = document_refusal(document, edit);
	if (problem) {
		edit_free(edit);
		return problem;
	}
	name = name_after(edit, subject, spec->kind == PROPERTY_NAME ? value : subject->name);
	if (spec->kind == PROPERTY_NAME || g_strcmp0(name, subject->name) != 0) {
		commit_name(editor, subject, element, edit, name);
		return NULL;
	}
	merge = g_strdup_printf(
		"%s-%s-%" G_GSIZE_FORMAT, element->name, spec->attribute ? spec->attribute : "", element->open.start);
	document_commit(document, edit, _(spec->label), merge);
	return NULL;
}

/* -- Elements ------------------------------------------------------------------------------------------------------ */

/** property_add() - adds an element of a section, with values that will do until others are set
 *  @place: of the section; index, inner_index: what stands there does not matter */
void property_add(Editor *editor, const PropertySubject *subject, const PropertyPlace *place)
{
	const Markup *markup = document_markup(editor_document(editor));
	const PropertySection *section = place->inner ? place->inner : place->section;
	const MarkupElement *parent = NULL;
	g_autoptr(Edit) edit = markup ? edit_new(markup) : NULL;
	g_autofree char *fragment = NULL;
	const char *refusal = NULL;

	if (markup)
		parent = place->inner
			? property_element(markup, subject, &(PropertyPlace){place->section, place->index, NULL, 0})
			: subject_element(markup, subject);
	if (parent)
		fragment = property_new(markup, subject, parent, section->element, edit_unit(edit), &refusal);
	if (refusal)
		lab_window_complain(editor_window(editor), refusal);
	if (!fragment)
		return;
	edit_insert(edit, parent, fragment);
	document_commit(editor_document(editor), g_steal_pointer(&edit), _(section->add), NULL);
}

/** property_remove() - takes an element of a section away, and what speaks of it; an interface of a link with the
 *  link. */
void property_remove(Editor *editor, const PropertySubject *subject, const PropertyPlace *place)
{
	const Markup *markup = document_markup(editor_document(editor));
	const MarkupElement *element = markup ? property_element(markup, subject, place) : NULL;
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
