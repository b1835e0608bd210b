/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All networks, ports, cables and captures of a lab by name, as the control thread manages them.
 *
 * A network, its cables and their ports are on the same worker, so that a frame never changes threads; a link is on one
 * worker too. A port moves to the worker of its cable. Only the control thread (with the main context) calls these
 * functions. */
#pragma once

#include "switch/control/captures.h"

#include <gio/gio.h>

typedef struct Fabric Fabric;

/** A port has disconnected its guest because the guest broke the rules of its transport. */
typedef void (*FabricPortFailed)(const char *name, const char *message, gpointer data);

/** Ends of these cables (an array that ends in NULL, borrowed) have got or lost their carrier. */
typedef void (*FabricCablesChanged)(const char *const *names, gpointer data);

typedef struct {
	CaptureEnded capture_ended;
	FabricPortFailed port_failed;
	FabricCablesChanged cables_changed; /* or NULL */
} FabricEvents;

/** Starts the workers. history: bytes of memory for the last frames of all cables, 0 for none. NULL and error when the host
 *  refuses. events and data must outlive it; a member is called in the main context. */
Fabric *fabric_new(unsigned workers, guint64 history, const FabricEvents *events, gpointer data, GError **error);
/** Finishes all captures (what was captured is written; no event comes), and frees everything. */
void fabric_free(Fabric *fabric);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fabric, fabric_free)

/* Each fails with G_IO_ERROR_EXISTS, _NOT_FOUND or _INVALID_ARGUMENT, or as the host refuses; nothing has changed then. */

/** type: "hub" or "switch"; ageing in ms, 0 for 300 s; table_size in entries, 0 for 4096. Networks of one group live on
 *  one worker, so that cables can join them. */
gboolean fabric_add_network(Fabric *fabric, const char *name, const char *type, guint ageing_ms, guint table_size,
	guint group, GError **error);
/** Adds a port on a Unix datagram socket, and plugs it in if its cable is there. Owns fd, even on failure. */
gboolean fabric_add_datagram_port(Fabric *fabric, const char *name, guint mtu, int fd, GError **error);
/** Adds a vhost-user port on a Unix stream socket that listens, and plugs it in if its cable is there. mac:
 *  "52:54:00:00:00:01", an individual address. offload: whether its guest may leave checksums and segmentation to us.
 *  Owns fd, even on failure. */
gboolean fabric_add_vhost_port(
	Fabric *fabric, const char *name, guint mtu, const char *mac, gboolean offload, int fd, GError **error);
/** The same for a tap interface of the host: port_tap_new(). */
gboolean fabric_add_tap_port(Fabric *fabric, const char *name, guint mtu, int fd, GError **error);
gboolean fabric_remove_port(Fabric *fabric, const char *name, GError **error);
/** One end of a cable: the name of a port, which need not be there yet, or of a network, which must. */
typedef struct {
	const char *name;
	gboolean is_network;
} FabricEnd;

/** A cable between two ports, a port and a network, or two networks of one group; at most CAPTURES_CABLES_MAX. */
gboolean fabric_add_cable(Fabric *fabric, const char *name, const FabricEnd ends[2], GError **error);

/** What is set of a cable: Switch1.SetLink. */
typedef struct {
	GVariant *from
		[2]; /* a{sv}, for frames that enter at that end: link_settings_from_variant(). What is missing is not set */
	guint64 seed;    /* the lab's */
	guint32 longest; /* bytes of the longest frame; 0: 1514 */
} FabricLink;

/** Sets both directions of a cable at once. Also G_IO_ERROR_NO_SPACE. */
gboolean fabric_set_link(Fabric *fabric, const char *cable, const FabricLink *link, GError **error);
/** a{s(ba(sba{sv}a{st}))}: cable, whether it is down, and its ends: name, whether there is a carrier, and of the frames
 *  that enter there what the cable does to them and the counters that are not zero. Floating. */
GVariant *fabric_cables(Fabric *fabric);
/** Starts a capture of cables and of ports on one, all by name and ending in NULL, or with none of everything
 *  (captures_start()). Owns output, even on failure. Returns its id, 0 on failure. */
guint32 fabric_start_capture(Fabric *fabric, const char *const *places, const CaptureOptions *options, int output,
	gint64 *since, GError **error);
/** Asks a capture to end; CaptureEnded follows. */
gboolean fabric_stop_capture(Fabric *fabric, guint32 id, GError **error);
/** a(utt): id, frames captured and dropped so far, of the captures that go on. Floating. */
GVariant *fabric_captures(Fabric *fabric);
/** a{sa{st}}: port, counter, value. Floating. */
GVariant *fabric_counters(Fabric *fabric);
/** The port of a switch where the cable's end is (0 or 1) carries these VLANs: keys access (q), or trunk (at, 64 words of a
 *  set) and native (q, 0: none). The switch is VLAN-aware from now on. */
gboolean fabric_set_port_vlan(Fabric *fabric, const char *cable, guint end, GVariant *settings, GError **error);
/** Makes a switch part of a spanning tree (RSTP), for good. priority from 0 to 61440 in steps of 4096; address: the bridge's
 *  own, "02:...". */
gboolean fabric_set_spanning_tree(
	Fabric *fabric, const char *network, guint priority, const char *address, GError **error);
/** Another priority for a switch that is part of a spanning tree. */
gboolean fabric_set_bridge_priority(Fabric *fabric, const char *network, guint priority, GError **error);
/** Copies what passes the network's port of cable from ("": all its ports), either way, to that of cable to. */
gboolean fabric_add_mirror(Fabric *fabric, const char *network, const char *from, const char *to, GError **error);
/** a{sa{sv}}: networks and what is known of each, as Switch1.GetNetworks has it. Floating. */
GVariant *fabric_networks(Fabric *fabric);
/** Forgets all stations of a switch. */
gboolean fabric_flush_table(Fabric *fabric, const char *network, GError **error);
/** a(sqst): MAC address, VLAN (0 where the switch is not VLAN-aware), port, age in ms; empty for a hub. Floating; NULL on
 *  failure. */
GVariant *fabric_forwarding_table(Fabric *fabric, const char *network, GError **error);
