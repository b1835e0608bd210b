/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Actions of a window that belong to one of its panels. */
#pragma once

#include <gtk/gtk.h>

/** As g_action_map_add_action_entries(), with the panel for user data: nothing is called once it is gone. */
void panel_add_actions(GActionMap *map, const GActionEntry *entries, guint n, gpointer panel);
/** Whether the action of this name can be done now. */
void panel_enable_action(GActionMap *map, const char *name, gboolean enabled);
