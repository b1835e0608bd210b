/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a node, in a window: folders are walked through, files are opened, copied out and copied in, by "netlab cp".
 * Action: win.open-files, of the nodes selected. */
#pragma once

#include "gui/window.h"

/** Adds the action to a window. */
void node_files_add_action(LabWindow *window);
