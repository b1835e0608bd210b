/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network: a hub, or a learning switch (a bridge in the words of IEEE 802.1D-2004).
 *
 * The switch runs no spanning tree. Like a Linux bridge with STP off it passes BPDUs (01-80-C2-00-00-00) on as any
 * group frame, so that bridges inside guests find each other's loops through it, and keeps the other reserved
 * addresses (-01 to -0F: pause, LACP, LLDP, 802.1X ...), which must not leave their wire: 802.1D-2004, 7.12.6. */
#pragma once

#include "switch/cable.h"
#include "switch/fdb.h"

typedef enum {
	NETWORK_HUB,
	NETWORK_SWITCH,
} NetworkType;

struct Network {
	char *name;
	NetworkType type;
	GPtrArray *cables; /* of Cable, borrowed; end 1 of each is here */
	Fdb *fdb;          /* of a switch; NULL in a hub */
	Worker *worker;    /* constant */
};

/** Makes a network; ageing in ns, size of the table in entries (both of no use to a hub). */
Network *network_new(const char *name, NetworkType type, uint64_t ageing, size_t size, uint64_t seed, Worker *worker);
void network_free(Network *network);
void network_add(Network *network, Cable *cable);

/** Passes a frame on that came in by a cable. Returns why it went nowhere, or COUNTER_NONE. */
Counter network_forward(Network *network, Cable *from, const Frame *frame, const Moment *now);
/** Forgets the stations behind a cable. */
void network_forget(Network *network, const Cable *cable);
