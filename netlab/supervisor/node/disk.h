/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk of a persistent node. */
#pragma once

#include <glib.h>

/** Largest size a persistent node's disk grows to, in bytes; the file is sparse. */
#define DISK_SIZE (G_GUINT64_CONSTANT(4) << 30)

/** Creates the disk file PATH (0600, ext4, empty) and the folders above it, unless it exists. FALSE and error: it cannot be
 *  created, or there is no room for it. */
gboolean disk_prepare(const char *path, GError **error);

/** Locks it for as long as the descriptor that it returns is open, which the caller closes when the guest has ended; -1 and error:
 *  another lab uses it. A guest kernel would do that (os_lock_file() in arch/um/os-Linux/file.c), but its sandbox does not let it,
 *  and one that finds its disk locked would only report that it has none. */
int disk_lock(const char *path, GError **error);

/** What the file system of a disk has room for, and how much of the disk is stored there, in bytes. */
typedef struct {
	guint64 free, stored;
} DiskRoom;

/** FALSE: it cannot be told. */
gboolean disk_room(const char *path, DiskRoom *room);
