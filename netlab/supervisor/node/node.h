/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One node of a running lab: its guest, its agent, its state. */
#pragma once

#include "netlab/supervisor/agent/agent_client.h"
#include "netlab/supervisor/sandbox/confinement.h"
#include "netlab/supervisor/wires/switch_link.h"
#include "topologies/plan/plan.h"

/** Written by node.c alone. */
typedef enum {
	NODE_STOPPED,     /* not wanted, stopped, or powered off from inside */
	NODE_STARTING,    /* waits for its turn to boot (node_request) */
	NODE_BOOTING,     /* its kernel runs, the agent has not said hello (node_boot) */
	NODE_CONFIGURING, /* the agent sets it up (AGENT_HELLO) */
	NODE_READY,       /* AGENT_READY */
	NODE_PAUSED,      /* was ready, and its processes are stopped (node_pause) */
	NODE_STOPPING,    /* told to power off (node_stop) */
	NODE_FAILED,      /* could not start, or died; message says how */
	NODE_N_STATES
} NodeState;

typedef struct Node Node;

/** What nodes share; must outlive them. */
typedef struct {
	Confinement *confinement;
	SwitchLink *wires;  /* may be NULL while the lab ends */
	guint boot_seconds; /* how long a guest may take until its agent says hello */
	/** A node has another state, or none of its processes is left. */
	void (*changed)(Node *node, gpointer data);
	gpointer data;
} NodeWorld;

Node *node_new(const PlanNode *plan, const NodeWorld *world);
/** Kills what still runs, and waits for its end. */
void node_free(Node *self);

const char *node_state_name(NodeState state);
const PlanNode *node_plan(const Node *self);
NodeState node_state(const Node *self);
/** Why it failed; "" else. */
const char *node_message(const Node *self);
/** Of strings: what went wrong in a node that goes on. */
const GPtrArray *node_warnings(const Node *self);
void node_warn(Node *self, const char *message);
/** When it came into its state, microseconds since the epoch. */
gint64 node_since(const Node *self);
/** Milliseconds from its kernel's start to ready; 0 before. */
guint node_boot_ms(const Node *self);
/** The guest kernel's process, 0 when none runs. */
pid_t node_pid(const Node *self);
/** Number 1 of its sandbox; 0 when it has none, or is not to be looked at any more because it has failed. */
pid_t node_sandbox(Node *self);
/** Whether it is in boot: a kernel runs and is not ready. */
gboolean node_is_booting(const Node *self);
/** Whether a process of it is left. */
gboolean node_is_alive(const Node *self);

/** Wanted: from stopped or failed to starting. Its turn comes with node_boot(). */
void node_request(Node *self);
void node_boot(Node *self);
/** Sets the guest's clock as far as the host's wall clock has jumped since the last time, or its boot. */
void node_follow_clock(Node *self);
/** Powers off what can be, and kills it after deadline_ms; at once when its agent does not answer yet. */
void node_stop(Node *self, guint deadline_ms);
/** Stops a node that is ready as it is: it takes no CPU, and its clock goes on. FALSE and error in another state. */
gboolean node_pause(Node *self, GError **error);
/** Lets a node that is paused go on. FALSE and error in another state. */
gboolean node_resume(Node *self, GError **error);
/** Kills it. */
void node_kill(Node *self);
/** Fails a node that runs, with this message, and kills it. */
void node_fail(Node *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** Its agent; NULL and error (with the reason) unless it is ready. */
AgentClient *node_agent(Node *self, GError **error);
