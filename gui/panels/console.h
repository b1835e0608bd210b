/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shell on a node, in a terminal: keeps what was written when the node restarts, and connects again then.
 *
 * Its actions are in a group "console" on it: copy paste select-all zoom-in zoom-out zoom-normal clear reconnect; keys
 * work while it has the focus. Whoever places it adds the actions of that place (close, new, window, ...) to
 * console_actions().
 * Signals:
 *   "over" ()   the shell was left: "exit"
 *   "titled" () console_title() has changed */
#pragma once

#include <gtk/gtk.h>

#include "gui/session/session.h"

#define CONSOLE_TYPE (console_get_type())
G_DECLARE_FINAL_TYPE(Console, console, CONSOLE, CONSOLE, GtkBox)

/** Floating. It connects at once where the node is ready, else as soon as it is. session must outlive it.
 *  @settings: of the viewer: its font and how much is kept
 *  @number: which one of this node, from 1 */
GtkWidget *console_new(Session *session, GSettings *settings, const char *node, guint number);
/** Borrowed, as all strings here. */
const char *console_node(Console *self);
guint console_number(Console *self);
/** "r1", "r1 (2)". */
const char *console_name(Console *self);
/** What the guest's shell calls its terminal, or the name. */
const char *console_title(Console *self);
GActionMap *console_actions(Console *self);
/** Gives it the focus. */
void console_focus(Console *self);
