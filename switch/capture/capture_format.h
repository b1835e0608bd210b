/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of capture files: pcapng (draft-ietf-opsawg-pcapng) and pcap (pcap-savefile(5)), with nanoseconds.
 *
 * This does not use libpcap, which cannot write pcapng with several interfaces, and writes only through a FILE, which cannot
 * tell complete frames from incomplete ones when the disk is full. Each function appends one complete block. */
#pragma once

#include "switch/frame/verdict.h"

#include <glib.h>

typedef enum {
	CAPTURE_PCAPNG,
	CAPTURE_PCAP,
} CaptureFormat;

enum { CAPTURE_SNAPLEN_MAX = 262144 };
#define CAPTURE_UNKNOWN UINT64_MAX

/* Bits of CaptureRecord.flags. */
enum {
	CAPTURE_INBOUND = 1 << 0, /* towards who owns the interface; else from it */
	CAPTURE_CORRUPTED = 1 << 1,
	CAPTURE_DUPLICATED = 1 << 2,
	CAPTURE_COPY = 1 << 3,
	CAPTURE_REORDERED = 1 << 4,
};

/** What is known of a captured frame besides its bytes. */
typedef struct {
	uint64_t time;      /* nanoseconds since 1970 */
	uint32_t captured;  /* bytes kept */
	uint32_t length;    /* bytes on the wire */
	uint32_t delay;     /* microseconds that the wire took */
	uint16_t interface; /* its number in the file, from 0 */
	int8_t drop;        /* Counter: why the wire lost it, or COUNTER_NONE */
	uint8_t flags;
} CaptureRecord;

/** Sets drop, delay and flags; verdict may be NULL: nothing happened to it. */
static inline void capture_record_judge(CaptureRecord *record, const Verdict *verdict)
{
	record->drop = verdict ? (int8_t)verdict->drop : COUNTER_NONE;
	record->delay = verdict ? (uint32_t)(verdict->delay / 1000) : 0;
	if (verdict)
		record->flags |= (uint8_t)((verdict->corrupted ? CAPTURE_CORRUPTED : 0) |
			(verdict->duplicated ? CAPTURE_DUPLICATED : 0) | (verdict->is_copy ? CAPTURE_COPY : 0) |
			(verdict->reordered ? CAPTURE_REORDERED : 0));
}

/** The beginning of the file. */
void capture_format_begin(GByteArray *out, CaptureFormat format, uint32_t snaplen);
/** pcapng: describes the next interface; filter may be NULL. Of no effect in pcap. */
void capture_format_interface(GByteArray *out, CaptureFormat format, const char *name, const char *description,
	const char *filter, uint32_t snaplen);
/** A frame; missing: how many of its interface and direction are not here, since the one before, which pcap cannot say.
 *  Returns where its record->captured bytes are to be put, before anything else is appended. */
uint8_t *capture_format_frame(GByteArray *out, CaptureFormat format, const CaptureRecord *record, uint64_t missing);
/** pcapng: how many frames an interface saw (or CAPTURE_UNKNOWN), and how many of them should be here and are not; time in
 *  nanoseconds. Of no effect in pcap. */
void capture_format_statistics(
	GByteArray *out, CaptureFormat format, unsigned interface, uint64_t time, uint64_t received, uint64_t dropped);
