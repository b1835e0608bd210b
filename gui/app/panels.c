/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panels of a window: one line each, in the order in which they stand. */
#include "gui/boot_log.h"
#include "gui/capture_menu.h"
#include "gui/checks.h"
#include "gui/consoles.h"
#include "gui/editor/properties.h"
#include "gui/editor/source_view.h"
#include "gui/lab_panel.h"
#include "gui/link_panel.h"
#include "gui/network_panel.h"
#include "gui/node_panel.h"
#include "gui/packets/packets_panel.h"
#include "gui/app/panel.h"
#include "gui/problems.h"
#include "gui/run_command.h"

const PanelType *const panel_types[] = {
	/* beside */
	&lab_panel,
	&properties_panel,
	&node_panel,
	&link_panel,
	&network_panel,
	/* below */
	&consoles_panel,
	&boot_log_panel,
	&run_command_panel,
	&checks_panel,
	&problems_panel,
	&packets_panel,
	&capture_panel,
	/* the file */
	&source_panel,
	NULL,
};
