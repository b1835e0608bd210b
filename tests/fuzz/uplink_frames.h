/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as hostile guests send them to an uplink: conversations of all kinds that it takes part in, most of them with something
 * changed, and most of those with checksums that are right all the same. */
#pragma once

#include <glib.h>

#define FRAMES_SIZE 4096

typedef struct Frames Frames;

Frames *frames_new(guint32 seed);
void frames_free(Frames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Frames, frames_free)

/** Makes the next frame in FRAME (FRAMES_SIZE bytes). Returns its length. */
gsize frames_next(Frames *self, guint8 *frame);
/** Looks at what the uplink sent: what it answers makes the next frames fit. */
void frames_see(Frames *self, const guint8 *frame, gsize length);
