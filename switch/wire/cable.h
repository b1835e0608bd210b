/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cable: from a port or a network (end 0) to another (end 1).
 *
 * Everything that happens to a frame on the wire happens here: cable_carry() shows it to the recorders and hurts it as the
 * direction's impairment says, cable_deliver() gives it to the far end. */
#pragma once

#include "switch/wire/impairment.h"
#include "switch/capture/history.h"
#include "switch/port/port.h"
#include "switch/capture/recorder.h"

#include <stdatomic.h>

typedef struct BridgePort BridgePort;

typedef struct {
	char *name;              /* of the port that belongs there, or of the network. Constant */
	Port *port;              /* the port that is there now; NULL: none, or a network */
	BridgePort *bridge_port; /* where it enters a network, or NULL. Constant */
	Counters counters; /* of frames that entered here: what became of them on the wire, why they went nowhere */
	Cable *cable;      /* which this is an end of. Constant */
	Impairment *impairment; /* of frames that enter here; NULL: a perfect wire */
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

/** A cable with nothing at its ends: cable_set_port() or network_add() says what belongs there. */
Cable *cable_new(const char *name, Worker *worker);
/** Frees it with what is under way, and unsets its timers: on its worker, which must still run. No port may be plugged in,
 *  and a network at its ends must go too before a frame passes. */
void cable_free(Cable *cable);

/** The end belongs to ports of this name. */
void cable_set_port(Cable *cable, unsigned end, const char *port);
void cable_plug(Cable *cable, unsigned end, Port *port);
void cable_unplug(Cable *cable, unsigned end);
/** Pulls the cable out, which loses what is under way, or puts it in again. */
void cable_set_down(Cable *cable, bool down, Pass *pass);
/** What happens to frames that enter at that end from now on. The first of several that are not clear brings the seed of
 *  all the dice; timers and pool are the worker's. */
void cable_impair(Cable *cable, unsigned from, const ImpairmentSettings *settings, uint64_t seed, Timers *timers,
	FramePool *pool, Pass *pass);

/** Is there a live port, or a network, at the end? */
static inline bool cable_is_alive(const Cable *cable, unsigned end)
{
	return cable->ends[end].bridge_port || (cable->ends[end].port && cable->ends[end].port->up);
}

/** Does who sits at the end see a carrier? It is there when the cable is plugged in and the far end alive. */
static inline bool cable_has_carrier(const Cable *cable, unsigned end)
{
	return !cable->down && cable_is_alive(cable, !end);
}

/** Bit/s that the cable passes in its slower direction; 0: no limit. */
uint64_t cable_rate(const Cable *cable);

/** Carries a frame that entered at one end towards the other; counts there why it went nowhere. */
void cable_carry(Cable *cable, unsigned from, const Frame *frame, Pass *pass);
/** The frame has crossed the wire: gives it to the far end; counts at the near one why it went nowhere. */
void cable_deliver(Cable *cable, unsigned from, const Frame *frame, Pass *pass);

/** Something about the ends has changed: tells both of their carrier. */
void cable_update(Cable *cable);
