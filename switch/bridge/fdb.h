/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forwarding table of a learning switch: the port on which each station was last heard (the dynamic entries of the
 * "Filtering Database" of IEEE 802.1D-2004, 7.9).
 *
 * A station is a MAC address. In a VLAN-aware switch, bits 48 to 59 hold its VLAN, because the same address can be in
 * several VLANs (IEEE 802.1Q-2018, 8.8.8, independent VLAN learning).
 *
 * The size is fixed. When the table is full of entries that have not aged, new stations are not learned and their frames
 * are flooded, as real switches do under a MAC flood. All memory is allocated on creation. Times are nanoseconds of a
 * monotonic clock. */
#pragma once

#include "switch/frame/frame.h"

typedef struct BridgePort BridgePort;
typedef struct Fdb Fdb;

enum {
	FDB_SIZE_DEFAULT = 4096,
	FDB_SIZE_MAX = 65536,
	FDB_AGEING_DEFAULT_MS = 300000, /* IEEE 802.1D-2004, table 7-5: recommended default 300 s */
};

/** Makes a table of at most size entries, that forgets a station not heard for ageing ns. The seed keeps a guest from
 *  choosing addresses that all collide. Caller owns the result. */
Fdb *fdb_new(size_t size, uint64_t ageing, uint64_t seed);
void fdb_free(Fdb *fdb);

/** The station was heard on the port now; a station that moved is moved. False when the table is full. */
bool fdb_learn(Fdb *fdb, Mac station, BridgePort *port, uint64_t now);

/** The port to reach the station by; NULL when it is unknown or has aged. Borrowed. */
BridgePort *fdb_lookup(const Fdb *fdb, Mac station, uint64_t now);

/** Forgets every station behind the port: nothing is plugged there any more. */
void fdb_forget(Fdb *fdb, const BridgePort *port);

/** Calls visit for each entry that has not aged; age in ns. */
void fdb_each(const Fdb *fdb, uint64_t now, void (*visit)(Mac station, BridgePort *port, uint64_t age, void *data),
	void *data);
