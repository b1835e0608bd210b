/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides which frames pass between the network of the lab and NAT.
 *
 * libslirp handles every frame as if it were addressed to it. Behind a hub, or a switch that floods, it would answer for
 * stations of the lab, and it would send the multicasts of routing protocols to the network of the host. So only frames that
 * a router with these addresses would accept or forward may pass. */
#pragma once

#include "switch/uplink/uplink_options.h"

typedef struct UplinkGate UplinkGate;

UplinkGate *uplink_gate_new(const UplinkOptions *options);
void uplink_gate_free(UplinkGate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UplinkGate, uplink_gate_free)

/** Whether NAT may see a frame that came from the lab. */
gboolean uplink_gate_admits(const UplinkGate *self, const guint8 *frame, gsize length);

/** The Ethernet address that a frame to the lab must come from, 6 bytes, borrowed: mostly the one it has. libslirp gives
 *  IPv6 packets one made of their sender's address, wherever in the world that is; a router has one of its own, and a
 *  switch's table has better use for its room. */
const guint8 *uplink_gate_source(const UplinkGate *self, const guint8 *frame);

/* A restricted uplink lets guests answer what came in by a forward. For TCP libslirp sees to that; datagrams of a
 * forward have a NAT of their own, unrestricted, which is shown nothing but the answers to what it sent. */

/** Takes note of a frame that the forwards' NAT sends. FALSE: it must not go out (the other NAT speaks for the gateway). */
gboolean uplink_gate_note_forwarded(UplinkGate *self, const guint8 *frame, gsize length, gint64 now_ms);
typedef enum {
	GATE_TO_NAT = 1,      /* the one for what guests begin */
	GATE_TO_FORWARDS = 2, /* the one for what comes in by a datagram forward */
} GateWay;
/** Where a frame that was admitted goes: a GateWay or both. */
unsigned uplink_gate_way(const UplinkGate *self, const guint8 *frame, gsize length, gint64 now_ms);
