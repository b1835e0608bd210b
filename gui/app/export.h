/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of a lab, as a file or on paper. */
#pragma once

#include "gui/app/window.h"

/** Adds to a window its actions export (asks for a file), export-to (s: its path) and print. */
void export_add_actions(LabWindow *window);
