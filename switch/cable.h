/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cable: from a port (end 0) to another port or to a network (end 1).
 *
 * Everything that happens to a frame on the wire happens here, in cable_carry(): the taps see it; impairments, when
 * they come, are a property of the cable for each direction and belong between the taps and the far end. */
#pragma once

#include "switch/port.h"
#include "switch/tap.h"

typedef struct Network Network;

struct Cable {
	char *name;
	char *end_names[2]; /* of the ports that belong there; [1] is NULL on a network. Constant */
	Port *ends[2];      /* the ports that are there now */
	Network *network;   /* what end 1 is plugged into, or NULL. Constant */
	GPtrArray *taps;    /* of Tap, borrowed */
	Worker *worker;     /* where all of it lives. Constant */
};

/** A cable with nothing plugged in. b is NULL when there is a network. The network is not told: network_add(). */
Cable *cable_new(const char *name, const char *a, const char *b, Network *network, Worker *worker);
void cable_free(Cable *cable);

/** Which end this port belongs to; -1 when to none. */
int cable_end_of(const Cable *cable, const char *port);
void cable_plug(Cable *cable, unsigned end, Port *port);
void cable_unplug(Cable *cable, unsigned end);

/** Is there a live port at the end? */
static inline bool cable_has_carrier(const Cable *cable, unsigned end)
{
	return cable->ends[end] && cable->ends[end]->up;
}

/** Carries a frame that entered at one end to the other. Returns why it went nowhere, or COUNTER_NONE. */
Counter cable_carry(Cable *cable, unsigned from, const Frame *frame, const Moment *now);

/** A port of the cable is gone: the network forgets the stations behind it, as a bridge does when a link goes down. */
void cable_lost_carrier(Cable *cable);
