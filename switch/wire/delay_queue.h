/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in flight, ordered by the time at which they leave the cable: a heap. Frames with the same time keep their order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t due;    /* nanoseconds, monotonic: it comes out */
	uint64_t sent;   /* the wire has taken its last bit */
	uint32_t number; /* set by delay_queue_put() */
	uint32_t block;  /* of the frame pool */
} HeldFrame;

typedef struct {
	HeldFrame *heap;
	uint32_t length, next_number;
} DelayQueue;

/** Takes memory for max frames; what is never used costs nothing. */
void delay_queue_init(DelayQueue *queue, size_t max);
void delay_queue_clear(DelayQueue *queue);
/** There must be room. */
void delay_queue_put(DelayQueue *queue, HeldFrame frame);
/** Takes the first; there must be one. */
HeldFrame delay_queue_take(DelayQueue *queue);

static inline bool delay_queue_is_empty(const DelayQueue *queue)
{
	return queue->length == 0;
}

/** When the first is due; there must be one. */
static inline uint64_t delay_queue_due(const DelayQueue *queue)
{
	return queue->heap[0].due;
}
