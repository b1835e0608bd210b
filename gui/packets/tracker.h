/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the way of one frame through the lab, in what the lab remembers or in frames that are at hand. Free of GTK.
 *
 * Signal:
 *   "found" ()   packet_tracker_path() and packet_tracker_text() have changed */
#pragma once

#include "gui/packets/store.h"
#include "gui/session/session.h"

#define PACKET_TYPE_TRACKER (packet_tracker_get_type())
G_DECLARE_FINAL_TYPE(PacketTracker, packet_tracker, PACKET, TRACKER, GObject)

PacketTracker *packet_tracker_new(Session *session);
/** Looks for a frame; what was looked for before is forgotten.
 *  @interface: where it was seen */
void packet_tracker_follow(PacketTracker *self, const Packet *packet, const char *interface);
void packet_tracker_forget(PacketTracker *self);
/** Names of cables, in the order in which it crossed them; empty: nothing is followed. Borrowed. */
const GPtrArray *packet_tracker_path(PacketTracker *self);
/** "pc1:eth0 → lan1 → r1 … in 1.2 ms", or why not; "" nothing is followed. Borrowed. */
const char *packet_tracker_text(PacketTracker *self);
