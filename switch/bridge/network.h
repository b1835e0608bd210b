/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network: a hub or a learning switch (a bridge in the terms of IEEE 802.1D-2004).
 *
 * Without a spanning tree (switch/bridge/spanning_tree.h) it forwards BPDUs (01-80-C2-00-00-00) like any group frame, as a
 * Linux bridge does with STP off, so that bridges inside guests can detect loops through it. It drops frames to the other
 * reserved addresses (-01 to -0F: pause, LACP, LLDP, 802.1X ...), which must not leave their link (802.1D-2004, 7.12.6).
 *
 * It ignores VLAN tags until a VLAN is set on one of its ports (switch/frame/vlan.h). */
#pragma once

#include "switch/wire/cable.h"
#include "switch/bridge/fdb.h"
#include "switch/bridge/rstp.h"
#include "switch/frame/vlan.h"

typedef enum {
	NETWORK_HUB,
	NETWORK_SWITCH,
} NetworkType;

typedef struct BridgePort BridgePort;
typedef struct Mirror Mirror;
typedef struct Network Network;
typedef struct SpanningTree SpanningTree;

/* IEEE 802.1D-2004, table 7-10: the bridge group address, and the fifteen after it that no bridge forwards. */
#define BRIDGE_GROUP_ADDRESS UINT64_C(0x0180c2000000)

/** Where a cable enters a network. */
struct BridgePort {
	Network *network;
	Cable *cable;
	unsigned end; /* of the cable, which is here */
	bool carrier;
	bool learning, forwarding; /* what the spanning tree lets it do: all, without one */
	bool mirror;               /* it gets copies and nothing else */
	RstpPort *rstp;            /* of the network's tree, or NULL */
	VlanPort vlan;             /* an access port of VLAN 1 unless told; of use if the network is VLAN-aware */
};

struct Network {
	char *name;
	NetworkType type;
	bool vlan_aware;
	GPtrArray *ports;   /* of BridgePort, owned */
	Fdb *fdb;           /* of a switch; NULL in a hub */
	SpanningTree *tree; /* or NULL */
	GPtrArray *mirrors; /* of Mirror, owned */
	uint64_t n_frames;  /* tells one frame from the next, for mirrors */
	Worker *worker;     /* constant */
};

/** Makes a network; ageing in ns, size of the table in entries (both of no use to a hub). */
Network *network_new(const char *name, NetworkType type, uint64_t ageing, size_t size, uint64_t seed, Worker *worker);
/** Frees it, and unsets its timers: on its worker, which must still run, with the cables that it has. */
void network_free(Network *network);
/** Plugs an end of a cable in, for good. Returns where: borrowed. */
BridgePort *network_add(Network *network, Cable *cable, unsigned end);
/** Where that end of the cable is plugged in, borrowed; NULL: not at a network. */
BridgePort *network_port_at(const Cable *cable, unsigned end);
/** Which VLANs pass the port. The switch is VLAN-aware from now on. */
void network_set_vlan(BridgePort *port, const VlanPort *vlan);
/** What passes the port from either way, or any port (NULL), is copied to the port to, each frame once. That gets nothing
 *  else, and what comes in there is dropped. */
void network_add_mirror(Network *network, BridgePort *from, BridgePort *to);

/** Passes a frame on that came in by a port of the network. Returns why it went nowhere, or COUNTER_NONE. */
Counter network_forward(BridgePort *from, const Frame *frame, Pass *pass);
/** A frame of the switch's own leaves by the port. */
void network_send(BridgePort *port, const Frame *frame, Pass *pass);
