/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/offload.h"

#include "switch/frame/checksum.h"
#include "switch/frame/layers.h"

#include <netinet/in.h>
#include <sys/param.h>

enum {
	IPV6_HEADER = 40, /* RFC 8200, 3 */
	TCP_HEADER = 20,  /* RFC 9293, 3.1, without options */
	TCP_CHECKSUM = 16,
	PPPOE_LENGTH = 4,   /* RFC 2516, 4: of what follows the six bytes of its header */
	HEADERS_MAX = 4096, /* Ethernet to TCP: more than the longest segment routing header takes */
	TCP_FIN = 0x01,
	TCP_PSH = 0x08,
	TCP_CWR = 0x80,
};

bool offload_is_valid(const Frame *frame)
{
	const Offload *offload = &frame->offload;
	if (!offload->checksum)
		return offload->segmentation == SEGMENT_NONE;
	size_t field = (size_t)offload->checksum_start + offload->checksum_offset;
	if (offload->checksum_start < FRAME_HEADER || field + 2 > frame->length)
		return false;
	if (offload->segmentation == SEGMENT_NONE)
		return true;
	return offload->segment_size > 0 && offload->checksum_offset == TCP_CHECKSUM &&
		(size_t)offload->checksum_start + TCP_HEADER <= frame->length;
}

/* Bytes from the beginning to the end of the TCP header; 0 when there is none. */
static size_t headers_length(const Frame *frame)
{
	uint64_t offset;
	if (!frame_read(frame, (size_t)frame->offload.checksum_start + 12, 1, &offset))
		return 0;
	size_t tcp = (offset >> 4) * 4, length = frame->offload.checksum_start + tcp;
	return tcp < TCP_HEADER || length > frame->length || length > HEADERS_MAX ? 0 : length;
}

unsigned offload_count(const Frame *frame)
{
	size_t headers = frame->offload.segmentation == SEGMENT_NONE ? 0 : headers_length(frame);
	if (!headers || headers >= frame->length)
		return 1;
	size_t size = frame->offload.segment_size;
	return (unsigned)((frame->length - headers + size - 1) / size);
}

size_t offload_wire_length(const Frame *frame)
{
	if (frame->offload.segmentation == SEGMENT_NONE)
		return frame->length;
	size_t longest = headers_length(frame) + frame->offload.segment_size;
	return longest < frame->length ? longest : frame->length;
}

static Counter complete_checksum(
	const Frame *frame, Pass *pass, void (*sink)(const Frame *, Pass *, void *), void *data)
{
	const Offload *offload = &frame->offload;
	size_t head = (size_t)offload->checksum_start + offload->checksum_offset + 2;
	struct iovec parts[FRAME_PARTS];
	uint8_t *copy = pass_take(pass, head);
	if (!copy)
		return COUNTER_DROP_NO_MEMORY;
	unsigned n =
		frame->length == head ? 0 : frame_slice(frame, head, frame->length - head, parts + 1, FRAME_PARTS - 1);
	if (!frame_copy(frame, 0, head, copy) || (n == 0 && frame->length != head))
		return COUNTER_DROP_BAD_OFFLOAD;
	/* The field holds the sum of the pseudo header already. */
	const uint8_t *start = copy + offload->checksum_start;
	parts[0] = (struct iovec){(void *)start, (size_t)(copy + head - start)};
	checksum_put(copy + head - 2, checksum_add_parts(0, parts, n + 1), true);
	parts[0] = (struct iovec){copy, head};
	sink(&(Frame){.parts = parts, .n_parts = n + 1, .length = frame->length, .offload = {.valid = true}}, pass,
		data);
	return COUNTER_NONE;
}

/* Bytes that are there: fewer than the frame is long where only its beginning was kept. */
static size_t available(const Frame *frame)
{
	size_t size = 0;
	for (unsigned i = 0; i < frame->n_parts; i++)
		size += frame->parts[i].iov_len;
	return size;
}

/* A frame to be cut: what all its segments have in common. */
typedef struct {
	uint8_t headers[HEADERS_MAX];
	size_t length; /* of the headers */
	size_t tcp_at;
	Layers layers;
	uint64_t pseudo; /* the sum of the pseudo header without its length */
} Cut;

/* Reads the headers. False when they are not what the offload says, or something that cannot be cut. */
static bool prepare(Cut *self, const Frame *frame)
{
	const Offload *offload = &frame->offload;
	self->length = headers_length(frame);
	self->tcp_at = offload->checksum_start;
	if (!self->length || available(frame) < self->length || !frame_copy(frame, 0, self->length, self->headers))
		return false;
	/* Read again from the copy: the guest may have changed it since. */
	uint8_t *tcp = self->headers + self->tcp_at;
	if (self->tcp_at + (tcp[12] >> 4) * 4u != self->length)
		return false;
	const Layers *layers = &self->layers;
	layers_find(self->headers, self->length, &self->layers);
	if (layers->end != self->tcp_at || layers->protocol != IPPROTO_TCP ||
		layers->layers[layers->n - 1].kind != (offload->segmentation == SEGMENT_TCP4 ? LAYER_IPV4 : LAYER_IPV6))
		return false;
	/* Taken from the field, where the sender has put the pseudo header's sum: only he can say what addresses it is over
	 * (with a routing header the last, not the next one). As tcp_gso_segment() in net/ipv4/tcp_offload.c does. */
	uint16_t field;
	memcpy(&field, tcp + TCP_CHECKSUM, sizeof(field));
	self->pseudo = checksum_subtract_number(field, (uint32_t)(frame->length - self->tcp_at));
	return true;
}

/* Makes the headers of a segment of the frame, with size bytes of payload. */
static void rewrite_layers(const Cut *cut, uint8_t *headers, size_t size, unsigned number)
{
	size_t end = cut->length + size;
	for (unsigned i = 0; i < cut->layers.n; i++) {
		size_t at = cut->layers.layers[i].at;
		uint8_t *header = headers + at;
		switch (cut->layers.layers[i].kind) {
		case LAYER_PPPOE:
			write_be16(header + PPPOE_LENGTH, (uint16_t)(end - at - PPPOE_LENGTH - 2));
			break;
		case LAYER_IPV4:
			write_be16(header + 2, (uint16_t)(end - at));
			write_be16(header + 4, (uint16_t)(read_be16(header + 4) + number));
			write_be16(header + 10, 0);
			checksum_put(header + 10, checksum_add(0, header, (header[0] & 0xf) * 4u), false);
			break;
		case LAYER_IPV6:
			write_be16(header + 4, (uint16_t)(end - at - IPV6_HEADER));
			break;
		}
	}
}

static void rewrite_tcp(uint8_t *tcp, size_t offset, unsigned number, bool last)
{
	write_be32(tcp + 4, read_be32(tcp + 4) + (uint32_t)offset);
	/* RFC 9293: the end and the push belong to the last byte; RFC 3168, 6.1.2: CWR to the first segment. */
	if (!last)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (number > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	write_be16(tcp + TCP_CHECKSUM, 0);
}

static Counter cut(const Frame *frame, Pass *pass, void (*sink)(const Frame *, Pass *, void *), void *data)
{
	Cut cut;
	if (!prepare(&cut, frame))
		return COUNTER_DROP_BAD_OFFLOAD;
	size_t there = available(frame), payload = frame->length - cut.length;
	unsigned number = 0;
	for (size_t offset = 0; offset < payload || number == 0; number++) {
		size_t size = MIN(payload - offset, frame->offload.segment_size);
		struct iovec parts[FRAME_PARTS];
		uint8_t *copy = pass_take(pass, cut.length);
		if (!copy)
			return COUNTER_DROP_NO_MEMORY;
		memcpy(copy, cut.headers, cut.length);
		size_t kept = MIN(size, there - MIN(there, cut.length + offset));
		unsigned n = kept ? frame_slice(frame, cut.length + offset, kept, parts + 1, FRAME_PARTS - 1) : 0;
		if (kept && !n)
			return COUNTER_DROP_NO_MEMORY;
		uint8_t *tcp = copy + cut.tcp_at;
		rewrite_layers(&cut, copy, size, number);
		rewrite_tcp(tcp, offset, number, offset + size == payload);
		uint64_t sum = checksum_add_number(cut.pseudo, (uint32_t)(cut.length - cut.tcp_at + size));
		parts[0] = (struct iovec){tcp, cut.length - cut.tcp_at};
		checksum_put(tcp + TCP_CHECKSUM, checksum_add_parts(sum, parts, n + 1), false);
		parts[0] = (struct iovec){copy, cut.length};
		sink(&(Frame){.parts = parts,
			     .n_parts = n + 1,
			     .length = cut.length + size,
			     .offload = {.valid = true}},
			pass, data);
		offset += size;
	}
	return COUNTER_NONE;
}

Counter offload_resolve(const Frame *frame, Pass *pass, void (*sink)(const Frame *, Pass *, void *), void *data)
{
	if (frame->offload.segmentation != SEGMENT_NONE)
		return cut(frame, pass, sink, data);
	if (frame->offload.checksum)
		return complete_checksum(frame, pass, sink, data);
	sink(frame, pass, data);
	return COUNTER_NONE;
}
