/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches that no guest holds more of the host's memory than it was granted.
 *
 * A limit on a process bounds that process only; a hostile guest starts another one. So what all processes of a sandbox have is
 * added up, about once a second, and at once when the host's free memory shrinks fast: private memory, page tables, tasks,
 * descriptors, and the buffers of sockets. A new sandbox is looked at within a twentieth of a second, and its files are bounded. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct MemoryWatch MemoryWatch;

/** A guest as the watch needs to know it. */
typedef struct {
	pid_t sandbox;  /* process 1 of its sandbox; 0: it has none now, and is not looked at */
	guint64 memory; /* bytes that it was granted */
	unsigned tasks; /* that it may have */
	unsigned files; /* descriptors that its kernel may have open */
} MemoryWatchGuest;

typedef struct {
	/** Bytes of memory that the host could give to programs. */
	guint64 (*available)(void);
	/** Describes guest I (from 0). */
	void (*guest)(guint i, MemoryWatchGuest *guest, gpointer data);
	/** Guest I holds too much: it must be ended. message says how much. */
	void (*exceeded)(guint i, const char *message, gpointer data);
} MemoryWatchEvents;

/** Watches N_GUESTS guests from the main loop. Guests without a sandbox are trusted and not watched. events and data must
 *  outlive the watch. Caller frees. */
MemoryWatch *memory_watch_new(guint n_guests, const MemoryWatchEvents *events, gpointer data);
void memory_watch_free(MemoryWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MemoryWatch, memory_watch_free)
