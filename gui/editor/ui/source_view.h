/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's file as text beside the drawing; both lead to the same document. */
#pragma once

#include "gui/editor/ui/editor.h"

/** Its id as a panel. */
#define SOURCE_PANEL "source"

/** A new floating widget, shown. Adds actions show-source and show-line(si): a file and a line of it, from 1. */
GtkWidget *source_view_new(Editor *editor);
