/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/memory_watch.h"

#include "netlab/host/environment.h"
#include "netlab/supervisor/node/node.h"
#include "netlab/supervisor/sandbox/processes.h"

#define KIB (G_GUINT64_CONSTANT(1) << 10)
#define MIB (G_GUINT64_CONSTANT(1) << 20)

/* Private memory of a whole sandbox. Honest guests were seen with 0.8 to 1.0 MiB: tiny and Debian with FRR, 250 processes,
 * out of memory, both ways of isolation, 32 MiB to 4 GiB. Their own memory is a file, bounded by the file system it is on. */
#define PRIVATE_MAX (16 * MIB)

/* Page tables, which are the host's memory too. Seen: 56 KiB for each process of a guest, 15 MiB for 250 of them. */
#define TABLES_BASE (16 * MIB)
#define TABLES_PER_TASK (64 * KIB)

/* A glance at the host's free memory costs 8 µs, a look at a guest about 60 µs: a big lab's guests are looked at in turn. */
#define GLANCE_MS 200u
#define GLANCES_PER_LOOK 5u
#define GUESTS_PER_LOOK 25u
#define ALARMING_FALL (64 * MIB)

struct MemoryWatch {
	const GPtrArray *nodes;
	guint source, glances, next; /* next: the node whose turn it is */
	guint64 most_available;      /* since the last look at all of them */
};

static void look_at(Node *node)
{
	ProcessMemory held = {0};
	pid_t init = node_sandbox(node);
	if (!init || !processes_sandbox_memory(init, &held))
		return;
	const PlanNode *plan = node_plan(node);
	guint64 tables_max = TABLES_BASE + confinement_tasks(plan) * TABLES_PER_TASK;
	if (held.private <= PRIVATE_MAX && held.tables <= tables_max)
		return;
	node_fail(node,
		"took more memory than it was granted: %" G_GUINT64_FORMAT " MiB beside its %" G_GUINT64_FORMAT " MiB; "
		"its processes were ended",
		(held.private + held.tables) / MIB, plan->memory / MIB);
}

static void look_at_some(MemoryWatch *self, guint n)
{
	for (guint i = 0; i < n; i++, self->next++)
		look_at(g_ptr_array_index(self->nodes, self->next % self->nodes->len));
	self->next %= self->nodes->len;
}

static gboolean glance(gpointer data)
{
	MemoryWatch *self = data;
	guint64 available = environment_available_memory();
	self->most_available = MAX(self->most_available, available);
	if (self->most_available - available > ALARMING_FALL) {
		self->most_available = available;
		look_at_some(self, self->nodes->len);
	} else if (++self->glances % GLANCES_PER_LOOK == 0) {
		look_at_some(self, MIN(self->nodes->len, GUESTS_PER_LOOK));
	}
	return G_SOURCE_CONTINUE;
}

/** Watches guests: see memory_watch.h. */
MemoryWatch *memory_watch_new(const GPtrArray *nodes)
{
	MemoryWatch *self = g_new0(MemoryWatch, 1);
	self->nodes = nodes;
	if (nodes->len)
		self->source = g_timeout_add(GLANCE_MS, glance, self);
	return self;
}

void memory_watch_free(MemoryWatch *self)
{
	g_clear_handle_id(&self->source, g_source_remove);
	g_free(self);
}
