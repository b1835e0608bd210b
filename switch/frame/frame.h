/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An Ethernet frame without FCS (IEEE 802.3 clause 3.2), and the only way to read one.
 *
 * Its bytes are in pieces, often in the memory of the guest that sent it; only what is rewritten is copied. A guest can
 * change them at any time. So all reading goes through frame_copy() and frame_read(), which check the bounds, and no byte is
 * read twice where both results must agree. */
#pragma once

#include "switch/frame/bytes.h"

#include <string.h>
#include <sys/uio.h>

/* Of a packet in a frame: the smallest MTU that IPv4 knows (RFC 791, 3.2), and the largest that its packets can fill. */
enum { FRAME_MTU_MIN = 68, FRAME_MTU_MAX = 65535 };

enum {
	FRAME_HEADER = 14,   /* destination, source, type */
	FRAME_TAGS = 8,      /* room for two VLAN tags (802.1Q, 802.1ad), which are not part of the MTU */
	FRAME_PARTS = 24,    /* most pieces of a frame: 64 KiB in pages, its header, and room to rewrite that */
	FRAME_PARTS_IN = 20, /* most pieces of a frame as it enters */
};

typedef enum {
	SEGMENT_NONE,
	SEGMENT_TCP4,
	SEGMENT_TCP6,
} Segmentation;

/** What the sender left to do, as in struct virtio_net_hdr (virtio 1.2, 5.1.6). All zeroes: nothing, the frame could be
 *  on a wire as it is. Checked by offload_is_valid() where the frame entered. */
typedef struct {
	bool checksum; /* the ones' complement sum from checksum_start on belongs at checksum_offset after it */
	uint16_t checksum_start, checksum_offset;
	Segmentation segmentation; /* to be cut into segments of segment_size bytes of payload; checksum is set too */
	uint16_t segment_size;
	bool valid; /* the reverse of checksum: it was made here, of the bytes as they still are. Receivers need not check */
} Offload;

/** Borrowed bytes; good until the batch that they came with has been flushed. */
typedef struct {
	const struct iovec *parts;
	unsigned n_parts;
	size_t length; /* of all parts */
	Offload offload;
} Frame;

/** A frame of one piece with nothing left to do. The piece must live as long as the frame. */
static inline Frame frame_of(const struct iovec *part)
{
	return (Frame){.parts = part, .n_parts = 1, .length = part->iov_len};
}

/** Copies size bytes from offset. False, and nothing copied, when the frame does not reach that far. */
bool frame_copy(const Frame *frame, size_t offset, size_t size, void *to);

/** The pieces of a range of the frame; at most max. Returns how many, 0 when that is not enough or the frame does not
 *  reach that far. */
unsigned frame_slice(const Frame *frame, size_t offset, size_t size, struct iovec *parts, unsigned max);

/** The unsigned number of size octets (at most 8), big-endian, at offset. False, and value untouched, when the frame
 *  does not reach that far. */
static inline bool frame_read(const Frame *frame, size_t offset, size_t size, uint64_t *value)
{
	uint8_t bytes[8];
	if (size > sizeof(bytes) || !frame_copy(frame, offset, size, bytes))
		return false;
	*value = read_be(bytes, size);
	return true;
}

/** Has the sender left something to do that a wire does not know? */
static inline bool frame_is_offloaded(const Frame *frame)
{
	return frame->offload.checksum;
}

/** The longest frame that an interface with this MTU may send or get, in bytes. */
static inline size_t frame_limit(unsigned mtu)
{
	return (size_t)mtu + FRAME_HEADER + FRAME_TAGS;
}
