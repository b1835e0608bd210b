/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/packet.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <string.h>

#include "switch/frame/bytes.h"

/* libslirp's for both directions (libslirp.h, if_mtu and if_mru). IPv4 datagrams may be longer, put together from parts. */
#define MTU 1500u

enum { V4_LENGTH = 2, V4_FRAGMENT = 6, V4_TTL = 8, V4_PROTOCOL = 9, V4_SOURCE = 12, V4_DESTINATION = 16 };
enum { V6_LENGTH = 4, V6_NEXT = 6, V6_HOPS = 7, V6_SOURCE = 8, V6_DESTINATION = 24 };
enum { TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_CHECKSUM = 16, TCP_URGENT = 18 };
enum { IP_MORE = 0x2000, IP_OFFSET = 0x1fff };
enum { ICMP_HEADER = 8 };

guint16 packet_checksum(guint32 start, const guint8 *bytes, gsize n)
{
	guint32 sum = start;
	for (gsize i = 0; i + 1 < n; i += 2)
		sum += read_be16(bytes + i);
	if (n & 1)
		sum += (guint32)bytes[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (guint16)~sum;
}

guint32 packet_v4(const struct in6_addr *address)
{
	return read_be32(address->s6_addr + 12);
}

static struct in6_addr mapped(const guint8 *v4)
{
	struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(address.s6_addr + 12, v4, 4);
	return address;
}

static UplinkCounter parse_v4(guint8 *ip, gsize room, Packet *packet)
{
	if (room < PACKET_V4_HEADER || ip[0] >> 4 != 4 || (ip[0] & 0xf) < 5)
		return UPLINK_MALFORMED;
	if ((ip[0] & 0xf) > 5)
		return UPLINK_OPTIONS;
	packet->size = read_be16(ip + V4_LENGTH);
	if (packet->size < PACKET_V4_HEADER || packet->size > room || !ip[V4_TTL] ||
		packet_checksum(0, ip, PACKET_V4_HEADER) != 0)
		return UPLINK_MALFORMED;
	packet->protocol = ip[V4_PROTOCOL];
	packet->payload = ip + PACKET_V4_HEADER;
	packet->from = mapped(ip + V4_SOURCE);
	packet->to = mapped(ip + V4_DESTINATION);
	packet->more = (read_be16(ip + V4_FRAGMENT) & IP_MORE) != 0;
	packet->offset = (gsize)(read_be16(ip + V4_FRAGMENT) & IP_OFFSET) * 8;
	return UPLINK_NONE;
}

static UplinkCounter parse_v6(guint8 *ip, gsize room, Packet *packet)
{
	if (room < PACKET_V6_HEADER || ip[0] >> 4 != 6 || !ip[V6_HOPS])
		return UPLINK_MALFORMED;
	packet->size = PACKET_V6_HEADER + (gsize)read_be16(ip + V6_LENGTH);
	if (packet->size > room || packet->size > MTU)
		return UPLINK_MALFORMED;
	packet->protocol = ip[V6_NEXT];
	packet->payload = ip + PACKET_V6_HEADER;
	memcpy(&packet->from, ip + V6_SOURCE, sizeof packet->from);
	memcpy(&packet->to, ip + V6_DESTINATION, sizeof packet->to);
	return UPLINK_NONE;
}

/** Reads the IP header: see packet.h. */
UplinkCounter packet_parse(guint8 *frame, gsize length, Packet *packet)
{
	guint8 *ip = frame + ETH_HLEN;
	*packet = (Packet){.ip = ip, .v6 = read_be16(frame + 12) == ETHERTYPE_IPV6};
	UplinkCounter why =
		packet->v6 ? parse_v6(ip, length - ETH_HLEN, packet) : parse_v4(ip, length - ETH_HLEN, packet);
	packet->payload_size = packet->size - (gsize)(packet->payload - ip);
	return why;
}

/* Options that end where the header ends (RFC 9293, 3.1): libslirp reads the length of the last one unchecked. */
static gboolean options_fit(const guint8 *option, const guint8 *end)
{
	while (option < end && *option != TCPOPT_EOL) {
		if (*option == TCPOPT_NOP) {
			option++;
			continue;
		}
		if (end - option < 2 || option[1] < 2 || option[1] > end - option)
			return FALSE;
		option += option[1];
	}
	return TRUE;
}

static UplinkCounter check_tcp(Packet *packet)
{
	const guint8 *tcp = packet->payload;
	if (packet->payload_size < PACKET_TCP_HEADER || packet->size > MTU)
		return UPLINK_MALFORMED;
	gsize header = (gsize)(tcp[TCP_OFFSET] >> 4) * 4;
	if (header < PACKET_TCP_HEADER || header > packet->payload_size ||
		!options_fit(tcp + PACKET_TCP_HEADER, tcp + header))
		return UPLINK_MALFORMED;
	packet->tcp_flags = tcp[TCP_FLAGS];
	return UPLINK_NONE;
}

static UplinkCounter check_ports(Packet *packet)
{
	packet->from_port = read_be16(packet->payload);
	packet->to_port = read_be16(packet->payload + 2);
	return packet->from_port && packet->to_port ? UPLINK_NONE : UPLINK_MALFORMED;
}

static UplinkCounter check_icmp6(const Packet *packet)
{
	switch (packet->payload[0]) {
	case ICMP6_ECHO_REQUEST:
	case ND_ROUTER_SOLICIT:
	case ND_NEIGHBOR_SOLICIT:
	case ND_NEIGHBOR_ADVERT:
		return UPLINK_NONE;
	default:
		return UPLINK_PROTOCOL;
	}
}

/** Checks what is in the IP packet: see packet.h. */
UplinkCounter packet_check_transport(Packet *packet)
{
	UplinkCounter why;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		why = check_tcp(packet);
		return why == UPLINK_NONE ? check_ports(packet) : why;
	case IPPROTO_UDP:
		if (packet->payload_size < PACKET_UDP_HEADER || read_be16(packet->payload + 4) != packet->payload_size)
			return UPLINK_MALFORMED;
		return check_ports(packet);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (packet->v6 != (packet->protocol == IPPROTO_ICMPV6))
			return UPLINK_PROTOCOL;
		if (packet->payload_size < ICMP_HEADER)
			return UPLINK_MALFORMED;
		if (packet->v6)
			return check_icmp6(packet);
		return packet->payload[0] == ICMP_ECHO ? UPLINK_NONE : UPLINK_PROTOCOL;
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
		return packet->v6 ? UPLINK_OPTIONS : UPLINK_PROTOCOL;
	case IPPROTO_FRAGMENT:
		return packet->v6 ? UPLINK_FRAGMENTS : UPLINK_PROTOCOL;
	default:
		return UPLINK_PROTOCOL;
	}
}

/* RFC 1624: HC' = ~(~HC + ~m + m') */
static void replace(guint8 *checksum, guint8 *at, guint16 value)
{
	guint32 sum = (guint16)~read_be16(checksum) + (guint32)(guint16)~read_be16(at) + value;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	write_be16(checksum, (guint16)~sum);
	write_be16(at, value);
}

/** Removes the urgent mark: see packet.h. */
gboolean packet_clear_urgent(Packet *packet)
{
	guint8 *tcp = packet->payload;
	if (!(packet->tcp_flags & TH_URG) && !read_be16(tcp + TCP_URGENT))
		return FALSE;
	gboolean marked = (packet->tcp_flags & TH_URG) != 0;
	packet->tcp_flags &= (guint8)~TH_URG;
	replace(tcp + TCP_CHECKSUM, tcp + TCP_OFFSET, (guint16)(tcp[TCP_OFFSET] << 8 | packet->tcp_flags));
	replace(tcp + TCP_CHECKSUM, tcp + TCP_URGENT, 0);
	return marked;
}
