/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/checksum.h"

#include "switch/frame/bytes.h"

#include <string.h>

/* Four sums side by side, which a compiler can keep in one register of vectors. */
enum { LANES = 4, STRIDE = LANES * sizeof(uint32_t) };

uint64_t checksum_add(uint64_t sum, const uint8_t *data, size_t size)
{
	uint64_t lanes[LANES] = {sum};
	uint32_t words[LANES];
	for (; size >= STRIDE; size -= STRIDE, data += STRIDE) {
		memcpy(words, data, STRIDE);
		for (unsigned i = 0; i < LANES; i++)
			lanes[i] += words[i];
	}
	memset(words, 0, STRIDE);
	memcpy(words, data, size);
	for (unsigned i = 1; i < LANES; i++)
		lanes[0] += lanes[i] + words[i];
	return lanes[0] + words[0];
}

/* To 16 bits, as the host reads them. */
static uint16_t fold(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

/* What follows a piece of odd length has its bytes on the other side of the words. */
uint64_t checksum_add_parts(uint64_t sum, const struct iovec *parts, unsigned n)
{
	bool odd = false;
	for (unsigned i = 0; i < n; i++) {
		uint16_t part = fold(checksum_add(0, parts[i].iov_base, parts[i].iov_len));
		sum += odd ? (uint16_t)(part << 8 | part >> 8) : part;
		odd ^= parts[i].iov_len & 1;
	}
	return sum;
}

uint64_t checksum_add_number(uint64_t sum, uint32_t number)
{
	uint8_t bytes[4];
	write_be32(bytes, number);
	return checksum_add(sum, bytes, sizeof(bytes));
}

uint64_t checksum_subtract_number(uint64_t sum, uint32_t number)
{
	return checksum_add_number(sum, ~number);
}

void checksum_put(uint8_t *at, uint64_t sum, bool not_zero)
{
	uint16_t value = (uint16_t)~fold(sum);
	if (not_zero && value == 0)
		value = 0xffff;
	memcpy(at, &value, sizeof(value));
}
