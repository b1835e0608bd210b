/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What GetNetworks of org.netlab.Lab1 says of a network, in words. Free of GTK. */
#pragma once

#include <glib.h>

/** "Switch, VLAN-aware. Spanning tree: bridge ..., root ...". facts: a{sv}. Caller frees. */
char *network_facts_summary(GVariant *facts);
/** "trunk 10 20, native 1", "10", "". port: a{sv}, as the next. Caller frees. */
char *network_facts_vlans(GVariant *port);
/** "root, forwarding", "no carrier", "mirror". Caller frees. */
char *network_facts_state(GVariant *port);
/** "3 s", "2 min". Caller frees. */
char *network_facts_age(guint64 milliseconds);
