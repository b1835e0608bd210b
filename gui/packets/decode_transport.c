/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What IP carries: TCP (RFC 9293), UDP (RFC 768), OSPF (RFC 2328, RFC 5340), and others by their number alone. */
#include "gui/packets/decode_private.h"

/* Assigned protocol numbers of IANA. */
enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58, PROTOCOL_OSPF = 89 };

static const struct {
	guint number;
	const char *name;
} protocols[] = {
	{2, "IGMP"},
	{4, "IPIP"},
	{41, "6in4"},
	{46, "RSVP"},
	{47, "GRE"},
	{50, "ESP"},
	{51, "AH"},
	{88, "EIGRP"},
	{103, "PIM"},
	{112, "VRRP"},
	{115, "L2TP"},
	{132, "SCTP"},
};

/* Service names of IANA, as far as a lab meets them. */
static const struct {
	guint port;
	gboolean tcp, udp;
	const char *name;
} services[] = {
	{20, TRUE, FALSE, "FTP-DATA"},
	{21, TRUE, FALSE, "FTP"},
	{22, TRUE, FALSE, "SSH"},
	{23, TRUE, FALSE, "TELNET"},
	{25, TRUE, FALSE, "SMTP"},
	{53, TRUE, TRUE, "DNS"},
	{67, FALSE, TRUE, "DHCP"},
	{68, FALSE, TRUE, "DHCP"},
	{69, FALSE, TRUE, "TFTP"},
	{80, TRUE, FALSE, "HTTP"},
	{110, TRUE, FALSE, "POP3"},
	{123, FALSE, TRUE, "NTP"},
	{143, TRUE, FALSE, "IMAP"},
	{161, FALSE, TRUE, "SNMP"},
	{179, TRUE, FALSE, "BGP"},
	{389, TRUE, FALSE, "LDAP"},
	{443, TRUE, FALSE, "TLS"},
	{443, FALSE, TRUE, "QUIC"},
	{500, FALSE, TRUE, "ISAKMP"},
	{514, FALSE, TRUE, "Syslog"},
	{520, FALSE, TRUE, "RIP"},
	{521, FALSE, TRUE, "RIPng"},
	{546, FALSE, TRUE, "DHCPv6"},
	{547, FALSE, TRUE, "DHCPv6"},
	{646, TRUE, TRUE, "LDP"},
	{1701, FALSE, TRUE, "L2TP"},
	{1812, FALSE, TRUE, "RADIUS"},
	{3784, FALSE, TRUE, "BFD"},
	{4500, FALSE, TRUE, "ESP-UDP"},
	{4789, FALSE, TRUE, "VXLAN"},
	{5060, TRUE, TRUE, "SIP"},
	{5201, TRUE, TRUE, "iperf3"},
	{5353, FALSE, TRUE, "mDNS"},
	{6081, FALSE, TRUE, "Geneve"},
	{8080, TRUE, FALSE, "HTTP"},
	{51820, FALSE, TRUE, "WireGuard"},
};

/* The server's port is usually the lower one; a known one at either end decides. */
static void name_service(gboolean tcp, guint from, guint to, PacketFacts *facts)
{
	for (gsize i = 0; i < G_N_ELEMENTS(services); i++)
		if ((tcp ? services[i].tcp : services[i].udp) && (services[i].port == from || services[i].port == to)) {
			facts_name(facts, services[i].name);
			return;
		}
}

static void decode_tcp(Piece piece, gsize length, PacketFacts *facts)
{
	static const char *const flags[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	enum { HEADER = 20, ACK = 1 << 4 };
	gsize header = (get8(piece, 12) >> 4) * 4u;
	gboolean first = TRUE;
	facts_name(facts, "TCP");
	if (!reach(piece, HEADER)) {
		facts_cut(facts);
		return;
	}
	facts_say(facts, "%u → %u [", get16(piece, 0), get16(piece, 2));
	for (guint i = 0; i < G_N_ELEMENTS(flags); i++)
		if (get8(piece, 13) & 1u << i) {
			facts_say(facts, "%s%s", first ? "" : " ", flags[i]);
			first = FALSE;
		}
	facts_say(facts, "] seq %u", get32(piece, 4));
	if (get8(piece, 13) & ACK)
		facts_say(facts, " ack %u", get32(piece, 8));
	facts_say(facts, " win %u", get16(piece, 14));
	if (header < HEADER || header > length) {
		facts_say(facts, ", malformed header");
		return;
	}
	facts_say(facts, " len %" G_GSIZE_FORMAT, length - header);
	if (length > header)
		name_service(TRUE, get16(piece, 0), get16(piece, 2), facts);
}

static void decode_udp(Piece piece, PacketFacts *facts)
{
	enum { HEADER = 8 };
	facts_name(facts, "UDP");
	if (!reach(piece, HEADER)) {
		facts_cut(facts);
		return;
	}
	guint length = get16(piece, 4);
	facts_say(facts, "%u → %u len %u", get16(piece, 0), get16(piece, 2), length >= HEADER ? length - HEADER : 0);
	name_service(FALSE, get16(piece, 0), get16(piece, 2), facts);
}

static void decode_ospf(Piece piece, PacketFacts *facts)
{
	static const char *const types[] = {"packet type 0", "hello", "database description", "link state request",
		"link state update", "link state acknowledgment"};
	char router[ADDRESS_TEXT], area[ADDRESS_TEXT];
	guint type = get8(piece, 1);
	facts_name(facts, get8(piece, 0) == 3 ? "OSPFv3" : "OSPF");
	if (!reach(piece, 12)) {
		facts_cut(facts);
		return;
	}
	text_of_ipv4(piece, 4, router);
	text_of_ipv4(piece, 8, area);
	if (type < G_N_ELEMENTS(types))
		facts_say(facts, "%s", types[type]);
	else
		facts_say(facts, "type %u", type);
	facts_say(facts, ", router %s, area %s", router, area);
}

void decode_transport(guint protocol, Piece piece, gsize length, PacketFacts *facts)
{
	char number[16];
	switch (protocol) {
	case PROTOCOL_ICMP:
		decode_icmp(piece, facts);
		return;
	case PROTOCOL_ICMPV6:
		decode_icmpv6(piece, facts);
		return;
	case PROTOCOL_TCP:
		decode_tcp(piece, length, facts);
		return;
	case PROTOCOL_UDP:
		decode_udp(piece, facts);
		return;
	case PROTOCOL_OSPF:
		decode_ospf(piece, facts);
		return;
	default:
		break;
	}
	g_snprintf(number, sizeof number, "IP %u", protocol);
	facts_name(facts, number);
	for (gsize i = 0; i < G_N_ELEMENTS(protocols); i++)
		if (protocols[i].number == protocol)
			facts_name(facts, protocols[i].name);
	facts_say(facts, "%" G_GSIZE_FORMAT " bytes", length);
}
