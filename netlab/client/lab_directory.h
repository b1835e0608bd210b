/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folders of labs below the runtime folder: which ones exist, whether their supervisor is alive, what a crash left.
 *
 * netlabd holds a lock (fcntl(2), F_OFD_SETLK) on RUN/LAB/lock as long as it lives; a folder whose lock is free was left by
 * a crash. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

typedef struct {
	char *name;
	char *directory;
	gboolean alive;
} LabDirectory;

void lab_directory_free(LabDirectory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabDirectory, lab_directory_free)

/** Every lab of this user, by name; elements are LabDirectory. Fails when the runtime folder cannot be had. */
GPtrArray *lab_directories(GError **error);
/** The lab of this name, or NULL without an error when there is none. */
LabDirectory *lab_directory_find(const char *name, GError **error);
/** Whether the supervisor of the lab in DIRECTORY lives. */
gboolean lab_directory_alive(const char *directory);
/** A descriptor of the lock that the supervisor of the lab in DIRECTORY holds; -1 when there is none. Caller closes. */
int lab_lock_open(const char *directory);
/** A descriptor that hangs up (G_IO_HUP) as soon as nobody holds the lock: the supervisor has ended. Takes the lock's
 *  descriptor over. Caller closes. -1 and error on failure. */
int lab_lock_watch(int lock, GError **error);
/** Waits for that, at most TIMEOUT_MS. Runs the main loop of this thread. Takes the lock's descriptor over. Returns FALSE
 *  when the time is over. */
gboolean lab_lock_wait(int lock, guint timeout_ms);
/** Removes a dead lab's folder, and the sockets of its networks. Fails when the lab is alive. */
gboolean lab_directory_remove(const LabDirectory *lab, GError **error);
/** Removes folders with nothing in them, not even a lock: of labs that ended in their first moment. Returns how many. */
guint lab_directories_remove_empty(void);
/** What the supervisor last wrote to state.json; NULL when there is nothing readable. Caller unrefs. */
JsonNode *lab_directory_state(const LabDirectory *lab);
/** Removes PATH and all below it, following no link. */
gboolean lab_remove_tree(const char *path, GError **error);
/** Whether NAME may name a lab: letters, digits, ".", "_" and "-", beginning with a letter or digit, at most 40. */
gboolean lab_name_is_valid(const char *name);
