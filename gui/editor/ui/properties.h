/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties of what is selected, or of the lab; shown while one draws. */
#pragma once

#include "gui/editor/ui/editor.h"

/** Its id as a panel. */
#define PROPERTIES_PANEL "properties"

/** A new floating widget, shown. */
GtkWidget *properties_new(Editor *editor);
