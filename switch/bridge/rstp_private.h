/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the state machines of switch/bridge/rstp.h share. Each is a function that makes the transition that is possible now, and
 * returns whether it made one; rstp_run() repeats until none does. States that only wait are not stored. The names are those
 * of IEEE 802.1D-2004, clause 17, so that the code can be read beside the standard. */
#pragma once

#include "switch/bridge/rstp.h"
#include "switch/bridge/rstp_bpdu.h"

#include <glib.h>

enum {
	MIGRATE_TIME = 3, /* table 17-1, seconds */
	HELLO_TIME = 2,
	MAX_AGE = 20,
	FORWARD_DELAY = 15,
	TX_HOLD_COUNT = 6,
	PORT_PRIORITY = 128, /* table 17-2 */
	PORTS_MAX = 4095,
};

typedef enum { INFO_DISABLED, INFO_AGED, INFO_MINE, INFO_RECEIVED } Info;

typedef enum { TC_INACTIVE, TC_LEARNING, TC_ACTIVE } TcState;

struct RstpPort {
	Rstp *rstp;
	void *data;
	uint16_t id;
	uint32_t path_cost; /* PortPathCost */
	/* 17.19, with its names */
	bool agree, agreed, disputed, forward, forwarding, learn, learning, newInfo, operEdge, portEnabled, proposed,
		proposing, reRoot, reselect, selected, sendRSTP, sync, synced, tcAck, tcProp, updtInfo;
	bool rcvdMsg, rcvdRSTP, rcvdSTP, rcvdTc, rcvdTcAck, rcvdTcn;
	bool sensing; /* of the port protocol migration machine: 17.24 */
	Info infoIs;
	RstpRole role, selectedRole;
	TcState tc;
	RstpPriority portPriority, designatedPriority;
	RstpTimes portTimes, designatedTimes;
	Bpdu message;
	/* 17.17: timers, in seconds */
	unsigned edgeDelayWhile, fdWhile, helloWhen, mdelayWhile, rbWhile, rcvdInfoWhile, rrWhile, tcWhile;
	unsigned txCount;
};

struct Rstp {
	const RstpOps *ops;
	uint64_t id;
	RstpPriority rootPriority;
	RstpTimes rootTimes;
	const RstpPort *root_port; /* NULL: the root is here */
	GPtrArray *ports;
};

#define each_port(rstp, port)                                                                                          \
	guint i = 0;                                                                                                   \
	i < (rstp)->ports->len && ((port) = (rstp)->ports->pdata[i]);                                                  \
	i++

/** The address of an identifier, without its priority: 9.2.5. */
static inline uint64_t rstp_address_of(uint64_t id)
{
	return id & ((UINT64_C(1) << 48) - 1);
}

/** 17.5: negative when a is better, 0 when they are the same. */
int rstp_compare(const RstpPriority *a, const RstpPriority *b);
/** The times of a bridge that is the root: table 17-1. */
RstpTimes rstp_bridge_times(void);

/** Roles are to be chosen anew, for this port has other values: 17.13. */
static inline void rstp_ask_for_roles(RstpPort *port)
{
	port->reselect = true;
	port->selected = false;
}

/** 17.27: port information machine. */
bool rstp_run_information(RstpPort *port);
/** 17.28: port role selection machine. */
bool rstp_run_role_selection(Rstp *rstp);
/** 17.29: port role transitions machine. */
bool rstp_run_role_transitions(RstpPort *port);
/** 17.30: port state transition machine. */
bool rstp_run_state(RstpPort *port);
/** 17.31: topology change machine. */
bool rstp_run_topology_change(RstpPort *port);
