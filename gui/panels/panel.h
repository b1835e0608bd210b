/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A panel: one subject beside the canvas (a node, a link, packets, consoles, problems, checks, the editor).
 *
 * A panel lives in one file (or folder) and is registered by one line in app/panels.c. It is created once per window,
 * together with the window, and gets everything that it needs in a PanelContext; it does not know the window's type.
 * A panel adds its own actions to the window ("win.console"): the menus of menus.ui name them already, and show an
 * entry only when its action exists.
 * What a panel shows follows the signals of the session ("run", "file", "state") and of the scene ("changed",
 * "selection", "structure"), all connected with g_signal_connect_object(). Do not keep a vertex or an edge across
 * "structure": keep its name. */
#pragma once

#include <gtk/gtk.h>

#include "gui/canvas/canvas.h"
#include "gui/model/undo.h"
#include "gui/session/session.h"

/** What a window hands to its panels and to its editor. Everything is borrowed, and lives as long as the window. */
typedef struct {
	GtkWindow *window;   /* the parent of dialogs */
	GActionMap *actions; /* the window's actions: "win.NAME" */
	Session *session;    /* file and supervisor; session_scene() of it is never replaced */
	Canvas *canvas;      /* to highlight a path, to show a vertex */
	Undo *undo;          /* every change that a user can take back goes there */
	GSettings *settings; /* what the viewer remembers */
	/* Use panel_show() and panel_complain(). */
	void (*show)(GtkWindow *window, const char *id);
	void (*complain)(GtkWindow *window, const char *message);
} PanelContext;

typedef enum {
	PANEL_SIDE,   /* right of the canvas: follows the selection; one at a time */
	PANEL_BOTTOM, /* below: the user chooses; one at a time */
	PANEL_EDITOR, /* left of the side panel, as large as the canvas: the file itself */
} PanelPlace;

typedef struct {
	const char *id;    /* of panel_show() and of action win.panel: "link" */
	const char *title; /* marked by N_() */
	PanelPlace place;
	/** Creates it; a new floating widget, shown. Its places (stack, scrolling where it says so) are the window's. */
	GtkWidget *(*create)(const PanelContext *context);
	gboolean scrolls; /* the window puts it into a scrolled window */
	/** PANEL_SIDE: how well it fits what is selected: 0 not at all; the highest is shown. NULL: never automatically. */
	int (*fits)(const PanelContext *context);
} PanelType;

/** Brings the panel of this id to sight. */
void panel_show(const PanelContext *context, const char *id);
/** Shows a message above the canvas, until it is closed or the next one comes. */
void panel_complain(const PanelContext *context, const char *message);
/** As g_action_map_add_action_entries(), with the panel for user data: nothing is called once it is gone. */
void panel_add_actions(const PanelContext *context, const GActionEntry *entries, guint n, gpointer panel);
/** Whether the action of this name can be done now. */
void panel_enable_action(const PanelContext *context, const char *name, gboolean enabled);
