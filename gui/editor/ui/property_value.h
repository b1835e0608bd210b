/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lab's markup says of a property: the element that has it, its value, and what there is to choose from.
 * Free of GTK. */
#pragma once

#include "gui/editor/text/lookup.h"
#include "gui/editor/ui/property_spec.h"

/** Whose properties are shown. */
typedef struct {
	gboolean is_lab;
	ItemKind kind;
	char *name;
} PropertySubject;

const MarkupElement *property_subject_element(const Markup *markup, const PropertySubject *subject);
GPtrArray *property_elements(const Markup *markup, const PropertySubject *subject, const PropertySection *section);
GPtrArray *property_inner_elements(const MarkupElement *element, const PropertySection *inner);
const MarkupElement *property_element(const Markup *markup, const PropertySubject *subject, const PropertyPlace *place);
char *property_value(const MarkupElement *element, const PropertySpec *spec);
char **property_options(const Markup *markup, PropertyKind kind);
char *property_element_label(const Markup *markup, const MarkupElement *element);
