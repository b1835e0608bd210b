/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the parts of the agent client: sending frames, sessions, set-up. Private to agent_*.c. */
#pragma once

#include "netlab/supervisor/agent/agent_client.h"

/** Queues a frame: a head and a tail are joined to its payload (AGENT_MAX_PAYLOAD in all). */
void agent_line_send(AgentClient *self, AgentType type, guint16 channel, const void *head, gsize head_length,
	const void *tail, gsize tail_length);
/** Whether the queue is short enough for more of what can wait. */
gboolean agent_line_has_room(const AgentClient *self);

/* agent_session.c */
typedef struct AgentSessions AgentSessions;
AgentSessions *agent_sessions_new(AgentClient *client);
/** Ends every session as "lost" and frees. */
void agent_sessions_free(AgentSessions *self);
/** A frame on a session's channel; FALSE when it breaks the protocol. */
gboolean agent_sessions_frame(AgentSessions *self, const AgentHeader *header, const guint8 *payload);
/** The queue has room again: read on from the descriptors that waited. */
void agent_sessions_resume(AgentSessions *self);
AgentSessions *agent_client_sessions(AgentClient *self);

/* agent_setup.c */
typedef struct AgentSetup AgentSetup;
AgentSetup *agent_setup_new(AgentClient *client, const GPtrArray *setup);
void agent_setup_free(AgentSetup *self);
/** Sends what the queue has room for. FALSE and error when a file cannot be read. *done: GO was sent. */
gboolean agent_setup_send(AgentSetup *self, gboolean *done, GError **error);
