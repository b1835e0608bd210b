/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panels of a window: one line each, in the order in which they are shown. */
#include <glib/gi18n.h>

#include "gui/panels/boot_log.h"
#include "gui/panels/captures_panel.h"
#include "gui/panels/checks.h"
#include "gui/panels/consoles.h"
#include "gui/editor/ui/properties.h"
#include "gui/editor/ui/source_view.h"
#include "gui/panels/lab_panel.h"
#include "gui/panels/link_panel.h"
#include "gui/panels/network_panel.h"
#include "gui/panels/node_panel.h"
#include "gui/packets/packets_panel.h"
#include "gui/app/window_private.h"
#include "gui/panels/problems.h"
#include "gui/panels/run_command.h"

/* -- The editor's: they are about the document, which the window's editor has -- */

static Editor *editor_of(const PanelContext *context)
{
	return lab_window_editor(LAB_WINDOW(context->window));
}

static GtkWidget *create_properties(const PanelContext *context)
{
	return properties_new(editor_of(context));
}

/* While one draws, whatever is selected. */
static int properties_fit(const PanelContext *context)
{
	return editor_is_drawing(editor_of(context)) ? 1000 : 0;
}

static GtkWidget *create_source(const PanelContext *context)
{
	return source_view_new(editor_of(context));
}

static const PanelType properties_panel = {
	PROPERTIES_PANEL, N_("Properties"), PANEL_SIDE, create_properties, TRUE, properties_fit};
static const PanelType source_panel = {SOURCE_PANEL, N_("Lab file"), PANEL_EDITOR, create_source, FALSE, NULL};

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
	&captures_panel,
	/* the file */
	&source_panel,
	NULL,
};
