/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum (RFC 1071): a ones' complement sum of 16-bit words. The order of bytes in a word only swaps those of
 * the result, so words are added up as the host reads them, and a sum is only good for checksum_put(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/** Adds size bytes that begin at an even offset of what is summed up. */
uint64_t checksum_add(uint64_t sum, const uint8_t *data, size_t size);
/** The same for bytes in pieces, which may have odd lengths. */
uint64_t checksum_add_parts(uint64_t sum, const struct iovec *parts, unsigned n);
/** Adds or takes away a number of four bytes, such as a length in a pseudo header. */
uint64_t checksum_add_number(uint64_t sum, uint32_t number);
uint64_t checksum_subtract_number(uint64_t sum, uint32_t number);
/** Stores the complement of the sum in two bytes. not_zero: all ones for 0, which is the same number, and 0 means "none" in
 *  UDP (RFC 768). */
void checksum_put(uint8_t *at, uint64_t sum, bool not_zero);
