/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection to the supervisor of a running lab, and how a lab is found. */
#pragma once

#include <gio/gio.h>

#include "lab-dbus.h"
#include "netlab/client/lab_directory.h"

typedef struct {
	char *name, *directory;
	GDBusConnection *connection;
	NetlabLab1 *proxy;
} LabConnection;

/** Finds a lab. WHICH is a lab's name, or a lab file or its folder; NULL: the lab whose file is in the working folder,
 * or else, where that folder has no lab.xml, the only one there is.
 *  @dead_too: whether labs that crashed count. Caller frees. */
LabDirectory *lab_locate(const char *which, gboolean dead_too, GError **error);
/** The lab that runs and was started from FILE (an absolute path), under whatever name; NULL without an error when
 * there is none. Caller frees. */
LabDirectory *lab_running_from(const char *file, GError **error);
/** Connects to the supervisor of a lab. Caller frees. */
LabConnection *lab_connection_new(const LabDirectory *lab, GError **error);
/** lab_locate() and lab_connection_new() in one. */
LabConnection *lab_connect(const char *which, GError **error);
void lab_connection_free(LabConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabConnection, lab_connection_free)

/** Takes the "GDBus.Error:...: " off a remote error, for people; returns FALSE, for a return statement. */
gboolean lab_remote_failed(GError **error);
/** Asks the lab to stop, orderly for DEADLINE_MS and by force after, and waits until its supervisor is gone. */
gboolean lab_stop(LabConnection *self, guint deadline_ms, GError **error);
/** The absolute path of the file of a lab, from its state; NULL when not known. Caller frees. */
char *lab_file_of(const LabDirectory *lab);
