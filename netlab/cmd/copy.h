/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file or folder to or from a guest. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef enum { COPY_NOTHING, COPY_FILE, COPY_FOLDER } CopyKind;

/** What PATH on NODE is; links are followed.
 *  @mode: (out) permission bits of a file */
gboolean copy_look(
	LabConnection *lab, const char *node, const char *path, CopyKind *kind, unsigned *mode, GError **error);
/** Copies the file or folder SOURCE of this machine ("-": standard input) to be TARGET on NODE. */
gboolean copy_up(LabConnection *lab, const char *source, const char *node, const char *target, GError **error);
/** Copies the file or folder SOURCE of NODE to be TARGET on this machine ("-": standard output; a folder as tar). */
gboolean copy_down(LabConnection *lab, const char *node, const char *source, const char *target, GError **error);
