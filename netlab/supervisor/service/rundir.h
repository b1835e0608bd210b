/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of a running lab, RUNTIME/netlab/LAB: its lock, its state (for after a crash), its removal. */
#pragma once

#include <gio/gio.h>

typedef struct RunDir RunDir;

/** Makes the folder (0700), takes its lock, and clears what a crashed lab of this name left. Fails with
 *  G_IO_ERROR_EXISTS when the lab is running. Caller frees. */
RunDir *run_dir_new(const char *path, const char *instance, GError **error);
/** Whether the folder at its path is still this one: somebody may have removed it, and another lab may use the path since.
 *  Only if it is may files in it be touched by name. */
gboolean run_dir_is_ours(const RunDir *self);
/** Removes the folder with everything in it, if it is still ours, and releases the lock. */
void run_dir_remove(RunDir *self);
/** Calls GONE on the main loop when somebody else removes the folder: clients cannot find the lab any more. */
void run_dir_watch(RunDir *self, void (*gone)(gpointer data), gpointer data);
/** Writes state.json, whole or not at all; nothing when the folder is no longer ours. A failure is logged: nothing running depends on it. */
void run_dir_write_state(RunDir *self, const char *json);
