/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors and warnings of the lab's file. Activating one opens the file at its line: in the window's editor where that has
 * an action "show-line" (parameter (si): file, line; disabled where it does not show that file), else in the user's own. */
#pragma once

#include "gui/panel.h"

extern const PanelType problems_panel;
