/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What panels that work on the selected nodes share. */
#pragma once

#include "gui/panels/panel.h"

/** Names of the nodes selected, in the order of the lab; caller frees. */
char **selected_nodes(const PanelContext *context);
/** Keeps an action of the window enabled only while a node is selected. */
void enable_with_nodes(const PanelContext *context, const char *action);
