/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of lab checks as "netlab test" prints them: TAP version 13 (testanything.org), with a YAML block of details
 * behind a check that does not hold. */
#pragma once

#include <glib.h>

typedef struct {
	gboolean holds;
	char *name, *took; /* "0.42 s"; "" where not said */
	char *node;        /* where it failed; NULL where not said */
	char *details;     /* lines, without their indentation; "" none */
} TapResult;

typedef struct Tap Tap;
/** Called for each result, when it is complete; result is borrowed. */
typedef void (*TapTake)(const TapResult *result, gpointer data);

Tap *tap_new(TapTake take, gpointer data);
void tap_free(Tap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tap, tap_free)
/** Takes a line, without its newline. */
void tap_line(Tap *self, const char *line);
/** There are no more lines: the last result is complete. */
void tap_end(Tap *self);
