/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct virtio_net_hdr (virtio 1.2, 5.1.6), which guests (vhost-user) and tap interfaces of the host (IFF_VNET_HDR, tun.rst)
 * put before a frame: what is left to do, in the byte order of the machine. */
#pragma once

#include "switch/frame/frame.h"

#include <linux/virtio_net.h>

/** Reads what is left to do. What it says may be nonsense, which offload_is_valid() finds out; false when it is something
 *  that nobody offered to do. */
bool vnet_header_read(const struct virtio_net_hdr *header, Offload *offload);
/** The header of a frame with this left to do. header_length: bytes before the payload to be cut, a hint. */
struct virtio_net_hdr vnet_header_write(const Offload *offload, size_t header_length);
