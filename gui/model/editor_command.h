/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command that opens a file at a line in an editor. */
#pragma once

#include <glib.h>

/** @editor: a command as in $VISUAL, "code --wait"
 *  @line, @column: from 1; 0 not known. An editor of which it is not known how it takes them gets the file alone
 *  @terminal: (out) it must be run in a terminal
 *  NULL where editor is no command (quotes that do not match). Caller frees. */
char **editor_command(const char *editor, const char *file, int line, int column, gboolean *terminal);
