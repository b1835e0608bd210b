/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk of a persistent node. */
#pragma once

#include <glib.h>

/** Largest size a persistent node's disk grows to, in bytes; the file is sparse. */
#define DISK_SIZE (G_GUINT64_CONSTANT(4) << 30)

/** Makes the disk file PATH (0600, ext4, empty) unless it is there, with the folders above it. FALSE: it could not be
 *  made, or another guest has it. */
gboolean disk_prepare(const char *path, GError **error);
