/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binary heap. Its array grows with the number of timers that are set at the same time, which depends on the numbers of
 * cables and bridges; so it grows rarely, and it never shrinks. */
#include "switch/loop/timers.h"

#include <assert.h>

void timers_init(Timers *timers)
{
	timers->heap = g_ptr_array_sized_new(64);
	timers->blocked = g_ptr_array_sized_new(64);
}

void timers_clear(Timers *timers)
{
	assert(!timers->heap || (timers->heap->len == 0 && timers->blocked->len == 0));
	g_clear_pointer(&timers->heap, g_ptr_array_unref);
	g_clear_pointer(&timers->blocked, g_ptr_array_unref);
}

static Timer *at(const Timers *timers, guint place)
{
	return timers->heap->pdata[place - 1];
}

static void put(Timers *timers, Timer *timer, guint place)
{
	timers->heap->pdata[place - 1] = timer;
	timer->place = place;
}

/* Moves what should be nearer to the root, or further from it, to where it belongs. */
static void settle(Timers *timers, Timer *timer, guint place)
{
	for (; place > 1 && at(timers, place / 2)->due > timer->due; place /= 2)
		put(timers, at(timers, place / 2), place);
	for (guint child; (child = 2 * place) <= timers->heap->len; place = child) {
		if (child < timers->heap->len && at(timers, child + 1)->due < at(timers, child)->due)
			child++;
		if (at(timers, child)->due >= timer->due)
			break;
		put(timers, at(timers, child), place);
	}
	put(timers, timer, place);
}

static void forget_blocked(Timers *timers, Timer *timer)
{
	if (timer->blocked)
		g_ptr_array_remove_fast(timers->blocked, timer);
	timer->blocked = false;
}

void timers_set(Timers *timers, Timer *timer, uint64_t due)
{
	forget_blocked(timers, timer);
	timer->due = due;
	if (!timer->place) {
		g_ptr_array_add(timers->heap, timer);
		timer->place = timers->heap->len;
	}
	settle(timers, timer, timer->place);
}

void timers_block(Timers *timers, Timer *timer)
{
	timers_cancel(timers, timer);
	timer->blocked = true;
	g_ptr_array_add(timers->blocked, timer);
}

void timers_unblock(Timers *timers)
{
	while (timers->blocked->len > 0)
		timers_set(timers, timers->blocked->pdata[0], 0);
}

void timers_cancel(Timers *timers, Timer *timer)
{
	forget_blocked(timers, timer);
	guint place = timer->place;
	if (!place)
		return;
	Timer *last = at(timers, timers->heap->len);
	g_ptr_array_set_size(timers->heap, (gint)timers->heap->len - 1);
	timer->place = 0;
	if (last != timer)
		settle(timers, last, place);
}

void timers_fire(Timers *timers, Pass *pass)
{
	while (timers->heap->len > 0 && at(timers, 1)->due <= pass->now.monotonic) {
		Timer *timer = at(timers, 1);
		timers_cancel(timers, timer);
		timer->fire(timer, pass);
		pass_settle(pass);
	}
}

int64_t timers_wait(const Timers *timers, uint64_t now)
{
	if (timers->heap->len == 0)
		return TIMERS_NEVER;
	uint64_t due = at(timers, 1)->due;
	return due > now ? (int64_t)(due - now) : 0;
}
