/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors and warnings of the lab's file. Activating one opens the file at its line: in the window's editor where it is
 * the lab's file itself (action win.show-line), else, an included one for instance, in the user's own editor.
 * Actions: win.problems, win.open-problem(i): by its index, win.open-in-editor: the lab's file, in the user's own editor. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType problems_panel;
