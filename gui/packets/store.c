/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/store.h"

#include <string.h>

enum { FRAME_HEADER = 28 }; /* of a pcapng block, before the frame's bytes */

struct PacketStore {
	Packet *packets[PACKET_STORE_FRAMES]; /* number n is at n % PACKET_STORE_FRAMES */
	guint64 first, last;
	gsize bytes;
};

PacketStore *packet_store_new(void)
{
	PacketStore *self = g_new0(PacketStore, 1);
	self->first = 1;
	return self;
}

static void drop_first(PacketStore *self)
{
	Packet **place = &self->packets[self->first++ % PACKET_STORE_FRAMES];
	self->bytes -= (*place)->block_length;
	g_clear_pointer(place, g_free);
}

void packet_store_keep(PacketStore *self, guint n)
{
	while (self->last - self->first + 1 > n)
		drop_first(self);
}

void packet_store_clear(PacketStore *self)
{
	while (self->first <= self->last)
		drop_first(self);
	self->first = 1;
	self->last = 0;
}

void packet_store_free(PacketStore *self)
{
	packet_store_clear(self);
	g_free(self);
}

const Packet *packet_store_add(PacketStore *self, const PcapngFrame *frame)
{
	while (self->first <= self->last &&
		(self->last - self->first + 1 >= PACKET_STORE_FRAMES ||
			self->bytes + frame->block_length > PACKET_STORE_BYTES))
		drop_first(self);
	Packet *packet = g_malloc(sizeof *packet + frame->block_length);
	*packet = (Packet){
		.number = ++self->last,
		.time = frame->time,
		.interface = frame->interface,
		.inbound = frame->inbound,
		.captured = frame->captured,
		.length = frame->length,
		.block_length = (guint32)frame->block_length,
	};
	memcpy(packet->block, frame->block, frame->block_length);
	gsize comment_at = frame->comment ? (gsize)((const guint8 *)frame->comment - frame->block) : 0;
	/* Behind a frame of 64 KiB nobody writes a comment. */
	if (comment_at && comment_at <= G_MAXUINT16) {
		packet->comment_at = (guint16)comment_at;
		packet->comment_length = (guint16)frame->comment_length;
	}
	self->bytes += frame->block_length;
	self->packets[packet->number % PACKET_STORE_FRAMES] = packet;
	return packet;
}

guint64 packet_store_first(const PacketStore *self)
{
	return self->first;
}

guint64 packet_store_last(const PacketStore *self)
{
	return self->last;
}

const Packet *packet_store_get(const PacketStore *self, guint64 number)
{
	return number >= self->first && number <= self->last ? self->packets[number % PACKET_STORE_FRAMES] : NULL;
}

const guint8 *packet_bytes(const Packet *packet)
{
	return packet->block + FRAME_HEADER;
}

char *packet_comment(const Packet *packet)
{
	return packet->comment_length
		? g_utf8_make_valid((const char *)packet->block + packet->comment_at, packet->comment_length)
		: NULL;
}

GBytes *packet_store_file(const PacketStore *self, const GByteArray *head)
{
	GByteArray *file = g_byte_array_sized_new((guint)(head->len + self->bytes));
	g_byte_array_append(file, head->data, head->len);
	for (guint64 number = self->first; number <= self->last; number++) {
		const Packet *packet = self->packets[number % PACKET_STORE_FRAMES];
		g_byte_array_append(file, packet->block, packet->block_length);
	}
	return g_byte_array_free_to_bytes(file);
}

static void begin_window(PacketSampler *self, gint64 now)
{
	gboolean is_new = !self->stride, next = !is_new && now - self->window < 2 * SAMPLER_WINDOW;
	guint spared = self->taken < SAMPLER_BUDGET ? SAMPLER_BUDGET - self->taken : 0;
	/* As many as came in the last window are expected in this one; after a silence, all are taken. */
	self->stride = next ? MAX(1, (self->seen + SAMPLER_BUDGET - 1) / SAMPLER_BUDGET) : 1;
	self->credit = is_new || !next ? SAMPLER_CREDIT : MIN(self->credit + spared, SAMPLER_CREDIT);
	self->window = now;
	self->seen = self->taken = 0;
}

gboolean packet_sampler_take(PacketSampler *self, gint64 now)
{
	if (!self->stride || now - self->window >= SAMPLER_WINDOW)
		begin_window(self, now);
	gboolean within = self->seen++ % self->stride == 0 && self->taken < SAMPLER_BUDGET;
	gboolean take = within || self->credit;
	self->taken += within;
	self->credit -= !within && take;
	self->total++;
	self->skipped += !take;
	return take;
}
