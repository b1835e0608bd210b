/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/network.h"

/* IEEE 802.1D-2004, table 7-10: the bridge group address, and the fifteen that no bridge forwards. */
#define BRIDGE_GROUP_ADDRESS UINT64_C(0x0180c2000000)

Network *network_new(const char *name, NetworkType type, uint64_t ageing, size_t size, uint64_t seed, Worker *worker)
{
	Network *network = g_new0(Network, 1);
	network->name = g_strdup(name);
	network->type = type;
	network->ports = g_ptr_array_new_with_free_func(g_free);
	network->fdb = type == NETWORK_SWITCH ? fdb_new(size, ageing, seed) : NULL;
	network->worker = worker;
	return network;
}

void network_free(Network *network)
{
	g_free(network->name);
	g_ptr_array_unref(network->ports);
	fdb_free(network->fdb);
	g_free(network);
}

BridgePort *network_add(Network *network, Cable *cable, unsigned end)
{
	BridgePort *port = g_new0(BridgePort, 1);
	*port = (BridgePort){.network = network, .cable = cable, .end = end};
	g_ptr_array_add(network->ports, port);
	cable->ends[end].name = g_strdup(network->name);
	cable->ends[end].bridge_port = port;
	cable_update(cable);
	return port;
}

static Counter flood(const BridgePort *from, const Frame *frame, Pass *pass)
{
	GPtrArray *ports = from->network->ports;
	Counter result = COUNTER_DROP_UNPLUGGED;
	for (guint i = 0; i < ports->len; i++) {
		BridgePort *port = ports->pdata[i];
		if (port == from || !port->carrier)
			continue;
		cable_carry(port->cable, port->end, frame, pass);
		result = COUNTER_NONE;
	}
	return result;
}

Counter network_forward(BridgePort *from, const Frame *frame, Pass *pass)
{
	Network *network = from->network;
	if (network->type == NETWORK_HUB)
		return flood(from, frame, pass);

	Mac source, destination;
	if (!frame_source(frame, &source) || !frame_destination(frame, &destination))
		return COUNTER_DROP_RUNT;
	/* Only an individual address can be learnt (802.1D-2004, 7.8 a), and no station sends from any other. */
	if (!mac_is_station(source))
		return COUNTER_DROP_SOURCE_INVALID;
	fdb_learn(network->fdb, source, from, pass->now.monotonic);

	if (destination > BRIDGE_GROUP_ADDRESS && destination <= BRIDGE_GROUP_ADDRESS + 0xf)
		return COUNTER_DROP_RESERVED_ADDRESS;
	if (mac_is_group(destination))
		return flood(from, frame, pass);
	/* 802.1D-2004, 7.7: to the port where the station is, never back; everywhere when nobody knows. */
	BridgePort *to = fdb_lookup(network->fdb, destination, pass->now.monotonic);
	if (!to)
		return flood(from, frame, pass);
	if (to == from)
		return COUNTER_DROP_FILTERED;
	cable_carry(to->cable, to->end, frame, pass);
	return COUNTER_NONE;
}

void network_set_carrier(BridgePort *port, bool carrier)
{
	if (port->carrier && !carrier && port->network->fdb)
		fdb_forget(port->network->fdb, port);
	port->carrier = carrier;
}
