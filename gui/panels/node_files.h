/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a node, in a window: folders are walked through, files are opened, copied out and copied in, by "netlab cp".
 * Actions, of the nodes selected: win.open-files; win.copy-in: and asks for files to be copied into it. */
#pragma once

#include "gui/panels/panel.h"

/** Adds the action to a window. */
void node_files_add_actions(const PanelContext *context);
