/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/frame.h"

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
