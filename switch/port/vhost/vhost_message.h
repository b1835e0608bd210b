/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the vhost-user protocol on their socket (QEMU's docs/interop/vhost-user.rst; numbers and layouts as in
 * Linux, arch/um/drivers/vhost_user.h). In the byte order of the host, descriptors beside them. */
#pragma once

#include "switch/port/vhost/guest_memory.h"

typedef enum {
	VHOST_GET_FEATURES = 1,
	VHOST_SET_FEATURES = 2,
	VHOST_SET_OWNER = 3,
	VHOST_RESET_OWNER = 4,
	VHOST_SET_MEM_TABLE = 5,
	VHOST_SET_VRING_NUM = 8,
	VHOST_SET_VRING_ADDR = 9,
	VHOST_SET_VRING_BASE = 10,
	VHOST_GET_VRING_BASE = 11,
	VHOST_SET_VRING_KICK = 12,
	VHOST_SET_VRING_CALL = 13,
	VHOST_SET_VRING_ERR = 14,
	VHOST_GET_PROTOCOL_FEATURES = 15,
	VHOST_SET_PROTOCOL_FEATURES = 16,
	VHOST_SET_VRING_ENABLE = 18,
	VHOST_SET_BACKEND_REQ_FD = 21, /* where the back end sends requests of its own */
	VHOST_GET_CONFIG = 24,
	VHOST_SET_CONFIG = 25,
} VhostRequest;

enum {
	VHOST_BACKEND_CONFIG_CHANGE = 2, /* a request of the back end's */

	VHOST_VERSION = 1, /* in the flags */
	VHOST_VERSION_MASK = 3,
	VHOST_REPLY = 1 << 2,
	VHOST_NEED_REPLY = 1 << 3,

	VHOST_VRING_MASK = 0xff, /* in a KICK or CALL: which ring */
	VHOST_VRING_NO_FD = 1 << 8,

	VHOST_CONFIG_MAX = 256,
	VHOST_FDS = GUEST_MEMORY_REGIONS,
};

/* Feature bit that stands for the protocol features, and these. */
#define VHOST_F_PROTOCOL_FEATURES (UINT64_C(1) << 30)
#define VHOST_PROTOCOL_REPLY_ACK (UINT64_C(1) << 3)
#define VHOST_PROTOCOL_BACKEND_REQ (UINT64_C(1) << 5)
#define VHOST_PROTOCOL_CONFIG (UINT64_C(1) << 9)

typedef struct {
	uint32_t request, flags, size; /* size: of the payload, in bytes */
} VhostHeader;

typedef union {
	uint64_t number;
	struct {
		uint32_t index, number;
	} vring;
	struct {
		uint32_t index, flags;
		uint64_t desc, used, avail, log;
	} address;
	struct {
		uint32_t n, padding;
		GuestRegion regions[GUEST_MEMORY_REGIONS];
	} memory;
	struct {
		uint32_t offset, size, flags;
		uint8_t data[VHOST_CONFIG_MAX];
	} config;
} VhostPayload;

/** A message as it comes in, perhaps in pieces. */
typedef struct {
	VhostHeader header;
	VhostPayload payload;
	size_t have; /* bytes, header and payload */
	int fds[VHOST_FDS];
	unsigned n_fds;
} VhostMessage;

typedef enum {
	VHOST_MORE, /* not all of the message is there yet */
	VHOST_WHOLE,
	VHOST_CLOSED, /* by the guest */
	VHOST_BAD,    /* no message, and nothing that follows can be one */
} VhostRead;

/** Reads on, never waiting, until the message is whole. A zeroed message begins. */
VhostRead vhost_message_read(VhostMessage *message, int fd);
/** Closes what descriptors it brought and nobody took, and is ready for the next. */
void vhost_message_clear(VhostMessage *message);
/** The only descriptor that came with the message; the caller owns it. -1 when there were none or several. */
int vhost_message_take_fd(VhostMessage *message);

/** Closes a descriptor that came from a guest, without waiting: it may be a socket that lingers. */
void vhost_close(int fd);

/** Sends a reply to the request in header. False when the socket does not take it: nobody reads, or it is closed. */
bool vhost_message_reply(int fd, const VhostHeader *header, const void *payload, uint32_t size);
/** Tells the guest, on the socket that it gave for it, that its configuration has changed. */
void vhost_message_config_change(int fd);
