/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things that a worker must do later: a heap of timers, ordered by due time. */
#pragma once

#include "switch/frame/pass.h"

#include <glib.h>

typedef struct Timer Timer;

/** Embedded in what it belongs to, zeroed but for fire. */
struct Timer {
	/* It is due; it is not set any more, and may set itself again, or be freed. */
	void (*fire)(Timer *timer, Pass *pass);
	uint64_t due; /* nanoseconds, monotonic */
	guint place;  /* in the heap, from 1; 0: not set, or blocked */
	bool blocked;
};

typedef struct {
	GPtrArray *heap;
	GPtrArray *blocked;
} Timers;

enum { TIMERS_NEVER = -1 };

void timers_init(Timers *timers);
/** None may be set any more: what it belongs to would unset it later, in memory that is gone. */
void timers_clear(Timers *timers);
/** Sets a timer, or changes it. due in nanoseconds. */
void timers_set(Timers *timers, Timer *timer, uint64_t due);
/** It will be due when timers_unblock() is called. */
void timers_block(Timers *timers, Timer *timer);
void timers_unblock(Timers *timers);
/** Unsets it; harmless on one that is not set. */
void timers_cancel(Timers *timers, Timer *timer);
/** Fires all that are due at pass->now. */
void timers_fire(Timers *timers, Pass *pass);
/** Nanoseconds from now to the first that is due, at least 0; TIMERS_NEVER when none is set. */
int64_t timers_wait(const Timers *timers, uint64_t now);
