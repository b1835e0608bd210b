/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring consists of chunks of complete records. The oldest chunk is discarded as a whole, so that a writer never has to
 * inspect what it overwrites. */
#include "switch/capture/history.h"

#include "switch/frame/offload.h"

#include <string.h>

#define CHUNKS_MIN 16
#define CHUNK_MAX (1u << 20) /* so much is copied while the worker waits: some 100 microseconds */
#define SECONDS_WHOLE 10
#define PARTS_OF_SECOND 10 /* the ring lasts that part of a second, whatever comes */
#define REFILL_NS UINT64_C(100000)
#define SECOND UINT64_C(1000000000)

struct History {
	uint8_t *memory;
	size_t chunk;      /* bytes of one */
	size_t chunks;     /* how many there are */
	uint64_t position; /* of the next record: its chunk is position / chunk, modulo chunks */
	size_t *used;      /* bytes of records in each, but the one that is being filled */
	uint64_t *
		missing; /* by cable and direction, 2 * cable + from: frames that were not kept since the last that was */
	/* What was put last, while its chunk is being filled: its bytes in the memory of a port, and when. */
	const void *last;
	size_t last_length;
	uint64_t last_time;
	/* Bytes that may be kept now, of frames as a whole and of anything, so that the ring lasts. They grow with time, up to a
	 * quarter of the ring. */
	uint64_t allowance, room, allowance_max;
	uint64_t refilled; /* when they grew last */
};

History *history_new(size_t size)
{
	History *self = g_new0(History, 1);
	size = MAX(size, HISTORY_SIZE_MIN);
	self->chunk = MIN(size / CHUNKS_MIN, CHUNK_MAX) & ~(size_t)7;
	self->chunks = size / self->chunk;
	self->used = g_new0(size_t, self->chunks);
	/* Untouched pages of them cost nothing. */
	self->missing = g_new0(uint64_t, 2 * (G_MAXUINT16 + 1));
	self->memory = g_malloc(self->chunk * self->chunks);
	self->allowance = self->room = self->allowance_max = self->chunk * (self->chunks / 4);
	return self;
}

void history_free(History *self)
{
	if (!self)
		return;
	g_free(self->missing);
	g_free(self->used);
	g_free(self->memory);
	g_free(self);
}

static void refill(History *self, uint64_t now)
{
	uint64_t passed = now - self->refilled;
	if (passed < REFILL_NS)
		return;
	self->refilled = now;
	uint64_t grown = MIN(passed, SECOND) / 1000 * (self->allowance_max * 4) / (SECOND / 1000);
	self->allowance = MIN(self->allowance + grown / SECONDS_WHOLE, self->allowance_max);
	self->room = MIN(self->room + grown * PARTS_OF_SECOND, self->allowance_max);
}

/* The room of the next record. */
static uint8_t *take(History *self, size_t size)
{
	size_t at = self->position % self->chunk;
	if (at + size > self->chunk) {
		self->used[self->position / self->chunk % self->chunks] = at;
		self->position += self->chunk - at;
	}
	uint8_t *room = self->memory + self->position % (self->chunk * self->chunks);
	self->position += size;
	/* It has filled the chunk to the last byte. */
	if (self->position % self->chunk == 0) {
		self->used[(self->position - 1) / self->chunk % self->chunks] = self->chunk;
		self->last = NULL;
	}
	return room;
}

/* A frame that a network passes on lies where it lay, and no time has passed. */
static bool is_last(const History *self, const Frame *frame, const Moment *now)
{
	return self->last == frame->parts[0].iov_base && self->last_length == frame->length &&
		self->last_time == now->monotonic && self->position % self->chunk + HISTORY_SAME_SIZE <= self->chunk;
}

/* Writes the record, how many are missing, and as many of the frame's bytes as it says. */
static void write_record(History *self, const HistoryRecord *record, uint64_t missing, const Frame *frame)
{
	uint8_t *room = take(self, history_record_size(record));
	memcpy(room, record, sizeof(*record));
	room += sizeof(*record);
	if (record->flags & HISTORY_GAP) {
		memcpy(room, &missing, sizeof(missing));
		room += sizeof(missing);
	}
	if (record->flags & HISTORY_OFFLOADED) {
		HistoryOffload offload = {frame->offload.checksum_start, frame->offload.checksum_offset,
			frame->offload.segment_size, (uint16_t)frame->offload.segmentation};
		memcpy(room, &offload, sizeof(offload));
		room += sizeof(offload);
	}
	size_t left = record->captured;
	for (unsigned i = 0; i < frame->n_parts && left > 0; i++) {
		size_t n = MIN(frame->parts[i].iov_len, left);
		memcpy(room, frame->parts[i].iov_base, n);
		room += n;
		left -= n;
	}
}

void history_put(History *self, uint16_t cable, unsigned from, bool passed_on, const Frame *frame,
	const Verdict *verdict, const Moment *now)
{
	uint64_t *missing = &self->missing[2 * cable + from];
	refill(self, now->monotonic);
	if (self->room < sizeof(HistoryRecord) + HISTORY_HEAD) {
		self->last = NULL;
		*missing += offload_count(frame);
		return;
	}
	HistoryRecord record = {.flags = from ? HISTORY_FROM : 0,
		.drop = COUNTER_NONE,
		.cable = cable,
		.length = (uint32_t)frame->length,
		.time = now->wall,
		.captured = (uint32_t)frame->length};
	if (passed_on && !verdict && is_last(self, frame, now)) {
		record.flags |= HISTORY_SAME;
		record.length = (uint32_t)MIN(*missing, G_MAXUINT32);
		*missing = 0;
		memcpy(take(self, HISTORY_SAME_SIZE), &record, HISTORY_SAME_SIZE);
		return;
	}
	if (frame->offload.checksum)
		record.flags |= HISTORY_OFFLOADED;
	if (*missing)
		record.flags |= HISTORY_GAP;
	if (verdict) {
		CaptureRecord judged = {.flags = record.flags};
		capture_record_judge(&judged, verdict);
		record.flags = judged.flags;
		record.drop = judged.drop;
		record.delay = judged.delay;
	}
	size_t size = history_record_size(&record);
	if (frame->length > HISTORY_HEAD && (size > self->allowance || size > self->chunk)) {
		record.captured = HISTORY_HEAD;
		size = history_record_size(&record);
	}
	self->allowance -= MIN(self->allowance, size);
	self->room -= MIN(self->room, size);
	self->last = frame->parts[0].iov_base;
	self->last_length = frame->length;
	self->last_time = now->monotonic;
	/* A delay would be another's too. */
	if (verdict)
		self->last = NULL;
	write_record(self, &record, *missing, frame);
	*missing = 0;
}

uint64_t history_missing(const History *self, uint16_t cable, unsigned from)
{
	return self->missing[2 * cable + from];
}

uint64_t history_position(const History *self)
{
	return self->position;
}

bool history_copy(const History *self, uint64_t *from, uint64_t to, GByteArray *bytes)
{
	uint64_t current = self->position / self->chunk, before = self->chunks - 1;
	guint begin_length = bytes->len;
	uint64_t oldest = current >= before ? (current - before) * self->chunk : 0;
	*from = MAX(*from, oldest);
	while (*from < to && bytes->len - begin_length < CHUNK_MAX) {
		uint64_t chunk = *from / self->chunk, begin = chunk * self->chunk;
		uint64_t end = MIN(to, chunk < current ? begin + self->used[chunk % self->chunks] : self->position);
		if (*from < end)
			g_byte_array_append(
				bytes, self->memory + *from % (self->chunk * self->chunks), (guint)(end - *from));
		*from = end < to ? begin + self->chunk : to;
	}
	return *from < to;
}
