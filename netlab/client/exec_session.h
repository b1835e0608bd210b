/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command running in a guest, and the descriptors of its streams. Everything happens on the main loop and nothing
 * blocks, except in the functions that say that they wait. */
#pragma once

#include "netlab/client/dbus/lab_answers.h"
#include "netlab/client/lab_connection.h"

typedef struct {
	const char *node;
	const char *const *argv;
	const char *const *environment; /* NAME=VALUE strings, or NULL */
	guint16 rows, columns;          /* of its terminal; rows 0: it has none */
} ExecCommand;

typedef struct ExecSession ExecSession;
/** Called once the command has ended; its output may still have to be read to its end. */
typedef void (*ExecEnded)(ExecSession *session, gpointer data);
typedef struct {
	/** The command runs, its descriptors are there. May be NULL. */
	void (*started)(ExecSession *session, gpointer data);
	/** Also when it could not start (EXEC_REFUSED). May be NULL. */
	ExecEnded ended;
} ExecHooks;

/** Starts a command. No hook is called before this returns. Caller frees; that closes the descriptors and hangs the
 *  command up. */
ExecSession *exec_session_start(NetlabLab1 *proxy, const ExecCommand *command, const ExecHooks *hooks, gpointer data);
/** The same, waiting until the command runs. NULL and error when it could not start, with the nearest name for a node that
 *  does not exist. ended is not called before this returns. */
ExecSession *exec_session_new(
	LabConnection *lab, const ExecCommand *command, ExecEnded ended, gpointer data, GError **error);
void exec_session_free(ExecSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExecSession, exec_session_free)
/** Descriptor STREAM (0 input to write, 1 output, 2 errors to read); owned by the session. With a terminal, 0 is for both
 *  directions and 1, 2 are -1. */
int exec_session_fd(const ExecSession *self, int stream);
/** The same; the caller closes it, and the session has it no more. */
int exec_session_steal_fd(ExecSession *self, int stream);
/** Closes one: the command's input ends, or nobody reads its output any more. */
void exec_session_close(ExecSession *self, int stream);
/** Sends a signal to the command's foreground process group. */
void exec_session_signal(ExecSession *self, int number);
/** Tells the guest the size of its terminal; nothing is sent when it is the same as before. */
void exec_session_resize(ExecSession *self, guint16 rows, guint16 columns);
ExecOutcome exec_session_outcome(const ExecSession *self);
/** The exit status, the signal or the errno, depending on the outcome. */
int exec_session_code(const ExecSession *self);
/** What a shell would report: the exit status, 128 + signal, 127 not found, 126 not runnable, 125 when the guest went away.
 */
int exec_session_status(const ExecSession *self);
/** Why it was refused, not started or lost; "" otherwise. */
const char *exec_session_message(const ExecSession *self);

/** Runs ARGV on NODE and waits for its end.
 *  @output, @errors: get what it wrote, up to 1 MiB each; may be NULL, then it is thrown away
 *  @timeout_ms: then it is killed and the call fails with G_IO_ERROR_TIMED_OUT; 0: no limit
 *  @cancel: cancelling it, on the main loop, does the same with G_IO_ERROR_CANCELLED; may be NULL
 *  Returns the status as exec_session_status(), or -1 with an error. */
int exec_run(LabConnection *lab, const char *node, const char *const *argv, GString *output, GString *errors,
	guint timeout_ms, GCancellable *cancel, GError **error);
