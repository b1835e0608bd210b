/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/wire/delay_queue.h"

#include <glib.h>

void delay_queue_init(DelayQueue *queue, size_t max)
{
	*queue = (DelayQueue){.heap = g_new(HeldFrame, max)};
}

void delay_queue_clear(DelayQueue *queue)
{
	g_clear_pointer(&queue->heap, g_free);
	queue->length = 0;
}

/* Numbers may wrap around; those of frames that wait at the same time are near each other. */
static bool is_before(const HeldFrame *a, const HeldFrame *b)
{
	return a->due != b->due ? a->due < b->due : (int32_t)(a->number - b->number) < 0;
}

void delay_queue_put(DelayQueue *queue, HeldFrame frame)
{
	HeldFrame *heap = queue->heap;
	uint32_t place = queue->length++;
	frame.number = queue->next_number++;
	for (; place > 0 && is_before(&frame, &heap[(place - 1) / 2]); place = (place - 1) / 2)
		heap[place] = heap[(place - 1) / 2];
	heap[place] = frame;
}

HeldFrame delay_queue_take(DelayQueue *queue)
{
	HeldFrame *heap = queue->heap, first = heap[0], moved = heap[--queue->length];
	uint32_t place = 0;
	for (uint32_t child; (child = 2 * place + 1) < queue->length; place = child) {
		if (child + 1 < queue->length && is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!is_before(&heap[child], &moved))
			break;
		heap[place] = heap[child];
	}
	heap[place] = moved;
	return first;
}
