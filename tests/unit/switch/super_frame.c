/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switch/super_frame.h"

#include <netinet/in.h>

typedef struct {
	uint8_t *bytes;
	size_t at;
	GRand *random;
} Builder;

static uint8_t *more(Builder *self, size_t size)
{
	uint8_t *here = self->bytes + self->at;
	uint32_t state = g_rand_int(self->random);
	/* Numerical Recipes' generator: quick, and good enough for bytes. */
	for (size_t i = 0; i < size; i++, state = state * 1664525 + 1013904223)
		here[i] = (uint8_t)(state >> 24);
	self->at += size;
	return here;
}

static void put16(Builder *self, unsigned value)
{
	write_be16(more(self, 2), (uint16_t)value);
}

uint16_t super_frame_sum(const uint8_t *data, size_t size, uint32_t sum)
{
	for (size_t i = 0; i < size; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* What comes before the first IP header. Returns where the length of a PPPoE session is, 0 when there is none. */
static size_t put_link(Builder *self, const SuperFrame *what)
{
	unsigned version = what->outer ? what->outer : what->version, pppoe = 0;
	memset(more(self, 12), 0x52, 12);
	for (unsigned i = 0; i < what->tags; i++) {
		put16(self, what->tag_types[i]);
		more(self, 2);
	}
	if (what->pppoe) {
		put16(self, 0x8864);
		memcpy(more(self, 4), "\x11\0\0\7", 4);
		pppoe = (unsigned)self->at;
		more(self, 2);
		put16(self, version == 4 ? 0x21 : 0x57);
	} else if (what->labels) {
		put16(self, 0x8847);
		for (unsigned i = 0; i < what->labels; i++) {
			uint8_t *label = more(self, 4);
			label[2] = (uint8_t)((label[2] & 0xfe) | (i + 1 == what->labels));
		}
	} else {
		put16(self, version == 4 ? 0x0800 : 0x86dd);
	}
	return pppoe;
}

/* Returns where it begins; the length is not there yet. */
static size_t put_ip4(Builder *self, unsigned option_words, unsigned protocol)
{
	size_t at = self->at;
	uint8_t *ip = more(self, 20 + 4 * (size_t)option_words);
	ip[0] = (uint8_t)(0x45 + option_words);
	ip[6] = 0x40;
	ip[7] = 0;
	ip[9] = (uint8_t)protocol;
	memcpy(ip + 12, "\12\0\0\1\12\0\0\2", 8);
	memset(ip + 20, 1, 4 * (size_t)option_words); /* no operation */
	return at;
}

/* The extension headers are, in their order: hop by hop, routing, destination. */
static size_t put_ip6(Builder *self, unsigned extensions, unsigned protocol)
{
	static const uint8_t kinds[] = {IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_DSTOPTS};
	size_t at = self->at;
	uint8_t *ip = more(self, 40);
	ip[0] = (uint8_t)(0x60 | (ip[0] & 0xf));
	ip[6] = extensions ? kinds[0] : (uint8_t)protocol;
	ip[8] = ip[24] = 0xfd;
	for (unsigned i = 0; i < extensions; i++) {
		bool routing = kinds[i] == IPPROTO_ROUTING;
		uint8_t *header = more(self, routing ? 24 : 16);
		memset(header, 0, routing ? 24 : 16);
		header[0] = i + 1 < extensions ? kinds[i + 1] : (uint8_t)protocol;
		header[1] = routing ? 2 : 1;
		if (routing)
			memset(header + 2, 4, 1); /* segment routing, none left */
		else
			memcpy(header + 2, "\1\14", 2); /* PadN */
	}
	return at;
}

static size_t put_ip(Builder *self, unsigned version, unsigned extensions, unsigned protocol)
{
	return version == 4 ? put_ip4(self, extensions, protocol) : put_ip6(self, extensions, protocol);
}

static void finish_ip(Builder *self, size_t at)
{
	uint8_t *ip = self->bytes + at;
	if (ip[0] >> 4 == 6) {
		write_be16(ip + 4, (uint16_t)(self->at - at - 40));
		return;
	}
	write_be16(ip + 2, (uint16_t)(self->at - at));
	write_be16(ip + 10, 0);
	write_be16(ip + 10, (uint16_t)~super_frame_sum(ip, (ip[0] & 0xf) * 4u, 0));
}

size_t super_frame_build(const SuperFrame *what, GRand *random, uint8_t *bytes, Offload *offload, SuperFrameMap *map)
{
	Builder self = {bytes, 0, random};
	unsigned protocol = what->udp ? IPPROTO_UDP : IPPROTO_TCP;
	size_t pppoe = put_link(&self, what), outer = 0, ip, start;
	if (what->outer)
		outer = put_ip(&self, what->outer, 0, what->version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6);
	ip = put_ip(&self, what->version, what->extensions, protocol);
	start = self.at;
	uint8_t *transport = more(&self, what->udp ? 8 : 20 + 4 * (size_t)what->tcp_words);
	if (!what->udp) {
		transport[12] = (uint8_t)((5 + what->tcp_words) << 4);
		transport[13] = what->flags;
		memset(transport + 20, 1, 4 * (size_t)what->tcp_words);
	}
	*map = (SuperFrameMap){pppoe, outer, ip, start, self.at};
	more(&self, what->payload);
	uint32_t length = (uint32_t)(self.at - start);
	if (what->udp)
		write_be16(transport + 4, (uint16_t)length);
	*offload = (Offload){true, (uint16_t)start, what->udp ? 6 : 16,
		!what->segment_size          ? SEGMENT_NONE
			: what->version == 4 ? SEGMENT_TCP4
					     : SEGMENT_TCP6,
		what->segment_size, false};
	const uint8_t *addresses = bytes + ip + (what->version == 4 ? 12 : 8);
	write_be16(transport + offload->checksum_offset,
		super_frame_sum(addresses, what->version == 4 ? 8 : 32, protocol + (length >> 16) + (length & 0xffff)));
	finish_ip(&self, ip);
	if (what->outer)
		finish_ip(&self, outer);
	if (pppoe)
		write_be16(bytes + pppoe, (uint16_t)(self.at - pppoe - 2));
	return self.at;
}

SuperFrame super_frame_random(GRand *random, unsigned max_segments)
{
	static const uint16_t types[] = {0x8100, 0x88a8};
	SuperFrame what = {.tags = (unsigned)g_rand_int_range(random, 0, SUPER_FRAME_TAGS + 1),
		.version = g_rand_boolean(random) ? 4 : 6,
		.tcp_words = (unsigned)g_rand_int_range(random, 0, 11),
		.flags = (uint8_t)g_rand_int(random)};
	for (unsigned i = 0; i < what.tags; i++)
		what.tag_types[i] = types[g_rand_boolean(random)];
	switch (g_rand_int_range(random, 0, 8)) {
	case 0:
		what.labels = (unsigned)g_rand_int_range(random, 1, SUPER_FRAME_LABELS + 1);
		break;
	case 1:
		what.pppoe = true;
		break;
	case 2:
		what.outer = g_rand_boolean(random) ? 4 : 6;
		break;
	default:
		break;
	}
	if (g_rand_boolean(random))
		what.extensions = (unsigned)g_rand_int_range(random, 1, what.version == 4 ? 11 : 4);
	what.udp = g_rand_int_range(random, 0, 8) == 0;
	if (what.udp || g_rand_int_range(random, 0, 8) == 0) {
		what.payload = (size_t)g_rand_int_range(random, 0, 1300);
		return what;
	}
	what.segment_size = (uint16_t)g_rand_int_range(random, 48, 9000);
	what.payload = (size_t)g_rand_int_range(
		random, what.segment_size + 1, (gint32)MIN(65000u, (max_segments - 1) * what.segment_size));
	return what;
}

unsigned super_frame_scatter(GRand *random, uint8_t *bytes, size_t length, struct iovec *parts)
{
	unsigned n = 0;
	for (; length > 0; n++) {
		size_t size = n < 10 ? MIN((size_t)g_rand_int_range(random, 1, 3000), length) : length;
		parts[n] = (struct iovec){bytes, size};
		bytes += size;
		length -= size;
	}
	return n;
}
