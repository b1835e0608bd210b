/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides which frames pass between the network of the lab and NAT.
 *
 * libslirp handles every frame as if it were addressed to it. Behind a hub, or a switch that floods, it would answer for
 * stations of the lab, and it would send the multicasts of routing protocols to the network of the host. So only frames that
 * a router with these addresses would accept or forward may pass.
 *
 * It also trusts its guest with its own memory: parts of datagrams, urgent marks, options, lengths, the number of flows. So what
 * passes is whole, well-formed and bounded in number, and each frame that does not pass has a counter; except for frames that
 * were never for the uplink. */
#pragma once

#include <sys/uio.h>

#include "switch/uplink/uplink_counters.h"
#include "switch/uplink/uplink_options.h"

typedef struct UplinkGate UplinkGate;

/** @has_echo6: NAT can send echo requests by IPv6. Caller frees. */
UplinkGate *uplink_gate_new(const UplinkOptions *options, gboolean has_echo6);
void uplink_gate_free(UplinkGate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UplinkGate, uplink_gate_free)

/** What was refused: may be set, to go on where another process ended. Borrowed. */
UplinkCounters *uplink_gate_counters(UplinkGate *self);

typedef enum {
	GATE_TO_NAT = 1,      /* the one for what guests begin */
	GATE_TO_FORWARDS = 2, /* the one for what comes in by a datagram forward */
} GateWay;

/** A frame that may pass. */
typedef struct {
	const guint8 *frame; /* the one that came in, or one that the gate put together: until the next call */
	gsize length;
	unsigned way; /* a GateWay or both */
} GatePass;

/** Whether NAT may see a frame that came from the lab. The frame's bytes may change. When NAT has handled it, call
 *  uplink_gate_handled().
 *  @split: datagrams of forwards have a NAT of their own */
gboolean uplink_gate_admit(
	UplinkGate *self, guint8 *frame, gsize length, gboolean split, gint64 now_ms, GatePass *pass);
/** After a frame was handled. Returns a frame for the NAT that handled it, which tells it the sender's Ethernet address, when it
 *  had to ask for it: what waits for the answer to that question waits in memory without bounds. 0: there is none.
 *  @frame: room for GATE_INTRODUCTION_MAX bytes */
gsize uplink_gate_handled(UplinkGate *self, guint8 *frame);
#define GATE_INTRODUCTION_MAX 96

/** Takes note of a frame that a NAT sends. */
void uplink_gate_sends(UplinkGate *self, const guint8 *frame, gsize length);
/** A NAT opened a socket; for a client of a forward, or, with client NULL, for the datagrams of one; else both are NULL. */
void uplink_gate_opened(UplinkGate *self, int fd, const Forward *forward, const Endpoint *client);
/** A NAT closes a socket. */
void uplink_gate_closed(UplinkGate *self, int fd);
/** Whether more connections may come in by forwards. */
gboolean uplink_gate_has_room(const UplinkGate *self);

#define GATE_PARTS 5
/** A frame to the lab as it must look, in parts; returns how many. The Ethernet address that it comes from: mostly the one it
 *  has. libslirp gives IPv6 packets one made of their sender's address, wherever in the world that is; a router has one of its
 *  own, and a switch's table has better use for its room. And the IPv6 address of a client that came by IPv4. */
unsigned uplink_gate_parts(const UplinkGate *self, const guint8 *frame, gsize length, struct iovec parts[GATE_PARTS]);

/* A restricted uplink lets guests answer what came in by a forward, and one that is closed to the host's loopback lets them
 * answer clients there. For TCP libslirp sees to that; datagrams of a forward have a NAT of their own, which may do both and
 * is shown nothing but the answers to what it sent. */

/** Takes note of a frame that the forwards' NAT sends. FALSE: it must not go out (the other NAT speaks for the gateway). */
gboolean uplink_gate_note_forwarded(UplinkGate *self, const guint8 *frame, gsize length, gint64 now_ms);
