/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks where a capture is to go. */
#pragma once

#include "gui/session/captures.h"
#include "gui/panels/panel.h"

typedef enum { CAPTURE_DIALOG_FILE, CAPTURE_DIALOG_RING, CAPTURE_DIALOG_PAST } CaptureDialogKind;

/** Shows it, and begins the capture when the user says so.
 *  @places: as capture_places() */
void capture_dialog_show(
	const PanelContext *context, Captures *captures, CaptureDialogKind kind, const char *const *places);
