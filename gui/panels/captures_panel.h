/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures from the menus, and the list of those that go on.
 *
 * Actions of the window; all are of what is selected, or of the whole lab when nothing is:
 *   wireshark · capture-file capture-ring capture-history (these ask for a file)
 *   capture-to(ss): file and filter, without asking · capture-last(su): file and seconds of the past
 *   captures: shows the list · capture-stop(u) · captures-stop: all of them · capture-forget: those that ended */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType captures_panel;
