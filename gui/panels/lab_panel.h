/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Panel "lab": title, description and state of the lab, and a list of its nodes and networks: what the canvas shows, as a
 * list that can be read out, searched by typing, and chosen from. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType lab_panel;
