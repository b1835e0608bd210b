/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other side of a vhost-user port, for tests and benchmarks: a guest's driver of virtio-net, without a guest. It has
 * a memory of its own and two rings in it, keeps the rules where it is not told to break them, and dies with a message
 * when the port does not. */
#pragma once

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VC_RX,
	VC_TX,
	VC_RINGS,

	VC_MEMORY = 8 << 20, /* bytes */
	VC_BUFFER = 2048,    /* of each descriptor, unless it is told otherwise */
	VC_PATIENCE = 20000, /* milliseconds */
};

/* Where the memory is for the port: two views, so that nobody takes one for the other. */
#define VC_GUEST UINT64_C(0x100000)
#define VC_USER UINT64_C(0x7f0012340000)

#define VC_FEATURES                                                                                                    \
	(1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_RING_F_EVENT_IDX | 1ull << VIRTIO_NET_F_MRG_RXBUF |               \
		1ull << VIRTIO_NET_F_MAC | 1ull << VIRTIO_NET_F_MTU | 1ull << VIRTIO_NET_F_STATUS | 1ull << 30)
#define VC_OFFLOADS                                                                                                    \
	(1ull << VIRTIO_NET_F_CSUM | 1ull << VIRTIO_NET_F_GUEST_CSUM | 1ull << VIRTIO_NET_F_HOST_TSO4 |                \
		1ull << VIRTIO_NET_F_HOST_TSO6 | 1ull << VIRTIO_NET_F_GUEST_TSO4 | 1ull << VIRTIO_NET_F_GUEST_TSO6)

typedef struct {
	unsigned size;
	struct vring_desc *descs;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t last_used;
	unsigned buffers; /* offset in memory, one for each descriptor */
	int kick, call;
} VcRing;

typedef struct {
	int socket, memory_fd, requests;
	uint8_t *memory;
	uint64_t offered, features;
	unsigned buffer_size; /* of what is offered for receiving; at most VC_BUFFER */
	VcRing rings[VC_RINGS];
} VhostClient;

/** Connects to a listening socket, by its descriptor or its path. */
void vc_connect(VhostClient *client, int listener);
void vc_connect_path(VhostClient *client, const char *path);
void vc_close(VhostClient *client);

/** Sends a request as it is, with descriptors. */
void vc_send(VhostClient *client, uint32_t request, uint32_t flags, const void *payload, uint32_t size, const int *fds,
	unsigned n_fds);
/** Reads an answer's payload; its size must be the given. False when the port has hung up. */
bool vc_answer(VhostClient *client, void *payload, uint32_t size);
/** Sends a request and waits until it was obeyed. False when the port has hung up. */
bool vc_request(VhostClient *client, uint32_t request, const void *payload, uint32_t size, int fd);
/** Requests with a ring and a number. */
bool vc_ring_request(VhostClient *client, uint32_t request, uint32_t ring, uint32_t number);

/** The greeting: features (of those offered), memory, where the back end sends its requests. */
void vc_greet(VhostClient *client, uint64_t features);
/** Sets up a ring in memory, and tells the port; does not enable it. */
void vc_set_ring(VhostClient *client, unsigned ring, unsigned size);
bool vc_enable(VhostClient *client, unsigned ring, bool enable);
/** All of it: a driver that runs, with all its buffers for receiving offered. */
void vc_start(VhostClient *client, uint64_t features, unsigned size);

/** Makes the chain that begins at a descriptor available; the port is told when it wants to be. */
void vc_offer(VhostClient *client, unsigned ring, uint16_t head);
void vc_kick(VhostClient *client, unsigned ring);
/** Offers the buffer of a descriptor for receiving. */
void vc_offer_buffer(VhostClient *client, uint16_t descriptor);

/** Is there something in the used ring? Waits for a call if asked to; dies when none comes. */
bool vc_poll(VhostClient *client, unsigned ring, bool wait);
/** Takes the next of the used ring, which is there. */
struct vring_used_elem vc_take(VhostClient *client, unsigned ring);

/** Sends a frame in pieces of at most piece bytes, header and all; waits for it to be given back if asked to. header
 *  may be NULL. */
void vc_send_frame(VhostClient *client, const struct virtio_net_hdr_v1 *header, const void *bytes, size_t size,
	size_t piece, bool wait);
/** Waits for a frame and copies it out; its buffers are offered anew if asked to. Returns its size. */
size_t vc_receive_frame(VhostClient *client, struct virtio_net_hdr_v1 *header, void *bytes, size_t max, bool renew);
/** Is nothing there to receive after so many milliseconds? */
bool vc_stays_silent(VhostClient *client, int milliseconds);

/** Reads the configuration. False when the port has hung up. */
bool vc_config(VhostClient *client, struct virtio_net_config *config);
/** Waits for the port to say that the configuration has changed. */
void vc_await_config_change(VhostClient *client);
/** Waits for the port to hang up. */
void vc_await_hangup(VhostClient *client);
