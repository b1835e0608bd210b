/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet, VLAN tags, ARP, and what has no address. */
#include <stdarg.h>
#include <string.h>

#include "gui/packets/decode_private.h"

/* IEEE 802 numbers, "EtherType". Below LLC_MOST the field is a length. */
enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_VLAN = 0x8100,
	TYPE_SERVICE_VLAN = 0x88a8,
	TYPE_IPV6 = 0x86dd,
	LLC_MOST = 1500,
	ETHERNET_HEADER = 14,
	TAGS_MOST = 2,
};

void facts_say(PacketFacts *facts, const char *format, ...)
{
	gsize used = strlen(facts->info);
	va_list arguments;
	va_start(arguments, format);
	g_vsnprintf(facts->info + used, sizeof facts->info - used, format, arguments);
	va_end(arguments);
}

void facts_name(PacketFacts *facts, const char *protocol)
{
	g_strlcpy(facts->protocol, protocol, sizeof facts->protocol);
}

void facts_cut(PacketFacts *facts)
{
	facts_say(facts, "%struncated header", *facts->info ? ", " : "");
}

void text_of_mac(Piece piece, gsize at, char text[ADDRESS_TEXT])
{
	g_snprintf(text, ADDRESS_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", get8(piece, at), get8(piece, at + 1),
		get8(piece, at + 2), get8(piece, at + 3), get8(piece, at + 4), get8(piece, at + 5));
}

void text_of_ipv4(Piece piece, gsize at, char text[ADDRESS_TEXT])
{
	g_snprintf(text, ADDRESS_TEXT, "%u.%u.%u.%u", get8(piece, at), get8(piece, at + 1), get8(piece, at + 2),
		get8(piece, at + 3));
}

/* RFC 826. */
static void decode_arp(Piece piece, PacketFacts *facts)
{
	enum { REQUEST = 1, REPLY = 2, SIZE = 28 };
	char sender[ADDRESS_TEXT], target[ADDRESS_TEXT], mac[ADDRESS_TEXT];
	facts_name(facts, "ARP");
	if (!reach(piece, SIZE)) {
		facts_cut(facts);
		return;
	}
	if (get16(piece, 2) != TYPE_IPV4 || get8(piece, 4) != 6 || get8(piece, 5) != 4) {
		facts_say(facts, "operation %u, not IPv4", get16(piece, 6));
		return;
	}
	text_of_mac(piece, 8, mac);
	text_of_ipv4(piece, 14, sender);
	text_of_ipv4(piece, 24, target);
	guint operation = get16(piece, 6);
	if (operation == REQUEST && g_str_equal(sender, target))
		facts_say(facts, "announces %s at %s", sender, mac);
	else if (operation == REQUEST)
		facts_say(facts, "who has %s? tell %s", target, sender);
	else if (operation == REPLY)
		facts_say(facts, "%s is at %s", sender, mac);
	else
		facts_say(facts, "operation %u", operation);
}

/* IEEE 802.1D-2004, 9.3. */
static void decode_bpdu(Piece piece, PacketFacts *facts)
{
	enum {
		VERSION_RSTP = 2,
		TOPOLOGY_CHANGE_NOTIFICATION = 0x80,
		ROOT = 5,
		ROOT_COST = 13,
		BRIDGE = 17,
		SIZE = 35
	};
	char root[ADDRESS_TEXT], bridge[ADDRESS_TEXT];
	facts_name(facts, get8(piece, 2) >= VERSION_RSTP ? "RSTP" : "STP");
	if (get8(piece, 3) == TOPOLOGY_CHANGE_NOTIFICATION) {
		facts_say(facts, "topology change");
	} else if (!reach(piece, SIZE)) {
		facts_cut(facts);
	} else {
		text_of_mac(piece, ROOT + 2, root);
		text_of_mac(piece, BRIDGE + 2, bridge);
		facts_say(facts, "root %u/%s, cost %u, bridge %u/%s", get16(piece, ROOT), root, get32(piece, ROOT_COST),
			get16(piece, BRIDGE), bridge);
	}
}

static void decode_llc(Piece piece, PacketFacts *facts)
{
	enum { STP = 0x42, UNNUMBERED = 3 };
	if (get8(piece, 0) == STP && get8(piece, 1) == STP && get8(piece, 2) == UNNUMBERED) {
		decode_bpdu(behind(piece, 3), facts);
		return;
	}
	facts_name(facts, "LLC");
	facts_say(facts, "from 0x%02x to 0x%02x", get8(piece, 1), get8(piece, 0));
}

static void decode_other(guint type, gsize length, PacketFacts *facts)
{
	static const struct {
		guint type;
		const char *name;
	} names[] = {
		{0x8035, "RARP"},
		{0x8847, "MPLS"},
		{0x8848, "MPLS"},
		{0x8863, "PPPoE"},
		{0x8864, "PPPoE"},
		{0x888e, "EAPOL"},
		{0x88cc, "LLDP"},
		{0x88e5, "MACsec"},
		{0x88f7, "PTP"},
		{0x8902, "CFM"},
		{0x9000, "Loopback"},
	};
	facts_name(facts, "Ethernet");
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (names[i].type == type)
			facts_name(facts, names[i].name);
	facts_say(facts, "type 0x%04x, %" G_GSIZE_FORMAT " bytes", type, length);
}

void packet_decode(const guint8 *bytes, gsize captured, gsize length, PacketFacts *facts)
{
	Piece frame = {bytes, MIN(captured, length)};
	*facts = (PacketFacts){0};
	facts_name(facts, "Ethernet");
	if (!reach(frame, ETHERNET_HEADER)) {
		facts_cut(facts);
		return;
	}
	text_of_mac(frame, 6, facts->from);
	text_of_mac(frame, 0, facts->to);
	guint type = get16(frame, 12);
	Piece piece = behind(frame, ETHERNET_HEADER);
	for (guint i = 0; i < TAGS_MOST && (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN); i++) {
		/* IEEE 802.1Q: the identifier is the low twelve bits. */
		facts_say(facts, "VLAN %u: ", get16(piece, 0) & 0xfff);
		type = get16(piece, 2);
		piece = behind(piece, 4);
	}
	if (type <= LLC_MOST)
		decode_llc(upto(piece, type), facts);
	else if (type == TYPE_ARP)
		decode_arp(piece, facts);
	else if (type == TYPE_IPV4)
		decode_ipv4(piece, facts);
	else if (type == TYPE_IPV6)
		decode_ipv6(piece, facts);
	else
		decode_other(type, length, facts);
}
