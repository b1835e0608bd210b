/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sees to it that no guest holds more of the host's memory than it was granted.
 *
 * A limit on each process bounds that process; a hostile guest starts another one. So the sum over all of a sandbox's
 * processes is looked at, about once a second, and at once when the host's memory shrinks fast. */
#pragma once

#include <glib.h>

typedef struct MemoryWatch MemoryWatch;

/** Watches the guests of NODES (of Node; borrowed, must outlive the watch) from the main loop. One that holds too much
 *  fails, and its processes are killed. Guests without a sandbox are trusted and not watched. Caller frees. */
MemoryWatch *memory_watch_new(const GPtrArray *nodes);
void memory_watch_free(MemoryWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MemoryWatch, memory_watch_free)
