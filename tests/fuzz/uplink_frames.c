/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink_frames.h"

#include <netinet/in.h>
#include <string.h>

#include "switch/frame/bytes.h"
#include "uplink_world.h"

enum { ETH = 14, V4 = 20, V6 = 40, GUESTS = 24, CONNECTIONS = 96, WAITING = 64 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

typedef struct {
	gboolean used, v6, open;
	unsigned guest;
	guint32 peer;
	guint16 port, peer_port;
	guint32 next, expected; /* the numbers of our next byte and of the far end's */
} Connection;

struct Frames {
	GRand *random;
	Connection connections[CONNECTIONS];
	/* parts of datagrams, and answers, that come next */
	guint8 waiting[WAITING][FRAMES_SIZE];
	gsize lengths[WAITING];
	unsigned n_waiting;
	guint16 id;
};

static const guint8 gateway_mac[6] = {0x52, 0x55, 10, 0, 2, 2}, gateway6_mac[6] = {0x52, 0x56, 0, 0, 0, 2};

Frames *frames_new(guint32 seed)
{
	Frames *self = g_new0(Frames, 1);
	self->random = g_rand_new_with_seed(seed);
	return self;
}

void frames_free(Frames *self)
{
	g_rand_free(self->random);
	g_free(self);
}

static unsigned below(Frames *self, unsigned n)
{
	return (unsigned)g_rand_int_range(self->random, 0, (gint32)n);
}

static guint16 any_port(Frames *self)
{
	static const guint16 known[] = {WORLD_ECHO, WORLD_DISCARD, WORLD_SENDS, 53, 67, 68, 69, 80, 546, 547, 0, 65535};
	unsigned i = below(self, 2 * G_N_ELEMENTS(known));
	return i < G_N_ELEMENTS(known) ? known[i] : (guint16)below(self, 65536);
}

/* -- headers -- */

static guint32 sum_of(const guint8 *bytes, gsize n)
{
	guint32 sum = 0;
	for (gsize i = 0; i < n; i++)
		sum += i & 1 ? bytes[i] : (guint32)bytes[i] << 8;
	return sum;
}

static guint16 fold(guint32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (guint16)~sum;
}

/* Makes the checksums of a frame right, if it has them at the usual places. */
static void complete(guint8 *frame, gsize length)
{
	gboolean v6 = read_be16(frame + 12) == 0x86dd;
	gsize header = v6 ? V6 : (gsize)(frame[ETH] & 15) * 4;
	guint8 *ip = frame + ETH, *payload = ip + header;
	if (length < ETH + header || (!v6 && (header < V4 || read_be16(frame + 12) != 0x0800)))
		return;
	if (!v6) {
		write_be16(ip + 10, 0);
		write_be16(ip + 10, fold(sum_of(ip, header)));
		if (read_be16(ip + 6) & 0x3fff)
			return;
	}
	gsize total = v6 ? V6 + (gsize)read_be16(ip + 4) : read_be16(ip + 2);
	guint8 protocol = ip[v6 ? 6 : 9];
	gsize size = total >= header && total <= length - ETH ? total - header : length - ETH - header;
	gsize at = protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 2;
	if (size < at + 2)
		return;
	guint32 pseudo =
		protocol == IPPROTO_ICMP ? 0 : sum_of(ip + (v6 ? 8 : 12), v6 ? 32 : 8) + protocol + (guint32)size;
	write_be16(payload + at, 0);
	write_be16(payload + at, fold(pseudo + sum_of(payload, size)));
}

static gsize put_ethernet(Frames *self, guint8 *frame, unsigned guest, gboolean v6)
{
	memcpy(frame, v6 ? gateway6_mac : gateway_mac, 6);
	write_be(frame + 6, 0x020000000000 + guest, 6);
	write_be16(frame + 12, v6 ? 0x86dd : 0x0800);
	return ETH;
}

static void put_v4(Frames *self, guint8 *ip, unsigned guest, guint32 to, int protocol, gsize payload)
{
	memset(ip, 0, V4);
	ip[0] = 0x45;
	write_be16(ip + 2, (guint16)(V4 + payload));
	write_be16(ip + 4, self->id++);
	ip[8] = 64;
	ip[9] = (guint8)protocol;
	write_be32(ip + 12, 0x0a00020a + guest);
	write_be32(ip + 16, to);
}

static void put_v6(guint8 *ip, unsigned guest, guint32 to, int protocol, gsize payload)
{
	static const guint8 network[] = {0xfd, 0, 0, 2}, world[] = {0x20, 1, 0xd, 0xb8};
	memset(ip, 0, V6);
	ip[0] = 0x60;
	write_be16(ip + 4, (guint16)payload);
	ip[6] = (guint8)protocol;
	ip[7] = 64;
	memcpy(ip + 8, network, 4);
	ip[23] = (guint8)(10 + guest);
	gboolean near = to >> 8 == 0x0a0002;
	memcpy(ip + 24, near ? network : world, 4);
	write_be32(ip + 36, near ? to & 0xff : to);
}

/* Where to: the gateway, its name server, the world, seldom somewhere else. */
static guint32 any_peer(Frames *self)
{
	static const guint32 places[] = {0x0a000202, 0x0a000202, 0x0a000203, 0xcb007101, 0xcb007102, 0x7f000001,
		0x0a0002ff, 0xffffffff, 0, 0xe0000001, 0xa9fea9fe, 0x0a00020b};
	return below(self, 8) ? places[below(self, 5)] : places[below(self, G_N_ELEMENTS(places))];
}

static gsize put_ip(Frames *self, guint8 *frame, gboolean v6, unsigned guest, guint32 to, int protocol, gsize payload)
{
	put_ethernet(self, frame, guest, v6);
	if (v6)
		put_v6(frame + ETH, guest, to, protocol, payload);
	else
		put_v4(self, frame + ETH, guest, to, protocol, payload);
	return (v6 ? ETH + V6 : ETH + V4) + payload;
}

/* -- conversations -- */

static gsize make_tcp(Frames *self, guint8 *frame)
{
	Connection *one = &self->connections[below(self, CONNECTIONS)];
	guint8 flags = ACK;
	gsize data = 0, options = 0;
	if (!one->used || !below(self, 50)) {
		*one = (Connection){.used = TRUE,
			.v6 = below(self, 3) == 0,
			.guest = below(self, GUESTS),
			.peer = any_peer(self),
			.port = (guint16)(1024 + below(self, 3000)),
			.peer_port = below(self, 8)
				? (guint16[]){WORLD_ECHO, WORLD_DISCARD, WORLD_SENDS}[below(self, 3)]
				: any_port(self),
			.next = g_rand_int(self->random)};
		flags = SYN;
		options = below(self, 11) * 4;
	} else if (!one->open && below(self, 3)) {
		flags = below(self, 4) ? SYN : (guint8)below(self, 256);
	} else if (below(self, 8)) {
		data = below(self, 4) ? below(self, 1400) : below(self, 3);
		flags |= below(self, 10) ? 0 : (guint8)(1 << below(self, 6));
	} else {
		flags = below(self, 3) ? (guint8)(FIN | ACK) : below(self, 2) ? RST : (guint8)below(self, 256);
	}
	guint32 sequence = one->next;
	if (!(flags & SYN) && !below(self, 4)) /* ahead, again, or wild */
		sequence += below(self, 3) ? below(self, 20000) - 4000 : g_rand_int(self->random);
	else if (flags & (SYN | FIN))
		one->next = sequence + 1 + (guint32)data;
	else
		one->next = sequence + (guint32)data;
	gsize ip = one->v6 ? V6 : V4;
	gsize length = put_ip(self, frame, one->v6, one->guest, one->peer, IPPROTO_TCP, 20 + options + data);
	guint8 *tcp = frame + ETH + ip;
	memset(tcp, 0, 20);
	write_be16(tcp, one->port);
	write_be16(tcp + 2, one->peer_port);
	write_be32(tcp + 4, sequence);
	write_be32(tcp + 8, one->expected);
	tcp[12] = (guint8)((20 + options) / 4 << 4);
	tcp[13] = flags;
	write_be16(tcp + 14, below(self, 5) ? 65535 : (guint16)below(self, 65536));
	write_be16(tcp + 18, flags & URG ? (guint16)below(self, 2000) : 0);
	memset(tcp + 20, 1, options);
	if (options >= 4 && below(self, 4))
		memcpy(tcp + 20, (guint8[]){2, 4, (guint8)below(self, 8), (guint8)below(self, 256)}, 4);
	for (gsize i = 4; i < options && !below(self, 3); i++)
		tcp[20 + i] = (guint8)below(self, 256);
	memset(tcp + 20 + options, below(self, 4) ? 'x' : 27, data);
	if (flags & RST)
		one->used = FALSE;
	return length;
}

static gsize put_dhcp(Frames *self, guint8 *data, unsigned guest)
{
	gsize n = 240;
	memset(data, 0, 400);
	memcpy(data, (guint8[]){1, 1, 6, 0}, 4);
	write_be32(data + 4, g_rand_int(self->random));
	if (!below(self, 4))
		write_be32(data + 12, 0x0a00020f + below(self, 18));
	write_be(data + 28, 0x020000000000 + guest, 6);
	write_be32(data + 236, 0x63825363);
	data[n++] = 53;
	data[n++] = 1;
	data[n++] = (guint8)(1 + below(self, 8));
	if (below(self, 2)) {
		data[n++] = 50;
		data[n++] = 4;
		write_be32(data + n, 0x0a00020f + below(self, 18));
		n += 4;
	}
	while (!below(self, 3) && n < 380) {
		data[n++] = (guint8)below(self, 256);
		data[n++] = (guint8)below(self, 20);
	}
	data[n++] = 255;
	return n + below(self, 8);
}

static gsize put_dhcp6(Frames *self, guint8 *data)
{
	gsize n = 4;
	write_be32(data, (guint32)11 << 24 | below(self, 1 << 24));
	for (unsigned i = below(self, 4); i > 0 && n < 600; i--) {
		gsize size = below(self, 6) ? below(self, 20) : below(self, 300);
		write_be16(data + n, (guint16)(guint16[]){1, 6, 5, 8}[below(self, 4)]);
		write_be16(data + n + 2, (guint16)size);
		for (gsize k = 0; k < size; k += 2)
			write_be16(data + n + 4 + k, (guint16)(below(self, 2) ? 23 : 59));
		n += 4 + size;
	}
	return n;
}

/* TFTP: a request, an acknowledgement, an error. */
static gsize put_tftp(Frames *self, guint8 *data)
{
	static const char request[] = "\0\1file\0octet\0blksize\00012\0tsize\0000";
	memcpy(data, request, sizeof request);
	data[1] = (guint8)below(self, 7);
	return below(self, 3) ? sizeof request : below(self, sizeof request);
}

static gsize make_udp(Frames *self, guint8 *frame)
{
	gboolean v6 = below(self, 3) == 0;
	unsigned guest = below(self, 5) ? below(self, GUESTS) : below(self, 5000);
	guint32 to = any_peer(self);
	guint16 port = any_port(self);
	guint8 *udp = frame + ETH + (v6 ? V6 : V4), *data = udp + 8;
	gsize n = below(self, 4) ? below(self, 200) : below(self, 1600);
	memset(data, 'u', n);
	if (port == 67)
		n = put_dhcp(self, data, guest);
	else if (port == 547)
		n = put_dhcp6(self, data);
	else if (port == 69)
		n = put_tftp(self, data);
	gsize length = put_ip(self, frame, v6, guest, to, IPPROTO_UDP, 8 + n);
	write_be16(udp, below(self, 3) ? (guint16)(5000 + below(self, 300)) : any_port(self));
	write_be16(udp + 2, port);
	write_be16(udp + 4, (guint16)(8 + n));
	write_be16(udp + 6, 0);
	if (port == 67 && !v6 && below(self, 4)) {
		memset(frame, 0xff, 6);
		write_be32(frame + ETH + 12, 0);
		write_be32(frame + ETH + 16, 0xffffffff);
	} else if (port == 547 && v6) {
		memcpy(frame, (guint8[]){0x33, 0x33, 0, 1, 0, 2}, 6);
		memcpy(frame + ETH + 24, (guint8[16]){0xff, 2, [13] = 1, 0, 2}, 16);
	}
	return length;
}

static gsize make_icmp(Frames *self, guint8 *frame)
{
	gboolean v6 = below(self, 2);
	gsize n = 8 + (below(self, 4) ? below(self, 100) : below(self, 1600));
	guint8 *icmp = frame + ETH + (v6 ? V6 : V4);
	gsize length =
		put_ip(self, frame, v6, below(self, GUESTS), any_peer(self), v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, n);
	memset(icmp, 'i', n);
	icmp[0] = below(self, 5) ? v6 ? 128 : 8 : (guint8)below(self, 256);
	icmp[1] = below(self, 8) ? 0 : (guint8)below(self, 256);
	return length;
}

static gsize make_nd(Frames *self, guint8 *frame)
{
	gsize n = 8 + below(self, 6) * 8;
	unsigned guest = below(self, GUESTS);
	guint8 *ip = frame + ETH, *icmp = ip + V6;
	gsize length = put_ip(self, frame, TRUE, guest, 0x0a000202, IPPROTO_ICMPV6, n);
	memset(icmp, 0, n);
	icmp[0] = (guint8)(133 + below(self, 5));
	ip[7] = below(self, 8) ? 255 : 1;
	if (below(self, 2)) {
		memcpy(frame, (guint8[]){0x33, 0x33, 0, 0, 0, 2}, 6);
		memcpy(ip + 24, (guint8[16]){0xff, 2, [15] = 2}, 16);
	}
	if (n >= 24)
		memcpy(icmp + 8, (guint8[16]){0xfd, 0, 0, 2, [15] = (guint8)(below(self, 3) ? 2 : 10 + guest)}, 16);
	if (!below(self, 6))
		memset(ip + 8, 0, 16);
	return length;
}

static gsize make_arp(Frames *self, guint8 *frame)
{
	unsigned guest = below(self, GUESTS);
	put_ethernet(self, frame, guest, FALSE);
	memset(frame, 0xff, 6);
	write_be16(frame + 12, 0x0806);
	memcpy(frame + ETH, (guint8[]){0, 1, 8, 0, 6, 4, 0, (guint8)(1 + below(self, 2))}, 8);
	write_be(frame + ETH + 8, 0x020000000000 + guest, 6);
	write_be32(frame + ETH + 14, 0x0a00020a + guest);
	memset(frame + ETH + 18, 0, 6);
	write_be32(frame + ETH + 24, below(self, 3) ? 0x0a000202 : 0x0a00020a + guest);
	return ETH + 28;
}

static void wait_turn(Frames *self, const guint8 *frame, gsize length)
{
	if (self->n_waiting == WAITING)
		return;
	memcpy(self->waiting[self->n_waiting], frame, length);
	self->lengths[self->n_waiting++] = length;
}

/* A datagram in parts, some of which overlap, come twice or not at all. */
static gsize make_parts(Frames *self, guint8 *frame)
{
	guint8 part[FRAMES_SIZE];
	gsize length = below(self, 2) ? make_udp(self, frame) : make_icmp(self, frame);
	if (read_be16(frame + 12) != 0x0800)
		return length;
	complete(frame, length);
	gsize payload = length - ETH - V4, step = 8 * (1 + below(self, 40)),
	      first = below(self, 6) ? 0 : below(self, 8000);
	for (gsize at = 0; at < payload; at += step) {
		gsize n = MIN(step, payload - at);
		guint16 where = (guint16)((first + at / 8) & 0x1fff);
		if (!below(self, 12))
			where ^= (guint16)(1 << below(self, 13));
		memcpy(part, frame, ETH + V4);
		memcpy(part + ETH + V4, frame + ETH + V4 + at, n);
		write_be16(part + ETH + 2, (guint16)(V4 + n));
		write_be16(part + ETH + 6, (guint16)(where | (at + n < payload ? 0x2000 : 0)));
		complete(part, ETH + V4 + n);
		if (below(self, 10))
			wait_turn(self, part, ETH + V4 + n);
		if (!below(self, 10))
			wait_turn(self, part, ETH + V4 + n);
	}
	for (unsigned i = 0; i + 1 < self->n_waiting && !below(self, 2); i++) { /* out of order */
		memcpy(part, self->waiting[i], FRAMES_SIZE);
		memcpy(self->waiting[i], self->waiting[i + 1], FRAMES_SIZE);
		memcpy(self->waiting[i + 1], part, FRAMES_SIZE);
		gsize n = self->lengths[i];
		self->lengths[i] = self->lengths[i + 1];
		self->lengths[i + 1] = n;
	}
	return 0;
}

static gsize mutate(Frames *self, guint8 *frame, gsize length)
{
	for (unsigned n = 1 + below(self, 4); n > 0; n--) {
		gsize at = below(self, 4) ? below(self, (unsigned)MIN(length, 80)) : below(self, (unsigned)length);
		switch (below(self, 5)) {
		case 0:
			frame[at] ^= (guint8)(1 << below(self, 8));
			break;
		case 1:
			frame[at] = (guint8)below(self, 256);
			break;
		case 2:
			frame[at] = below(self, 2) ? 0 : 0xff;
			break;
		case 3:
			length = MAX(1, at);
			break;
		default:
			for (gsize k = length; k < MIN(length + 64, FRAMES_SIZE); k++)
				frame[k] = (guint8)below(self, 256);
			length = MIN(length + below(self, 64), FRAMES_SIZE);
		}
	}
	return length;
}

/** The next frame: see uplink_frames.h. */
gsize frames_next(Frames *self, guint8 *frame)
{
	gsize length = 0;
	if (self->n_waiting) {
		length = self->lengths[0];
		memcpy(frame, self->waiting[0], length);
		self->n_waiting--;
		memmove(self->waiting[0], self->waiting[1], self->n_waiting * sizeof self->waiting[0]);
		memmove(self->lengths, self->lengths + 1, self->n_waiting * sizeof self->lengths[0]);
		if (below(self, 20))
			return length;
	}
	while (!length)
		switch (below(self, 16)) {
		case 0:
			length = make_arp(self, frame);
			break;
		case 1:
			length = make_nd(self, frame);
			break;
		case 2:
			length = make_icmp(self, frame);
			break;
		case 3:
			length = make_parts(self, frame);
			if (!length)
				return frames_next(self, frame);
			break;
		case 4:
		case 5:
		case 6:
			length = make_udp(self, frame);
			break;
		default:
			length = make_tcp(self, frame);
		}
	if (!below(self, 4))
		length = mutate(self, frame, length);
	if (below(self, 10))
		complete(frame, length);
	return length;
}

/* -- what comes back -- */

static void see_tcp(Frames *self, const guint8 *frame, gsize length, gboolean v6)
{
	gsize ip = v6 ? V6 : V4;
	const guint8 *tcp = frame + ETH + ip;
	if (length < ETH + ip + 20)
		return;
	guint16 port = read_be16(tcp + 2);
	unsigned guest = v6 ? frame[ETH + 39] - 10u : read_be32(frame + ETH + 16) - 0x0a00020a;
	guint32 sequence = read_be32(tcp + 4);
	gsize header = (gsize)(tcp[12] >> 4) * 4,
	      total = v6 ? read_be16(frame + ETH + 4) : read_be16(frame + ETH + 2) - ip;
	if ((tcp[13] & (SYN | ACK)) == SYN) { /* a client of a forward */
		Connection *one = &self->connections[below(self, CONNECTIONS)];
		*one = (Connection){TRUE, v6, TRUE, guest % GUESTS, v6 ? 0x0a000202 : read_be32(frame + ETH + 12), port,
			read_be16(tcp), 77, sequence + 1};
		return;
	}
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		Connection *one = &self->connections[i];
		if (!one->used || one->port != port || one->v6 != v6 || one->guest != guest)
			continue;
		one->open = TRUE;
		one->expected = sequence + !!(tcp[13] & (SYN | FIN)) + (guint32)(total > header ? total - header : 0);
		if (!below(self, 20))
			one->next = read_be32(tcp + 8);
		if (tcp[13] & RST)
			one->used = FALSE;
	}
}

void frames_see(Frames *self, const guint8 *frame, gsize length)
{
	guint8 answer[ETH + 28];
	if (length < ETH + V4)
		return;
	guint16 type = read_be16(frame + 12);
	if (type == 0x0806 && length >= ETH + 28 && frame[ETH + 7] == 1 && below(self, 3)) {
		memcpy(answer, frame, sizeof answer);
		memcpy(answer, frame + 6, 6);
		unsigned guest = read_be32(frame + ETH + 24) - 0x0a00020a;
		write_be(answer + 6, 0x020000000000 + guest % 65536, 6);
		answer[ETH + 7] = 2;
		memcpy(answer + ETH + 8, answer + 6, 6);
		memcpy(answer + ETH + 14, frame + ETH + 24, 4);
		memcpy(answer + ETH + 24, frame + ETH + 14, 4);
		wait_turn(self, answer, sizeof answer);
	} else if (type == 0x0800 && frame[ETH + 9] == IPPROTO_TCP) {
		see_tcp(self, frame, length, FALSE);
	} else if (type == 0x86dd && length >= ETH + V6 && frame[ETH + 6] == IPPROTO_TCP) {
		see_tcp(self, frame, length, TRUE);
	}
}
