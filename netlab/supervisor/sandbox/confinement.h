/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How this lab's guests, its switch and its uplinks are confined, or that they are not: made once at the start of a lab. */
#pragma once

#include <gio/gio.h>

#include "netlab/supervisor/sandbox/spawn.h"
#include "topologies/plan/plan.h"

typedef struct Confinement Confinement;

/** Finds bubblewrap, the programs' libraries, and makes the filters. unconfined: nothing of it.
 *  @kernel, @network_switch, @uplink: paths of the programs; NULL when none will be started. Caller frees. */
Confinement *confinement_new(
	gboolean unconfined, const char *kernel, const char *network_switch, const char *uplink, GError **error);
void confinement_free(Confinement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Confinement, confinement_free)

/** Starts a guest on its descriptors (PLAN_FD_...), pinned to its CPU, within its memory. */
Child *confinement_start_guest(Confinement *self, const PlanNode *node, const int *fds, unsigned n_fds,
	ChildEnded ended, gpointer data, GError **error);
/** Starts the switch.
 *  @argv: its arguments; argv[0] its path. */
Child *confinement_start_switch(Confinement *self, const char *const *argv, const int *fds, unsigned n_fds,
	ChildEnded ended, gpointer data, GError **error);
/** Starts an uplink: it shares the host's network, and sees no file of the host's but name resolution.
 *  @argv: its arguments; argv[0] its path.  @resolver: path of what it is to see as /etc/resolv.conf */
Child *confinement_start_uplink(Confinement *self, const char *const *argv, const char *resolver, const int *fds,
	unsigned n_fds, ChildEnded ended, gpointer data, GError **error);
/** The number of tasks a guest may have in all: one and some for each of its processes, of which memory bounds the number. */
unsigned confinement_tasks(const PlanNode *node);
