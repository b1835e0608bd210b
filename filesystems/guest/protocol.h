/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol between the supervisor (the host) and the guest agent, on the serial line.
 *
 * The line is a byte stream (a socket pair on the host, raw /dev/ttyS0 in the guest). The host sends nothing before it
 * has received AGENT_HELLO: until the agent has made the line raw, the guest's tty would echo it.
 * A frame is an 8-byte header, little endian, and a payload:
 *     u32 length of the payload (0..AGENT_MAX_PAYLOAD)   u16 channel   u8 type   u8 zero
 * Channel 0 is the agent itself; each exec session has its own channel (1..65535, chosen by the host).
 * Each stream of a session has a credit: at most AGENT_WINDOW bytes may be unacknowledged, so a slow reader stops its own
 * session and no other.
 * The line itself has a credit from host to guest: after HELLO the host sends AGENT_CREDIT on channel 0 (empty), and from
 * the byte after that frame on at most AGENT_LINE_WINDOW bytes may be unacknowledged, headers included, at any position;
 * the agent answers with AGENT_CREDIT on channel 0 (stream 0, u32 bytes read). Without this the line dies: when the tty's
 * buffer of 4096 bytes fills up to 128, n_tty throttles its driver, UML's line_throttle() removes the descriptor from those
 * that the kernel polls, and line_unthrottle() never adds it again (drivers/tty/n_tty.c, arch/um/drivers/line.c, Linux
 * 7.3). A host that does not ask for credits gets none.
 * Plain C, no library: compiled into the agent (static) and into netlabd. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define AGENT_VERSION 3
#define AGENT_HEADER_SIZE 8
#define AGENT_MAX_PAYLOAD 8192
#define AGENT_WINDOW 65536
#define AGENT_LINE_WINDOW 3840

typedef enum {
	/* guest to host, channel 0 */
	AGENT_HELLO = 1,  /* u32 version: the agent is up, the root is mounted, the line is raw */
	AGENT_READY = 2,  /* empty: set-up and foreground start-up commands are done */
	AGENT_FAILED = 3, /* text: the node cannot continue (root not mountable, ...) */
	AGENT_REPORT = 4, /* u8 'w' or 'i', text: how a set-up step or start-up command failed; the node continues */
	/* host to guest, channel 0 */
	AGENT_SETUP = 16,      /* NUL-terminated words, verb first: see below */
	AGENT_FILE_DATA = 17,  /* bytes appended to the file that the last SETUP "file" opened */
	AGENT_FILE_END = 18,   /* empty: closes it */
	AGENT_GO = 19,         /* empty: every SETUP was sent; run the start-up commands, then send READY */
	AGENT_SHUTDOWN = 20,   /* empty: TERM to all, KILL after 2 s, sync, unmount, power off */
	AGENT_STEP_CLOCK = 21, /* i64 nanoseconds: the host's wall clock jumped by this much; the guest's must follow */
	AGENT_DISK =
		22, /* i64 bytes that the file of the node's disk may grow by, i64 bytes of it that the host has stored */
	/* host to guest, session channel */
	/* u8 terminal (0/1), u16 rows, u16 columns, u16 argc, then NUL-terminated words: argv, then environment NAME=VALUE.
	 * argc 0: a login shell */
	AGENT_EXEC = 32,
	AGENT_RESIZE = 33, /* u16 rows, u16 columns */
	AGENT_SIGNAL = 34, /* u8 signal number, to the session's foreground process group */
	/* both ways, session channel */
	AGENT_DATA = 48,   /* u8 stream, bytes */
	AGENT_EOF = 49,    /* u8 stream: no more data on it */
	AGENT_CREDIT = 50, /* u8 stream, u32 bytes consumed since the last; on channel 0: of the line, see above */
	/* guest to host, session channel */
	AGENT_EXIT =
		64, /* u8 'e' exited, u8 status | 's' killed, u8 signal | 'f' not started, u8 errno; then text. Last frame of a session */
} AgentType;

enum { AGENT_STDIN = 0, AGENT_STDOUT = 1, AGENT_STDERR = 2 }; /* with a terminal all output is on AGENT_STDOUT */

/* SETUP verbs (every argument is text):
 *   hostname NAME
 *   interface MAC NAME MTU          renames the interface with this MAC, sets its MTU, brings it up
 *   speed NAME MBIT                 what the interface says is its speed; also later, in a node that is ready
 *   join-nothing NAME               received frames stay as they came (no GRO)
 *   address NAME ADDRESS/PREFIX
 *   route TO VIA DEV                TO is "default4", "default6" or PREFIX/LEN; VIA or DEV may be empty
 *   sysctl NAME VALUE
 *   hosts TEXT                      lines appended to /etc/hosts; the first time, those of an earlier start go
 *   file PATH MODE(octal)           followed by FILE_DATA and FILE_END; makes missing folders
 *   run foreground|background COMMAND   kept for GO, in order; /bin/sh -c, output to the boot log
 */

typedef struct {
	uint32_t length;
	uint16_t channel;
	uint8_t type;
} AgentHeader;

/** Writes the AGENT_HEADER_SIZE bytes of HEADER to BYTES. */
void agent_header_encode(const AgentHeader *header, uint8_t bytes[AGENT_HEADER_SIZE]);
/** Reads a header; -1 when it is not one (length over AGENT_MAX_PAYLOAD, unknown type, last byte not zero). */
int agent_header_decode(const uint8_t bytes[AGENT_HEADER_SIZE], AgentHeader *header);
void agent_put_u16(uint8_t *bytes, uint16_t value);
void agent_put_u32(uint8_t *bytes, uint32_t value);
uint16_t agent_get_u16(const uint8_t *bytes);
uint32_t agent_get_u32(const uint8_t *bytes);
void agent_put_i64(uint8_t *bytes, int64_t value);
int64_t agent_get_i64(const uint8_t *bytes);
