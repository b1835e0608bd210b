/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host allows the user to have at a time: open files, tasks, namespaces. Checked before a lab starts, because a limit that
 * is met in the middle shows itself as a guest that ends or hangs, and does not say why. */
#pragma once

#include <gio/gio.h>

#include "topologies/plan/plan.h"

/** Each is G_MAXUINT64 when there is no limit. */
typedef struct {
	guint64 files; /* open files of a process (the hard limit) */
	guint64 tasks, tasks_running;
	guint64 namespaces;         /* of the kind of which there may be the fewest */
	const char *namespace_kind; /* "user", "net", ...: static */
} HostLimits;

/** What one node of a usual lab takes. */
#define LIMITS_TASKS_PER_NODE 12u
#define LIMITS_FILES_MIN 256u

void limits_look(HostLimits *limits);
/** Allows this process, and what it starts, as many files and tasks as the hard limits do. */
void limits_raise(void);
/** Whether a lab can have what it needs.
 *  @only: names of the nodes that are started; NULL: all
 *  @confined: each node has a sandbox
 *  FALSE and error (G_IO_ERROR_NO_SPACE): which limit is too small, its value, and what to do. */
gboolean limits_check(const Plan *plan, char *const *only, gboolean confined, GError **error);
