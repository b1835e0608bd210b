/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running lab: its switch, its uplinks, its nodes, their start and end. Knows nothing about D-Bus clients. */
#pragma once

#include "netlab/supervisor/wires/declared_captures.h"
#include "netlab/supervisor/wires/link_changes.h"
#include "netlab/supervisor/node/node.h"
#include "netlab/supervisor/service/rundir.h"
#include "netlab/supervisor/wires/switch_link.h"
#include "netlab/supervisor/wires/uml_socket.h"
#include "netlab/supervisor/wires/uplink.h"
#include "topologies/plan/plan.h"

typedef struct RunningLab RunningLab;

typedef struct {
	void (*node_changed)(Node *node, gpointer data);
	/** The lab's state (running_lab_state) may have changed. */
	void (*state_changed)(gpointer data);
	/** An end of the cable got or lost its carrier. */
	void (*cable_changed)(const char *cable, gpointer data);
	void (*switch_died)(gpointer data);
	void (*capture_ended)(guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data);
	/** After running_lab_stop(): only the switch still runs. */
	void (*over)(gpointer data);
} RunningLabEvents;

typedef struct {
	const Plan *plan;                    /* borrowed; must outlive the run, as must the lab it was made from */
	RunDir *directory;                   /* borrowed */
	char *const *only;                   /* names of the nodes to boot; NULL: all */
	const char *kernel, *network_switch; /* paths of programs */
	const char *uplink;                  /* its program's path; must outlive the run */
	gboolean unconfined;
	unsigned n_cpus;
} RunningLabOptions;

/** Starts the switch and asks for the nodes; they boot on the main loop. events and data must outlive the run. Fails when
 *  a name in only is not a node, the sandbox is not available, or the switch or an uplink does not start. Caller frees. */
RunningLab *running_lab_new(
	const RunningLabOptions *options, const RunningLabEvents *events, gpointer data, GError **error);
/** Ends what still runs. */
void running_lab_free(RunningLab *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunningLab, running_lab_free)

/** "starting", "ready", "degraded", "stopping". */
const char *running_lab_state(const RunningLab *self);
gint64 running_lab_started(const RunningLab *self);
const Plan *running_lab_plan(const RunningLab *self);
/** Of Node, in the file's order. */
const GPtrArray *running_lab_nodes(const RunningLab *self);
/** Of Uplink, in the file's order. */
const GPtrArray *running_lab_uplinks(const RunningLab *self);
/** Of UmlSocket, in the file's order. */
const GPtrArray *running_lab_sockets(const RunningLab *self);
/** NULL when no node has this name. */
Node *running_lab_find_node(const RunningLab *self, const char *name);
/** By which the lab's links are changed; borrowed. */
LinkChanges *running_lab_link_changes(const RunningLab *self);
/** The captures in the lab's file. */
const DeclaredCaptures *running_lab_captures(const RunningLab *self);
/** "ok", "does not answer" (it lives), "died". */
const char *running_lab_switch_state(const RunningLab *self);
/** What is wrong with it and what to do, for a client that asks for what needs it; "" when nothing is. Caller frees. */
char *running_lab_switch_message(const RunningLab *self);
/** The calls of the switch, for a client that waits: see switch_link_prompt(). NULL: running_lab_switch_message() says why. */
SwSwitch1 *running_lab_switch(const RunningLab *self);
/** The same for captures, whose beginning and end wait for those who read them: they may take 25 s. */
SwSwitch1 *running_lab_switch_for_captures(const RunningLab *self);
/** Boots a node that is stopped or failed. */
gboolean running_lab_start_node(RunningLab *self, Node *node, GError **error);
/** Ends the lab: orderly until deadline_ms, by force after that. Then over is called, from the main loop. */
void running_lab_stop(RunningLab *self, guint deadline_ms);
