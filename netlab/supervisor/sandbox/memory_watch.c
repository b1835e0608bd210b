/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/memory_watch.h"

#include "netlab/supervisor/sandbox/processes.h"

#define KIB (G_GUINT64_CONSTANT(1) << 10)
#define MIB (G_GUINT64_CONSTANT(1) << 20)

/* Private memory of a whole sandbox. Honest guests have 0.8 to 1.0 MiB (measured: tiny and Debian with FRR, 250 processes, out
 * of memory, both kinds of isolation, 32 MiB to 4 GiB). A guest's own memory is a file, bounded by its file system. */
#define PRIVATE_MAX (16 * MIB)

/* Page tables are the host's memory too. Measured: 56 KiB for each process of a guest, 15 MiB for 250 of them. */
#define TABLES_BASE (16 * MIB)
#define TABLES_PER_TASK (64 * KIB)

/* A glance at the host's free memory takes 8 us, a look at a guest about 60 us: in a big lab guests take turns. */
#define GLANCE_MS 200u
#define GLANCES_PER_LOOK 5u
#define GUESTS_PER_LOOK 25u
#define ALARMING_FALL (64 * MIB)

struct MemoryWatch {
	guint n_guests;
	const MemoryWatchEvents *events;
	gpointer data;
	guint source, glances, next; /* next: the guest whose turn it is */
	guint64 most_available;      /* since the last look at all of them */
};

static void look_at(MemoryWatch *self, guint i)
{
	ProcessMemory held = {0};
	MemoryWatchGuest guest = {0};
	self->events->guest(i, &guest, self->data);
	if (!guest.sandbox || !processes_sandbox_memory(guest.sandbox, &held))
		return;
	guint64 tables_max = TABLES_BASE + guest.tasks * TABLES_PER_TASK;
	if (held.private <= PRIVATE_MAX && held.tables <= tables_max)
		return;
	g_autofree char *message =
		g_strdup_printf("it took more memory than it was granted: %" G_GUINT64_FORMAT
				" MiB beside its %" G_GUINT64_FORMAT " MiB; its processes were killed",
			(held.private + held.tables) / MIB, guest.memory / MIB);
	self->events->exceeded(i, message, self->data);
}

static void look_at_some(MemoryWatch *self, guint n)
{
	for (guint i = 0; i < n; i++, self->next++)
		look_at(self, self->next % self->n_guests);
	self->next %= self->n_guests;
}

static gboolean glance(gpointer data)
{
	MemoryWatch *self = data;
	guint64 available = self->events->available();
	self->most_available = MAX(self->most_available, available);
	if (self->most_available - available > ALARMING_FALL) {
		self->most_available = available;
		look_at_some(self, self->n_guests);
	} else if (++self->glances % GLANCES_PER_LOOK == 0) {
		look_at_some(self, MIN(self->n_guests, GUESTS_PER_LOOK));
	}
	return G_SOURCE_CONTINUE;
}

MemoryWatch *memory_watch_new(guint n_guests, const MemoryWatchEvents *events, gpointer data)
{
	MemoryWatch *self = g_new0(MemoryWatch, 1);
	self->n_guests = n_guests;
	self->events = events;
	self->data = data;
	if (n_guests)
		self->source = g_timeout_add(GLANCE_MS, glance, self);
	return self;
}

void memory_watch_free(MemoryWatch *self)
{
	g_clear_handle_id(&self->source, g_source_remove);
	g_free(self);
}
