/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command on the selected nodes, or on all that are ready where none is selected; what it wrote side by side.
 * Actions: win.run-command (to write one), win.run-command-line(s): runs it at once. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType run_command_panel;
