/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress on standard error: a line for each thing done and, on a terminal, a last line that is redrawn. */
#pragma once

#include <glib.h>

/** Prints a line that stays, above the redrawn one. */
void progress_line(const char *format, ...) G_GNUC_PRINTF(1, 2);
/** Shows TEXT in the redrawn line, unless standard error is not a terminal. NULL removes the line. */
void progress_show(const char *text);
