/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panel of the links that are selected: plugged or not, what they do to frames, what they carried.
 *
 * Actions of the window, for menus and tests; all are of the links selected:
 *   link-unplug link-plug link-toggle · link-reset (as the lab's file says) · link-clear (a perfect wire)
 *   link-set(s): "delay=20ms loss=1%", of both directions */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType link_panel;
