/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file or folder to or from a guest. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef enum { COPY_NOTHING, COPY_FILE, COPY_FOLDER } CopyKind;

/** What all copies of a command share. */
typedef struct {
	LabConnection *lab;
	GCancellable *cancel; /* ends a copy, from the main loop; nothing of it stays */
	guint64 limit;        /* bytes that may come from a node, each file with 4 KiB more */
	gboolean unconfined;  /* folders of nodes are unpacked without the sandbox */
	guint left_out;       /* special files of nodes, so far */
} Copy;

/** What PATH on NODE is, as the node says; links are followed.
 *  @mode: (out) permission bits of a file */
gboolean copy_look(
	const Copy *copy, const char *node, const char *path, CopyKind *kind, unsigned *mode, GError **error);
/** Copies the file or folder SOURCE of this machine ("-": standard input) to be TARGET on NODE. */
gboolean copy_up(const Copy *copy, const char *source, const char *node, const char *target, GError **error);
/** Copies the file or folder SOURCE of NODE to standard output; a folder as tar. */
gboolean copy_out(const Copy *copy, const char *node, const char *source, GError **error);
/** Copies the file or folder SOURCE of NODE to be TARGET on this machine.
 *  @typed: the user wrote this path, and may mean a device or a pipe */
gboolean copy_down(
	Copy *copy, const char *node, const char *source, const char *target, gboolean typed, GError **error);
