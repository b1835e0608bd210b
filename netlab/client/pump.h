/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries bytes from one descriptor to another, or to a function, on the main loop. */
#pragma once

#include <glib.h>

typedef struct Pump Pump;

/** How a pump ended: 0 end of input, else the errno of the side that failed. Called once; the pump may be freed in it.
 */
typedef void (*PumpDone)(Pump *pump, int write_errno, gpointer data);
/** Looks at what was read before it goes on, and may shorten it; FALSE ends the pump as if the input had ended. */
typedef gboolean (*PumpFilter)(guint8 *bytes, gsize *length, gpointer data);
/** Takes what was read. */
typedef void (*PumpSink)(const guint8 *bytes, gsize length, gpointer data);

/** Starts to carry FROM to TO. Neither is made non-blocking (a terminal is shared with the shell) and neither is
 * closed: at most PIPE_BUF bytes are written, and only after poll(2) promised room. */
Pump *pump_new(int from, int to, PumpFilter filter, PumpDone done, gpointer data);
/** Starts to carry FROM to a function. */
Pump *pump_new_sink(int from, PumpSink sink, PumpDone done, gpointer data);
/** Stops it at once. */
void pump_free(Pump *pump);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pump, pump_free)
