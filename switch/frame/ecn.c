/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/ecn.h"

#include "switch/frame/layers.h"

enum {
	ECN_CE = 3,    /* 1 and 2 are ECT(1) and ECT(0), 0 is not ECN-capable */
	LONGEST = 128, /* bytes of a frame that are looked at */
};

/* The outer IP header in the first bytes of a frame, and its version; NULL when there is none, or not all of it. */
static const uint8_t *find_ip(const uint8_t *bytes, size_t length, unsigned *version)
{
	Layers layers;
	layers_find(bytes, length < LONGEST ? length : LONGEST, &layers);
	unsigned i = layers.n > 0 && layers.layers[0].kind == LAYER_PPPOE;
	if (i == layers.n)
		return NULL;
	*version = layers.layers[i].kind == LAYER_IPV4 ? 4 : 6;
	return bytes + layers.layers[i].at;
}

/* The two bits: the lowest of the type of service, or of the traffic class, which lies across the first two bytes. */
static unsigned ecn_of(const uint8_t *header, unsigned version)
{
	return (version == 4 ? header[1] : header[1] >> 4) & 3;
}

static bool is_capable(const uint8_t *header, unsigned version)
{
	return header && ecn_of(header, version) != 0 && ecn_of(header, version) != ECN_CE;
}

bool ecn_is_capable(const Frame *frame)
{
	uint8_t bytes[LONGEST];
	size_t length = frame->length < sizeof(bytes) ? frame->length : sizeof(bytes);
	unsigned version = 0;
	if (!frame_copy(frame, 0, length, bytes))
		return false;
	const uint8_t *header = find_ip(bytes, length, &version);
	return is_capable(header, version);
}

void ecn_mark(uint8_t *bytes, size_t length)
{
	unsigned version = 0;
	const uint8_t *found = find_ip(bytes, length, &version);
	if (!is_capable(found, version))
		return;
	uint8_t *header = bytes + (found - bytes);
	if (version == 6) {
		header[1] |= ECN_CE << 4;
		return;
	}
	/* RFC 1624, equation 3: HC' = ~(~HC + ~m + m'), where m is the 16 bits that change. */
	unsigned before = read_be16(header);
	header[1] |= ECN_CE;
	uint32_t sum = (~read_be16(header + 10) & 0xffff) + (~before & 0xffff) + read_be16(header);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	header[10] = (uint8_t)(~sum >> 8);
	header[11] = (uint8_t)~sum;
}
