/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/property_change.h"

#include <glib/gi18n.h>
#include <string.h>

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
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
	const MarkupElement *element = property_subject_element(edit_markup(edit), subject);
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
	Scene *scene = editor_scene(editor);
	g_autofree char *old = g_steal_pointer(&subject->name);

	if (is(element, "interface") && subject->kind == ITEM_LINK && strchr(old, ':')) {
		subject->name = g_strdup_printf("%.*s:%s", (int)strcspn(old, ":"), old, value);
		document_commit(editor_document(editor), edit, _("rename"), "name");
		scene_select_only(scene, NULL, scene_find_edge(scene, subject->name));
	} else if (is(element, "interface")) {
		subject->name = g_steal_pointer(&old);
		document_commit(editor_document(editor), edit, _("rename"), "name");
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
			: property_subject_element(markup, subject);
	if (parent)
		fragment = property_new(markup, subject, parent, section->element, edit_unit(edit), &refusal);
	if (refusal)
		editor_complain(editor, refusal);
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
