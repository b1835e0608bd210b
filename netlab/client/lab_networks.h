/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor reports of networks, their ports and the stations that they have learned, as values. Fields as in
 * org.netlab.Switch1. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef struct {
	char *name, *cable, *state;
	gboolean carrier, mirror;
	guint16 access;        /* VLAN of an access port; 0: not an access port */
	char *trunk;           /* VLANs of a trunk; NULL: not a trunk */
	guint16 native;        /* untagged VLAN of a trunk; 0: none */
	char *role, *protocol; /* "": not part of a spanning tree */
	gboolean edge;         /* this and cost: in a spanning tree */
	guint32 cost;
} PortFacts;

typedef struct {
	char *name, *type, *stp;
	gboolean vlan_aware;
	char *bridge, *root; /* "": not part of a spanning tree */
	char *root_port;     /* "": this bridge is the root */
	guint32 root_cost;
	GPtrArray *ports; /* of PortFacts */
} NetworkFacts;

typedef struct {
	char *address, *port;
	guint16 vlan; /* 0: the switch is not VLAN-aware */
	guint64 age_ms;
} StationFacts;

/** All networks (of NetworkFacts), by name. */
GPtrArray *lab_networks(LabConnection *lab, GError **error);
/** From the answer of GetNetworks, which has no order. */
GPtrArray *lab_networks_from_variant(GVariant *networks);
/** The network of this name, borrowed, or NULL. */
const NetworkFacts *lab_networks_find(const GPtrArray *networks, const char *name);
/** The stations of a network (of StationFacts), as its forwarding table has them. */
GPtrArray *lab_stations(LabConnection *lab, const char *network, GError **error);
/** From the answer of GetForwardingTable. */
GPtrArray *lab_stations_from_variant(GVariant *entries);
