/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command running in a guest, seen from the client. */
#pragma once

#include "netlab/client/dbus/lab_answers.h"
#include "netlab/client/lab_connection.h"

typedef struct ExecSession ExecSession;
/** Called on the main loop once the command has ended; its output may still have to be read to its end. */
typedef void (*ExecEnded)(ExecSession *session, gpointer data);

/** Starts ARGV on NODE.
 *  @terminal: on a terminal of the size of the user's own; then descriptor 0 is both ways and 1, 2 are -1
 *  @environment: NAME=VALUE strings, or NULL
 *  Caller frees; that closes the descriptors and hangs the command up. */
ExecSession *exec_session_new(LabConnection *lab, const char *node, const char *const *argv, gboolean terminal,
	const char *const *environment, ExecEnded ended, gpointer data, GError **error);
void exec_session_free(ExecSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExecSession, exec_session_free)
/** Descriptor STREAM (0 input to write, 1 output, 2 errors to read); owned by the session. */
int exec_session_fd(const ExecSession *self, int stream);
/** Closes one, which tells the command's input that no more comes, or its output that nobody reads. */
void exec_session_close(ExecSession *self, int stream);
void exec_session_signal(ExecSession *self, int number);
/** Tells the guest the size of the user's terminal. */
void exec_session_resize(ExecSession *self);
ExecOutcome exec_session_outcome(const ExecSession *self);
/** What a shell would say: the exit status, 128 + signal, 127 not found, 126 not runnable, 125 for a guest that went.
 */
int exec_session_status(const ExecSession *self);
/** Why it was not started or lost, fit to print; "" otherwise. */
const char *exec_session_message(const ExecSession *self);

/** Runs ARGV on NODE to its end.
 *  @output, @errors: get what it wrote, up to 1 MiB each; may be NULL, then it is thrown away
 *  @timeout_ms: then it is killed and the call fails with G_IO_ERROR_TIMED_OUT; 0 is none
 *  @cancel: cancelling it, on the main loop, does the same with G_IO_ERROR_CANCELLED; may be NULL
 *  Returns the status as exec_session_status(), or -1 with an error. Runs the main loop. */
int exec_run(LabConnection *lab, const char *node, const char *const *argv, GString *output, GString *errors,
	guint timeout_ms, GCancellable *cancel, GError **error);
