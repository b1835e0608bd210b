/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 and IPv6 (RFC 791, RFC 8200), and ICMP of both (RFC 792, RFC 4443, RFC 4861, RFC 3810). */
#include <arpa/inet.h>
#include <string.h>

#include "gui/packets/decode_private.h"

/* Assigned protocol numbers of IANA. */
enum {
	NEXT_HOP_OPTIONS = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_NONE = 59,
	NEXT_DESTINATION_OPTIONS = 60,
	EXTENSIONS_MOST = 8,
};

void text_of_ipv6(Piece piece, gsize at, char text[ADDRESS_TEXT])
{
	guint8 address[16] = {0};
	if (reach(piece, at + sizeof address))
		memcpy(address, piece.bytes + at, sizeof address);
	inet_ntop(AF_INET6, address, text, ADDRESS_TEXT);
}

void decode_ipv4(Piece piece, PacketFacts *facts)
{
	enum { HEADER = 20, MORE_FRAGMENTS = 0x2000, OFFSET = 0x1fff };
	gsize header = (get8(piece, 0) & 15) * 4, total = get16(piece, 2);
	facts_name(facts, "IPv4");
	if (!reach(piece, HEADER)) {
		facts_cut(facts);
		return;
	}
	text_of_ipv4(piece, 12, facts->from);
	text_of_ipv4(piece, 16, facts->to);
	if (get8(piece, 0) >> 4 != 4 || header < HEADER || total < header) {
		facts_say(facts, "malformed header");
		return;
	}
	guint fragment = get16(piece, 6);
	if (fragment & OFFSET) {
		facts_say(facts, "fragment at %u of datagram 0x%04x, protocol %u", (fragment & OFFSET) * 8,
			get16(piece, 4), get8(piece, 9));
		return;
	}
	decode_transport(get8(piece, 9), behind(upto(piece, total), header), total - header, facts);
	if (fragment & MORE_FRAGMENTS)
		facts_say(facts, ", first fragment of 0x%04x", get16(piece, 4));
}

void decode_ipv6(Piece piece, PacketFacts *facts)
{
	enum { HEADER = 40 };
	facts_name(facts, "IPv6");
	if (!reach(piece, HEADER)) {
		facts_cut(facts);
		return;
	}
	text_of_ipv6(piece, 8, facts->from);
	text_of_ipv6(piece, 24, facts->to);
	guint next = get8(piece, 6);
	gsize left = get16(piece, 4);
	piece = upto(behind(piece, HEADER), left);
	for (guint i = 0; i < EXTENSIONS_MOST; i++) {
		gsize size = next == NEXT_FRAGMENT ? 8 : (get8(piece, 1) + 1u) * 8;
		if (next != NEXT_HOP_OPTIONS && next != NEXT_ROUTING && next != NEXT_FRAGMENT &&
			next != NEXT_DESTINATION_OPTIONS)
			break;
		if (!reach(piece, 8) || size > left) {
			facts_cut(facts);
			return;
		}
		if (next == NEXT_FRAGMENT && get16(piece, 2) & ~7u) {
			facts_say(facts, "fragment at %u of datagram 0x%08x, protocol %u", get16(piece, 2) & ~7u,
				get32(piece, 4), get8(piece, 0));
			return;
		}
		next = get8(piece, 0);
		piece = behind(piece, size);
		left -= size;
	}
	if (next == NEXT_NONE)
		facts_say(facts, "no payload");
	else
		decode_transport(next, piece, left, facts);
}

void decode_icmp(Piece piece, PacketFacts *facts)
{
	enum { ECHO_REPLY = 0, UNREACHABLE = 3, REDIRECT = 5, ECHO_REQUEST = 8, TIME_EXCEEDED = 11, QUOTED = 8 };
	static const char *const reasons[] = {"network unreachable", "host unreachable", "protocol unreachable",
		"port unreachable", "fragmentation needed", "source route failed", "network unknown", "host unknown",
		"host isolated", "network prohibited", "host prohibited", "network unreachable for this service",
		"host unreachable for this service", "administratively prohibited"};
	guint type = get8(piece, 0), code = get8(piece, 1);
	char address[ADDRESS_TEXT];
	facts_name(facts, "ICMP");
	if (!reach(piece, 8)) {
		facts_cut(facts);
		return;
	}
	if (type == ECHO_REQUEST || type == ECHO_REPLY)
		facts_say(facts, "echo %s, id %u, seq %u", type == ECHO_REQUEST ? "request" : "reply", get16(piece, 4),
			get16(piece, 6));
	else if (type == UNREACHABLE && code < G_N_ELEMENTS(reasons))
		facts_say(facts, "%s", reasons[code]);
	else if (type == TIME_EXCEEDED)
		facts_say(facts, code ? "fragment reassembly time exceeded" : "time to live exceeded");
	else if (type == REDIRECT) {
		text_of_ipv4(piece, 4, address);
		facts_say(facts, "redirect to %s", address);
	} else
		facts_say(facts, "type %u, code %u", type, code);
	/* Errors quote the datagram: its destination says what they are about. */
	if ((type == UNREACHABLE || type == TIME_EXCEEDED) && reach(piece, QUOTED + 20)) {
		text_of_ipv4(piece, QUOTED + 16, address);
		facts_say(facts, ", for a datagram to %s", address);
	}
}

/* Echo, and what has an address behind the first eight bytes. */
void decode_icmpv6(Piece piece, PacketFacts *facts)
{
	static const struct {
		guint type;
		const char *text;
		gboolean target;
	} types[] = {
		{1, "destination unreachable", FALSE},
		{2, "packet too big", FALSE},
		{3, "hop limit exceeded", FALSE},
		{4, "parameter problem", FALSE},
		{128, "echo request", FALSE},
		{129, "echo reply", FALSE},
		{130, "multicast listener query", FALSE},
		{131, "multicast listener report", FALSE},
		{132, "multicast listener done", FALSE},
		{133, "router solicitation", FALSE},
		{134, "router advertisement", FALSE},
		{135, "neighbour solicitation for", TRUE},
		{136, "neighbour advertisement of", TRUE},
		{137, "redirect to", TRUE},
		{143, "multicast listener report", FALSE},
	};
	enum { ECHO_REQUEST = 128, ECHO_REPLY = 129 };
	guint type = get8(piece, 0);
	char address[ADDRESS_TEXT];
	gsize i = 0;
	facts_name(facts, "ICMPv6");
	if (!reach(piece, 8)) {
		facts_cut(facts);
		return;
	}
	while (i < G_N_ELEMENTS(types) && types[i].type != type)
		i++;
	if (i == G_N_ELEMENTS(types)) {
		facts_say(facts, "type %u, code %u", type, get8(piece, 1));
		return;
	}
	facts_say(facts, "%s", types[i].text);
	if (type == ECHO_REQUEST || type == ECHO_REPLY)
		facts_say(facts, ", id %u, seq %u", get16(piece, 4), get16(piece, 6));
	if (types[i].target) {
		text_of_ipv6(piece, 8, address);
		facts_say(facts, " %s", address);
	}
}
