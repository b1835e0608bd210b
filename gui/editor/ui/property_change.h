/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a property to the document: which element is meant, what a new value means elsewhere, whether it is right. */
#pragma once

#include "gui/editor/ui/editor.h"
#include "gui/editor/ui/property_spec.h"

/** Whose properties are shown. */
typedef struct {
	gboolean is_lab;
	ItemKind kind;
	char *name;
} PropertySubject;

GPtrArray *property_elements(const Markup *markup, const PropertySubject *subject, const PropertySection *section);
GPtrArray *property_inner_elements(const MarkupElement *element, const PropertySection *inner);
const MarkupElement *property_element(const Markup *markup, const PropertySubject *subject, const PropertyPlace *place);
char *property_value(const MarkupElement *element, const PropertySpec *spec);
char **property_options(const Markup *markup, PropertyKind kind);
char *property_element_label(const Markup *markup, const MarkupElement *element);
char *property_change(Editor *editor, PropertySubject *subject, const MarkupElement *element, const PropertySpec *spec,
	const char *value);
void property_add(Editor *editor, const PropertySubject *subject, const PropertyPlace *place);
void property_remove(Editor *editor, const PropertySubject *subject, const PropertyPlace *place);
/** property_new.c */
char *property_new(const Markup *markup, const PropertySubject *subject, const MarkupElement *parent,
	const char *element, const char *unit, const char **refusal);
