/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/history_reader.h"

#include "switch/offload.h"

#include <string.h>

/* Enough for the headers of 64 KiB in the smallest segments that make sense; what does not fit stays uncut. */
#define SCRATCH_SIZE (8u << 20)

typedef struct {
	GByteArray *bytes;
	size_t at; /* of the next record */
} Copy;

typedef struct {
	uint16_t interfaces[2];
	bool inbound[2];
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
	g_array_append_val(self->copies, ((Copy){bytes, 0}));
}

void history_reader_want(HistoryReader *self, uint16_t cable, const TapPoint *point)
{
	Place *place = g_new(Place, 1);
	for (unsigned i = 0; i < 2; i++) {
		place->interfaces[i] = tap_interface_number(point->interfaces[i]);
		place->inbound[i] = point->inbound[i];
	}
	g_hash_table_insert(self->places, GUINT_TO_POINTER(cable), place);
}

static const HistoryRecord *peek(const Copy *copy)
{
	/* Records are aligned, as a byte array's memory is. */
	return copy->at < copy->bytes->len ? (const HistoryRecord *)(const void *)(copy->bytes->data + copy->at) : NULL;
}

static Copy *oldest(const HistoryReader *self)
{
	Copy *found = NULL;
	for (guint i = 0; i < self->copies->len; i++) {
		Copy *copy = &g_array_index(self->copies, Copy, i);
		const HistoryRecord *record = peek(copy);
		if (record && (!found || record->capture.time < peek(found)->capture.time))
			found = copy;
	}
	return found;
}

uint64_t history_reader_oldest(const HistoryReader *self)
{
	const Copy *copy = oldest(self);
	return copy ? peek(copy)->capture.time : 0;
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

/* Makes of a record the frames that were on the wire. */
static void cut(HistoryReader *self, const HistoryRecord *record, const Place *place)
{
	struct iovec part = {(void *)(record + 1), record->capture.captured};
	Frame frame = {.parts = &part, .n_parts = 1, .length = record->capture.length, .offload = record->offload};
	/* A checksum cannot be made of half a frame. */
	if (record->capture.captured < record->capture.length && frame.offload.segmentation == SEGMENT_NONE)
		frame.offload = (Offload){0};
	self->record = record->capture;
	self->record.interface = place->interfaces[record->from];
	self->record.flags |= place->inbound[record->from] ? CAPTURE_INBOUND : 0;
	self->next = 0;
	self->pass.taken = 0;
	g_byte_array_set_size(self->bytes, 0);
	g_array_set_size(self->segments, 0);
	if (offload_resolve(&frame, &self->pass, keep, self))
		return;
	g_byte_array_set_size(self->bytes, 0);
	g_array_set_size(self->segments, 0);
	keep(&frame, &self->pass, self);
}

static bool next(void *data, CaptureRecord *record, const uint8_t **bytes)
{
	HistoryReader *self = data;
	while (self->next == self->segments->len) {
		Copy *copy = oldest(self);
		if (!copy)
			return false;
		const HistoryRecord *found = peek(copy);
		const Place *place = g_hash_table_lookup(self->places, GUINT_TO_POINTER(found->capture.interface));
		if (place && found->capture.time >= self->since)
			cut(self, found, place);
		copy->at += history_record_size(found);
	}
	const Segment *segment = &g_array_index(self->segments, Segment, self->next++);
	*record = self->record;
	record->captured = segment->captured;
	record->length = segment->length;
	*bytes = self->bytes->data + segment->at;
	return true;
}

TapPrelude history_reader_prelude(HistoryReader *self)
{
	return (TapPrelude){.next = next, .free = history_reader_free, .data = self};
}
