/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jumps of the host's wall clock: a laptop wakes from sleep, somebody sets the clock. A guest reads it once, at boot, and
 * then follows the host's CLOCK_MONOTONIC (Linux, arch/um/os-Linux/time.c), which does not count sleep. */
#pragma once

#include <glib.h>

/** Nanoseconds from the monotonic clock to the wall clock. It changes with a jump alone. */
gint64 wall_clock_offset(void);

/** Calls jumped on the main loop after each jump. Returns a source, to be removed with g_source_remove(); 0 when the host
 *  cannot report jumps. */
guint wall_clock_watch(void (*jumped)(gpointer data), gpointer data);
