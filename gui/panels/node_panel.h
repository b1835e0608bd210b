/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node that is selected, or the nodes: what is known of it, and what can be done with it. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType node_panel;
