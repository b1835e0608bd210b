/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tap: a capture of the frames on one cable, in pcap format with nanoseconds, to a descriptor.
 *
 * Three threads meet here. The control thread makes, finishes and frees it. The worker offers frames, which are
 * filtered and copied into a ring, or counted as dropped when that is full; it never waits. A writer thread of the
 * tap's own empties the ring into the descriptor. A tap ends by its count, by tap_finish(), or by an error of the descriptor. */
#pragma once

#include "switch/frame.h"
#include "switch/moment.h"
#include "switch/verdict.h"

#include <glib.h>

typedef struct Tap Tap;

typedef struct {
	const char *filter;  /* pcap-filter(7), empty or NULL: every frame */
	uint32_t snaplen;    /* bytes kept of a frame; 0: all of it */
	uint64_t count;      /* ends after so many frames; 0: never */
	void (*ended)(void *data); /* called once, in the writer's thread, when all is written and closed */
	void *data;
} TapOptions;

typedef struct {
	uint64_t captured; /* whole frames written */
	uint64_t dropped;  /* that should have been captured and were not: no room, or never written */
	const char *reason; /* "count", "stopped", or the error; owned by the tap */
	bool failed;        /* the reason is an error */
} TapResult;

/** Makes a tap that writes to output, which it owns if it succeeds. Fails when the filter cannot be compiled
 *  (G_IO_ERROR_INVALID_ARGUMENT, with libpcap's own words) or no thread can be started. */
Tap *tap_new(const TapOptions *options, int output, GError **error);
/** Ends the tap if it has not ended, waits for its writer and frees it. The worker must know it no more. */
void tap_free(Tap *tap);

/** Worker: a frame enters the cable, and this will become of it. */
void tap_offer(Tap *tap, const Frame *frame, const Verdict *verdict, const Moment *now);
/** Worker: the batch is over, the writer may have what was offered. */
void tap_commit(Tap *tap);

/** Control: writes what was captured so far and ends. The worker must know the tap no more. A reader that takes
 *  nothing for two seconds is given up, what it did not get counts as dropped. */
void tap_finish(Tap *tap);
/** Control: the outcome, once ended was called and the worker knows the tap no more. */
TapResult tap_result(const Tap *tap);
