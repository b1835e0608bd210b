/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection to the supervisor of a running lab. The asynchronous functions are the implementation; the others run the
 * main loop of the calling thread until those are done. */
#pragma once

#include <gio/gio.h>

#include "lab-dbus.h"
#include "netlab/client/lab_locate.h"

typedef struct {
	char *name, *directory;
	GDBusConnection *connection;
	NetlabLab1 *proxy;
} LabConnection;

/** For a supervisor to answer a new client, in milliseconds. An idle one takes about 2, one that boots 400 nodes on two cores
 *  less than 100. */
#define LAB_ANSWER_MS 4000u

/** Connects to the supervisor of a lab. One that does not answer in DEADLINE_MS is CLIENT_ERROR_STUCK, with a message that
 *  says what to do. Signals come on the main loop of the calling thread. */
void lab_connection_new_async(const LabDirectory *lab, guint deadline_ms, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data);
/** Caller frees. */
LabConnection *lab_connection_new_finish(GAsyncResult *result, GError **error);
/** The same, waiting; the error names the lab. Caller frees. */
LabConnection *lab_connection_new(const LabDirectory *lab, guint deadline_ms, GError **error);
/** Connects to each of LABS that is alive, to all at the same time, so that those which do not answer are waited for once. Puts
 *  a connection (caller frees) or an error (caller frees) into CONNECTIONS and ERRORS, which are as long as LABS and hold NULL. */
void lab_connection_new_all(const GPtrArray *labs, guint deadline_ms, LabConnection **connections, GError **errors);
/** lab_locate() and lab_connection_new() in one. */
LabConnection *lab_connect(const char *which, GError **error);
void lab_connection_free(LabConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabConnection, lab_connection_free)

/** Removes the "GDBus.Error:...: " from a remote error; returns FALSE, for a return statement. */
gboolean lab_remote_failed(GError **error);
/** Asks the lab to stop, in order for DEADLINE_MS and by force after that, and waits until its supervisor is gone. */
gboolean lab_stop(LabConnection *self, guint deadline_ms, GError **error);
