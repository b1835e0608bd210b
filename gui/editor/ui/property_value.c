/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/property_value.h"

#include <string.h>

#include "netlab/host/images.h"

static gboolean is(const MarkupElement *element, const char *name)
{
	return !strcmp(element->name, name);
}

/** property_subject_element() - the element of the subject itself; NULL: it is gone. */
const MarkupElement *property_subject_element(const Markup *markup, const PropertySubject *subject)
{
	return subject->is_lab ? markup->root : lookup(markup, subject->kind, subject->name);
}

/** property_elements() - the elements that a section shows; of a node's interfaces also those that links bring along.
 *  Borrowed elements; the caller frees the array. */
GPtrArray *property_elements(const Markup *markup, const PropertySubject *subject, const PropertySection *section)
{
	const MarkupElement *element = property_subject_element(markup, subject);

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
		return property_subject_element(markup, subject);
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

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Those that a lab may name: the ones that are built, and those that netlab has a recipe for. */
static void add_images(GStrvBuilder *out)
{
	g_autoptr(GPtrArray) images = images_known();

	g_ptr_array_sort(images, by_name);
	for (guint i = 0; i < images->len; i++)
		g_strv_builder_add(out, images->pdata[i]);
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
