/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in the rings of a virtio network device: each begins with a struct virtio_net_hdr_v1 (virtio 1.2, 5.1.6). */
#pragma once

#include "switch/frame/counters.h"
#include "switch/frame/frame.h"
#include "switch/port/vhost/vring.h"

/** The frame that a chain of the transmit ring holds, its bytes where they lie; parts are the chain's, and become the
 *  frame's. COUNTER_NONE, or why it cannot be one. */
Counter vhost_frame_read(const VringChain *chain, struct iovec *parts, Frame *frame);

typedef enum {
	VHOST_PUT_DONE,
	VHOST_PUT_FULL,  /* the ring has not enough buffers now */
	VHOST_PUT_NEVER, /* nor will it have them, or it is broken */
} VhostPut;

/** Copies a frame into buffers of the receive ring; into several when they are mergeable (VIRTIO_NET_F_MRG_RXBUF). */
VhostPut vhost_frame_put(Vring *ring, bool mergeable, const Frame *frame);
