/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A split virtqueue (virtio 1.2, 2.7) as the device sees it: the guest's driver offers chains of buffers in the
 * available ring, the device takes them, and gives them back in the used ring.
 *
 * All of it is in the memory of the guest, which may be malicious: each field is read once, each index and range is checked
 * before use, and a chain ends after VRING_CHAIN descriptors. After a violation, the ring stays unusable. */
#pragma once

#include "switch/port/vhost/guest_memory.h"

#include <linux/virtio_ring.h>
#include <sys/uio.h>

enum {
	VRING_SIZE_MAX = 32768, /* virtio 1.2, 2.7 */
	VRING_CHAIN = 20, /* most descriptors of a chain: Linux needs one for each page of 64 KiB, and two headers */
};

typedef struct {
	/* What the driver said over the socket. */
	unsigned size;              /* descriptors, a power of two; 0: not yet said */
	uint64_t desc, avail, used; /* addresses in the front end's process */

	/* While it runs; memory is NULL when it does not. */
	const GuestMemory *memory;
	const struct vring_desc *descs;
	struct vring_avail *avails;
	struct vring_used *useds;
	bool event_idx, indirect; /* negotiated: VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC */
	uint16_t next;            /* of the available ring: the first that was not taken */
	uint16_t seen;            /* of the available ring: its end, when last looked at */
	uint16_t given;           /* of the used ring: its end, perhaps not published */
	uint16_t published;       /* of the used ring: its end as the guest knows it */
	const char *problem;      /* the rule that the guest has broken; NULL while it behaves. Static */
} Vring;

/** Begins at the position next, with what was said of the ring. NULL, or why that is not possible (static). */
const char *vring_start(Vring *ring, const GuestMemory *memory, bool event_idx, bool indirect);
void vring_stop(Vring *ring);

static inline bool vring_is_running(const Vring *ring)
{
	return ring->memory;
}

/** A chain of buffers, in the order of the chain. */
typedef struct {
	uint16_t head; /* its name in vring_give() */
	unsigned n_parts;
	size_t length; /* of all parts */
} VringChain;

/** Takes the next chain: its buffers go to parts, room for VRING_CHAIN. for_device: buffers that the device is to write
 *  to, else to read from. False when there is none, or the ring has become broken. */
bool vring_take(Vring *ring, bool for_device, VringChain *chain, struct iovec *parts);
/** Leaves the last n chains that were taken to be taken again. */
void vring_put_back(Vring *ring, unsigned n);
/** Gives a chain back with so many bytes written to it. The guest sees it when it is published. */
void vring_give(Vring *ring, uint16_t head, uint32_t written);
/** Shows the guest all that was given. Returns whether it wants to be told. */
bool vring_publish(Vring *ring);
/** Asks the guest to tell when it has made more available; it may tell without being asked. Returns true when there is
 *  some already: then it will not tell. */
bool vring_ask(Vring *ring);
/** Asks the guest not to tell. */
void vring_hush(Vring *ring);
