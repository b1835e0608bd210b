/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP packets in Ethernet frames: fields that are read only after their place was checked. */
#pragma once

#include <glib.h>
#include <netinet/in.h>

#include "switch/uplink/uplink_counters.h"

enum { PACKET_V4_HEADER = 20, PACKET_V6_HEADER = 40, PACKET_TCP_HEADER = 20, PACKET_UDP_HEADER = 8 };

typedef struct {
	gboolean v6;
	guint8 protocol;
	guint8 *ip, *payload;       /* in the frame */
	gsize size, payload_size;   /* as the headers say: a frame may have padding after it */
	struct in6_addr from, to;   /* IPv4 ones mapped (RFC 4291, 2.5.5.2) */
	guint16 from_port, to_port; /* TCP and UDP, after packet_check_transport() */
	guint8 tcp_flags;
	/* of a fragment (IPv4) */
	gboolean more;
	gsize offset; /* in bytes */
} Packet;

/** Reads the IP header of a frame whose type is IPv4 or IPv6; packet points into the frame. UPLINK_NONE, or why not. */
UplinkCounter packet_parse(guint8 *frame, gsize length, Packet *packet);
/** Reads and checks the header of TCP, UDP or ICMP, except for the checksum. UPLINK_NONE, or why not. */
UplinkCounter packet_check_transport(Packet *packet);
/** Removes the urgent mark of a TCP segment; its checksum stays as right or wrong as it was. FALSE: there was none. */
gboolean packet_clear_urgent(Packet *packet);
/** The IPv4 address in a mapped one, in host order. */
guint32 packet_v4(const struct in6_addr *address);
/** The checksum of an IPv4 header, 0 for one that is right (RFC 791, 3.1); of other bytes with START, a sum so far. */
guint16 packet_checksum(guint32 start, const guint8 *bytes, gsize n);
