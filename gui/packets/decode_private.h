/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a frame, read with bounds: what is beyond the end is 0, and asked for with reach(). */
#pragma once

#include "gui/packets/decode.h"

typedef struct {
	const guint8 *bytes;
	gsize size;
} Piece;

static inline gboolean reach(Piece piece, gsize size)
{
	return piece.size >= size;
}

static inline guint get8(Piece piece, gsize at)
{
	return at < piece.size ? piece.bytes[at] : 0;
}

static inline guint get16(Piece piece, gsize at)
{
	return get8(piece, at) << 8 | get8(piece, at + 1);
}

static inline guint32 get32(Piece piece, gsize at)
{
	return (guint32)get16(piece, at) << 16 | get16(piece, at + 2);
}

/** What is left behind the first bytes. */
static inline Piece behind(Piece piece, gsize size)
{
	return reach(piece, size) ? (Piece){piece.bytes + size, piece.size - size} : (Piece){piece.bytes, 0};
}

/** At most so many bytes. */
static inline Piece upto(Piece piece, gsize size)
{
	return (Piece){piece.bytes, MIN(piece.size, size)};
}

/** Appends to the information; what finds no room is cut. */
void facts_say(PacketFacts *facts, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** Sets the protocol. */
void facts_name(PacketFacts *facts, const char *protocol);
/** The frame ends in the middle of a header. */
void facts_cut(PacketFacts *facts);

enum { ADDRESS_TEXT = 48 };
void text_of_ipv4(Piece piece, gsize at, char text[ADDRESS_TEXT]);
void text_of_ipv6(Piece piece, gsize at, char text[ADDRESS_TEXT]);
void text_of_mac(Piece piece, gsize at, char text[ADDRESS_TEXT]);

/** What IPv4 and IPv6 carry (RFC 791, 8200). length: bytes that the datagram has, also those that were not captured. */
void decode_ipv4(Piece piece, PacketFacts *facts);
void decode_ipv6(Piece piece, PacketFacts *facts);
void decode_transport(guint protocol, Piece piece, gsize length, PacketFacts *facts);
void decode_icmp(Piece piece, PacketFacts *facts);
void decode_icmpv6(Piece piece, PacketFacts *facts);
