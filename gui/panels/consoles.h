/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The consoles of a lab: in tabs below the canvas, or in separate windows; a tab can be dragged from one to another.
 * Actions: win.console, win.console-window (of the nodes selected), win.open-console(s): of this node. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType consoles_panel;
