/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a port changes to its role, and whom it must inform: IEEE 802.1D-2004, 17.29 to 17.31. */
#include "switch/bridge/rstp_private.h"

/* 17.20.6: seconds that a port waits before it goes a state on. */
static unsigned forward_delay(const RstpPort *port)
{
	return port->sendRSTP ? HELLO_TIME : port->designatedTimes.forward_delay;
}

/* 17.20.3 */
static bool all_synced(const Rstp *rstp)
{
	const RstpPort *port;
	for (each_port(rstp, port))
		if (!port->selected || port->updtInfo || port->role != port->selectedRole ||
			!(port->synced || port->role == RSTP_ROOT))
			return false;
	return true;
}

/* 17.20.10 */
static bool re_rooted(const RstpPort *self)
{
	const RstpPort *port;
	for (each_port(self->rstp, port))
		if (port != self && port->rrWhile != 0)
			return false;
	return true;
}

/* 17.21.14 */
static void set_sync_tree(Rstp *rstp)
{
	RstpPort *port;
	for (each_port(rstp, port))
		port->sync = true;
}

/* 17.21.15 */
static void set_re_root_tree(Rstp *rstp)
{
	RstpPort *port;
	for (each_port(rstp, port))
		port->reRoot = true;
}

/* Alternate and root port alike: answers a proposal once every other port can stand it. False: nothing to do. */
static bool answer_proposal(RstpPort *port)
{
	if (port->proposed && !port->agree) {
		set_sync_tree(port->rstp);
		port->proposed = false;
	} else if ((all_synced(port->rstp) && !port->agree) || (port->proposed && port->agree)) {
		port->proposed = false;
		port->agree = port->newInfo = true;
		if (port->role == RSTP_ROOT)
			port->sync = false;
	} else {
		return false;
	}
	return true;
}

static bool run_blocked(RstpPort *port)
{
	unsigned wait = port->role == RSTP_DISABLED ? MAX_AGE : forward_delay(port);
	if (port->learning || port->forwarding) /* until the state machine has followed */
		return false;
	if (port->role != RSTP_DISABLED && answer_proposal(port))
		return true;
	if (port->role == RSTP_BACKUP)
		port->rbWhile = 2 * HELLO_TIME;
	bool changed = port->sync || port->reRoot || !port->synced || port->rrWhile;
	port->fdWhile = wait;
	port->synced = true;
	port->rrWhile = 0;
	port->sync = port->reRoot = false;
	return changed;
}

static bool run_root(RstpPort *port)
{
	bool may_go_on = port->fdWhile == 0 || (re_rooted(port) && port->rbWhile == 0);
	port->rrWhile = port->designatedTimes.forward_delay;
	if (answer_proposal(port))
		return true;
	if (!port->forward && !port->reRoot) {
		set_re_root_tree(port->rstp);
	} else if (may_go_on && !port->learn) {
		port->fdWhile = forward_delay(port);
		port->learn = true;
	} else if (may_go_on && !port->forward) {
		port->fdWhile = 0;
		port->forward = true;
	} else if (port->reRoot && port->forward) {
		port->reRoot = false;
	} else {
		return false;
	}
	return true;
}

static bool run_designated(RstpPort *port)
{
	bool may_go_on = (port->fdWhile == 0 || port->agreed || port->operEdge) &&
		(port->rrWhile == 0 || !port->reRoot) && !port->sync;
	bool must_stop = (port->sync && !port->synced) || (port->reRoot && port->rrWhile != 0) || port->disputed;
	if (!port->forward && !port->agreed && !port->proposing && !port->operEdge) {
		port->proposing = port->newInfo = true;
		port->edgeDelayWhile = MIGRATE_TIME;
	} else if ((!port->learning && !port->forwarding && !port->synced) || (port->agreed && !port->synced) ||
		(port->operEdge && !port->synced) || (port->sync && port->synced)) {
		port->rrWhile = 0;
		port->synced = true;
		port->sync = false;
	} else if (port->rrWhile == 0 && port->reRoot) {
		port->reRoot = false;
	} else if (must_stop && !port->operEdge && (port->learn || port->forward)) {
		port->learn = port->forward = port->disputed = false;
		port->fdWhile = forward_delay(port);
	} else if (may_go_on && !port->learn) {
		port->learn = true;
		port->fdWhile = forward_delay(port);
	} else if (may_go_on && !port->forward) {
		port->forward = true;
		port->fdWhile = 0;
		port->agreed = port->sendRSTP;
	} else {
		return false;
	}
	return true;
}

bool rstp_run_role_transitions(RstpPort *port)
{
	if (!port->selected || port->updtInfo)
		return false;
	if (port->role != port->selectedRole) {
		port->role = port->selectedRole;
		if (port->role != RSTP_ROOT && port->role != RSTP_DESIGNATED)
			port->learn = port->forward = false;
		return true;
	}
	if (port->role == RSTP_ROOT)
		return run_root(port);
	return port->role == RSTP_DESIGNATED ? run_designated(port) : run_blocked(port);
}

bool rstp_run_state(RstpPort *port)
{
	bool learning = port->learn, forwarding = port->learn && port->forward;
	if (port->learning == learning && port->forwarding == forwarding)
		return false;
	port->learning = learning;
	port->forwarding = forwarding;
	port->rstp->ops->set_state(port->data, learning, forwarding);
	return true;
}

/* 17.21.18 */
static void set_tc_prop_tree(const RstpPort *self)
{
	RstpPort *port;
	for (each_port(self->rstp, port))
		if (port != self)
			port->tcProp = true;
}

/* 17.21.7 */
static void new_tc_while(RstpPort *port)
{
	if (port->tcWhile)
		return;
	port->tcWhile =
		port->sendRSTP ? HELLO_TIME + 1 : port->rstp->rootTimes.max_age + port->rstp->rootTimes.forward_delay;
	port->newInfo |= port->sendRSTP;
}

/* Reaches state LEARNING: what was told until now is of no concern. */
static bool start_learning(RstpPort *port)
{
	bool had = port->rcvdTc || port->rcvdTcn || port->rcvdTcAck || port->tcProp;
	port->rcvdTc = port->rcvdTcn = port->rcvdTcAck = port->tcProp = false;
	bool changed = had || port->tc != TC_LEARNING;
	port->tc = TC_LEARNING;
	return changed;
}

bool rstp_run_topology_change(RstpPort *port)
{
	bool active = port->role == RSTP_ROOT || port->role == RSTP_DESIGNATED;
	switch (port->tc) {
	case TC_INACTIVE:
		return port->learn && start_learning(port);
	case TC_LEARNING:
		if (active && port->forward && !port->operEdge) {
			new_tc_while(port);
			set_tc_prop_tree(port);
			port->newInfo = true;
			port->tc = TC_ACTIVE;
			return true;
		}
		if (start_learning(port))
			return true;
		if (active || port->learn || port->learning)
			return false;
		port->rstp->ops->flush(port->data);
		port->tcWhile = 0;
		port->tcAck = false;
		port->tc = TC_INACTIVE;
		return true;
	case TC_ACTIVE:
		if (!active || port->operEdge)
			return start_learning(port);
		if (port->rcvdTcn || port->rcvdTc) {
			if (port->rcvdTcn)
				new_tc_while(port);
			port->rcvdTcn = port->rcvdTc = false;
			port->tcAck |= port->role == RSTP_DESIGNATED;
			set_tc_prop_tree(port);
		} else if (port->tcProp) {
			new_tc_while(port);
			port->rstp->ops->flush(port->data);
			port->tcProp = false;
		} else if (port->rcvdTcAck) {
			port->tcWhile = 0;
			port->rcvdTcAck = false;
		} else {
			return false;
		}
		return true;
	}
	return false;
}
