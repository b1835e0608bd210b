/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What window.c (the window and its panels) and window_actions.c (what can be done in it) share. */
#pragma once

#include "gui/app/window.h"

struct _LabWindow {
	GtkApplicationWindow parent_instance;
	/* of window.ui */
	GtkHeaderBar *header;
	GtkWidget *start_button, *stop_button, *restart_button, *undo_button, *redo_button, *zoom_button, *menu_button;
	GtkWidget *problem_bar, *problem_label;
	GtkPaned *bottom_paned, *side_paned, *editor_paned;
	GtkWidget *canvas_box, *bottom_box, *bottom_close;
	GtkStack *editor_stack, *side_stack, *bottom_stack;

	Session *session;
	Canvas *canvas;
	Undo *undo;
	Editor *editor;
	PanelContext context; /* what the panels and the editor get of all this */
	GCancellable *arranging;
	gboolean hangs; /* the supervisor does not answer, and the problem bar says so */
};

/** All panels, in the order in which they are shown; NULL-terminated. */
extern const PanelType *const panel_types[];

/** Adds the window's own actions. */
void lab_window_add_actions(LabWindow *self);
/** Brings the panel of this id to sight. */
void lab_window_show_panel(LabWindow *self, const char *id);
/** Sets which of them can be done now. */
void lab_window_update_actions(LabWindow *self);
