/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor reports of nodes, links, uplinks and captures, as values. Fields as in org.netlab.Lab1. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef struct {
	char *name, *attachment; /* network or link */
	char **addresses;
	char *mac;
} InterfaceFacts;

typedef struct {
	char *name, *state, *message, *image, *kind;
	char **warnings;
	gint64 since; /* microseconds since the epoch */
	int pid, cpu;
	guint64 memory, resident; /* bytes */
	guint boot_ms;
	GPtrArray *interfaces; /* of InterfaceFacts */
} NodeFacts;

typedef struct {
	char *name, *kind, *network;
	char **ends;
	char **between;       /* both ends: ports or networks */
	gboolean down;        /* unplugged */
	GVariant *counters;   /* a{sa{st}} by port, or NULL, as the next ones */
	GVariant *carrier;    /* a{sb} by end */
	GVariant *impairment; /* a{sa{ss}} of the frames from each end */
	GVariant *wire;       /* a{sa{st}} what became of those */
} LinkFacts;

typedef struct {
	char *protocol, *host, *to;
} ForwardFacts;

typedef struct {
	char *name, *network, *state, *message, *dhcp;
	char **warnings, **addresses, **dns;
	gint64 since; /* microseconds since the epoch */
	int pid;
	gboolean restricted, loopback;
	guint restarts;
	GVariant *counters;  /* a{sa{st}} by port, or NULL: refused frames */
	char *port;          /* "uplink:NETWORK" */
	GPtrArray *forwards; /* of ForwardFacts */
} UplinkFacts;

typedef struct {
	guint id;             /* the supervisor's number of it; 0: none */
	char *where, *filter; /* "": the whole lab; "": every frame */
	char *file;           /* of a capture that the lab's file asks for; NULL: a client's */
	char *reason;         /* why it ended; "": it is running */
	guint64 captured, dropped;
} CaptureReport;

/** All nodes (of NodeFacts), in the file's order. */
GPtrArray *lab_nodes(LabConnection *lab, GError **error);
/** All cables (of LinkFacts), in the file's order. */
GPtrArray *lab_links(LabConnection *lab, GError **error);
/** All uplinks (of UplinkFacts), in the file's order. */
GPtrArray *lab_uplinks(LabConnection *lab, GError **error);
/** The node of this name; fails with the nearest name. Caller frees with node_facts_free(). */
NodeFacts *lab_node(LabConnection *lab, const char *name, GError **error);
/** One node, from its facts in the answer of GetNodes. Caller frees. */
NodeFacts *node_facts_from_variant(const char *name, GVariant *facts);
/** From the answers of GetNodes, GetLinks, GetUplinks and GetCaptures (of CaptureReport). */
GPtrArray *lab_nodes_from_variant(GVariant *nodes);
GPtrArray *lab_links_from_variant(GVariant *links);
GPtrArray *lab_uplinks_from_variant(GVariant *uplinks);
GPtrArray *lab_captures_from_variant(GVariant *captures);
/** Borrowed names (pointers into the facts) of nodes or links, for did_you_mean(). */
GPtrArray *lab_names_of_nodes(const GPtrArray *nodes);
void node_facts_free(NodeFacts *self);
void link_facts_free(LinkFacts *self);
void uplink_facts_free(UplinkFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NodeFacts, node_facts_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LinkFacts, link_facts_free)
/** A text among facts a{sv}; "" when there is none of that name. Caller frees. */
char *lab_text(GVariant *facts, const char *key);
/** A counter of one port; 0 when it has none of that name. */
guint64 link_counter(const LinkFacts *link, const char *port, const char *counter);
/** The same of counters a{sa{st}} by port, or NULL. */
guint64 lab_counter(GVariant *counters, const char *port, const char *counter);
/** The drop counters of a port that are not zero, "3 queue_full", or "0". Caller frees. */
char *lab_drops(GVariant *counters, const char *port);
