/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cable from a port or a network (end 0) to another (end 1).
 *
 * Everything that happens to a frame on the wire happens here: cable_carry() shows it to the recorders and applies the
 * impairment of its direction; cable_deliver() gives it to the far end. */
#pragma once

#include "switch/capture/history.h"
#include "switch/capture/recorder.h"
#include "switch/loop/worker.h"
#include "switch/wire/impairment.h"

#include <stdatomic.h>

typedef struct Cable Cable;

/** What the cable calls of the one at its end, a port or a network. Any but deliver may be NULL. */
typedef struct {
	/* A frame has crossed the wire. Returns why it goes nowhere, or COUNTER_NONE. */
	Counter (*deliver)(void *owner, const Frame *frame, Pass *pass);
	/* Whether the far end is alive; also when nothing changed. */
	void (*set_carrier)(void *owner, bool carrier);
	/* cable_rate() may have changed. */
	void (*rate_changed)(void *owner);
} CableEndOps;

typedef struct {
	char *name;             /* of the port that belongs there, or of the network. Constant */
	bool is_network;        /* what is sent here may have come by another cable of the same network. Constant */
	bool alive;             /* somebody is there now, and takes frames */
	const CableEndOps *ops; /* of who is there now; NULL: nobody */
	void *owner;            /* for ops */
	Counters counters;     /* of frames that entered here: what became of them on the wire, why they went nowhere */
	Cable *cable;          /* which this is an end of. Constant */
	LinkSettings settings; /* for frames that enter here, as they were set */
	Impairment *impairment; /* what carries them out; NULL: a perfect wire */
	bool carrier;           /* as it was told last */
} CableEnd;

struct Cable {
	char *name;
	CableEnd ends[2];
	bool down;            /* unplugged by the user */
	GPtrArray *recorders; /* of RecorderPoint, borrowed */
	History *history;     /* of the worker, or NULL; borrowed. Constant, as number is */
	uint16_t number;      /* in the history */
	Worker *worker;       /* where all of it lives. Constant */
	/* The carrier of an end has changed; in the worker's thread, and NULL for nobody. Constant, as data is. */
	void (*changed)(Cable *cable, void *data);
	void *data;
	atomic_bool told; /* for who is told: whether something of it is still to be done */
};

/** A cable with nothing at its ends: cable_name_end() says what belongs there, before anything is plugged in. */
Cable *cable_new(const char *name, Worker *worker);
/** Frees it with what is under way, and unsets its timers: on its worker, which must still run. No port may be plugged in,
 *  and a network at its ends must go too before a frame passes. */
void cable_free(Cable *cable);

/** The end belongs to a network of this name, or to ports of this name. */
void cable_name_end(Cable *cable, unsigned end, const char *name, bool is_network);
/** Plugs an end in at its owner; borrowed, as ops is, until cable_unplug(). alive as for cable_set_alive(). */
void cable_plug(Cable *cable, unsigned end, const CableEndOps *ops, void *owner, bool alive);
void cable_unplug(Cable *cable, unsigned end);
/** Whether who is plugged in at the end takes frames. The other end learns it as its carrier. */
void cable_set_alive(Cable *cable, unsigned end, bool alive);
/** Unplugs the cable, which loses what is under way, or plugs it in again. */
void cable_set_down(Cable *cable, bool down, Pass *pass);

/** All that can be set of a cable. */
typedef struct {
	LinkSettings from[2]; /* for frames that enter at that end; one that is down unplugs the cable */
	uint64_t seeds[2]; /* of the generators of each direction; those of the first call with an impairment count */
	uint32_t longest;  /* bytes of the longest frame, which sizes a queue without a size; 0: CABLE_LONGEST_USUAL */
} CableSettings;

enum { CABLE_LONGEST_USUAL = 1514 };

/** What the worker lends. */
typedef struct {
	Timers *timers;
	FramePool *pool; /* NULL will do unless cable_needs_pool() */
	Pass *pass;
} CableMeans;

bool cable_needs_pool(const Cable *cable, const CableSettings *settings);
/** Sets both directions and the plug, at once. It cannot fail. */
void cable_set(Cable *cable, const CableSettings *settings, const CableMeans *means);

/** Does who sits at the end see a carrier? It is there when the cable is plugged in and the far end alive. */
static inline bool cable_has_carrier(const Cable *cable, unsigned end)
{
	return !cable->down && cable->ends[!end].alive;
}

/** Bit/s that the cable passes in its slower direction; 0: no limit. */
uint64_t cable_rate(const Cable *cable);
/** The same as cards at its ends see it, in Mbit/s. */
unsigned cable_speed(const Cable *cable);

/** Carries a frame that entered at one end towards the other; counts there why it went nowhere. */
void cable_carry(Cable *cable, unsigned from, const Frame *frame, Pass *pass);
/** The frame has crossed the wire: gives it to the far end; counts at the near one why it went nowhere. */
void cable_deliver(Cable *cable, unsigned from, const Frame *frame, Pass *pass);
