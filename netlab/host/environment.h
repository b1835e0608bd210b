/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world as the plan needs it (PlanContext), read from this machine: paths, CPUs, images that are there. */
#pragma once

#include "topologies/plan/plan.h"

typedef struct NetlabEnvironment NetlabEnvironment;

/** Reads paths, the CPUs this process may use (sched_getaffinity) and the images in the cache.
 *  @instance: name the lab runs under. Fails only when the runtime folder cannot be had. Caller owns. */
NetlabEnvironment *netlab_environment_new(const char *instance, GError **error);
void netlab_environment_free(NetlabEnvironment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetlabEnvironment, netlab_environment_free)
/** Borrowed from self. */
const PlanContext *netlab_environment_context(const NetlabEnvironment *self);
/** Checks that kernel, agent and every image and file a lab needs are there and readable, and that the memory the nodes
 *  ask for fits into what the machine has available; the error names what is missing and the command that gets it.
 *  @only: names of the nodes that are to start, NULL-terminated; the others need nothing. NULL: all. */
gboolean netlab_environment_check(const NetlabEnvironment *self, const Plan *plan, char *const *only, GError **error);
/** Bytes of memory that the machine could give to programs now; 0 when that cannot be read. */
guint64 environment_available_memory(void);
