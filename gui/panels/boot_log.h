/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot log of a node: what its kernel and its start-up commands say, as it comes. Action: win.boot-log. */
#pragma once

#include "gui/panels/panel.h"

extern const PanelType boot_log_panel;
