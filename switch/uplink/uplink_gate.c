/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/uplink_gate.h"

#include "switch/frame/bytes.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <string.h>

/* Conversations of datagram forwards that are remembered, and for how long after the last datagram that came in: as
 * libslirp keeps its sockets (SO_EXPIRE). */
#define FLOWS 256
#define FLOW_MS (240 * 1000)

enum { V4_SOURCE = 12, V4_DESTINATION = 16, V4_HEADER = 20, V6_SOURCE = 8, V6_DESTINATION = 24, V6_HEADER = 40 };
enum { DHCP_SERVER = 67, DHCPV6_SERVER = 547 };

/* Two ends of a conversation; IPv4 addresses as IPv4-mapped ones. */
typedef struct {
	struct in6_addr guest, peer;
	guint16 guest_port, peer_port;
	gint64 last_ms;
} Flow;

struct UplinkGate {
	guint8 macs[5][ETH_ALEN];
	unsigned n_macs;
	guint32 gateway, dns, mask; /* host order */
	struct in6_addr network6, gateway6, dns6, link_local;
	unsigned prefix6;
	gboolean has_v6;
	Flow flows[FLOWS];
};

/* libslirp's addresses are 52:55 and an IPv4 address, 52:56 and the last four bytes of an IPv6 one (util.h,
 * special_ethaddr; ip6.h, in6_compute_ethaddr). */
static void add_mac(UplinkGate *self, guint8 kind, const void *last_four)
{
	guint8 *mac = self->macs[self->n_macs++];
	mac[0] = 0x52;
	mac[1] = kind;
	memcpy(mac + 2, last_four, 4);
}

UplinkGate *uplink_gate_new(const UplinkOptions *options)
{
	UplinkGate *self = g_new0(UplinkGate, 1);
	self->gateway = ntohl(options->gateway.s_addr);
	self->dns = ntohl(options->dns.s_addr);
	self->mask = ntohl(options->mask.s_addr);
	add_mac(self, 0x55, &options->gateway);
	add_mac(self, 0x55, &options->dns);
	self->has_v6 = options->has_v6;
	if (!self->has_v6)
		return self;
	self->gateway6 = options->gateway6;
	self->dns6 = options->dns6;
	self->prefix6 = options->prefix6;
	self->network6 = in6_network(&options->gateway6, options->prefix6);
	self->link_local = (struct in6_addr){.s6_addr = {0xfe, 0x80, [15] = 2}}; /* ip6.h, LINKLOCAL_ADDR */
	add_mac(self, 0x56, options->gateway6.s6_addr + 12);
	add_mac(self, 0x56, options->dns6.s6_addr + 12);
	add_mac(self, 0x56, self->link_local.s6_addr + 12); /* the last: the router's own, as it advertises itself */
	return self;
}

void uplink_gate_free(UplinkGate *self)
{
	g_free(self);
}

/* The UDP header of an unfragmented datagram; NULL when it is none. */
static const guint8 *udp_of(const guint8 *frame, gsize length)
{
	const guint8 *packet = frame + ETH_HLEN;
	gsize header = 0;
	length -= ETH_HLEN;
	if (read_be16(frame + 12) == ETHERTYPE_IP && length >= V4_HEADER && packet[9] == IPPROTO_UDP &&
		(read_be16(packet + 6) & 0x3fff) == 0)
		header = (gsize)(packet[0] & 0xf) * 4;
	else if (read_be16(frame + 12) == ETHERTYPE_IPV6 && length >= V6_HEADER && packet[6] == IPPROTO_UDP)
		header = V6_HEADER;
	return header >= V4_HEADER && length >= header + 8 ? packet + header : NULL;
}

static gboolean is_ours(const UplinkGate *self, const guint8 *mac)
{
	for (unsigned i = 0; i < self->n_macs; i++)
		if (!memcmp(self->macs[i], mac, ETH_ALEN))
			return TRUE;
	return FALSE;
}

/** The Ethernet address that a frame to the lab comes from: see uplink_gate.h. */
const guint8 *uplink_gate_source(const UplinkGate *self, const guint8 *frame)
{
	const guint8 *source = frame + ETH_ALEN;
	return is_ours(self, source) ? source : self->macs[self->n_macs - 1];
}

static gboolean admits_v4(const UplinkGate *self, const guint8 *frame, gsize length)
{
	if (length < ETH_HLEN + V4_HEADER)
		return FALSE;
	guint32 to = read_be32(frame + ETH_HLEN + V4_DESTINATION);
	const guint8 *udp = udp_of(frame, length);
	if (frame[0] & 1 || to == INADDR_BROADCAST)
		return udp && read_be16(udp + 2) == DHCP_SERVER;
	if ((to & self->mask) == (self->gateway & self->mask))
		return to == self->gateway || to == self->dns;
	/* RFC 1812, 5.3.7 and RFC 3927, 2.6.2: this host, loopback, link-local, multicast and reserved are not forwarded. */
	return to >> 24 != 0 && to >> 24 != 127 && to >> 16 != 0xa9fe && to >> 28 < 0xe;
}

static gboolean admits_v6(const UplinkGate *self, const guint8 *frame, gsize length)
{
	const guint8 *packet = frame + ETH_HLEN, *udp;
	struct in6_addr to;
	if (!self->has_v6 || length < ETH_HLEN + V6_HEADER)
		return FALSE;
	memcpy(&to, packet + V6_DESTINATION, sizeof to);
	if (IN6_IS_ADDR_MULTICAST(&to)) {
		if (packet[6] == IPPROTO_ICMPV6 && length > ETH_HLEN + V6_HEADER) {
			guint8 type = packet[V6_HEADER];
			return type == ND_ROUTER_SOLICIT || type == ND_NEIGHBOR_SOLICIT || type == ND_NEIGHBOR_ADVERT;
		}
		return (udp = udp_of(frame, length)) && read_be16(udp + 2) == DHCPV6_SERVER;
	}
	if (frame[0] & 1)
		return FALSE;
	if (IN6_IS_ADDR_LINKLOCAL(&to))
		return IN6_ARE_ADDR_EQUAL(&to, &self->link_local);
	struct in6_addr network = in6_network(&to, self->prefix6);
	if (IN6_ARE_ADDR_EQUAL(&network, &self->network6))
		return IN6_ARE_ADDR_EQUAL(&to, &self->gateway6) || IN6_ARE_ADDR_EQUAL(&to, &self->dns6);
	return !IN6_IS_ADDR_UNSPECIFIED(&to) && !IN6_IS_ADDR_LOOPBACK(&to) && !IN6_IS_ADDR_V4MAPPED(&to) &&
		!IN6_IS_ADDR_V4COMPAT(&to);
}

/** Whether NAT may see a frame: see uplink_gate.h. */
gboolean uplink_gate_admits(const UplinkGate *self, const guint8 *frame, gsize length)
{
	if (length < ETH_HLEN || frame[6] & 1 || (!(frame[0] & 1) && !is_ours(self, frame)))
		return FALSE;
	switch (read_be16(frame + 12)) {
	case ETHERTYPE_ARP:
		return TRUE;
	case ETHERTYPE_IP:
		return admits_v4(self, frame, length);
	case ETHERTYPE_IPV6:
		return admits_v6(self, frame, length);
	default:
		return FALSE;
	}
}

/* The addresses of an IP packet, IPv4 ones mapped. */
static void addresses_of(const guint8 *frame, struct in6_addr *from, struct in6_addr *to)
{
	const guint8 *packet = frame + ETH_HLEN;
	if (read_be16(frame + 12) == ETHERTYPE_IPV6) {
		memcpy(from, packet + V6_SOURCE, sizeof *from);
		memcpy(to, packet + V6_DESTINATION, sizeof *to);
		return;
	}
	*from = *to = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(from->s6_addr + 12, packet + V4_SOURCE, 4);
	memcpy(to->s6_addr + 12, packet + V4_DESTINATION, 4);
}

static gboolean is_same(const Flow *a, const Flow *b)
{
	return a->guest_port == b->guest_port && a->peer_port == b->peer_port &&
		IN6_ARE_ADDR_EQUAL(&a->guest, &b->guest) && IN6_ARE_ADDR_EQUAL(&a->peer, &b->peer);
}

/** Takes note of what the forwards' NAT sends: see uplink_gate.h. The oldest conversation makes room for a new one. */
gboolean uplink_gate_note_forwarded(UplinkGate *self, const guint8 *frame, gsize length, gint64 now_ms)
{
	const guint8 *udp = length >= ETH_HLEN ? udp_of(frame, length) : NULL;
	if (!udp) {
		gboolean arp = length >= ETH_HLEN && read_be16(frame + 12) == ETHERTYPE_ARP;
		gboolean solicits = length > ETH_HLEN + V6_HEADER && read_be16(frame + 12) == ETHERTYPE_IPV6 &&
			frame[ETH_HLEN + 6] == IPPROTO_ICMPV6 && frame[ETH_HLEN + V6_HEADER] == ND_NEIGHBOR_SOLICIT;
		return arp || solicits;
	}
	Flow flow = {.peer_port = read_be16(udp), .guest_port = read_be16(udp + 2), .last_ms = now_ms},
	     *place = &self->flows[0];
	addresses_of(frame, &flow.peer, &flow.guest);
	for (unsigned i = 0; i < FLOWS; i++) {
		if (is_same(&self->flows[i], &flow)) {
			place = &self->flows[i];
			break;
		}
		if (self->flows[i].last_ms < place->last_ms)
			place = &self->flows[i];
	}
	*place = flow;
	return TRUE;
}

/** Where a frame goes: see uplink_gate.h. Who has which address both must know. */
unsigned uplink_gate_way(const UplinkGate *self, const guint8 *frame, gsize length, gint64 now_ms)
{
	const guint8 *udp = udp_of(frame, length);
	Flow flow = {0};
	if (!udp) {
		gboolean arp_reply =
			read_be16(frame + 12) == ETHERTYPE_ARP && length >= ETH_HLEN + 8 && frame[ETH_HLEN + 7] == 2;
		gboolean advert = read_be16(frame + 12) == ETHERTYPE_IPV6 && length > ETH_HLEN + V6_HEADER &&
			frame[ETH_HLEN + 6] == IPPROTO_ICMPV6 && frame[ETH_HLEN + V6_HEADER] == ND_NEIGHBOR_ADVERT;
		return arp_reply || advert ? GATE_TO_NAT | GATE_TO_FORWARDS : GATE_TO_NAT;
	}
	flow.guest_port = read_be16(udp);
	flow.peer_port = read_be16(udp + 2);
	addresses_of(frame, &flow.guest, &flow.peer);
	for (unsigned i = 0; i < FLOWS; i++)
		if (self->flows[i].last_ms && now_ms - self->flows[i].last_ms < FLOW_MS &&
			is_same(&self->flows[i], &flow))
			return GATE_TO_FORWARDS;
	return GATE_TO_NAT;
}
