/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line about a frame: from, to, protocol, information. What a packet list says where tshark is not installed, or
 * has not spoken yet. Any bytes may come: guests are hostile. */
#pragma once

#include <glib.h>

typedef struct {
	char from[48], to[48]; /* of the innermost address that is understood: IP, else MAC */
	char protocol[16];
	char info[200]; /* UTF-8; printable characters alone */
} PacketFacts;

/** Reads a frame.
 *  @bytes: from the Ethernet header on, without FCS
 *  @captured: how many there are; may be fewer than the frame had
 *  @length: how many the frame had */
void packet_decode(const guint8 *bytes, gsize captured, gsize length, PacketFacts *facts);
