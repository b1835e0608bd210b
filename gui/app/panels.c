/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panels of a window: one line each, in the order in which they stand. */
#include "gui/panels/boot_log.h"
#include "gui/panels/capture_menu.h"
#include "gui/panels/checks.h"
#include "gui/panels/consoles.h"
#include "gui/editor/ui/properties.h"
#include "gui/editor/ui/source_view.h"
#include "gui/panels/lab_panel.h"
#include "gui/panels/link_panel.h"
#include "gui/panels/network_panel.h"
#include "gui/panels/node_panel.h"
#include "gui/packets/packets_panel.h"
#include "gui/app/panel.h"
#include "gui/panels/problems.h"
#include "gui/panels/run_command.h"

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
