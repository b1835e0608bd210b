/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panel of the network that is selected: the switch that it is, with its ports, spanning tree and stations.
 *
 * Action of the window: network-flush, has the switch forget its stations. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType network_panel;
