/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cable does to a frame. It is decided when the frame enters, so that a capture can show it. */
#pragma once

#include "switch/frame/counters.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
	unsigned from;        /* end of the cable where it enters */
	Counter drop;         /* why it will not arrive; COUNTER_NONE: it will, as far as is known */
	bool is_copy;         /* the second of two, which the cable made of one */
	bool duplicated;      /* the first of two */
	bool reordered;       /* it skips the delay */
	bool ecn_marked;      /* as having met congestion: CE in its IP header, where it was ECT */
	bool corrupted;       /* bit corrupted_bit of the bytes, as shown, is not as it was sent */
	size_t corrupted_bit; /* from 0, the most significant bit of the first byte */
	uint64_t queued;      /* nanoseconds until the wire has taken its last bit at the cable's rate */
	uint64_t delay;       /* nanoseconds until it comes out at the far end, queued included */
} Verdict;
