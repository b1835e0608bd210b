/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtio network device (virtio 1.2, 5.1) as the driver of its guest configures it with vhost-user messages: features,
 * memory, rings, configuration. Frames do not pass here. */
#pragma once

#include "switch/port/vhost/vhost_message.h"
#include "switch/port/vhost/vring.h"

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

/* Of view: the guest receives and transmits. Virtio 1.2, 5.1.2. */
enum { VHOST_RX, VHOST_TX, VHOST_RINGS };

typedef struct VhostDevice VhostDevice;
struct VhostDevice {
	/* Constant, set by the owner. */
	struct virtio_net_config config; /* all but the status and the speed */
	uint64_t offered;                /* VIRTIO_NET_F_ bits to offer besides those that all devices have */
	/* A ring runs from now on, or no longer; then its kick descriptor is about to be closed. */
	void (*ring_changed)(VhostDevice *device, unsigned ring, bool runs);

	/* Owned by the functions here. */
	int socket;   /* -1: no guest */
	int requests; /* where the guest takes requests, -1 */
	uint64_t features, protocol_features;
	GuestMemory memory;
	VhostMessage message;
	struct {
		Vring vring;
		bool enabled;
		int kick, call; /* -1: not yet */
	} rings[VHOST_RINGS];
};

/** Makes a device without a guest of a zeroed one with the constants set. */
void vhost_device_init(VhostDevice *device);
/** A guest has connected; socket is the device's now. */
void vhost_device_open(VhostDevice *device, int socket);
/** Forgets the guest, and all that it brought. Harmless without one. */
void vhost_device_close(VhostDevice *device);

/** Reads and obeys messages of the guest. VHOST_MORE when all was well, VHOST_CLOSED when the guest has gone, VHOST_BAD
 *  with the reason (static) when it broke the rules. */
VhostRead vhost_device_read(VhostDevice *device, const char **problem);

/** Tells the guest whether its interface has a carrier. */
void vhost_device_set_carrier(VhostDevice *device, bool carrier);
/** Tells the guest the speed of its interface in Mbit/s. Linux takes it in with the carrier, not before. */
void vhost_device_set_speed(VhostDevice *device, unsigned speed);
/** Tells the guest that a ring has something for it. */
void vhost_device_call(const VhostDevice *device, unsigned ring);

static inline bool vhost_device_has(const VhostDevice *device, unsigned feature)
{
	return device->features >> feature & 1;
}
