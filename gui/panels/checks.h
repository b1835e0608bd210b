/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's checks: which there are, how each went, with its output; on the canvas, the nodes that they concern.
 * They are run by "netlab test": there is one way to run them. A lab that does not run is started for it, and keeps running.
 * Actions: win.checks (shows and runs all), win.check(s): one of them by its name, win.checks-stop. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType checks_panel;
