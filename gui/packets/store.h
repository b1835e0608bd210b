/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last frames of a capture, in bounded memory; and which of them are taken when there are too many to show. */
#pragma once

#include "gui/packets/pcapng.h"

enum {
	PACKET_STORE_FRAMES = 10000,
	PACKET_STORE_BYTES = 32 << 20,
	SAMPLER_WINDOW = 100000, /* microseconds */
	SAMPLER_BUDGET = 100,    /* frames a window */
	SAMPLER_CREDIT = 500,    /* frames more, for a burst that comes after a calm */
};

typedef struct {
	guint64 number; /* of the first frame: 1 */
	guint64 time;   /* nanoseconds since 1970 */
	guint interface;
	gboolean inbound;
	guint32 captured, length;
	guint32 block_length;
	guint16 comment_at, comment_length; /* in block; no comment: 0, 0 */
	guint8 block[];                     /* as it came: pcapng */
} Packet;

typedef struct PacketStore PacketStore;

PacketStore *packet_store_new(void);
void packet_store_free(PacketStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PacketStore, packet_store_free)
/** Takes a copy of a frame; the oldest ones go. Returns it. */
const Packet *packet_store_add(PacketStore *self, const PcapngFrame *frame);
/** Keeps the last so many. */
void packet_store_keep(PacketStore *self, guint n);
/** Forgets all; numbers start again. */
void packet_store_clear(PacketStore *self);
/** Numbers of the oldest frame that is kept, and of the newest; there are none when first > last. */
guint64 packet_store_first(const PacketStore *self);
guint64 packet_store_last(const PacketStore *self);
/** A frame by its number; NULL: it has gone, or is not there yet. Borrowed until the next call that changes the store.
 */
const Packet *packet_store_get(const PacketStore *self, guint64 number);
/** The frame's bytes, from the Ethernet header on. */
const guint8 *packet_bytes(const Packet *packet);
/** What the wire did to it, or NULL; caller frees. */
char *packet_comment(const Packet *packet);
/** A capture file of all frames. head: pcapng_reader_head(). */
GBytes *packet_store_file(const PacketStore *self, const GByteArray *head);

/** Takes every frame while they are few, every nth beyond. All zero is a new one. */
typedef struct {
	gint64 window;     /* when it began, microseconds */
	guint seen, taken; /* in this window */
	guint stride;      /* of so many, one is taken; 0: it is new */
	guint credit;
	guint64 total, skipped;
} PacketSampler;

/** Whether to take the next frame; now: monotonic time, microseconds. */
gboolean packet_sampler_take(PacketSampler *self, gint64 now);
