/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and MAC addresses as they are on a wire: big-endian (RFC 791, appendix B). No bounds are checked here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t read_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t read_be32(const uint8_t *at)
{
	return (uint32_t)read_be16(at) << 16 | read_be16(at + 2);
}

static inline void write_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void write_be32(uint8_t *at, uint32_t value)
{
	write_be16(at, (uint16_t)(value >> 16));
	write_be16(at + 2, (uint16_t)value);
}

/** The number of size bytes, at most 8. */
static inline uint64_t read_be(const uint8_t *at, size_t size)
{
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

/** Writes the number in size bytes, at most 8. Returns where they end. */
static inline uint8_t *write_be(uint8_t *at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> 8 * (size - 1 - i));
	return at + size;
}

/** A MAC address as a number: 48 bits, the first octet on the wire the most significant. */
typedef uint64_t Mac;

enum { MAC_SIZE = 6, MAC_TEXT = sizeof("00:00:00:00:00:00") };

/** The address that six octets make. */
static inline Mac mac_of(const uint8_t octets[MAC_SIZE])
{
	return (Mac)read_be16(octets) << 32 | read_be32(octets + 2);
}

/** Is it a group address (broadcast included)? The least significant bit of the first octet: IEEE 802-2014, 8.2.2. */
static inline bool mac_is_group(Mac mac)
{
	return mac >> 40 & 1;
}

/** May it be a station's own address, and so a source? Neither a group nor all zeroes. */
static inline bool mac_is_station(Mac mac)
{
	return mac != 0 && !mac_is_group(mac);
}

/** Reads "52:54:00:00:00:01", the address of a station. False when it is not one. */
bool mac_parse(const char *text, uint8_t octets[MAC_SIZE]);
/** Writes the low 48 bits as "52:54:00:00:00:01" to text, which is returned. */
char *mac_print(Mac mac, char text[MAC_TEXT]);
