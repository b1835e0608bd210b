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

/** Connects to the supervisor of a lab. Signals come on the main loop of the calling thread. */
void lab_connection_new_async(
	const LabDirectory *lab, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
/** Caller frees. */
LabConnection *lab_connection_new_finish(GAsyncResult *result, GError **error);
/** The same, waiting; the error names the lab. Caller frees. */
LabConnection *lab_connection_new(const LabDirectory *lab, GError **error);
/** lab_locate() and lab_connection_new() in one. */
LabConnection *lab_connect(const char *which, GError **error);
void lab_connection_free(LabConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabConnection, lab_connection_free)

/** Removes the "GDBus.Error:...: " from a remote error; returns FALSE, for a return statement. */
gboolean lab_remote_failed(GError **error);
/** Asks the lab to stop, in order for DEADLINE_MS and by force after that, and waits until its supervisor is gone. */
gboolean lab_stop(LabConnection *self, guint deadline_ms, GError **error);
