/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/bridge/network.h"

#include "switch/bridge/spanning_tree.h"

/* In a loop of networks without a spanning tree, a frame would circulate forever, and several loops would multiply it. A
 * frame is dropped after this many nested networks, or this many in total; no lab has that many. */
enum { DEPTH_MAX = 128, HOPS_MAX = 1024 };

struct Mirror {
	BridgePort *to;
	bool all;        /* every port of the network is copied */
	GPtrArray *from; /* of BridgePort, borrowed */
	uint64_t copied; /* the last frame, by number */
};

static void mirror_free(gpointer data)
{
	Mirror *mirror = data;
	g_ptr_array_unref(mirror->from);
	g_free(mirror);
}

Network *network_new(const char *name, NetworkType type, uint64_t ageing, size_t size, uint64_t seed, Worker *worker)
{
	Network *network = g_new0(Network, 1);
	network->name = g_strdup(name);
	network->type = type;
	network->ports = g_ptr_array_new_with_free_func(g_free);
	network->mirrors = g_ptr_array_new_with_free_func(mirror_free);
	network->fdb = type == NETWORK_SWITCH ? fdb_new(size, ageing, seed) : NULL;
	network->worker = worker;
	return network;
}

void network_free(Network *network)
{
	g_free(network->name);
	spanning_tree_free(network->tree);
	g_ptr_array_unref(network->mirrors);
	g_ptr_array_unref(network->ports);
	fdb_free(network->fdb);
	g_free(network);
}

static Counter deliver(void *owner, const Frame *frame, Pass *pass)
{
	return network_forward(owner, frame, pass);
}

/* When the far end is not alive, the stations behind it are forgotten, as a bridge does when a link goes down. */
static void set_carrier(void *owner, bool carrier)
{
	BridgePort *port = owner;
	if (port->carrier && !carrier && port->network->fdb)
		fdb_forget(port->network->fdb, port);
	if (port->carrier == carrier)
		return;
	port->carrier = carrier;
	if (port->rstp)
		spanning_tree_set_carrier(port);
}

static void rate_changed(void *owner)
{
	BridgePort *port = owner;
	if (port->rstp)
		spanning_tree_set_rate(port);
}

static const CableEndOps end_ops = {.deliver = deliver, .set_carrier = set_carrier, .rate_changed = rate_changed};

BridgePort *network_add(Network *network, Cable *cable, unsigned end)
{
	BridgePort *port = g_new0(BridgePort, 1);
	*port = (BridgePort){.network = network, .cable = cable, .end = end, .learning = true, .forwarding = true};
	vlan_port_access(&port->vlan, VLAN_DEFAULT);
	g_ptr_array_add(network->ports, port);
	cable_name_end(cable, end, network->name, true);
	if (network->tree)
		spanning_tree_add(network->tree, port);
	cable_plug(cable, end, &end_ops, port, true);
	return port;
}

BridgePort *network_port_at(const Cable *cable, unsigned end)
{
	return cable->ends[end].ops == &end_ops ? cable->ends[end].owner : NULL;
}

void network_set_vlan(BridgePort *port, const VlanPort *vlan)
{
	port->vlan = *vlan;
	if (!port->network->vlan_aware)
		for (guint i = 0; i < port->network->ports->len; i++)
			fdb_forget(port->network->fdb, port->network->ports->pdata[i]);
	port->network->vlan_aware = true;
	fdb_forget(port->network->fdb, port);
}

void network_add_mirror(Network *network, BridgePort *from, BridgePort *to)
{
	Mirror *mirror = NULL;
	for (guint i = 0; i < network->mirrors->len && !mirror; i++)
		if (((Mirror *)network->mirrors->pdata[i])->to == to)
			mirror = network->mirrors->pdata[i];
	if (!mirror) {
		mirror = g_new0(Mirror, 1);
		*mirror = (Mirror){.to = to, .from = g_ptr_array_new()};
		g_ptr_array_add(network->mirrors, mirror);
	}
	if (from)
		g_ptr_array_add(mirror->from, from);
	mirror->all |= !from;
	to->mirror = true;
	if (network->fdb)
		fdb_forget(network->fdb, to);
}

static bool is_mirrored(const Mirror *mirror, const BridgePort *port)
{
	for (guint i = 0; i < mirror->from->len && !mirror->all; i++)
		if (mirror->from->pdata[i] == port)
			return true;
	return mirror->all;
}

static void copy_to_mirrors(const BridgePort *port, const Frame *frame, Pass *pass)
{
	const Network *network = port->network;
	bool spread = pass->spread;
	/* Nobody waits for who only listens. */
	pass->spread = true;
	for (guint i = 0; i < network->mirrors->len; i++) {
		Mirror *mirror = network->mirrors->pdata[i];
		if (!mirror->to->carrier || mirror->copied == network->n_frames || !is_mirrored(mirror, port))
			continue;
		mirror->copied = network->n_frames;
		cable_carry(mirror->to->cable, mirror->to->end, frame, pass);
	}
	pass->spread = spread;
}

/* A frame on its way through the network. */
typedef struct {
	BridgePort *from;
	const Frame *frame; /* as it came */
	VlanFrame *in_vlan; /* in a network that is VLAN-aware */
} Relay;

static bool is_open(const BridgePort *port)
{
	return port->carrier && port->forwarding && !port->mirror;
}

static Counter emit(BridgePort *to, const Relay *relay, Pass *pass)
{
	const Frame *frame = relay->in_vlan ? vlan_frame_leave(relay->in_vlan, &to->vlan, pass) : relay->frame;
	if (!frame)
		return COUNTER_DROP_NO_MEMORY;
	cable_carry(to->cable, to->end, frame, pass);
	if (to->network->mirrors->len)
		copy_to_mirrors(to, frame, pass);
	return COUNTER_NONE;
}

static bool may_reach(const Relay *relay, const BridgePort *port)
{
	return port != relay->from && is_open(port) &&
		(!relay->in_vlan || vlan_port_carries(&port->vlan, relay->in_vlan->vlan));
}

static Counter flood(const Relay *relay, Pass *pass)
{
	GPtrArray *ports = relay->from->network->ports;
	Counter result = COUNTER_DROP_UNPLUGGED;
	unsigned receivers = 0;
	bool spread = pass->spread;
	for (guint i = 0; i < ports->len && receivers < 2; i++)
		receivers += may_reach(relay, ports->pdata[i]);
	/* Else one guest that reads slowly would hold back what all the others are sent. */
	pass->spread |= receivers > 1;
	for (guint i = 0; i < ports->len; i++) {
		if (!may_reach(relay, ports->pdata[i]))
			continue;
		result = emit(ports->pdata[i], relay, pass);
		if (result != COUNTER_NONE)
			break;
	}
	pass->spread = spread;
	return result;
}

/* 802.1D-2004, 7.7: to the port where the station is, never back; everywhere when nobody knows. */
static Counter relay_to(const Relay *relay, Mac destination, uint64_t vlan, Pass *pass)
{
	BridgePort *to = mac_is_group(destination)
		? NULL
		: fdb_lookup(relay->from->network->fdb, destination | vlan << 48, pass->now.monotonic);
	if (!to)
		return flood(relay, pass);
	if (to == relay->from)
		return COUNTER_DROP_FILTERED;
	return is_open(to) ? emit(to, relay, pass) : COUNTER_DROP_BLOCKED;
}

static Counter bridge(const Relay *relay, Mac source, Mac destination, Pass *pass)
{
	BridgePort *from = relay->from;
	Network *network = from->network;
	uint64_t vlan = 0;
	/* Only an individual address can be learnt (802.1D-2004, 7.8 a), and no station sends from any other. */
	if (!mac_is_station(source))
		return COUNTER_DROP_SOURCE_INVALID;
	if (network->tree && destination == BRIDGE_GROUP_ADDRESS)
		return spanning_tree_receive(from, relay->frame) ? COUNTER_NONE : COUNTER_DROP_RESERVED_ADDRESS;
	if (relay->in_vlan) {
		Counter fault = vlan_frame_enter(relay->in_vlan, &from->vlan);
		if (fault != COUNTER_NONE)
			return fault;
		vlan = relay->in_vlan->vlan;
	}
	if (from->learning)
		fdb_learn(network->fdb, source | vlan << 48, from, pass->now.monotonic);
	if (!from->forwarding)
		return COUNTER_DROP_BLOCKED;
	if (destination > BRIDGE_GROUP_ADDRESS && destination <= BRIDGE_GROUP_ADDRESS + 0xf)
		return COUNTER_DROP_RESERVED_ADDRESS;
	return relay_to(relay, destination, vlan, pass);
}

static Counter bridge_vlans(BridgePort *from, const Frame *frame, Pass *pass)
{
	VlanFrame in_vlan;
	Relay relay = {.from = from, .frame = frame, .in_vlan = &in_vlan};
	if (!vlan_frame_init(&in_vlan, frame))
		return COUNTER_DROP_RUNT;
	return bridge(&relay, vlan_frame_source(&in_vlan), vlan_frame_destination(&in_vlan), pass);
}

static Counter bridge_plain(BridgePort *from, const Frame *frame, Pass *pass)
{
	Relay relay = {.from = from, .frame = frame};
	uint8_t addresses[12];
	if (from->network->type == NETWORK_HUB)
		return flood(&relay, pass);
	if (!frame_copy(frame, 0, sizeof(addresses), addresses))
		return COUNTER_DROP_RUNT;
	return bridge(&relay, mac_of(addresses + 6), mac_of(addresses), pass);
}

Counter network_forward(BridgePort *from, const Frame *frame, Pass *pass)
{
	Network *network = from->network;
	if (from->mirror)
		return COUNTER_DROP_MIRROR;
	if (pass->depth == 0)
		pass->hops = 0;
	if (pass->depth >= DEPTH_MAX || pass->hops >= HOPS_MAX)
		return COUNTER_DROP_LOOP;
	pass->depth++;
	pass->hops++;
	network->n_frames++;
	if (network->mirrors->len)
		copy_to_mirrors(from, frame, pass);
	Counter result = network->vlan_aware ? bridge_vlans(from, frame, pass) : bridge_plain(from, frame, pass);
	pass->depth--;
	return result;
}

void network_send(BridgePort *port, const Frame *frame, Pass *pass)
{
	if (!port->carrier || port->mirror)
		return;
	port->network->n_frames++;
	emit(port, &(Relay){.frame = frame}, pass);
}
