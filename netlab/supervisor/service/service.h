/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab on D-Bus: org.netlab.Lab1, peer to peer on the control socket, for its owner alone. */
#pragma once

#include "netlab/supervisor/service/running_lab.h"

typedef struct Service Service;

/** Listens on the plan's control socket, and then starts the lab.
 *  @starter: the parent process; until it calls Detach, its end or the end of its connection ends the lab
 *  @over: called on the main loop when the lab has ended: free the service then. Caller frees. */
Service *service_new(
	const RunningLabOptions *options, pid_t starter, void (*over)(gpointer data), gpointer data, GError **error);
/** Ends what still runs, removes the lab's folder (and frees the directory in OPTIONS), answers pending Stop calls. */
void service_free(Service *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Service, service_free)
/** Ends the lab, as the Stop method does. */
void service_stop(Service *self, guint deadline_ms);
