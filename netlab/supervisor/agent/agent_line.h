/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The serial line to a guest's agent: frames (filesystems/guest/protocol.h) in and out, on the main loop. The guest may be
 * hostile: whatever comes is checked, and a breach of the protocol closes the line. */
#pragma once

#include <glib.h>

#include "filesystems/guest/protocol.h"

typedef struct AgentLine AgentLine;

/** What the line tells its owner. It must not be freed in one of these. */
typedef struct {
	/** The agent is up: from now on frames can be sent. */
	void (*hello)(gpointer data);
	/** A frame that is not about the line itself; payload is valid until this returns. */
	void (*frame)(const AgentHeader *header, const guint8 *payload, gpointer data);
	/** There is room for more of what can wait. */
	void (*room)(gpointer data);
	/** The agent broke the protocol, or agent_line_break() was called; nothing more is sent or received. */
	void (*broken)(const char *message, gpointer data);
} AgentLineEvents;

/** FD: this end of the line, a stream socket that the line then owns. events and data must outlive it. Caller frees. */
AgentLine *agent_line_new(int fd, const AgentLineEvents *events, gpointer data);
void agent_line_free(AgentLine *self);
/** Queues a frame; nothing is sent unless the line is open. The payload is a head and a tail (AGENT_MAX_PAYLOAD in all). */
void agent_line_send(AgentLine *self, AgentType type, guint16 channel, const void *head, gsize head_length,
	const void *tail, gsize tail_length);
/** Whether the line is open: the agent said hello, and the line is neither broken nor closed. */
gboolean agent_line_is_open(const AgentLine *self);
/** Whether the line is open and its queue is short enough for more of what can wait. */
gboolean agent_line_has_room(const AgentLine *self);
/** Closes the line because of what came on it, or of what cannot be sent; calls broken with this message. */
void agent_line_break(AgentLine *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
