/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network in a spanning tree: connects RSTP (switch/bridge/rstp.h) to the ports of a switch and the timers of its worker. */
#pragma once

#include "switch/bridge/network.h"
#include "switch/loop/timers.h"

/** Makes the network's switch a bridge of a spanning tree, once and for good: from now on its ports wait until it is clear
 *  that no loop leads over them. priority as in rstp_new(), address: the bridge's own. now in ns; timers are the worker's,
 *  which run as long as the network is there. */
void spanning_tree_start(Network *network, uint16_t priority, Mac address, Timers *timers, uint64_t now);
void spanning_tree_free(SpanningTree *self);
/** Another priority, as in rstp_new(). */
void spanning_tree_set_priority(SpanningTree *self, uint16_t priority);
/** What the protocol knows; borrowed. */
const Rstp *spanning_tree_rstp(const SpanningTree *self);

/* The rest is for switch/bridge/network.c. */

void spanning_tree_add(SpanningTree *self, BridgePort *port);
/** The port's carrier has changed. */
void spanning_tree_set_carrier(BridgePort *port);
/** The rate of the port's cable may have changed. */
void spanning_tree_set_rate(BridgePort *port);
/** A frame to the bridge group address came in. False: there is no BPDU in it. */
bool spanning_tree_receive(BridgePort *port, const Frame *frame);
