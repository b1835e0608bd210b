/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/memory_watch.h"

#include <gio/gio.h>
#include <unistd.h>

#include "netlab/supervisor/sandbox/inside.h"
#include "netlab/supervisor/sandbox/processes.h"

#define KIB (G_GUINT64_CONSTANT(1) << 10)
#define MIB (G_GUINT64_CONSTANT(1) << 20)

/* Private memory of a whole sandbox. Honest guests have 0.8 to 1.0 MiB (measured: tiny and Debian with FRR, 250 processes, out
 * of memory, both kinds of isolation, 32 MiB to 4 GiB). A guest's own memory is a file, bounded by its file system. */
#define PRIVATE_MAX (16 * MIB)

/* Page tables are the host's memory too. Measured: 56 KiB for each process of a guest, 15 MiB for 250 of them. */
#define TABLES_BASE (16 * MIB)
#define TABLES_PER_TASK (64 * KIB)

/* Each of a guest's processes has this many descriptors open beside its kernel's (measured: 2). */
#define FILES_PER_TASK 4

/* Buffers of sockets. Measured: less than 100 KiB, even while 250 processes are started at a time. */
#define SOCKETS_MAX (16 * MIB)

/* Files, folders and sockets in each memory file system. A guest kernel has four; the rest is for a guest that uses hostfs. */
#define INODES_MAX 1024

/* A glance at the host's free memory takes 8 us, a look at a guest about 60 us: in a big lab guests take turns. */
#define GLANCE_MS 50u
#define GLANCES_PER_LOOK 20u
#define GUESTS_PER_LOOK 25u
#define ALARMING_FALL (32 * MIB)

/* A sandbox that has been looked at. */
typedef struct {
	pid_t init; /* 0: none */
	int diag;   /* inside_enter(); -1: none */
} Known;

struct MemoryWatch {
	guint n_guests;
	const MemoryWatchEvents *events;
	gpointer data;
	Known *known;
	guint source, glances, next; /* next: the guest whose turn it is */
	guint64 most_available;      /* since the last look at all of them */
	gboolean complained;
};

static void forget(Known *known)
{
	if (known->diag >= 0)
		close(known->diag);
	*known = (Known){0, -1};
}

/* Makes a new sandbox known: when it is complete, that is, shows its own /proc. FALSE: it has taken too many files before. */
static gboolean meet(MemoryWatch *self, guint i, pid_t init)
{
	g_autoptr(GError) error = NULL;
	Known *known = &self->known[i];
	forget(known);
	known->init = init;
	known->diag = inside_enter(init, INODES_MAX, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
		return FALSE;
	if (error && !self->complained)
		g_message("the files and sockets of guests cannot be watched: %s", error->message);
	self->complained |= error != NULL;
	return TRUE;
}

static void exceed(MemoryWatch *self, guint i, const MemoryWatchGuest *guest, const char *what)
{
	g_autofree char *message =
		g_strdup_printf("it took more memory than it was granted: %s beside its %" G_GUINT64_FORMAT
				" MiB; its processes were killed",
			what, guest->memory / MIB);
	self->events->exceeded(i, message, self->data);
}

static void look_at(MemoryWatch *self, guint i)
{
	ProcessMemory held = {0};
	MemoryWatchGuest guest = {0};
	g_autofree char *what = NULL;
	self->events->guest(i, &guest, self->data);
	if (!guest.sandbox || !processes_sandbox_memory(guest.sandbox, &held))
		return;
	if (self->known[i].init != guest.sandbox && !meet(self, i, guest.sandbox)) {
		exceed(self, i, &guest, "too many files");
		return;
	}
	guint64 tables_max = TABLES_BASE + guest.tasks * TABLES_PER_TASK;
	guint64 sockets = self->known[i].diag >= 0 ? inside_socket_memory(self->known[i].diag) : 0;
	unsigned files_max = guest.files + FILES_PER_TASK * guest.tasks;
	if (held.private > PRIVATE_MAX || held.tables > tables_max || sockets > SOCKETS_MAX)
		what = g_strdup_printf("%" G_GUINT64_FORMAT " MiB", (held.private + held.tables + sockets) / MIB);
	else if (held.tasks > guest.tasks)
		what = g_strdup_printf("%u tasks", held.tasks);
	else if (held.files > files_max)
		what = g_strdup_printf("%u open files", held.files);
	if (what)
		exceed(self, i, &guest, what);
}

static void look_at_some(MemoryWatch *self, guint n)
{
	for (guint i = 0; i < n; i++, self->next++)
		look_at(self, self->next % self->n_guests);
	self->next %= self->n_guests;
}

static void look_at_new(MemoryWatch *self)
{
	for (guint i = 0; i < self->n_guests; i++) {
		MemoryWatchGuest guest = {0};
		self->events->guest(i, &guest, self->data);
		if (!guest.sandbox && self->known[i].init)
			forget(&self->known[i]);
		if (guest.sandbox != self->known[i].init)
			look_at(self, i);
	}
}

static gboolean glance(gpointer data)
{
	MemoryWatch *self = data;
	guint64 available = self->events->available();
	self->most_available = MAX(self->most_available, available);
	look_at_new(self);
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
	self->known = g_new(Known, n_guests);
	for (guint i = 0; i < n_guests; i++)
		self->known[i] = (Known){0, -1};
	if (n_guests)
		self->source = g_timeout_add(GLANCE_MS, glance, self);
	return self;
}

void memory_watch_free(MemoryWatch *self)
{
	g_clear_handle_id(&self->source, g_source_remove);
	for (guint i = 0; i < self->n_guests; i++)
		forget(&self->known[i]);
	g_free(self->known);
	g_free(self);
}
