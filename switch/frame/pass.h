/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What accompanies a frame through the switch: the time, and memory for the bytes that are rewritten on the way. */
#pragma once

#include "switch/frame/moment.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
	Moment now;
	uint8_t *memory; /* scratch: what is taken stays until the batch is flushed */
	size_t size, taken;
	unsigned depth, hops; /* networks that the frame is in now, and has been in */
	bool spread;          /* the frame goes to several: nobody waits for the slowest of them */
	bool congested;       /* a guest was kept waiting for: see worker_congest() */
	uint64_t batch;       /* counts flushes: what was to stay until the next one need not once this has changed */
	void (*flush)(void *data); /* sends all that refers to the scratch memory */
	void *data;
} Pass;

/** Memory for size bytes that stays until the batch is flushed; NULL when there is no more, which ends with the frame
 *  being dropped and counted. Enough for one frame of 64 KiB cut into segments for some hundred ports. */
static inline uint8_t *pass_take(Pass *pass, size_t size)
{
	size_t aligned = (size + 7) & ~(size_t)7;
	if (pass->size - pass->taken < aligned)
		return NULL;
	uint8_t *memory = pass->memory + pass->taken;
	pass->taken += aligned;
	return memory;
}

/** Between two frames, when nothing refers to the scratch memory but what waits to be sent: sends that if little memory
 *  is left. */
static inline void pass_settle(Pass *pass)
{
	if (pass->taken > pass->size / 4) {
		pass->flush(pass->data);
		pass->taken = 0;
	}
}
