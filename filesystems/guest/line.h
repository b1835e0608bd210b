/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames on the serial line to the supervisor. Knows what a frame looks like (protocol.h), and nothing of what it means. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filesystems/guest/protocol.h"

/** What the line tells its owner, from the loop. */
typedef struct {
	/** A whole frame. PAYLOAD may be changed, and is valid until this returns. */
	void (*frame)(const AgentHeader *header, uint8_t *payload);
	/** The line has room again, after line_has_room() returned false. */
	void (*room)(void);
	/** The host broke the protocol: nothing more is read. Must not return. */
	void (*broken)(const char *why);
	/** The host closed the line. Must not return. */
	void (*closed)(void);
} LineEvents;

/** Opens /dev/ttyS0 and makes it raw. Returns 0, or -1 with errno. */
int line_open(const LineEvents *events);
/** The host asked for credits (AGENT_CREDIT on channel 0): from the next byte on, what is read is acknowledged. */
void line_count_credits(void);
/** Queues a frame. It always succeeds: a sender of large amounts asks line_has_room() first. */
void line_send(AgentType type, uint16_t channel, const void *payload, size_t length);
/** Like line_send(); the payload is one byte, TAG, and LENGTH bytes of DATA. */
void line_send_tagged(AgentType type, uint16_t channel, uint8_t tag, const void *data, size_t length);
/** False while so much is queued that session output should wait. */
bool line_has_room(void);
/** Writes everything that is queued and waits until it is sent. For the last frames before the end. */
void line_flush(void);
