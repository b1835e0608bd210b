/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/frame.h"

#include <ctype.h>
#include <stdlib.h>

bool frame_copy(const Frame *frame, size_t offset, size_t size, void *to)
{
	if (offset > frame->length || size > frame->length - offset)
		return false;
	/* Nearly always: the header lies in the first piece. */
	if (frame->n_parts && offset <= frame->parts[0].iov_len && size <= frame->parts[0].iov_len - offset) {
		memcpy(to, (const uint8_t *)frame->parts[0].iov_base + offset, size);
		return true;
	}
	struct iovec parts[FRAME_PARTS];
	unsigned n = frame_slice(frame, offset, size, parts, FRAME_PARTS);
	for (unsigned i = 0; i < n; i++) {
		memcpy(to, parts[i].iov_base, parts[i].iov_len);
		to = (uint8_t *)to + parts[i].iov_len;
	}
	return n > 0 || size == 0;
}

unsigned frame_slice(const Frame *frame, size_t offset, size_t size, struct iovec *parts, unsigned max)
{
	unsigned n = 0;
	if (offset > frame->length || size > frame->length - offset)
		return 0;
	for (unsigned i = 0; i < frame->n_parts && size > 0; i++) {
		const struct iovec *part = &frame->parts[i];
		if (offset >= part->iov_len) {
			offset -= part->iov_len;
			continue;
		}
		size_t here = part->iov_len - offset < size ? part->iov_len - offset : size;
		if (n == max)
			return 0;
		parts[n++] = (struct iovec){(uint8_t *)part->iov_base + offset, here};
		offset = 0;
		size -= here;
	}
	return n;
}

bool mac_parse(const char *text, uint8_t octets[6])
{
	Mac mac = 0;
	for (int i = 0; i < 6; i++, text += 3) {
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
			text[2] != (i < 5 ? ':' : '\0'))
			return false;
		octets[i] = (uint8_t)strtoul((char[]){text[0], text[1], '\0'}, NULL, 16);
		mac = mac << 8 | octets[i];
	}
	return mac_is_station(mac);
}
