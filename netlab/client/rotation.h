/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Splits a capture into files of a size, of which only the newest are kept: NAME_00001.pcapng, NAME_00002.pcapng, ...
 * each a complete capture file. Its own thread reads what the switch writes, and writes the files. */
#pragma once

#include <gio/gio.h>

typedef struct Rotation Rotation;

/** Opens the first file. path: "DIR/NAME.EXT"; size in bytes, of one file; files: how many are kept, 0 for all. Sets fd to
 *  where the capture is to be written; the caller closes it. NULL and error when the file cannot be written. */
Rotation *rotation_new(const char *path, guint64 size, guint files, int *fd, GError **error);
/** The name of the file number n. Caller frees. */
char *rotation_file_name(const char *path, guint n);
/** Waits until all copies of the descriptor are closed and what came is written, and frees it. FALSE and error when a
 *  file could not be written; the files end with a whole frame all the same. */
gboolean rotation_finish(Rotation *self, GError **error);
