/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's own editor: $VISUAL, else $EDITOR, else what the desktop opens text with. */
#pragma once

#include <gtk/gtk.h>

/** Opens a file at a place (from 1; 0 not known). An editor for terminals gets a window with one. */
gboolean user_editor_open(GtkWindow *parent, const char *file, int line, int column, GError **error);
