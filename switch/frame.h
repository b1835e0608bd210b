/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An Ethernet frame without FCS (IEEE 802.3 clause 3.2), and the only way to look into one.
 *
 * A guest writes what it likes, so no byte is read but through frame_read(), which checks the bounds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_HEADER = 14, /* destination, source, type */
	FRAME_TAGS = 8,    /* room for two VLAN tags (802.1Q, 802.1ad), which are not part of the MTU */
};

/** Borrowed bytes; good until the batch that they came with has been flushed. */
typedef struct {
	const uint8_t *data;
	size_t length;
} Frame;

/** A MAC address as a number: 48 bits, the first octet on the wire the most significant. */
typedef uint64_t Mac;

/** The unsigned number of size octets (at most 8), big-endian, at offset. False, and value untouched, when the frame
 *  does not reach that far. */
static inline bool frame_read(const Frame *frame, size_t offset, size_t size, uint64_t *value)
{
	if (size > sizeof(*value) || offset > frame->length || size > frame->length - offset)
		return false;
	uint64_t number = 0;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | frame->data[offset + i];
	*value = number;
	return true;
}

/** Destination address. False when the frame is too short. */
static inline bool frame_destination(const Frame *frame, Mac *mac)
{
	return frame_read(frame, 0, 6, mac);
}

/** Source address. False when the frame is too short. */
static inline bool frame_source(const Frame *frame, Mac *mac)
{
	return frame_read(frame, 6, 6, mac);
}

/** Is it a group address (broadcast included)? The least significant bit of the first octet: IEEE 802-2014, 8.2.2. */
static inline bool mac_is_group(Mac mac)
{
	return mac >> 40 & 1;
}

/** May it be a station's own address, hence a source? Neither a group nor all zeroes. */
static inline bool mac_is_station(Mac mac)
{
	return mac != 0 && !mac_is_group(mac);
}

/** The longest frame that an interface with this MTU may send or get, in bytes. */
static inline size_t frame_limit(unsigned mtu)
{
	return (size_t)mtu + FRAME_HEADER + FRAME_TAGS;
}
