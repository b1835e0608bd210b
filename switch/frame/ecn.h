/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Explicit congestion notification in the IP header of a frame: RFC 3168, section 5. */
#pragma once

#include "switch/frame/frame.h"

/** Does the frame hold an IPv4 or IPv6 packet, behind up to two VLAN tags, whose sender understands ECN, and which is not
 *  marked yet: ECT(0) or ECT(1)? */
bool ecn_is_capable(const Frame *frame);
/** Marks a packet as having met congestion (CE), where ecn_is_capable() says so; anything else stays as it is. bytes: the
 *  whole frame. */
void ecn_mark(uint8_t *bytes, size_t length);
