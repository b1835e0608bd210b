/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a running lab reports of a network, in words. Free of GTK. */
#pragma once

#include "netlab/client/lab_networks.h"

/** "Switch, VLAN-aware. Spanning tree: bridge ..., root ...". Caller frees. */
char *network_facts_summary(const NetworkFacts *network);
/** "trunk 10 20, native 1", "10", "". Caller frees. */
char *network_facts_vlans(const PortFacts *port);
/** "root, forwarding", "no carrier", "mirror". Caller frees. */
char *network_facts_state(const PortFacts *port);
/** "3 s", "2 min". Caller frees. */
char *network_facts_age(guint64 milliseconds);
