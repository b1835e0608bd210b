/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One node of a running lab: its guest, its agent, its state. */
#pragma once

#include "netlab/supervisor/agent/agent.h"
#include "netlab/supervisor/sandbox/confinement.h"
#include "netlab/supervisor/wires/switch_link.h"
#include "topologies/plan/plan.h"

/** Written by node.c alone. */
typedef enum {
	NODE_STOPPED,     /* not requested, stopped, or powered off from inside */
	NODE_STARTING,    /* waits for its turn to boot (node_request) */
	NODE_BOOTING,     /* its kernel runs, the agent has not said hello (node_boot) */
	NODE_CONFIGURING, /* the agent sets it up (AGENT_HELLO) */
	NODE_READY,       /* AGENT_READY */
	NODE_PAUSED,      /* was ready, and its processes are stopped (node_pause) */
	NODE_STOPPING,    /* asked to power off (node_stop) */
	NODE_FAILED,      /* could not start, or died; message says how */
	NODE_N_STATES
} NodeState;

typedef struct Node Node;

/** What nodes share; must outlive them. */
typedef struct {
	Confinement *confinement;
	SwitchLink *wires;  /* may be NULL while the lab ends */
	guint boot_seconds; /* how long a guest may take until its agent says hello */
	guint n_disks;      /* persistent nodes: they share what the host has room for */
	/** A node entered another state, or its last process ended. */
	void (*changed)(Node *node, gpointer data);
	gpointer data;
} NodeWorld;

Node *node_new(const PlanNode *plan, const NodeWorld *world);
/** Kills what still runs, and waits until it has ended. */
void node_free(Node *self);

const char *node_state_name(NodeState state);
const PlanNode *node_plan(const Node *self);
NodeState node_state(const Node *self);
/** Why it failed; "" else. */
const char *node_message(const Node *self);
/** Of strings: what went wrong in a node that continues. */
const GPtrArray *node_warnings(const Node *self);
/** Why it does not answer although it is ready: somebody has stopped one of its processes (SIGSTOP); NULL else. Caller frees. */
char *node_silence(const Node *self);
void node_warn(Node *self, const char *message);
/** When it entered its state, microseconds since the epoch. */
gint64 node_since(const Node *self);
/** Milliseconds from its kernel's start to ready; 0 before. */
guint node_boot_ms(const Node *self);
/** The guest kernel's process, 0 when none runs. */
pid_t node_pid(const Node *self);
/** Process 1 of its sandbox; 0 when it has none, or when it has failed and must not be looked at any more. */
pid_t node_sandbox(Node *self);
/** Whether it is booting: a kernel runs and is not ready. */
gboolean node_is_booting(const Node *self);
/** Whether one of its processes still runs. */
gboolean node_is_alive(const Node *self);

/** Requests a start: from stopped or failed to starting. node_boot() follows when it is its turn. */
void node_request(Node *self);
void node_boot(Node *self);
/** Moves the guest's clock by as much as the host's wall clock has jumped since the last call, or since its boot. */
void node_follow_clock(Node *self);
/** Tells the guest how much the host's file system has room for, if it has a disk there and less room than it may need. */
void node_follow_disk(Node *self);
/** Tells the guest that an interface has another speed, in Mbit/s; one that boots finds out by itself. */
void node_set_speed(Node *self, const char *interface, unsigned speed);
/** Powers it off, and kills it after deadline_ms; at once when its agent does not answer yet. */
void node_stop(Node *self, guint deadline_ms);
/** Pauses a node that is ready: it uses no CPU, but its clock keeps running. FALSE and error in another state. */
gboolean node_pause(Node *self, GError **error);
/** Lets a paused node continue. FALSE and error in another state. */
gboolean node_resume(Node *self, GError **error);
/** Kills it. */
void node_kill(Node *self);
/** Fails a node that runs, with this message, and kills it. */
void node_fail(Node *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** Its agent; NULL and error (with the reason) unless it is ready. */
Agent *node_agent(Node *self, GError **error);
