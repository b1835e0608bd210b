/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Splits a capture into files of a size, of which only the newest are kept: NAME_00001.pcapng, NAME_00002.pcapng, ...
 * each a complete capture file. Its own thread reads what the switch writes, and writes the files. */
#pragma once

#include <gio/gio.h>

#include "topologies/model/lab_folder.h"

typedef struct Rotation Rotation;

/** Opens the first file. folder: opens them all; NULL: the user has named the path, which may lead anywhere, and else it must
 *  outlive the rotation. path: "DIR/NAME.EXT", absolute for a folder; size in bytes, of one file; files: how many are kept, 0 for all. Sets fd to
 *  where the capture is to be written; the caller closes it. NULL and error when the file cannot be written. */
Rotation *rotation_new(const LabFolder *folder, const char *path, guint64 size, guint files, int *fd, GError **error);
/** Waits until all copies of the descriptor are closed and what came is written, and frees it. FALSE and error when a
 *  file could not be written; the files end with a whole frame all the same. */
gboolean rotation_finish(Rotation *self, GError **error);
