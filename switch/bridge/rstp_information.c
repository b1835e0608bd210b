/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a port has received, and the role that follows from it: IEEE 802.1D-2004, 17.27 and 17.28. */
#include "switch/bridge/rstp_private.h"

enum { DESIGNATED_ON_THE_WIRE = 3 }; /* 9.3.3 */

#define DECIDE(a, b, field)                                                                                            \
	if ((a)->field != (b)->field)                                                                                  \
	return (a)->field < (b)->field ? -1 : 1

int rstp_compare(const RstpPriority *a, const RstpPriority *b)
{
	DECIDE(a, b, root);
	DECIDE(a, b, cost);
	DECIDE(a, b, bridge);
	DECIDE(a, b, port);
	return 0;
}

RstpTimes rstp_bridge_times(void)
{
	return (RstpTimes){.max_age = MAX_AGE, .forward_delay = FORWARD_DELAY, .hello = HELLO_TIME};
}

/* 17.6: better, or news from the very port that told us what we know. */
static bool is_superior(const RstpPriority *message, const RstpPriority *known)
{
	return rstp_compare(message, known) < 0 ||
		(rstp_address_of(message->bridge) == rstp_address_of(known->bridge) &&
			(message->port & PORTS_MAX) == (known->port & PORTS_MAX));
}

static bool same_times(const RstpTimes *a, const RstpTimes *b)
{
	return a->message_age == b->message_age && a->max_age == b->max_age && a->forward_delay == b->forward_delay &&
		a->hello == b->hello;
}

static bool has_flag(const RstpPort *port, uint8_t flag)
{
	return port->message.type == BPDU_RST && port->message.flags & flag;
}

/* 17.21.9 */
static void record_agreement(RstpPort *port)
{
	port->agreed = has_flag(port, BPDU_AGREEMENT);
	if (port->agreed)
		port->proposing = false;
}

/* 17.21.10: who says what we know better is forwarding, and does not hear us. */
static void record_dispute(RstpPort *port)
{
	if (!has_flag(port, BPDU_LEARNING))
		return;
	port->disputed = true;
	port->agreed = false;
}

/* 17.21.17 */
static void set_tc_flags(RstpPort *port)
{
	port->rcvdTc |= (port->message.flags & BPDU_TOPOLOGY_CHANGE) != 0;
	port->rcvdTcAck |= port->message.type == BPDU_CONFIG && port->message.flags & BPDU_TOPOLOGY_CHANGE_ACK;
}

/* 17.21.23 */
static void update_received_info_while(RstpPort *port)
{
	port->rcvdInfoWhile =
		port->portTimes.message_age + 1 <= port->portTimes.max_age ? 3 * port->portTimes.hello : 0;
}

/* A message from a designated port. States SUPERIOR_, REPEATED_ and INFERIOR_DESIGNATED. */
static void receive_designated(RstpPort *port)
{
	const RstpPriority *heard = &port->message.priority;
	RstpTimes times = port->message.times;
	times.hello = MAX(times.hello, 1);
	bool repeated = port->infoIs == INFO_RECEIVED && rstp_compare(heard, &port->portPriority) == 0 &&
		same_times(&times, &port->portTimes);
	if (!repeated && !is_superior(heard, &port->portPriority)) {
		record_dispute(port);
		return;
	}
	if (!repeated) {
		port->proposing = false;
		/* 17.21.1 */
		port->agree =
			port->agree && port->infoIs == INFO_RECEIVED && rstp_compare(heard, &port->portPriority) <= 0;
	}
	port->proposed |= has_flag(port, BPDU_PROPOSAL);
	set_tc_flags(port);
	record_agreement(port);
	if (!repeated) {
		port->synced = port->synced && port->agreed;
		port->portPriority = *heard;
		port->portTimes = times;
		port->infoIs = INFO_RECEIVED;
		rstp_ask_for_roles(port);
	}
	update_received_info_while(port);
}

/* 17.21.8 */
static void receive_message(RstpPort *port)
{
	const Bpdu *message = &port->message;
	port->rcvdMsg = false;
	if (message->type == BPDU_TCN) {
		port->rcvdTcn = true;
	} else if (rstp_address_of(message->priority.bridge) == rstp_address_of(port->rstp->id) &&
		(message->priority.port & PORTS_MAX) == (port->id & PORTS_MAX)) {
		/* Our own, come back: a loop behind the port, which must not forward. 9.3.4 lets STP ignore it. */
		record_dispute(port);
	} else if (message->type == BPDU_CONFIG || (message->flags >> BPDU_ROLE_SHIFT & 3) == DESIGNATED_ON_THE_WIRE) {
		receive_designated(port);
	} else if ((message->flags >> BPDU_ROLE_SHIFT & 3) != 0 &&
		rstp_compare(&message->priority, &port->portPriority) >= 0) {
		/* From a root, alternate or backup port that knows nothing better than we. */
		record_agreement(port);
		set_tc_flags(port);
	}
}

bool rstp_run_information(RstpPort *port)
{
	if (!port->portEnabled) {
		port->rcvdMsg = false;
		if (port->infoIs == INFO_DISABLED)
			return false;
		port->proposing = port->proposed = port->agree = port->agreed = port->disputed = false;
		port->rcvdInfoWhile = 0;
		port->infoIs = INFO_DISABLED;
		rstp_ask_for_roles(port);
		return true;
	}
	if (port->infoIs == INFO_DISABLED ||
		(port->infoIs == INFO_RECEIVED && port->rcvdInfoWhile == 0 && !port->updtInfo && !port->rcvdMsg)) {
		port->infoIs = INFO_AGED;
		rstp_ask_for_roles(port);
		return true;
	}
	if (port->selected && port->updtInfo) {
		port->proposing = port->proposed = false;
		port->agreed = port->agreed && port->infoIs == INFO_MINE &&
			rstp_compare(&port->designatedPriority, &port->portPriority) <= 0;
		port->synced = port->synced && port->agreed;
		port->portPriority = port->designatedPriority;
		port->portTimes = port->designatedTimes;
		port->updtInfo = false;
		port->infoIs = INFO_MINE;
		port->newInfo = true;
		return true;
	}
	if (port->rcvdMsg && !port->updtInfo && port->infoIs != INFO_AGED) {
		receive_message(port);
		return true;
	}
	return false;
}

static RstpRole select_role(const Rstp *rstp, RstpPort *port)
{
	port->updtInfo = false;
	switch (port->infoIs) {
	case INFO_DISABLED:
		return RSTP_DISABLED;
	case INFO_AGED:
		port->updtInfo = true;
		return RSTP_DESIGNATED;
	case INFO_MINE:
		port->updtInfo = rstp_compare(&port->designatedPriority, &port->portPriority) != 0 ||
			!same_times(&port->designatedTimes, &port->portTimes);
		return RSTP_DESIGNATED;
	case INFO_RECEIVED:
		break;
	}
	if (port == rstp->root_port)
		return RSTP_ROOT;
	if (rstp_compare(&port->designatedPriority, &port->portPriority) < 0) {
		port->updtInfo = true;
		return RSTP_DESIGNATED;
	}
	return rstp_address_of(port->portPriority.bridge) == rstp_address_of(rstp->id) ? RSTP_BACKUP : RSTP_ALTERNATE;
}

/* Is the way to the root through the port better than the best so far? 17.5: the last word has the port's own number. */
static bool is_better_way(const Rstp *rstp, const RstpPort *port, const RstpPriority *path)
{
	int order = rstp_compare(path, &rstp->rootPriority);
	return order < 0 || (order == 0 && rstp->root_port && port->id < rstp->root_port->id);
}

/* 17.21.25 */
static void update_roles_tree(Rstp *rstp)
{
	RstpPort *port;
	rstp->rootPriority = (RstpPriority){.root = rstp->id, .bridge = rstp->id};
	rstp->rootTimes = rstp_bridge_times();
	rstp->root_port = NULL;
	for (each_port(rstp, port)) {
		RstpPriority path = port->portPriority;
		path.cost += port->path_cost;
		/* What goes over the largest number is no way. */
		if (port->infoIs != INFO_RECEIVED || rstp_address_of(path.bridge) == rstp_address_of(rstp->id) ||
			path.cost < port->path_cost || !is_better_way(rstp, port, &path))
			continue;
		rstp->rootPriority = path;
		rstp->rootTimes = port->portTimes;
		rstp->rootTimes.message_age++;
		rstp->root_port = port;
	}
	for (each_port(rstp, port)) {
		port->designatedPriority = (RstpPriority){.root = rstp->rootPriority.root,
			.cost = rstp->rootPriority.cost,
			.bridge = rstp->id,
			.port = port->id};
		port->designatedTimes = rstp->rootTimes;
		port->designatedTimes.hello = HELLO_TIME;
		port->selectedRole = select_role(rstp, port);
	}
}

bool rstp_run_role_selection(Rstp *rstp)
{
	RstpPort *port;
	bool reselect = false;
	for (each_port(rstp, port)) {
		reselect |= port->reselect;
		port->reselect = false;
	}
	if (!reselect)
		return false;
	update_roles_tree(rstp);
	for (each_port(rstp, port))
		port->selected = true;
	return true;
}
