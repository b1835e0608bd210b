/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command in a guest whose output is read for the caller, on the main loop: nothing here blocks, and a guest that writes
 * as fast as it can takes no more than a share of each turn. An ExecSession with buffers.
 *
 * Signals:
 *   "output" (gint stream, GBytes *)  what it wrote: 1 output, 2 errors; on a terminal all is 1
 *   "ended" ()                        once, after the last output: guest_command_end() says how */
#pragma once

#include <gio/gio.h>

#include "lab-dbus.h"
#include "netlab/client/dbus/lab_answers.h"

#define GUEST_COMMAND_TYPE (guest_command_get_type())
G_DECLARE_FINAL_TYPE(GuestCommand, guest_command, GUEST, COMMAND, GObject)

/** Starts argv on a node. Whatever goes wrong is reported by "ended", never before this returns.
 *  @rows, @columns: size of its terminal; rows 0: without terminal, its input is empty
 *  Dropping the last reference hangs it up. */
GuestCommand *guest_command_new(
	NetlabLab1 *proxy, const char *node, const char *const *argv, guint16 rows, guint16 columns);
/** Hangs it up: no more signals. */
void guest_command_close(GuestCommand *self);
/** Writes to its terminal; kept until the guest takes it. */
void guest_command_write(GuestCommand *self, const char *bytes, gsize length);
/** Sets its terminal's size; nothing is sent when it is the same as before. */
void guest_command_resize(GuestCommand *self, guint16 rows, guint16 columns);
/** Sends a signal to its foreground processes. */
void guest_command_signal(GuestCommand *self, int number);

ExecOutcome guest_command_end(GuestCommand *self);
int guest_command_code(GuestCommand *self);
/** Why it was refused, lost or not started; "" otherwise. Borrowed. */
const char *guest_command_message(GuestCommand *self);
