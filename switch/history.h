/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passed over a worker's cables last: a ring of records in memory, the oldest overwritten.
 *
 * Frames are kept whole while what passes is so little that the ring holds it for ten seconds; of what is beyond that,
 * only the first HISTORY_HEAD bytes. A frame that its sender has left to be segmented is kept as it is, and cut when
 * somebody looks: so that keeping the history costs next to nothing. Belongs to its worker's thread. */
#pragma once

#include "switch/capture_format.h"
#include "switch/frame.h"
#include "switch/moment.h"

#include <glib.h>

enum {
	HISTORY_HEAD = 128,         /* bytes: all headers of nearly every frame */
	HISTORY_SIZE_MIN = 1 << 18, /* bytes */
};

typedef struct History History;

typedef struct {
	CaptureRecord capture; /* interface is the cable's number */
	Offload offload;
	uint8_t from; /* end of the cable where it entered */
} HistoryRecord;

/** size in bytes, at least HISTORY_SIZE_MIN. */
History *history_new(size_t size);
void history_free(History *self);

/** A frame has entered a cable at an end; verdict may be NULL. */
void history_put(History *self, uint16_t cable, unsigned from, const Frame *frame, const Verdict *verdict,
		 const Moment *now);

/** Where the next record will be. Positions grow for ever. */
uint64_t history_position(const History *self);
/** Appends some records between two positions to bytes, and moves from; what was overwritten is skipped. Returns false
 *  when there are no more. Each is a HistoryRecord, its capture.captured bytes, and padding to eight. */
bool history_copy(const History *self, uint64_t *from, uint64_t to, GByteArray *bytes);
/** Bytes of a record in what history_copy() gave. */
static inline size_t history_record_size(const HistoryRecord *record)
{
	return (sizeof(*record) + record->capture.captured + 7) & ~(size_t)7;
}
