/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One setting of a link: its name, a slider and a field, which go together.
 *
 * Signal:
 *   "value" (const char *value, gboolean last)   the user wants this value; last: and has let the slider go, or entered
 * it
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/model/link_slider.h"

#define LINK_TYPE_ROW (link_row_get_type())
G_DECLARE_FINAL_TYPE(LinkRow, link_row, LINK, ROW, GtkGrid)

/** Floating; setting is borrowed for good. */
GtkWidget *link_row_new(const LinkSetting *setting);
const LinkSetting *link_row_setting(LinkRow *self);
/** Shows a value that is set, unless the user is at another one just now. */
void link_row_show(LinkRow *self, const char *value);
/** Forgets what the user was at: another link is shown from now on. */
void link_row_reset(LinkRow *self);
