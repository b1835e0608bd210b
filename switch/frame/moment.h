/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A point in time, passed along the frame path. Only the loop of a worker reads a clock, so that tests, and perhaps one day a
 * clock shared by all guests (virtual time), can decide what time it is. */
#pragma once

#include <stdint.h>

typedef struct {
	uint64_t monotonic; /* nanoseconds; never goes back: ageing, queues */
	uint64_t wall;      /* nanoseconds since 1970, UTC: what a capture shows */
} Moment;

/** Tells the time. */
typedef void (*Clock)(Moment *now);

/** The host's clocks, CLOCK_MONOTONIC and CLOCK_REALTIME; both are read without a system call. */
void clock_host(Moment *now);
