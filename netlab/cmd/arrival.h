/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest sends, on its way to its place on this machine. It is gathered in a fresh folder beside that place, which
 * nobody else may enter, and moved there when it is complete and was looked at: a link that is there already is never
 * followed, and what fails leaves nothing behind. */
#pragma once

#include <glib.h>

/** Bytes that each file counts beside its content: a guest must not fill the disk with empty ones. */
#define ARRIVAL_ENTRY ((guint64)4096)

typedef struct Arrival Arrival;

/** Whether FOLDER is one of the system's own, /dev, /proc, /sys or below the last two, by whatever name: nothing is created or
 *  replaced there. */
gboolean arrival_is_of_system(const char *folder);
/** Makes the fresh folder for what will become PATH. A link on the way to PATH's folder is followed: the user wrote it.
 *  error: there is no such folder, it cannot be written to, or it is the system's. Caller frees. */
Arrival *arrival_new(const char *path, GError **error);
/** Removes what is left of it. */
void arrival_free(Arrival *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arrival, arrival_free)
/** Whether a folder (else a file) can take the place: an existing folder takes a folder; a file replaces an existing file, or a
 *  link to a file or to nothing. error says what is there instead. */
gboolean arrival_can_be(Arrival *self, gboolean folder, GError **error);
/** Where it is to be written: a file or a folder of this name, which is not there yet. Borrowed. */
const char *arrival_path(const Arrival *self);
/** Moves it to its place. A folder that is there keeps what it has; what has the same name is replaced, and nothing changes if
 *  something of it cannot be. What is no file, folder or symbolic link is left out; set-user-id bits go.
 *  @limit: bytes that all of it may be long, each file with ARRIVAL_ENTRY more
 *  @left_out: (inout) how many were left out */
gboolean arrival_settle(Arrival *self, guint64 limit, guint *left_out, GError **error);
/** Sets error: more came from the node than LIMIT bytes. Returns FALSE. */
gboolean arrival_too_large(guint64 limit, GError **error);
