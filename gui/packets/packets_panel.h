/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet list: the last frames of what is selected, or of the whole lab.
 *
 * Actions of the window:
 *   packets: shows it, of what is selected · packets-scope(s): "selection", "lab" · packets-filter(s)
 *   packets-pause: stateful · packets-clear · packets-choose(t): the frame of this number, 0 the newest
 *   packets-follow: stateful; the way of the chosen frame is shown on the canvas · packets-wireshark */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType packets_panel;
