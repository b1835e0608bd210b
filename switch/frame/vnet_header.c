/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/vnet_header.h"

bool vnet_header_read(const struct virtio_net_hdr *header, Offload *offload)
{
	*offload = (Offload){.checksum = header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM};
	if (offload->checksum) {
		offload->checksum_start = header->csum_start;
		offload->checksum_offset = header->csum_offset;
	}
	/* ECN says only that the segments may carry it, and they do. */
	switch (header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		return true;
	case VIRTIO_NET_HDR_GSO_TCPV4:
		offload->segmentation = SEGMENT_TCP4;
		break;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		offload->segmentation = SEGMENT_TCP6;
		break;
	default:
		return false;
	}
	offload->segment_size = header->gso_size;
	return true;
}

struct virtio_net_hdr vnet_header_write(const Offload *offload, size_t header_length)
{
	static const uint8_t types[] = {
		[SEGMENT_NONE] = VIRTIO_NET_HDR_GSO_NONE,
		[SEGMENT_TCP4] = VIRTIO_NET_HDR_GSO_TCPV4,
		[SEGMENT_TCP6] = VIRTIO_NET_HDR_GSO_TCPV6,
	};
	struct virtio_net_hdr header = {.gso_type = types[offload->segmentation]};
	if (offload->checksum) {
		header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header.csum_start = offload->checksum_start;
		header.csum_offset = offload->checksum_offset;
	}
	if (offload->valid)
		header.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	if (offload->segmentation != SEGMENT_NONE) {
		header.hdr_len = (uint16_t)header_length;
		header.gso_size = offload->segment_size;
	}
	return header;
}
