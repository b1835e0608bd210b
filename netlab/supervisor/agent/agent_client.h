/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of the conversation with a guest's agent (filesystems/guest/protocol.h), on the main loop. */
#pragma once

#include <gio/gio.h>

#include "filesystems/guest/protocol.h"

typedef struct AgentClient AgentClient;
typedef struct AgentSession AgentSession;

/** What the agent says; all on the main loop. The client must not be freed in one of these. */
typedef struct {
	void (*hello)(gpointer data);
	void (*ready)(gpointer data);
	/** The set-up cannot go on, or the agent broke the protocol; the client does nothing more. */
	void (*failed)(const char *message, gpointer data);
	/** A set-up step or start-up command failed; the guest goes on. */
	void (*warned)(const char *message, gpointer data);
} AgentEvents;

/** FD: our end of the serial line, a stream socket that the client then owns. events and data must outlive the client.
 *  Caller frees; every session still open then ends as "lost". */
AgentClient *agent_client_new(int fd, const AgentEvents *events, gpointer data);
void agent_client_free(AgentClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AgentClient, agent_client_free)

/** Sends the set-up (of PlanSetup, borrowed until the client is freed) and GO, at the pace of the line. Only after HELLO.
 *  A source that cannot be read calls failed. */
void agent_client_set_up(AgentClient *self, const GPtrArray *setup);
/** Tells the agent that the host's wall clock has jumped by so many nanoseconds; the guest's follows. Only after HELLO. */
void agent_client_step_clock(AgentClient *self, gint64 step);
/** Tells the agent to power off. */
void agent_client_shut_down(AgentClient *self);

typedef struct {
	const char *const *argv;        /* empty: the login shell */
	const char *const *environment; /* NAME=VALUE, or NULL */
	gboolean terminal;
	guint16 rows, columns;
} AgentCommand;

/** How a session ended, as in SessionEnded of org.netlab.Lab1. */
typedef void (*AgentSessionEnded)(AgentSession *session, const char *how, int code, const char *message, gpointer data);

/** Starts a command.
 *  @fds: (out) the client's ends; with a terminal one, else three: to write input, to read output and errors. Caller closes.
 *  @ended: called once, after the last output byte was handed over; the session is gone after it. Never before this returns.
 *  Returns a session, borrowed; NULL and error when descriptors or channels ran out or the command is too long. */
AgentSession *agent_client_exec(AgentClient *self, const AgentCommand *command, int fds[3], AgentSessionEnded ended,
	gpointer data, GError **error);
void agent_session_resize(AgentSession *session, guint16 rows, guint16 columns);
void agent_session_signal(AgentSession *session, guint8 number);
/** Nobody listens any more: SIGHUP to the command, its output is thrown away, and ended is not called. */
void agent_session_hang_up(AgentSession *session);
