/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk of a persistent node. */
#pragma once

#include <glib.h>

/** Largest size a persistent node's disk grows to, in bytes; the file is sparse. */
#define DISK_SIZE (G_GUINT64_CONSTANT(4) << 30)

/** Creates the disk file PATH (0600, ext4, empty) and the folders above it, unless it exists. FALSE and error: it cannot be
 *  created, there is no room for it, or another guest uses it. */
gboolean disk_prepare(const char *path, GError **error);

/** What the file system of a disk has room for, and how much of the disk is stored there, in bytes. */
typedef struct {
	guint64 free, stored;
} DiskRoom;

/** FALSE: it cannot be told. */
gboolean disk_room(const char *path, DiskRoom *room);
