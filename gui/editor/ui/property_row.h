/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One property: its name, a widget to set it with, and what is wrong with what was set.
 *
 * Signal:
 *   "edited" ()   the user has set another value: property_row_value() */
#pragma once

#include <gtk/gtk.h>

#include "gui/editor/ui/property_spec.h"

#define PROPERTY_TYPE_ROW (property_row_get_type())
G_DECLARE_FINAL_TYPE(PropertyRow, property_row, PROPERTY, ROW, GtkBox)

GtkWidget *property_row_new(const PropertySpec *spec, const char *subject);
const PropertySpec *property_row_spec(PropertyRow *self);
void property_row_set_options(PropertyRow *self, const char *const *options);
void property_row_set_value(PropertyRow *self, const char *value);
char *property_row_value(PropertyRow *self);
void property_row_set_problem(PropertyRow *self, const char *problem);
gboolean property_row_has_problem(PropertyRow *self);
