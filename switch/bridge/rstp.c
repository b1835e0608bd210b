/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge as a whole, and the state machines between its ports and their neighbors: IEEE 802.1D-2004, 17.22 to 17.26. */
#include "switch/bridge/rstp.h"

#include "switch/bridge/rstp_private.h"

enum { ROUNDS_MAX = 1000 }; /* of rstp_run(): far more than any number of ports needs */

/* 17.24: port protocol migration machine. */
static bool run_migration(RstpPort *port)
{
	if (!port->portEnabled) {
		port->sendRSTP = true;
		port->mdelayWhile = MIGRATE_TIME;
		port->sensing = false;
	} else if (!port->sensing) {
		if (port->mdelayWhile == 0) {
			port->sensing = true;
			port->rcvdRSTP = port->rcvdSTP = false;
		}
	} else if (port->sendRSTP ? port->rcvdSTP : port->rcvdRSTP) {
		port->sendRSTP = !port->sendRSTP;
		port->mdelayWhile = MIGRATE_TIME;
		port->sensing = false;
		return true;
	}
	return false;
}

/* 17.25: bridge detection machine, AdminEdge off and AutoEdge on. */
static bool run_bridge_detection(RstpPort *port)
{
	bool edge = port->portEnabled &&
		(port->operEdge || (port->edgeDelayWhile == 0 && port->sendRSTP && port->proposing));
	bool changed = edge != port->operEdge;
	port->operEdge = edge;
	return changed;
}

/* 17.21.19 to 17.21.21 */
static void send(RstpPort *port, BpduType type, void *context)
{
	static const uint8_t roles[] = {
		[RSTP_DISABLED] = 0,
		[RSTP_ALTERNATE] = 1,
		[RSTP_BACKUP] = 1,
		[RSTP_ROOT] = 2,
		[RSTP_DESIGNATED] = 3,
	};
	Bpdu bpdu = {.type = type, .priority = port->designatedPriority, .times = port->designatedTimes};
	uint8_t bytes[RSTP_BPDU_MAX];
	if (type != BPDU_TCN && port->tcWhile)
		bpdu.flags |= BPDU_TOPOLOGY_CHANGE;
	if (type == BPDU_CONFIG && port->tcAck)
		bpdu.flags |= BPDU_TOPOLOGY_CHANGE_ACK;
	if (type == BPDU_RST)
		bpdu.flags |= (uint8_t)(roles[port->role] << BPDU_ROLE_SHIFT | (port->proposing ? BPDU_PROPOSAL : 0) |
			(port->learning ? BPDU_LEARNING : 0) | (port->forwarding ? BPDU_FORWARDING : 0) |
			(port->agree ? BPDU_AGREEMENT : 0));
	port->newInfo = false;
	if (type != BPDU_TCN)
		port->tcAck = false;
	port->txCount++;
	port->helloWhen = HELLO_TIME;
	port->rstp->ops->send(port->data, bytes, bpdu_write(&bpdu, bytes), context);
}

/* 17.26: port transmit machine. */
static void transmit(RstpPort *port, void *context)
{
	if (!port->portEnabled || !port->selected || port->updtInfo)
		return;
	if (port->helloWhen == 0) {
		port->newInfo |= port->role == RSTP_DESIGNATED || (port->role == RSTP_ROOT && port->tcWhile);
		port->helloWhen = HELLO_TIME;
	}
	if (!port->newInfo || port->txCount >= TX_HOLD_COUNT)
		return;
	if (port->sendRSTP)
		send(port, BPDU_RST, context);
	else if (port->role == RSTP_ROOT)
		send(port, BPDU_TCN, context);
	else if (port->role == RSTP_DESIGNATED)
		send(port, BPDU_CONFIG, context);
}

void rstp_transmit(Rstp *rstp, void *context)
{
	RstpPort *port;
	for (each_port(rstp, port))
		transmit(port, context);
}

void rstp_run(Rstp *rstp)
{
	RstpPort *port;
	bool changed = true;
	for (unsigned round = 0; changed && round < ROUNDS_MAX; round++) {
		changed = false;
		for (each_port(rstp, port)) {
			changed |= run_migration(port);
			changed |= run_bridge_detection(port);
			changed |= rstp_run_information(port);
		}
		changed |= rstp_run_role_selection(rstp);
		for (each_port(rstp, port)) {
			changed |= rstp_run_role_transitions(port);
			changed |= rstp_run_state(port);
			changed |= rstp_run_topology_change(port);
		}
	}
}

static void count_down(unsigned *timer)
{
	if (*timer)
		--*timer;
}

/* 17.22: port timers machine. */
void rstp_tick(Rstp *rstp)
{
	RstpPort *port;
	for (each_port(rstp, port)) {
		unsigned *timers[] = {&port->edgeDelayWhile, &port->fdWhile, &port->helloWhen, &port->mdelayWhile,
			&port->rbWhile, &port->rcvdInfoWhile, &port->rrWhile, &port->tcWhile, &port->txCount};
		for (gsize timer = 0; timer < G_N_ELEMENTS(timers); timer++)
			count_down(timers[timer]);
	}
	rstp_run(rstp);
}

/* 17.23: port receive machine. */
bool rstp_receive(RstpPort *port, const uint8_t *bytes, size_t length)
{
	Bpdu bpdu;
	if (!bpdu_read(&bpdu, bytes, length))
		return false;
	if (!port->portEnabled)
		return true;
	rstp_run(port->rstp); /* so that nothing stands between the message and its reader */
	port->message = bpdu;
	port->rcvdRSTP |= bpdu.type == BPDU_RST;
	port->rcvdSTP |= bpdu.type != BPDU_RST;
	port->operEdge = false;
	port->rcvdMsg = true;
	port->edgeDelayWhile = MIGRATE_TIME;
	rstp_run(port->rstp);
	return true;
}

void rstp_set_enabled(RstpPort *port, bool enabled)
{
	port->portEnabled = enabled;
	if (!enabled)
		port->operEdge = false;
	port->edgeDelayWhile = MIGRATE_TIME;
}

Rstp *rstp_new(uint16_t priority, uint64_t address, const RstpOps *ops)
{
	Rstp *rstp = g_new0(Rstp, 1);
	rstp->ops = ops;
	rstp->id = (uint64_t)(priority & 0xf000) << 48 | rstp_address_of(address);
	rstp->ports = g_ptr_array_new_with_free_func(g_free);
	rstp->rootPriority = (RstpPriority){.root = rstp->id, .bridge = rstp->id};
	rstp->rootTimes = rstp_bridge_times();
	return rstp;
}

void rstp_free(Rstp *rstp)
{
	if (!rstp)
		return;
	g_ptr_array_unref(rstp->ports);
	g_free(rstp);
}

RstpPort *rstp_add(Rstp *rstp, void *port_data)
{
	if (rstp->ports->len == PORTS_MAX)
		return NULL;
	RstpPort *port = g_new0(RstpPort, 1);
	/* Disabled, with state DISABLED_PORT behind it: 17.29.1. */
	*port = (RstpPort){.rstp = rstp,
		.data = port_data,
		.sendRSTP = true,
		.mdelayWhile = MIGRATE_TIME,
		.synced = true,
		.fdWhile = MAX_AGE,
		.selected = true,
		.newInfo = true,
		.portTimes = rstp_bridge_times(),
		.designatedTimes = rstp_bridge_times()};
	/* 9.2.7: four bits of priority, twelve of number. */
	port->id = (uint16_t)(PORT_PRIORITY << 8 | (rstp->ports->len + 1));
	port->path_cost = RSTP_PATH_COST;
	g_ptr_array_add(rstp->ports, port);
	return port;
}

uint32_t rstp_path_cost(uint64_t bits_per_second)
{
	uint64_t cost = bits_per_second ? UINT64_C(20000000000000) / bits_per_second : RSTP_PATH_COST;
	return (uint32_t)CLAMP(cost, 1, RSTP_PATH_COST_MAX);
}

void rstp_set_path_cost(RstpPort *port, uint32_t cost)
{
	if (port->path_cost == cost)
		return;
	port->path_cost = cost;
	rstp_ask_for_roles(port);
}

void rstp_set_priority(Rstp *rstp, uint16_t priority)
{
	RstpPort *port;
	rstp->id = (uint64_t)(priority & 0xf000) << 48 | rstp_address_of(rstp->id);
	/* A bridge without ports has no machines to find this out. */
	if (!rstp->ports->len)
		rstp->rootPriority = (RstpPriority){.root = rstp->id, .bridge = rstp->id};
	for (each_port(rstp, port))
		rstp_ask_for_roles(port);
}

uint32_t rstp_port_path_cost(const RstpPort *port)
{
	return port->path_cost;
}

RstpRole rstp_port_role(const RstpPort *port)
{
	return port->role;
}

const char *rstp_role_name(RstpRole role)
{
	static const char *const names[] = {
		[RSTP_DISABLED] = "disabled",
		[RSTP_ALTERNATE] = "alternate",
		[RSTP_BACKUP] = "backup",
		[RSTP_ROOT] = "root",
		[RSTP_DESIGNATED] = "designated",
	};
	return names[role];
}

uint64_t rstp_bridge_id(const Rstp *rstp)
{
	return rstp->id;
}

uint64_t rstp_root_id(const Rstp *rstp)
{
	return rstp->rootPriority.root;
}

uint32_t rstp_root_cost(const Rstp *rstp)
{
	return rstp->rootPriority.cost;
}

void *rstp_root_port(const Rstp *rstp)
{
	return rstp->root_port ? rstp->root_port->data : NULL;
}

bool rstp_port_is_edge(const RstpPort *port)
{
	return port->operEdge;
}

bool rstp_port_is_stp(const RstpPort *port)
{
	return !port->sendRSTP;
}
