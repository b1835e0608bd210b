/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring is made of chunks, each holding whole records: the oldest chunk is given up as a whole, so that writing never
 * has to look at what it overwrites. */
#include "switch/history.h"

#include <string.h>

#define CHUNKS_MIN 16
#define CHUNK_MAX (1u << 20) /* so much is copied while the worker waits: some 100 microseconds */
#define SECONDS_WHOLE 10
#define REFILL_NS UINT64_C(100000)
#define SECOND UINT64_C(1000000000)

struct History {
	uint8_t *memory;
	size_t chunk;         /* bytes of one */
	size_t chunks;        /* how many there are */
	uint64_t position;    /* of the next record: its chunk is position / chunk, modulo chunks */
	size_t *used;         /* bytes of records in each, but the one that is being filled */
	/* Bytes that may be kept now so that the ring still lasts. Grows with time, up to a quarter of the ring. */
	uint64_t allowance, allowance_max;
	uint64_t refilled; /* when it grew last */
};

History *history_new(size_t size)
{
	History *self = g_new0(History, 1);
	size = MAX(size, HISTORY_SIZE_MIN);
	self->chunk = MIN(size / CHUNKS_MIN, CHUNK_MAX) & ~(size_t)7;
	self->chunks = size / self->chunk;
	self->used = g_new0(size_t, self->chunks);
	/* Untouched pages of it cost nothing. */
	self->memory = g_malloc(self->chunk * self->chunks);
	self->allowance = self->allowance_max = self->chunk * (self->chunks / 4);
	return self;
}

void history_free(History *self)
{
	if (!self)
		return;
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
	passed = MIN(passed, SECONDS_WHOLE * SECOND);
	uint64_t grown = self->allowance + passed / 1000 * (self->allowance_max * 4) / (SECONDS_WHOLE * SECOND / 1000);
	self->allowance = MIN(grown, self->allowance_max);
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
	if (self->position % self->chunk == 0)
		self->used[(self->position - 1) / self->chunk % self->chunks] = self->chunk;
	return room;
}

void history_put(History *self, uint16_t cable, unsigned from, const Frame *frame, const Verdict *verdict,
		 const Moment *now)
{
	HistoryRecord record = {
		.capture = {.time = now->wall, .captured = (uint32_t)frame->length, .length = (uint32_t)frame->length,
			.interface = cable},
		.offload = frame->offload,
		.from = (uint8_t)from,
	};
	capture_record_judge(&record.capture, verdict);
	refill(self, now->monotonic);
	size_t size = history_record_size(&record);
	if (frame->length > HISTORY_HEAD && (size > self->allowance || size > self->chunk)) {
		record.capture.captured = HISTORY_HEAD;
		size = history_record_size(&record);
	}
	self->allowance -= MIN(self->allowance, size);
	uint8_t *room = take(self, size);
	memcpy(room, &record, sizeof(record));
	room += sizeof(record);
	size_t left = record.capture.captured;
	for (unsigned i = 0; i < frame->n_parts && left > 0; i++) {
		size_t n = MIN(frame->parts[i].iov_len, left);
		memcpy(room, frame->parts[i].iov_base, n);
		room += n;
		left -= n;
	}
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
			g_byte_array_append(bytes, self->memory + *from % (self->chunk * self->chunks), (guint)(end - *from));
		*from = end < to ? begin + self->chunk : to;
	}
	return *from < to;
}
