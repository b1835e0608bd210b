/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A panel: one subject beside the canvas (a node, a link, packets, consoles, problems, checks, the editor).
 *
 * A panel lives in one file (or folder) of its own and is registered by one line in panels.c. It is made once a window,
 * when the window is made, from the window alone:
 *   lab_window_session(window)   file and supervisor; session_scene() of it is never replaced
 *   lab_window_canvas(window)    to highlight a path, to show a vertex
 *   lab_window_undo(window)      every change that a user can take back goes there
 *   G_ACTION_MAP(window)         a panel adds its own actions ("win.console"): the menus of menus.ui name them already,
 *                                and show an entry only when its action is there
 * What it shows follows the signals of the session ("run", "file", "state") and of the scene ("changed", "selection",
 * "structure"), all connected with g_signal_connect_object(). A vertex or an edge is never kept across "structure": keep
 * its name. */
#pragma once

#include "gui/app/window.h"

typedef enum {
	PANEL_SIDE,   /* right of the canvas: follows the selection; one at a time */
	PANEL_BOTTOM, /* below: the user chooses; one at a time */
	PANEL_EDITOR, /* left of the side panel, as large as the canvas: the file itself */
} PanelPlace;

typedef struct {
	const char *id;    /* of lab_window_show_panel() and of action win.panel: "link" */
	const char *title; /* marked by N_() */
	PanelPlace place;
	/** Makes it; a new floating widget, shown. Its places (stack, scrolling where it says so) are the window's. */
	GtkWidget *(*create)(LabWindow *window);
	gboolean scrolls; /* the window puts it into a scrolled window */
	/** PANEL_SIDE: how well it fits what is selected: 0 not at all; the highest is shown. NULL: never by itself. */
	int (*fits)(Scene *scene);
} PanelType;

/** All of them, in the order in which they stand; NULL-terminated. */
extern const PanelType *const panel_types[];
