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

typedef struct Network Network;

/** Where a cable enters a network. */
struct BridgePort {
	Network *network;
	Cable *cable;
	unsigned end;  /* of the cable, which is here */
	bool carrier;
};

struct Network {
	char *name;
	NetworkType type;
	GPtrArray *ports; /* of BridgePort, owned */
	Fdb *fdb;         /* of a switch; NULL in a hub */
	Worker *worker;   /* constant */
};

/** Makes a network; ageing in ns, size of the table in entries (both of no use to a hub). */
Network *network_new(const char *name, NetworkType type, uint64_t ageing, size_t size, uint64_t seed, Worker *worker);
void network_free(Network *network);
/** Plugs an end of a cable in, for good. Returns where: borrowed. */
BridgePort *network_add(Network *network, Cable *cable, unsigned end);

/** Passes a frame on that came in by a port of the network. Returns why it went nowhere, or COUNTER_NONE. */
Counter network_forward(BridgePort *from, const Frame *frame, Pass *pass);
/** The cable tells whether its far end is alive. When it is not, the stations behind it are forgotten, as a bridge does
 *  when a link goes down. */
void network_set_carrier(BridgePort *port, bool carrier);
