/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an empty window says: what can be done first. */
#pragma once

#include "gui/app/window.h"

/** A new widget, floating; shows itself as long as the window has no lab and none is drawn in it. The window's editor has
 *  to be there already. */
GtkWidget *welcome_new(LabWindow *window);
