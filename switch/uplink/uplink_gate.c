/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/uplink_gate.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/tcp.h>
#include <string.h>

#include "switch/uplink/conversations.h"
#include "switch/uplink/flows.h"
#include "switch/uplink/fragments.h"
#include "switch/uplink/leases.h"
#include "switch/uplink/packet.h"

enum { DNS_PORT = 53, DHCP_SERVER = 67, TFTP = 69, DHCPV6_SERVER = 547 };
/* RFC 826 */
enum {
	ARP_SIZE = 28,
	ARP_OPERATION = 6,
	ARP_SENDER_MAC = 8,
	ARP_SENDER = 14,
	ARP_TARGET = 24,
	ARP_REQUEST = 1,
	ARP_REPLY
};
enum { V6_HOPS = 7, V6_SOURCE = 8, V6_DESTINATION = 24, ICMP6_TARGET = 8, ND_SIZE = 24 };
/* What stands in an IPv6 packet before an IPv4 address: inside libslirp, for a client that came by IPv4 to a forward that leads
 * to IPv6 (RFC 4291, 2.5.5.2), and in the lab (RFC 6052, 2.1). Both add the same to a checksum. */
enum { MAPPED_PREFIX = 12 };
static const guint8 mapped_inside[MAPPED_PREFIX] = {[10] = 0xff, 0xff},
		    mapped_outside[MAPPED_PREFIX] = {0, 0x64, 0xff, 0x9b};
enum { TCP_SEQUENCE = 4, TCP_ACKNOWLEDGED = 8, TCP_OFFSET = 12 };

struct UplinkGate {
	guint8 macs[5][ETH_ALEN];
	unsigned n_macs;
	guint32 gateway, dns, mask; /* host order */
	struct in6_addr network6, gateway6, dns6, link_local;
	unsigned prefix6;
	gboolean has_v6, loopback, has_echo6;
	UplinkCounters counters;
	Conversations conversations;
	Leases leases;
	Flows *flows;
	Fragments *fragments;
	/* the frame that NAT handles */
	Packet packet;
	Mac station;
	gboolean asked; /* for the Ethernet address of its sender */
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

UplinkGate *uplink_gate_new(const UplinkOptions *options, gboolean has_echo6)
{
	UplinkGate *self = g_new0(UplinkGate, 1);
	self->gateway = ntohl(options->gateway.s_addr);
	self->dns = ntohl(options->dns.s_addr);
	self->mask = ntohl(options->mask.s_addr);
	self->loopback = options->loopback;
	self->has_echo6 = has_echo6;
	self->leases.first = ntohl(options->dhcp.s_addr);
	self->flows = flows_new();
	self->fragments = fragments_new(&self->counters);
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
	fragments_free(self->fragments);
	flows_free(self->flows);
	g_free(self);
}

UplinkCounters *uplink_gate_counters(UplinkGate *self)
{
	return &self->counters;
}

static gboolean is_ours(const UplinkGate *self, const guint8 *mac)
{
	for (unsigned i = 0; i < self->n_macs; i++)
		if (!memcmp(self->macs[i], mac, ETH_ALEN))
			return TRUE;
	return FALSE;
}

/** How a frame to the lab must look: see uplink_gate.h. */
unsigned uplink_gate_parts(const UplinkGate *self, const guint8 *frame, gsize length, struct iovec parts[GATE_PARTS])
{
	const guint8 *source = frame + ETH_ALEN, *ip = frame + ETH_HLEN;
	gsize at = 2 * ETH_ALEN;
	unsigned n = 0;
	parts[n++] = (struct iovec){(void *)frame, ETH_ALEN};
	parts[n++] = (struct iovec){(void *)(is_ours(self, source) ? source : self->macs[self->n_macs - 1]), ETH_ALEN};
	if (length >= ETH_HLEN + PACKET_V6_HEADER && read_be16(frame + at) == ETHERTYPE_IPV6 &&
		!memcmp(ip + V6_SOURCE, mapped_inside, MAPPED_PREFIX)) {
		parts[n++] = (struct iovec){(void *)(frame + at), ETH_HLEN - at + V6_SOURCE};
		parts[n++] = (struct iovec){(void *)mapped_outside, MAPPED_PREFIX};
		at = ETH_HLEN + V6_SOURCE + MAPPED_PREFIX;
	}
	parts[n++] = (struct iovec){(void *)(frame + at), length - at};
	return n;
}

/* -- where a packet is for, and where it comes from -- */

/* What a packet is to the gate, until a reason against it is found. */
typedef enum {
	FOR_OTHERS, /* not for a router */
	FOR_HERE,
	FOR_NOBODY, /* and nobody else would take it either */
} For;

static For for_whom_v4(const UplinkGate *self, const Packet *packet, gboolean group)
{
	guint32 to = packet_v4(&packet->to);
	if (group || to == INADDR_BROADCAST)
		return packet->protocol == IPPROTO_UDP ? FOR_HERE : FOR_OTHERS;
	if ((to & self->mask) == (self->gateway & self->mask))
		return to == self->gateway || to == self->dns ? FOR_HERE : FOR_NOBODY;
	/* RFC 1812, 5.3.7 and RFC 3927, 2.6.2: this host, loopback, link-local, multicast and reserved are not forwarded. */
	return to >> 24 != 0 && to >> 24 != 127 && to >> 16 != 0xa9fe && to >> 28 < 0xe ? FOR_HERE : FOR_NOBODY;
}

static gboolean is_in_network6(const UplinkGate *self, const struct in6_addr *address)
{
	struct in6_addr network = in6_network(address, self->prefix6);
	return IN6_ARE_ADDR_EQUAL(&network, &self->network6);
}

static For for_whom_v6(const UplinkGate *self, const Packet *packet, gboolean group)
{
	const struct in6_addr *to = &packet->to;
	if (IN6_IS_ADDR_MULTICAST(to)) {
		if (packet->protocol == IPPROTO_UDP)
			return FOR_HERE;
		guint8 type = packet->payload_size ? packet->payload[0] : 0;
		return packet->protocol == IPPROTO_ICMPV6 &&
				(type == ND_ROUTER_SOLICIT || type == ND_NEIGHBOR_SOLICIT || type == ND_NEIGHBOR_ADVERT)
			? FOR_HERE
			: FOR_OTHERS;
	}
	if (group)
		return FOR_OTHERS;
	if (IN6_IS_ADDR_LINKLOCAL(to))
		return IN6_ARE_ADDR_EQUAL(to, &self->link_local) ? FOR_HERE : FOR_NOBODY;
	if (is_in_network6(self, to))
		return IN6_ARE_ADDR_EQUAL(to, &self->gateway6) || IN6_ARE_ADDR_EQUAL(to, &self->dns6) ? FOR_HERE
												      : FOR_NOBODY;
	return IN6_IS_ADDR_UNSPECIFIED(to) || IN6_IS_ADDR_LOOPBACK(to) || IN6_IS_ADDR_V4MAPPED(to) ||
			IN6_IS_ADDR_V4COMPAT(to)
		? FOR_NOBODY
		: FOR_HERE;
}

/* Answers to other subnets would not arrive, and their number would have no bounds. 0.0.0.0 and :: are for those that have no
 * address yet (RFC 2131, 4.1; RFC 4862, 5.4.2). */
static gboolean is_from_here(const UplinkGate *self, const Packet *packet)
{
	if (packet->v6) {
		if (IN6_IS_ADDR_UNSPECIFIED(&packet->from))
			return packet->protocol == IPPROTO_ICMPV6 && IN6_IS_ADDR_MULTICAST(&packet->to);
		return IN6_IS_ADDR_LINKLOCAL(&packet->from)
			? !IN6_ARE_ADDR_EQUAL(&packet->from, &self->link_local)
			: is_in_network6(self, &packet->from) && !IN6_ARE_ADDR_EQUAL(&packet->from, &self->gateway6) &&
				!IN6_ARE_ADDR_EQUAL(&packet->from, &self->dns6);
	}
	guint32 from = packet_v4(&packet->from);
	if (!from)
		return packet->protocol == IPPROTO_UDP && packet->to_port == DHCP_SERVER;
	return (from & self->mask) == (self->gateway & self->mask) && from != self->gateway && from != self->dns &&
		(from & ~self->mask) != 0 && (from | self->mask) != INADDR_BROADCAST;
}

/* -- what a packet wants -- */

static FlowKey key_of(const Packet *packet, FlowKind kind)
{
	FlowKey key = {.kind = kind, .guest = packet->from, .guest_port = packet->from_port};
	if (kind == FLOW_TCP) {
		key.peer = packet->to;
		key.peer_port = packet->to_port;
	}
	return key;
}

static UplinkCounter begin(UplinkGate *self, const FlowKey *key, gint64 now_ms)
{
	return flows_may_begin(self->flows, key, self->station, now_ms) ? UPLINK_NONE : UPLINK_FLOWS;
}

/* The host's loopback is where libslirp sends what is for the gateway (sotranslate_out() in socket.c). */
static gboolean is_for_loopback(const UplinkGate *self, const Packet *packet)
{
	if (!packet->v6)
		return packet_v4(&packet->to) == self->gateway;
	return IN6_ARE_ADDR_EQUAL(&packet->to, &self->gateway6) || IN6_ARE_ADDR_EQUAL(&packet->to, &self->link_local);
}

static gboolean is_for_dns(const UplinkGate *self, const Packet *packet)
{
	return packet->v6 ? IN6_ARE_ADDR_EQUAL(&packet->to, &self->dns6) : packet_v4(&packet->to) == self->dns;
}

/* An answer to a client that came by IPv4 to an IPv6 guest gets the address that libslirp knows. Nothing else does: guests
 * could reach the host's loopback by such an address. */
static void find_mapped(UplinkGate *self, Packet *packet, gint64 now_ms)
{
	Packet inside = *packet;
	if (!packet->v6 || memcmp(&packet->to, mapped_outside, MAPPED_PREFIX) != 0)
		return;
	memcpy(&inside.to, mapped_inside, MAPPED_PREFIX);
	FlowKey key = key_of(&inside, FLOW_TCP);
	if ((packet->protocol == IPPROTO_TCP && flows_find(self->flows, &key)) ||
		(packet->protocol == IPPROTO_UDP && conversations_have(&self->conversations, &inside, now_ms))) {
		memcpy(packet->ip + V6_DESTINATION, mapped_inside, MAPPED_PREFIX);
		*packet = inside;
	}
}

static UplinkCounter admit_tcp(UplinkGate *self, Packet *packet, gint64 now_ms)
{
	const guint8 *tcp = packet->payload;
	FlowKey key = key_of(packet, FLOW_TCP);
	Flow *flow = flows_find(self->flows, &key);
	gsize size = packet->payload_size - (gsize)(tcp[TCP_OFFSET] >> 4) * 4;
	self->counters.values[UPLINK_URGENT] += packet_clear_urgent(packet);
	guint8 flags = packet->tcp_flags & (TH_SYN | TH_FIN | TH_RST | TH_ACK);
	if (flags == TH_SYN) {
		/* The options of a SYN make libslirp forget what it has of the connection (tcp_mss() in tcp_input.c). */
		if (flow)
			return flow_is_established(flow) ? UPLINK_MALFORMED : UPLINK_NONE;
		if (!self->loopback && is_for_loopback(self, packet))
			self->counters.values[UPLINK_LOOPBACK]++; /* it refuses, which the guest may hear at once */
		return begin(self, &key, now_ms);
	}
	if (flow && (flags & TH_ACK) && !(flags & TH_SYN))
		flow_answered(self->flows, flow);
	if (flow && size && !flow_takes(flow, read_be32(tcp + TCP_SEQUENCE), size))
		return UPLINK_REORDERED;
	return UPLINK_NONE;
}

static UplinkCounter admit_udp(UplinkGate *self, const Packet *packet, gboolean split, gint64 now_ms, unsigned *way)
{
	const guint8 *data = packet->payload + PACKET_UDP_HEADER;
	gsize size = packet->payload_size - PACKET_UDP_HEADER;
	if (!packet->v6 && packet->to_port == DHCP_SERVER &&
		(packet_v4(&packet->to) == INADDR_BROADCAST || packet_v4(&packet->to) == self->gateway))
		return leases_admit(&self->leases, data, size, self->station, now_ms) ? UPLINK_NONE : UPLINK_DHCP;
	if (packet->v6 && packet->to_port == DHCPV6_SERVER)
		return UPLINK_NONE;
	if (split && conversations_have(&self->conversations, packet, now_ms)) {
		*way = GATE_TO_FORWARDS;
		return UPLINK_NONE;
	}
	if (is_for_loopback(self, packet)) {
		if (packet->to_port == TFTP)
			return UPLINK_PROTOCOL;
		if (!self->loopback)
			self->counters.values[UPLINK_LOOPBACK]++;
	}
	if (is_for_dns(self, packet) && packet->to_port != DNS_PORT)
		return UPLINK_DESTINATION;
	FlowKey key = key_of(packet, FLOW_UDP);
	return flows_find(self->flows, &key) ? UPLINK_NONE : begin(self, &key, now_ms);
}

static UplinkCounter admit_icmp(UplinkGate *self, const Packet *packet, gint64 now_ms, unsigned *way)
{
	if (packet->v6 && packet->payload[0] != ICMP6_ECHO_REQUEST) {
		if (packet->payload[0] != ND_ROUTER_SOLICIT && packet->payload_size < ND_SIZE)
			return UPLINK_MALFORMED;
		if (packet->payload[0] == ND_NEIGHBOR_ADVERT)
			*way = GATE_TO_NAT | GATE_TO_FORWARDS;
		return UPLINK_NONE;
	}
	if (is_for_loopback(self, packet) || is_for_dns(self, packet))
		return UPLINK_NONE; /* it answers by itself */
	if (packet->v6 && !self->has_echo6)
		return UPLINK_PROTOCOL;
	FlowKey key = {.kind = FLOW_ECHO};
	return begin(self, &key, now_ms);
}

/* Who may multicast to a router, and by what: DHCP. */
static gboolean is_group_port(const Packet *packet)
{
	return packet->to_port == (packet->v6 ? DHCPV6_SERVER : DHCP_SERVER);
}

static gboolean refuse(UplinkGate *self, UplinkCounter why)
{
	if (why != UPLINK_NONE)
		self->counters.values[why]++;
	return FALSE;
}

static gboolean admit_ip(UplinkGate *self, guint8 *frame, gboolean split, gint64 now_ms, GatePass *pass)
{
	Packet *packet = &self->packet;
	UplinkCounter why = packet_parse(frame, pass->length, packet);
	if (why == UPLINK_NONE && packet->v6 && !self->has_v6)
		return FALSE;
	if (why != UPLINK_NONE)
		return frame[0] & 1 ? FALSE : refuse(self, why);
	gboolean group = (frame[0] & 1) ||
		(packet->v6 ? IN6_IS_ADDR_MULTICAST(&packet->to) : packet_v4(&packet->to) == INADDR_BROADCAST);
	For whom = packet->v6 ? for_whom_v6(self, packet, group) : for_whom_v4(self, packet, group);
	if (whom != FOR_HERE || (group && (packet->more || packet->offset)))
		return whom == FOR_NOBODY ? refuse(self, UPLINK_DESTINATION) : FALSE;
	if (packet->more || packet->offset) {
		if (!is_from_here(self, packet))
			return refuse(self, UPLINK_SOURCE);
		guint8 *whole = fragments_take(self->fragments, frame, packet, now_ms, &pass->length);
		if (!whole)
			return FALSE;
		pass->frame = frame = whole;
		why = packet_parse(frame, pass->length, packet);
	}
	if (why == UPLINK_NONE)
		why = packet_check_transport(packet);
	if (group && packet->protocol == IPPROTO_UDP && (why != UPLINK_NONE || !is_group_port(packet)))
		return FALSE;
	if (why == UPLINK_NONE && !is_from_here(self, packet))
		why = UPLINK_SOURCE;
	if (why != UPLINK_NONE)
		return refuse(self, why);
	find_mapped(self, packet, now_ms);
	if (packet->protocol == IPPROTO_TCP)
		why = admit_tcp(self, packet, now_ms);
	else if (packet->protocol == IPPROTO_UDP)
		why = admit_udp(self, packet, split, now_ms, &pass->way);
	else
		why = admit_icmp(self, packet, now_ms, &pass->way);
	return why == UPLINK_NONE ? TRUE : refuse(self, why);
}

static gboolean admit_arp(UplinkGate *self, const guint8 *frame, gsize length, unsigned *way)
{
	static const guint8 ethernet_ipv4[] = {0, 1, 8, 0, 6, 4};
	const guint8 *arp = frame + ETH_HLEN;
	if (length < ETH_HLEN + ARP_SIZE || memcmp(arp, ethernet_ipv4, sizeof ethernet_ipv4) != 0)
		return refuse(self, UPLINK_MALFORMED);
	if (read_be16(arp + ARP_OPERATION) == ARP_REPLY)
		*way = GATE_TO_NAT | GATE_TO_FORWARDS;
	return TRUE;
}

/** Whether NAT may see a frame: see uplink_gate.h. */
gboolean uplink_gate_admit(UplinkGate *self, guint8 *frame, gsize length, gboolean split, gint64 now_ms, GatePass *pass)
{
	*pass = (GatePass){frame, length, GATE_TO_NAT};
	self->packet.size = 0;
	self->asked = FALSE;
	if (length < ETH_HLEN || !mac_is_station(mac_of(frame + ETH_ALEN)) ||
		(!(frame[0] & 1) && !is_ours(self, frame)))
		return FALSE;
	self->station = mac_of(frame + ETH_ALEN);
	switch (read_be16(frame + 12)) {
	case ETHERTYPE_ARP:
		return admit_arp(self, frame, length, &pass->way);
	case ETHERTYPE_IP:
	case ETHERTYPE_IPV6:
		return admit_ip(self, frame, split, now_ms, pass);
	default:
		return FALSE;
	}
}

/* -- what NAT does -- */

/* "The one who asks has the address that it asks for": a gratuitous request (RFC 5227, 3). */
static gsize introduce_v4(const UplinkGate *self, guint8 *frame)
{
	static const guint8 head[] = {0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};
	guint8 *arp = frame + ETH_HLEN;
	write_be16(frame + 12, ETHERTYPE_ARP);
	memcpy(arp, head, sizeof head);
	write_be(arp + ARP_SENDER_MAC, self->station, ETH_ALEN);
	memcpy(arp + ARP_SENDER, self->packet.from.s6_addr + 12, 4);
	memcpy(arp + ARP_TARGET, self->packet.from.s6_addr + 12, 4);
	return ETH_HLEN + ARP_SIZE;
}

/* A neighbour advertisement (RFC 4861, 4.4). */
static gsize introduce_v6(const UplinkGate *self, guint8 *frame)
{
	guint8 *ip = frame + ETH_HLEN, *icmp = ip + PACKET_V6_HEADER;
	write_be16(frame + 12, ETHERTYPE_IPV6);
	ip[0] = 0x60;
	write_be16(ip + 4, ND_SIZE);
	ip[6] = IPPROTO_ICMPV6;
	ip[V6_HOPS] = 255;
	memcpy(ip + V6_SOURCE, &self->packet.from, sizeof self->packet.from);
	memcpy(ip + V6_DESTINATION, &self->gateway6, sizeof self->gateway6);
	icmp[0] = ND_NEIGHBOR_ADVERT;
	memcpy(icmp + ICMP6_TARGET, &self->packet.from, sizeof self->packet.from);
	/* the pseudo-header (RFC 8200, 8.1): the addresses, the length, the protocol */
	guint32 sum = (guint16)~packet_checksum(ND_SIZE + IPPROTO_ICMPV6, ip + V6_SOURCE, 32);
	write_be16(icmp + 2, packet_checksum(sum, icmp, ND_SIZE));
	return ETH_HLEN + PACKET_V6_HEADER + ND_SIZE;
}

/** After a frame was handled: see uplink_gate.h. */
gsize uplink_gate_handled(UplinkGate *self, guint8 *frame)
{
	flows_pass(self->flows);
	if (!self->asked)
		return 0;
	self->asked = FALSE;
	memset(frame, 0, GATE_INTRODUCTION_MAX);
	memcpy(frame, self->macs[0], ETH_ALEN);
	write_be(frame + ETH_ALEN, self->station, ETH_ALEN);
	return self->packet.v6 ? introduce_v6(self, frame) : introduce_v4(self, frame);
}

/* Whether NAT asks for the Ethernet address of the one who sent what it is handling. */
static gboolean asks_for_sender(const UplinkGate *self, const guint8 *frame, gsize length)
{
	const guint8 *packet = frame + ETH_HLEN;
	if (!self->packet.size)
		return FALSE;
	if (read_be16(frame + 12) == ETHERTYPE_ARP)
		return !self->packet.v6 && length >= ETH_HLEN + ARP_SIZE &&
			read_be16(packet + ARP_OPERATION) == ARP_REQUEST &&
			read_be32(packet + ARP_TARGET) == packet_v4(&self->packet.from);
	return self->packet.v6 && read_be16(frame + 12) == ETHERTYPE_IPV6 &&
		length >= ETH_HLEN + PACKET_V6_HEADER + ND_SIZE && packet[6] == IPPROTO_ICMPV6 &&
		packet[PACKET_V6_HEADER] == ND_NEIGHBOR_SOLICIT &&
		!memcmp(packet + PACKET_V6_HEADER + ICMP6_TARGET, &self->packet.from, sizeof self->packet.from);
}

static gboolean parse_sent(const guint8 *frame, gsize length, Packet *packet)
{
	guint16 type = read_be16(frame + 12);
	if ((type != ETHERTYPE_IP && type != ETHERTYPE_IPV6) ||
		packet_parse((guint8 *)frame, length, packet) != UPLINK_NONE || packet->more || packet->offset)
		return FALSE;
	return packet_check_transport(packet) == UPLINK_NONE;
}

/** Takes note of what a NAT sends: see uplink_gate.h. */
void uplink_gate_sends(UplinkGate *self, const guint8 *frame, gsize length)
{
	Packet packet;
	self->asked |= asks_for_sender(self, frame, length);
	if (!parse_sent(frame, length, &packet))
		return;
	if (packet.protocol == IPPROTO_UDP && !packet.v6 && packet.from_port == DHCP_SERVER)
		leases_note(&self->leases, packet.payload + PACKET_UDP_HEADER, packet.payload_size - PACKET_UDP_HEADER);
	if (packet.protocol != IPPROTO_TCP || !(packet.tcp_flags & TH_ACK))
		return;
	FlowKey key = {FLOW_TCP, packet.to, packet.from, packet.to_port, packet.from_port};
	Flow *flow = flows_find(self->flows, &key);
	if (flow)
		flow_acknowledged(flow, read_be32(packet.payload + TCP_ACKNOWLEDGED));
}

static struct in6_addr address_of(const Endpoint *endpoint)
{
	if (endpoint->any.sa_family == AF_INET6)
		return endpoint->v6.sin6_addr;
	struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(mapped.s6_addr + 12, &endpoint->v4.sin_addr, 4);
	return mapped;
}

static guint16 port_of(const Endpoint *endpoint)
{
	return ntohs(endpoint->any.sa_family == AF_INET6 ? endpoint->v6.sin6_port : endpoint->v4.sin_port);
}

/* As libslirp presents a client to the guest (sotranslate_accept() in socket.c). */
static struct in6_addr presented(const UplinkGate *self, const Endpoint *client)
{
	struct in6_addr address = address_of(client);
	if (client->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&address) ? self->gateway6 : address;
	if (address.s6_addr[12] == 127)
		write_be32(address.s6_addr + 12, self->gateway);
	return address;
}

/** A NAT opened a socket: see uplink_gate.h. */
void uplink_gate_opened(UplinkGate *self, int fd, const Forward *forward, const Endpoint *client)
{
	if (!forward) {
		flows_opened(self->flows, fd, NULL);
		return;
	}
	FlowKey key = {
		.kind = forward->udp ? FLOW_UDP : FLOW_TCP,
		.guest = address_of(&forward->guest),
		.guest_port = port_of(&forward->guest),
	};
	if (client) {
		key.peer = presented(self, client);
		key.peer_port = port_of(client);
	}
	flows_opened(self->flows, fd, &key);
}

void uplink_gate_closed(UplinkGate *self, int fd)
{
	flows_closed(self->flows, fd);
}

gboolean uplink_gate_has_room(const UplinkGate *self)
{
	return flows_have_room(self->flows);
}

/** Takes note of what the forwards' NAT sends: see uplink_gate.h. */
gboolean uplink_gate_note_forwarded(UplinkGate *self, const guint8 *frame, gsize length, gint64 now_ms)
{
	Packet packet;
	guint16 type = read_be16(frame + 12);
	if (type == ETHERTYPE_ARP)
		return TRUE;
	if ((type != ETHERTYPE_IP && type != ETHERTYPE_IPV6) ||
		packet_parse((guint8 *)frame, length, &packet) != UPLINK_NONE)
		return FALSE;
	if (packet.protocol == IPPROTO_ICMPV6)
		return packet.payload_size >= ND_SIZE && packet.payload[0] == ND_NEIGHBOR_SOLICIT;
	if (packet.protocol != IPPROTO_UDP)
		return FALSE;
	if (packet.more || packet.offset) {
		/* of the parts of a datagram only the first says whose it is */
		if (packet.offset || packet.payload_size < PACKET_UDP_HEADER)
			return packet.offset != 0;
		packet.from_port = read_be16(packet.payload);
		packet.to_port = read_be16(packet.payload + 2);
	} else if (packet_check_transport(&packet) != UPLINK_NONE) {
		return FALSE;
	}
	conversations_note(&self->conversations, &packet, now_ms);
	return TRUE;
}
