/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done to the document when a property is set, or an element added or removed. */
#pragma once

#include "gui/editor/ui/editor.h"
#include "gui/editor/ui/property_value.h"

char *property_change(Editor *editor, PropertySubject *subject, const MarkupElement *element, const PropertySpec *spec,
	const char *value);
void property_add(Editor *editor, const PropertySubject *subject, const PropertyPlace *place);
void property_remove(Editor *editor, const PropertySubject *subject, const PropertyPlace *place);
/** property_new.c */
char *property_new(const Markup *markup, const PropertySubject *subject, const MarkupElement *parent,
	const char *element, const char *unit, const char **refusal);
