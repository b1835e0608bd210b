/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the guests, the switch and the uplinks of a lab are confined, or that they are not. Created once, when a lab starts. */
#pragma once

#include <gio/gio.h>

#include "netlab/supervisor/sandbox/spawn.h"
#include "topologies/plan/plan.h"

typedef struct Confinement Confinement;

/** Finds bubblewrap and the programs' libraries, and creates the filters.
 *  @unconfined: does none of that; programs then start without a sandbox
 *  @kernel, @network_switch, @uplink: paths of the programs; NULL when none will be started. Caller frees. */
Confinement *confinement_new(
	gboolean unconfined, const char *kernel, const char *network_switch, const char *uplink, GError **error);
void confinement_free(Confinement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Confinement, confinement_free)

/** Starts a guest, pinned to its CPU, within its memory.
 *  @disk_size: bytes that the file of its own disk, if it has one, may grow to
 *  @fds: its descriptors (PLAN_FD_...) */
Child *confinement_start_guest(Confinement *self, const PlanNode *node, guint64 disk_size, const int *fds,
	unsigned n_fds, ChildEnded ended, gpointer data, GError **error);
/** Starts the switch.
 *  @argv: its arguments; argv[0] its path. */
Child *confinement_start_switch(Confinement *self, const char *const *argv, const int *fds, unsigned n_fds,
	ChildEnded ended, gpointer data, GError **error);
/** Starts an uplink: it shares the host's network, and sees no file of the host except for name resolution.
 *  @argv: its arguments; argv[0] its path.  @resolver: path of the file that it sees as /etc/resolv.conf
 *  @restricted: of the host's network it has only the sockets among its descriptors */
Child *confinement_start_uplink(Confinement *self, const char *const *argv, const char *resolver, gboolean restricted,
	const int *fds, unsigned n_fds, ChildEnded ended, gpointer data, GError **error);
/** The number of tasks that a guest may have: the kernel's, and one for each process that fits into its memory. */
unsigned confinement_tasks(const PlanNode *node);
/** The number of files that a process of a guest may have open; its kernel has one for each process and some for each interface. */
unsigned confinement_files(const PlanNode *node);
