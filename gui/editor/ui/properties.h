/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties of what is selected, or of the lab; shown while one draws. */
#pragma once

#include "gui/app/panel.h"

extern const PanelType properties_panel;
