/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/ecn.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_TAG = 0x8100,         /* 802.1Q */
	TYPE_SERVICE_TAG = 0x88a8, /* 802.1ad */
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	ECN_CE = 3,                                        /* 1 and 2 are ECT(1) and ECT(0), 0 is not ECN-capable */
	LONGEST = FRAME_HEADER + FRAME_TAGS + IPV6_HEADER, /* bytes of a frame that are looked at */
};

static unsigned read16(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

/* The IP header in the first bytes of a frame, and its version; NULL when there is none, or not all of it. */
static const uint8_t *find_ip(const uint8_t *bytes, size_t length, unsigned *version)
{
	size_t type = FRAME_HEADER - 2;
	for (unsigned tags = 0; length >= type + 2 && tags < 2; tags++, type += 4)
		if (read16(bytes + type) != TYPE_TAG && read16(bytes + type) != TYPE_SERVICE_TAG)
			break;
	const uint8_t *header = bytes + type + 2;
	if (length < type + 2 + IPV4_HEADER)
		return NULL;
	*version = header[0] >> 4;
	if (read16(bytes + type) == TYPE_IPV4 && *version == 4)
		return header;
	bool whole = length >= type + 2 + IPV6_HEADER;
	return whole && read16(bytes + type) == TYPE_IPV6 && *version == 6 ? header : NULL;
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
	unsigned before = read16(header);
	header[1] |= ECN_CE;
	uint32_t sum = (~read16(header + 10) & 0xffff) + (~before & 0xffff) + read16(header);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	header[10] = (uint8_t)(~sum >> 8);
	header[11] = (uint8_t)~sum;
}
