/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One uplink of a running lab: the sockets of its forwards, and its process (netlab-uplink), started again when it dies, with
 * growing pauses. */
#pragma once

#include "netlab/supervisor/sandbox/confinement.h"
#include "netlab/supervisor/wires/resolver.h"
#include "netlab/supervisor/wires/switch_link.h"
#include "switch/uplink/uplink_counters.h"
#include "topologies/plan/plan.h"

/** Written by uplink.c alone. */
typedef enum {
	UPLINK_STARTING, /* its process runs and is not ready yet, or waits to be started again */
	UPLINK_READY,    /* guests may use it, forwards are bound */
	UPLINK_FAILED,   /* there is no switch any more that it could serve */
	UPLINK_N_STATES
} UplinkState;

typedef struct Uplink Uplink;

/** What uplinks share; must outlive them. */
typedef struct {
	Confinement *confinement;
	SwitchLink *wires;
	const Resolver *resolver;
	const char *program;   /* path of netlab-uplink */
	const char *directory; /* of the lab: logs */
	/** An uplink entered another state. */
	void (*changed)(gpointer data);
	gpointer data;
} UplinkWorld;

/** Starts an uplink, waits until its forwards are bound, and connects it. Fails when that takes too long, or a port of the
 *  host is not available: the message names the port, and the place in the lab's file. plan and world must outlive
 *  it. Caller frees. */
Uplink *uplink_new(const PlanUplink *plan, const UplinkWorld *world, GError **error);
/** Ends its process, and waits until it has ended. */
void uplink_free(Uplink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Uplink, uplink_free)

const PlanUplink *uplink_plan(const Uplink *self);
UplinkState uplink_state(const Uplink *self);
const char *uplink_state_name(UplinkState state);
/** Why it is not ready; "" else. */
const char *uplink_message(const Uplink *self);
/** Of strings: what does not work though it is ready, and its deaths. */
const GPtrArray *uplink_warnings(const Uplink *self);
/** When it entered its state, microseconds since the epoch. */
gint64 uplink_since(const Uplink *self);
/** 0 when none runs. */
pid_t uplink_pid(const Uplink *self);
/** How often its process was started again. */
guint uplink_restarts(const Uplink *self);
/** What its processes have refused from nodes. */
void uplink_counters(const Uplink *self, UplinkCounters *counters);
/** The arguments of its process, the socket's and the report's descriptor as in the supervisor. Caller frees. */
char **uplink_arguments(const char *program, const LabUplink *uplink);
