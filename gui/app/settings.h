/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the viewer remembers from one time to the next: GSettings, schema org.netlab.Gui (gui/data). */
#pragma once

#include <gtk/gtk.h>

/** Finds the schema under the program's own prefix, in the build tree too, else where GLib looks. FALSE with an error
 *  that says what to do when it is nowhere. To be called once, before the others. */
gboolean settings_open(GError **error);
/** The settings. Borrowed, one object for the whole program. */
GSettings *settings_get(void);
/** Makes the theme follow "dark", once the user has chosen; returns the action that toggles it. Caller owns it. */
GAction *settings_dark_action(void);
/** Gives a window, not yet shown, the size that the last one had, and remembers its size when it goes. */
void settings_follow_window(GtkWindow *window);
/** Sets each boolean action that a key is named after ("show-grid") as it was last, and remembers its changes. */
void settings_follow_actions(GActionMap *actions);
