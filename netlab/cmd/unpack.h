/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tar archive that a guest sends, unpacked in a sandbox that sees nothing but the folder. */
#pragma once

#include <gio/gio.h>

typedef struct Unpacker Unpacker;

/** Starts to unpack into FOLDER.
 *  @limit: bytes that a file may have
 *  @unconfined: without the sandbox. Caller frees. */
Unpacker *unpacker_new(const char *folder, guint64 limit, gboolean unconfined, GError **error);
/** Ends it, if it still runs. Runs the main loop. */
void unpacker_free(Unpacker *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unpacker, unpacker_free)
/** Where the archive is to be written. Owned by the unpacker. */
int unpacker_fd(const Unpacker *self);
/** Bytes that the files so far count beside their content (ARRIVAL_ENTRY each). Borrowed; changes from the main loop. */
const guint64 *unpacker_beside(const Unpacker *self);
/** Whether tar has ended already, and reads no more. */
gboolean unpacker_has_ended(const Unpacker *self);
/** The archive has ended: waits until all is unpacked. Runs the main loop. FALSE and why, in tar's words.
 *  @left_out: (inout) special files that were left out */
gboolean unpacker_finish(Unpacker *self, guint *left_out, GError **error);
