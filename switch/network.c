/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/network.h"

/* IEEE 802.1D-2004, table 7-10: the bridge group address, and the fifteen that no bridge forwards. */
#define BRIDGE_GROUP_ADDRESS UINT64_C(0x0180c2000000)

Network *network_new(const char *name, NetworkType type, uint64_t ageing, size_t size, uint64_t seed, Worker *worker)
{
	Network *network = g_new0(Network, 1);
	network->name = g_strdup(name);
	network->type = type;
	network->cables = g_ptr_array_new();
	network->fdb = type == NETWORK_SWITCH ? fdb_new(size, ageing, seed) : NULL;
	network->worker = worker;
	return network;
}

void network_free(Network *network)
{
	g_free(network->name);
	g_ptr_array_unref(network->cables);
	fdb_free(network->fdb);
	g_free(network);
}

void network_add(Network *network, Cable *cable)
{
	g_ptr_array_add(network->cables, cable);
}

static Counter flood(Network *network, const Cable *from, const Frame *frame, const Moment *now)
{
	Counter result = COUNTER_DROP_UNPLUGGED;
	for (guint i = 0; i < network->cables->len; i++) {
		Cable *cable = network->cables->pdata[i];
		if (cable != from && cable_has_carrier(cable, 0))
			result = cable_carry(cable, 1, frame, now);
	}
	return result;
}

Counter network_forward(Network *network, Cable *from, const Frame *frame, const Moment *now)
{
	if (network->type == NETWORK_HUB)
		return flood(network, from, frame, now);

	Mac source, destination;
	if (!frame_source(frame, &source) || !frame_destination(frame, &destination))
		return COUNTER_DROP_RUNT;
	/* Only an individual address can be learnt (802.1D-2004, 7.8 a), and no station sends from any other. */
	if (!mac_is_station(source))
		return COUNTER_DROP_SOURCE_INVALID;
	fdb_learn(network->fdb, source, from, now->monotonic);

	if (destination > BRIDGE_GROUP_ADDRESS && destination <= BRIDGE_GROUP_ADDRESS + 0xf)
		return COUNTER_DROP_RESERVED_ADDRESS;
	if (mac_is_group(destination))
		return flood(network, from, frame, now);
	/* 802.1D-2004, 7.7: to the port where the station is, never back; everywhere when nobody knows. */
	Cable *to = fdb_lookup(network->fdb, destination, now->monotonic);
	if (!to)
		return flood(network, from, frame, now);
	if (to == from)
		return COUNTER_DROP_FILTERED;
	return cable_carry(to, 1, frame, now);
}

void network_forget(Network *network, const Cable *cable)
{
	if (network->fdb)
		fdb_forget(network->fdb, cable);
}
