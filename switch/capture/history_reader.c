/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/history_reader.h"

#include "switch/frame/offload.h"

#include <string.h>

/* Enough for the headers of 64 KiB in the smallest segments that make sense; what does not fit stays uncut. */
#define SCRATCH_SIZE (8u << 20)

typedef struct {
	GByteArray *bytes;
	size_t at;   /* of the next record */
	size_t full; /* of the last that was complete; at first of the next */
} Copy;

typedef struct {
	uint16_t interfaces[2];
	bool inbound[2];
	uint64_t missing[2]; /* by the end they came from: frames after the last record, and before those read */
} Place;

typedef struct {
	uint32_t at, captured, length;
} Segment;

struct HistoryReader {
	uint64_t since;
	GArray *copies;     /* of Copy */
	GHashTable *places; /* number of a cable -> Place */
	Pass pass;
	/* What the last record was cut into. */
	CaptureRecord record;
	uint64_t missing; /* before it */
	GByteArray *bytes;
	GArray *segments; /* of Segment */
	guint next;
};

static void copy_clear(gpointer data)
{
	g_byte_array_unref(((Copy *)data)->bytes);
}

/* Scratch memory is taken back after each record. */
static void no_flush(void *data)
{
}

HistoryReader *history_reader_new(uint64_t since)
{
	HistoryReader *self = g_new0(HistoryReader, 1);
	self->since = since;
	self->copies = g_array_new(FALSE, FALSE, sizeof(Copy));
	g_array_set_clear_func(self->copies, copy_clear);
	self->places = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	self->bytes = g_byte_array_new();
	self->segments = g_array_new(FALSE, FALSE, sizeof(Segment));
	self->pass = (Pass){.memory = g_malloc(SCRATCH_SIZE), .size = SCRATCH_SIZE, .flush = no_flush};
	return self;
}

void history_reader_free(void *data)
{
	HistoryReader *self = data;
	g_array_unref(self->copies);
	g_hash_table_unref(self->places);
	g_byte_array_unref(self->bytes);
	g_array_unref(self->segments);
	g_free(self->pass.memory);
	g_free(self);
}

void history_reader_add(HistoryReader *self, GByteArray *bytes)
{
	g_array_append_val(self->copies, ((Copy){bytes, 0, 0}));
}

void history_reader_want(HistoryReader *self, uint16_t cable, const RecorderPoint *point, const uint64_t missing[2])
{
	Place *place = g_new(Place, 1);
	for (unsigned i = 0; i < 2; i++) {
		place->interfaces[i] = recorder_interface_number(point->interfaces[i]);
		place->inbound[i] = point->inbound[i];
		place->missing[i] = missing[i];
	}
	g_hash_table_insert(self->places, GUINT_TO_POINTER(cable), place);
}

/* Frames of an interface that are not there, once all was read. */
static uint64_t missing_of(void *data, unsigned interface)
{
	HistoryReader *self = data;
	uint64_t sum = 0;
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, self->places);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const Place *place = value;
		for (unsigned from = 0; from < 2; from++)
			sum += place->interfaces[from] == interface ? place->missing[from] : 0;
	}
	return sum;
}

static const HistoryRecord *record_at(const Copy *copy, size_t at)
{
	/* Records are aligned, as a byte array's memory is. */
	return (const HistoryRecord *)(const void *)(copy->bytes->data + at);
}

static bool is_at_end(const Copy *copy)
{
	return copy->at >= copy->bytes->len;
}

/* The time of the next record; of what is not repeated, from the one before it. */
static uint64_t time_of(const Copy *copy)
{
	return record_at(copy, record_at(copy, copy->at)->flags & HISTORY_SAME ? copy->full : copy->at)->time;
}

static Copy *oldest(const HistoryReader *self)
{
	Copy *found = NULL;
	for (guint i = 0; i < self->copies->len; i++) {
		Copy *copy = &g_array_index(self->copies, Copy, i);
		if (!is_at_end(copy) && (!found || time_of(copy) < time_of(found)))
			found = copy;
	}
	return found;
}

uint64_t history_reader_oldest(const HistoryReader *self)
{
	const Copy *copy = oldest(self);
	return copy ? time_of(copy) : 0;
}

static void keep(const Frame *frame, Pass *pass, void *data)
{
	HistoryReader *self = data;
	Segment segment = {.at = self->bytes->len, .length = (uint32_t)frame->length};
	for (unsigned i = 0; i < frame->n_parts; i++)
		g_byte_array_append(self->bytes, frame->parts[i].iov_base, (guint)frame->parts[i].iov_len);
	segment.captured = self->bytes->len - segment.at;
	g_array_append_val(self->segments, segment);
}

static uint64_t missing_before(const HistoryRecord *entry)
{
	uint64_t missing = entry->flags & HISTORY_SAME ? entry->length : 0;
	if (entry->flags & HISTORY_GAP)
		memcpy(&missing, entry + 1, sizeof(missing));
	return missing;
}

/* Makes of a record the frames that were on the wire. entry: that of the cable; full: the record that has all. */
static void cut(HistoryReader *self, const HistoryRecord *entry, const HistoryRecord *full, Place *place)
{
	const uint8_t *bytes = (const uint8_t *)(full + 1) + (full->flags & HISTORY_GAP ? sizeof(uint64_t) : 0);
	unsigned from = entry->flags & HISTORY_FROM ? 1 : 0;
	HistoryOffload offload = {0};
	self->missing = missing_before(entry);
	place->missing[from] += self->missing;
	if (full->flags & HISTORY_OFFLOADED) {
		memcpy(&offload, bytes, sizeof(offload));
		bytes += sizeof(offload);
	}
	struct iovec part = {(void *)bytes, full->captured};
	Frame frame = {.parts = &part, .n_parts = 1, .length = full->length};
	/* A checksum cannot be made of half a frame. */
	if (full->flags & HISTORY_OFFLOADED && (full->captured == full->length || offload.segmentation != SEGMENT_NONE))
		frame.offload = (Offload){true, offload.checksum_start, offload.checksum_offset,
			(Segmentation)offload.segmentation, offload.segment_size, false};
	self->record = (CaptureRecord){.time = full->time,
		.delay = full->delay,
		.drop = full->drop,
		.interface = place->interfaces[from],
		.flags =
			(uint8_t)((full->flags &
					  (CAPTURE_CORRUPTED | CAPTURE_DUPLICATED | CAPTURE_COPY | CAPTURE_REORDERED)) |
				(place->inbound[from] ? CAPTURE_INBOUND : 0))};
	self->next = 0;
	self->pass.taken = 0;
	g_byte_array_set_size(self->bytes, 0);
	g_array_set_size(self->segments, 0);
	if (offload_resolve(&frame, &self->pass, keep, self) == COUNTER_NONE)
		return;
	g_byte_array_set_size(self->bytes, 0);
	g_array_set_size(self->segments, 0);
	keep(&frame, &self->pass, self);
}

static bool next(void *data, CaptureRecord *record, const uint8_t **bytes, uint64_t *missing)
{
	HistoryReader *self = data;
	while (self->next == self->segments->len) {
		Copy *copy = oldest(self);
		if (!copy)
			return false;
		const HistoryRecord *entry = record_at(copy, copy->at);
		if (!(entry->flags & HISTORY_SAME))
			copy->full = copy->at;
		const HistoryRecord *full = record_at(copy, copy->full);
		Place *place = g_hash_table_lookup(self->places, GUINT_TO_POINTER(entry->cable));
		if (place && full->time >= self->since)
			cut(self, entry, full, place);
		copy->at += history_record_size(entry);
	}
	const Segment *segment = &g_array_index(self->segments, Segment, self->next++);
	*record = self->record;
	*missing = self->missing;
	self->missing = 0;
	record->captured = segment->captured;
	record->length = segment->length;
	*bytes = self->bytes->data + segment->at;
	return true;
}

RecorderPrelude history_reader_prelude(HistoryReader *self)
{
	return (RecorderPrelude){.next = next, .missing = missing_of, .free = history_reader_free, .data = self};
}
