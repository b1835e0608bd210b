/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exec sessions: a command in a guest, whose streams are descriptors on the host. */
#pragma once

#include <gio/gio.h>

#include "netlab/supervisor/agent/agent_line.h"

/** All sessions of a guest. */
typedef struct AgentSessions AgentSessions;
typedef struct AgentSession AgentSession;

typedef struct {
	const char *const *argv;        /* empty: the login shell */
	const char *const *environment; /* NAME=VALUE, or NULL */
	gboolean terminal;
	guint16 rows, columns;
} AgentCommand;

/** How a session ended, as in SessionEnded of org.netlab.Lab1. */
typedef void (*AgentSessionEnded)(AgentSession *session, const char *how, int code, const char *message, gpointer data);

/** line is borrowed. Caller frees. */
AgentSessions *agent_sessions_new(AgentLine *line);
/** Ends every session: those whose command has ended as it did, the others as "lost". */
void agent_sessions_free(AgentSessions *self);
/** A frame on a session's channel; FALSE when it breaks the protocol. Frames of a session that is over are late, which is
 *  allowed. */
gboolean agent_sessions_frame(AgentSessions *self, const AgentHeader *header, const guint8 *payload);
/** The line has room again: reads from the descriptors that waited. */
void agent_sessions_resume(AgentSessions *self);

/** Starts a command.
 *  @fds: (out) the user's ends: with a terminal one, else three, to write input and to read output and errors; unused ones
 *  are -1. Caller closes.
 *  @ended: called once, after the last byte of output was written; the session does not exist after it. Never called before
 *  this returns.
 *  @data_free: frees data when the session is over, whether ended was called or not; also when this fails. NULL: nothing to
 *  free
 *  Returns a session, borrowed; NULL and error when descriptors or channels ran out or the command is too long. */
AgentSession *agent_sessions_start(AgentSessions *self, const AgentCommand *command, int fds[3],
	AgentSessionEnded ended, gpointer data, GDestroyNotify data_free, GError **error);
void agent_session_resize(AgentSession *session, guint16 rows, guint16 columns);
void agent_session_signal(AgentSession *session, guint8 number);
/** The user is gone: sends SIGHUP to the command and throws its output away. ended is not called. */
void agent_session_hang_up(AgentSession *session);
