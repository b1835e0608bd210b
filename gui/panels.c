/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panels of a window: one line each, in the order in which they stand. */
#include "gui/editor/properties.h"
#include "gui/editor/source_view.h"
#include "gui/lab_panel.h"
#include "gui/panel.h"

const PanelType *const panel_types[] = {
	/* beside */
	&lab_panel,
	&properties_panel,
	/* below */
	/* the file */
	&source_panel,
	NULL,
};
