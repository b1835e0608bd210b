/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bridge Protocol Data Units as bytes: IEEE 802.1D-2004, clause 9.3. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
	BPDU_CONFIG = 0x00,
	BPDU_RST = 0x02,
	BPDU_TCN = 0x80,
} BpduType;

/* Flags of a RST BPDU: 9.3.3; a Config BPDU has the first and the last. */
enum {
	BPDU_TOPOLOGY_CHANGE = 1 << 0,
	BPDU_PROPOSAL = 1 << 1,
	BPDU_ROLE_SHIFT = 2, /* two bits: 1 alternate or backup, 2 root, 3 designated */
	BPDU_LEARNING = 1 << 4,
	BPDU_FORWARDING = 1 << 5,
	BPDU_AGREEMENT = 1 << 6,
	BPDU_TOPOLOGY_CHANGE_ACK = 1 << 7,
};

/** A priority vector: 17.5. Better is smaller, the first component that differs decides. */
typedef struct {
	uint64_t root, bridge; /* identifiers */
	uint32_t cost;
	uint16_t port, bridge_port;
} RstpPriority;

/** In seconds. */
typedef struct {
	unsigned message_age, max_age, forward_delay, hello;
} RstpTimes;

typedef struct {
	BpduType type;
	uint8_t flags;
	RstpPriority priority; /* bridge_port is not on the wire */
	RstpTimes times;
} Bpdu;

/** Reads one; false when it is none that 9.3.4 lets pass. */
bool bpdu_read(Bpdu *bpdu, const uint8_t *bytes, size_t length);
/** Writes one; returns its length, at most RSTP_BPDU_MAX bytes. */
size_t bpdu_write(const Bpdu *bpdu, uint8_t *bytes);
