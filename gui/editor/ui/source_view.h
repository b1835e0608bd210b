/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's file as text beside the drawing; both lead to the same document. */
#pragma once

#include "gui/app/panel.h"

extern const PanelType source_panel;
