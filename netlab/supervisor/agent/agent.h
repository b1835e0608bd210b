/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's agent, as the supervisor sees it: its set-up, its commands, its end. On the main loop. */
#pragma once

#include "netlab/supervisor/agent/agent_session.h"

typedef struct Agent Agent;

/** What the agent says; all on the main loop. The agent must not be freed in one of these. */
typedef struct {
	void (*hello)(gpointer data);
	void (*ready)(gpointer data);
	/** The set-up cannot continue, or the agent broke the protocol; nothing more will come. */
	void (*failed)(const char *message, gpointer data);
	/** A set-up step or start-up command failed; the guest continues. */
	void (*warned)(const char *message, gpointer data);
} AgentEvents;

/** FD: this end of the serial line, a stream socket that the agent then owns. events and data must outlive the agent.
 *  Caller frees; every session still open then ends as "lost". */
Agent *agent_new(int fd, const AgentEvents *events, gpointer data);
void agent_free(Agent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Agent, agent_free)

/** Sends the set-up (of PlanSetup, borrowed until the agent is freed) and GO, at the pace of the line. Only after HELLO.
 *  A source that cannot be read calls failed. */
void agent_set_up(Agent *self, const GPtrArray *setup);
/** The host's wall clock jumped by this many nanoseconds; the guest's follows. Only after HELLO. */
void agent_step_clock(Agent *self, gint64 step);
/** The file of the guest's disk, of which stored bytes are on the host, can grow there by room bytes; the guest refuses to
 *  write more. Only after HELLO. FALSE: the line is full, try again later. */
gboolean agent_limit_disk(Agent *self, guint64 room, guint64 stored);
/** Tells the guest that an interface has another speed, in Mbit/s. Only after HELLO. */
void agent_set_speed(Agent *self, const char *interface, unsigned speed);
/** Asks the agent to power off. */
void agent_shut_down(Agent *self);
/** Starts a command: see agent_sessions_start(). */
AgentSession *agent_exec(Agent *self, const AgentCommand *command, int fds[3], AgentSessionEnded ended, gpointer data,
	GDestroyNotify data_free, GError **error);
