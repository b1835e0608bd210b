/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command in a guest on the user's own terminal. */
#pragma once

#include "netlab/client/lab_connection.h"

/** Runs ARGV on NODE on a terminal joined to standard input and output, raw while it lasts where they are one; the size
 *  follows the user's.
 *  @escape: whether Ctrl-] leaves it (the command is hung up)
 *  Returns the status as exec_session_status(), 0 after Ctrl-], or -1 with an error. Runs the main loop. */
int terminal_session(LabConnection *lab, const char *node, const char *const *argv, gboolean escape, GError **error);
