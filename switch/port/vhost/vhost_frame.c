/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/port/vhost/vhost_frame.h"

#include "switch/frame/vnet_header.h"

#include <assert.h>

#define FRAME_MAX (65536 + FRAME_HEADER + FRAME_TAGS) /* bytes, whatever the segmentation says */
#define TCP_HEADER 20                                 /* without options: a hint for who receives it */
#define BUFFERS_MAX 64 /* chains for one frame: 64 KiB in pieces of an Ethernet frame take 44 */

/* struct virtio_net_hdr_v1 */
typedef struct {
	struct virtio_net_hdr common;
	uint16_t n_buffers;
} Header;
static_assert(sizeof(Header) == sizeof(struct virtio_net_hdr_v1), "the two are one");

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

Counter vhost_frame_read(const VringChain *chain, struct iovec *parts, Frame *frame)
{
	Header header;
	*frame = (Frame){.parts = parts, .n_parts = chain->n_parts, .length = chain->length};
	if (!frame_copy(frame, 0, sizeof(header), &header))
		return COUNTER_DROP_RUNT;
	if (chain->length > sizeof(header) + FRAME_MAX)
		return COUNTER_DROP_OVERSIZE;
	for (size_t skip = sizeof(header); skip > 0;) {
		size_t here = least(skip, parts->iov_len);
		parts->iov_base = (uint8_t *)parts->iov_base + here;
		parts->iov_len -= here;
		skip -= here;
		if (parts->iov_len == 0) {
			parts++;
			frame->n_parts--;
		}
	}
	frame->parts = parts;
	frame->length -= sizeof(header);
	return vnet_header_read(&header.common, &frame->offload) ? COUNTER_NONE : COUNTER_DROP_BAD_OFFLOAD;
}

/* Fills the buffers with the bytes, one after the other; they hold that much. */
typedef struct {
	const struct iovec *buffer;
	size_t used; /* of the first */
} Writer;

static void write_bytes(Writer *writer, const void *bytes, size_t size)
{
	while (size > 0) {
		size_t room = writer->buffer->iov_len - writer->used, part = least(room, size);
		memcpy((uint8_t *)writer->buffer->iov_base + writer->used, bytes, part);
		bytes = (const uint8_t *)bytes + part;
		size -= part;
		writer->used += part;
		if (part == room) {
			writer->buffer++;
			writer->used = 0;
		}
	}
}

VhostPut vhost_frame_put(Vring *ring, bool mergeable, const Frame *frame)
{
	VringChain chains[BUFFERS_MAX];
	struct iovec buffers[BUFFERS_MAX + VRING_CHAIN];
	size_t size = sizeof(Header) + frame->length, room = 0;
	unsigned n = 0, n_buffers = 0;

	while (room < size && n < BUFFERS_MAX && n_buffers < BUFFERS_MAX && (n == 0 || mergeable)) {
		if (!vring_take(ring, true, &chains[n], buffers + n_buffers)) {
			vring_put_back(ring, n);
			return ring->problem ? VHOST_PUT_NEVER : VHOST_PUT_FULL;
		}
		room += chains[n].length;
		n_buffers += chains[n++].n_parts;
	}
	if (room < size) {
		vring_put_back(ring, n);
		return VHOST_PUT_NEVER;
	}
	Header header = {vnet_header_write(&frame->offload, frame->offload.checksum_start + TCP_HEADER), (uint16_t)n};
	Writer writer = {.buffer = buffers};
	write_bytes(&writer, &header, sizeof(header));
	for (unsigned i = 0; i < frame->n_parts; i++)
		write_bytes(&writer, frame->parts[i].iov_base, frame->parts[i].iov_len);
	for (unsigned i = 0; i < n; i++) {
		size_t here = least(chains[i].length, size);
		vring_give(ring, chains[i].head, (uint32_t)here);
		size -= here;
	}
	return VHOST_PUT_DONE;
}
