/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window of one lab: header bar, canvas, and the panels around it.
 *
 * Its actions ("win.NAME", also over D-Bus as org.gtk.Actions) are how menus, shortcuts and tests drive it:
 *   new (a lab, in this window if it is empty) start stop restart reload · undo redo
 *   zoom-in zoom-out zoom-fit zoom-normal · select-all · arrange (lays everything out again)
 *   select-node(s) select-network(s) select-uplink(s) select-link(s): names · panel(s): shows the panel of this id
 *   node-start node-stop node-restart node-pause node-resume: of the nodes selected
 *   show-addresses show-traffic show-legend show-overview show-grid show-side show-bottom: stateful, boolean
 * Its panels and its editor add theirs: see panels/panel.h and editor/ui/editor.h. */
#pragma once

#include <gtk/gtk.h>

#include "gui/editor/ui/editor.h"

#define LAB_TYPE_WINDOW (lab_window_get_type())
G_DECLARE_FINAL_TYPE(LabWindow, lab_window, LAB, WINDOW, GtkApplicationWindow)

/** A window without a lab. */
LabWindow *lab_window_new(GtkApplication *application);
/** Opens a lab's file in it. */
void lab_window_open(LabWindow *self, GFile *file);
/** Attaches it to a running lab. */
void lab_window_attach(LabWindow *self, const char *lab);

/** Borrowed, as long as the window lives. */
Session *lab_window_session(LabWindow *self);
Canvas *lab_window_canvas(LabWindow *self);
Editor *lab_window_editor(LabWindow *self);
/** Whether it has no lab yet, so that one can be opened or drawn in it. */
gboolean lab_window_is_empty(LabWindow *self);
