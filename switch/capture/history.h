/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The most recent frames on the cables of a worker: a ring of records in memory; new records overwrite the oldest.
 *
 * Frames are stored completely as long as the ring can hold ten seconds of traffic. Beyond that, only their first HISTORY_HEAD
 * bytes are stored, and of a flood that would fill the ring in a tenth of a second only some frames, with the number of those
 * that are missing. To keep the cost low, a frame that is still to be segmented is stored as it is and segmented when it is
 * read, and a frame that a network forwards to other cables is stored once. Used only in the thread of its worker. */
#pragma once

#include "switch/capture/capture_format.h"
#include "switch/frame/frame.h"
#include "switch/frame/moment.h"

#include <glib.h>

enum {
	HISTORY_HEAD = 96,          /* bytes: Ethernet, a VLAN tag, IPv6, and TCP with its usual options */
	HISTORY_SIZE_MIN = 1 << 18, /* bytes */
};

typedef struct History History;

/* Bits of HistoryRecord.flags, besides those of CaptureRecord, whose first one nobody needs here. */
enum {
	HISTORY_GAP =
		1 << 0, /* how many frames of this cable and direction are missing before it (64 bits) comes next */
	HISTORY_FROM = 1 << 5,      /* it entered at end 1 of the cable */
	HISTORY_SAME = 1 << 6,      /* what follows cable is as in the last record that is not so, and not repeated */
	HISTORY_OFFLOADED = 1 << 7, /* a HistoryOffload comes before the bytes */
};

typedef struct {
	uint8_t flags;
	int8_t drop;
	uint16_t cable;
	uint32_t length; /* of the frame, bytes; where HISTORY_SAME is set, how many frames are missing before it */
	uint64_t time;   /* nanoseconds since 1970 */
	uint32_t captured;
	uint32_t delay; /* microseconds */
} HistoryRecord;

enum { HISTORY_SAME_SIZE = 8 };

typedef struct {
	uint16_t checksum_start, checksum_offset, segment_size, segmentation;
} HistoryOffload;

/** size in bytes, at least HISTORY_SIZE_MIN. */
History *history_new(size_t size);
void history_free(History *self);

/** A frame has entered a cable at an end; verdict may be NULL. passed_on: it comes from a network, so that it may be what
 *  was put last. */
void history_put(History *self, uint16_t cable, unsigned from, bool passed_on, const Frame *frame,
	const Verdict *verdict, const Moment *now);

/** Frames of a cable and direction that were not kept since the last that was. */
uint64_t history_missing(const History *self, uint16_t cable, unsigned from);
/** Where the next record will be. Positions grow for ever. */
uint64_t history_position(const History *self);
/** Appends some records between two positions to bytes, and moves from; what was overwritten is skipped. Returns false
 *  when there are no more. Each is a HistoryRecord, the number of frames missing and a HistoryOffload where
 *  there are, its bytes, and padding to eight. */
bool history_copy(const History *self, uint64_t *from, uint64_t to, GByteArray *bytes);
/** Bytes of a record in what history_copy() gave. */
static inline size_t history_record_size(const HistoryRecord *record)
{
	if (record->flags & HISTORY_SAME)
		return HISTORY_SAME_SIZE;
	size_t gap = record->flags & HISTORY_GAP ? sizeof(uint64_t) : 0;
	size_t offload = record->flags & HISTORY_OFFLOADED ? sizeof(HistoryOffload) : 0;
	return (sizeof(*record) + gap + offload + record->captured + 7) & ~(size_t)7;
}
