/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/bridge/rstp_bpdu.h"

#include "switch/frame/bytes.h"

enum {
	CONFIG_LENGTH = 35,
	RST_LENGTH = 36,
	TCN_LENGTH = 4,
	VERSION_RSTP = 2,
};

/* In units of 1/256 s: 9.2.8. */
static unsigned get_seconds(const uint8_t *at)
{
	return (unsigned)read_be(at, 2) / 256;
}

bool bpdu_read(Bpdu *bpdu, const uint8_t *bytes, size_t length)
{
	/* A protocol identifier and a version, which may be higher than ours: 9.3.4. */
	if (length < TCN_LENGTH || read_be(bytes, 2) != 0)
		return false;
	*bpdu = (Bpdu){.type = (BpduType)bytes[3]};
	if (bpdu->type == BPDU_TCN)
		return true;
	if (!(bpdu->type == BPDU_CONFIG && length >= CONFIG_LENGTH) &&
		!(bpdu->type == BPDU_RST && bytes[2] >= VERSION_RSTP && length >= RST_LENGTH))
		return false;
	bpdu->flags = bytes[4];
	bpdu->priority = (RstpPriority){.root = read_be(bytes + 5, 8),
		.cost = (uint32_t)read_be(bytes + 13, 4),
		.bridge = read_be(bytes + 17, 8),
		.port = (uint16_t)read_be(bytes + 25, 2)};
	bpdu->times = (RstpTimes){.message_age = get_seconds(bytes + 27),
		.max_age = get_seconds(bytes + 29),
		.hello = get_seconds(bytes + 31),
		.forward_delay = get_seconds(bytes + 33)};
	/* Older than it may get. */
	return bpdu->type != BPDU_CONFIG || bpdu->times.message_age < bpdu->times.max_age;
}

size_t bpdu_write(const Bpdu *bpdu, uint8_t *bytes)
{
	uint8_t *at = write_be(bytes, 0, 2);
	at = write_be(at, bpdu->type == BPDU_RST ? VERSION_RSTP : 0, 1);
	at = write_be(at, bpdu->type, 1);
	if (bpdu->type == BPDU_TCN)
		return TCN_LENGTH;
	at = write_be(at, bpdu->flags, 1);
	at = write_be(at, bpdu->priority.root, 8);
	at = write_be(at, bpdu->priority.cost, 4);
	at = write_be(at, bpdu->priority.bridge, 8);
	at = write_be(at, bpdu->priority.port, 2);
	at = write_be(at, bpdu->times.message_age * 256, 2);
	at = write_be(at, bpdu->times.max_age * 256, 2);
	at = write_be(at, bpdu->times.hello * 256, 2);
	at = write_be(at, bpdu->times.forward_delay * 256, 2);
	if (bpdu->type == BPDU_RST)
		at = write_be(at, 0, 1); /* length of version 1 information */
	return (size_t)(at - bytes);
}
