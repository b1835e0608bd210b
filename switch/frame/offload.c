/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/offload.h"

#include <netinet/in.h>
#include <sys/param.h>

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100, /* IEEE 802.1Q-2018, table 9-1 */
	TYPE_SERVICE_VLAN = 0x88a8,
	IPV4_HEADER = 20, /* RFC 791, 3.1, without options */
	IPV6_HEADER = 40, /* RFC 8200, 3 */
	TCP_HEADER = 20,  /* RFC 9293, 3.1, without options */
	TCP_CHECKSUM = 16,
	UDP_CHECKSUM = 6,
	HEADERS_MAX = 512, /* Ethernet to TCP: two tags, all options, and IPv6 extensions within reason */
	TCP_FIN = 0x01,
	TCP_PSH = 0x08,
	TCP_CWR = 0x80,
};

/* The Internet checksum (RFC 1071) is a sum of 16-bit words in which the order of bytes in a word only swaps those of
 * the result: so it is added up as the host reads words, four bytes at a time, and swapped at the end. */

static uint64_t sum_bytes(uint64_t sum, const uint8_t *data, size_t size)
{
	uint32_t word;
	for (; size >= sizeof(word); size -= sizeof(word), data += sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		sum += word;
	}
	uint8_t rest[4] = {0};
	memcpy(rest, data, size);
	memcpy(&word, rest, sizeof(word));
	return sum + word;
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

/* Pieces may have odd lengths: what follows one then has its bytes on the other side of the words. */
static uint64_t sum_parts(uint64_t sum, const struct iovec *parts, unsigned n)
{
	bool odd = false;
	for (unsigned i = 0; i < n; i++) {
		uint16_t part = fold(sum_bytes(0, parts[i].iov_base, parts[i].iov_len));
		sum += odd ? (uint16_t)(part << 8 | part >> 8) : part;
		odd ^= parts[i].iov_len & 1;
	}
	return sum;
}

/* Stores the complement of the sum. */
static void put_checksum(uint8_t *at, uint64_t sum, bool udp)
{
	uint16_t value = (uint16_t)~fold(sum);
	/* In UDP nought means "none" (RFC 768), and all ones is the same number. */
	if (udp && value == 0)
		value = 0xffff;
	memcpy(at, &value, sizeof(value));
}

bool offload_is_valid(const Frame *frame)
{
	const Offload *offload = &frame->offload;
	if (!offload->checksum)
		return offload->segmentation == SEGMENT_NONE;
	size_t field = (size_t)offload->checksum_start + offload->checksum_offset;
	if (offload->checksum_start < FRAME_HEADER || offload->checksum_start > HEADERS_MAX - TCP_HEADER ||
		field + 2 > frame->length || field + 2 > HEADERS_MAX)
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

static bool complete_checksum(const Frame *frame, Pass *pass, void (*sink)(const Frame *, Pass *, void *), void *data)
{
	const Offload *offload = &frame->offload;
	size_t head = (size_t)offload->checksum_start + offload->checksum_offset + 2;
	struct iovec parts[FRAME_PARTS];
	uint8_t *copy = pass_take(pass, head);
	if (!copy || !frame_copy(frame, 0, head, copy))
		return false;
	unsigned n =
		frame->length == head ? 0 : frame_slice(frame, head, frame->length - head, parts + 1, FRAME_PARTS - 1);
	if (n == 0 && frame->length != head)
		return false;
	/* The field holds the sum of the pseudo header already. */
	const uint8_t *start = copy + offload->checksum_start;
	parts[0] = (struct iovec){(void *)start, (size_t)(copy + head - start)};
	put_checksum(copy + head - 2, sum_parts(0, parts, n + 1), offload->checksum_offset == UDP_CHECKSUM);
	parts[0] = (struct iovec){copy, head};
	sink(&(Frame){.parts = parts, .n_parts = n + 1, .length = frame->length}, pass, data);
	return true;
}

/* Where the IP header begins; 0 when what is there is not what the offload says. */
static size_t find_network_header(const uint8_t *headers, size_t size, const Offload *offload)
{
	size_t at = FRAME_HEADER;
	uint16_t type = read_be16(headers + 12);
	for (int tags = 0; tags < 2 && (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN) && at + 4 <= size; tags++) {
		type = read_be16(headers + at + 2);
		at += 4;
	}
	if (offload->segmentation == SEGMENT_TCP4)
		return type == TYPE_IPV4 && at + IPV4_HEADER <= offload->checksum_start &&
				at + (headers[at] & 0xf) * 4u == offload->checksum_start
			? at
			: 0;
	return type == TYPE_IPV6 && at + IPV6_HEADER <= offload->checksum_start ? at : 0;
}

/* The sum of the pseudo header: RFC 9293, 3.1; RFC 8200, 8.1. */
static uint64_t sum_pseudo_header(const uint8_t *ip, bool v4, size_t length)
{
	uint8_t tail[8] = {0};
	write_be32(tail, (uint32_t)length);
	tail[7] = IPPROTO_TCP;
	return sum_bytes(sum_bytes(0, ip + (v4 ? 12 : 8), v4 ? 8 : 32), tail, sizeof(tail));
}

/* Bytes that are there: fewer than the frame is long where only its beginning was kept. */
static size_t available(const Frame *frame)
{
	size_t size = 0;
	for (unsigned i = 0; i < frame->n_parts; i++)
		size += frame->parts[i].iov_len;
	return size;
}

/* Makes the headers of the segment that carries size bytes of payload from offset on. */
static void rewrite(uint8_t *headers, size_t ip_at, size_t tcp_at, size_t length, size_t offset, size_t size,
	unsigned number, bool last)
{
	uint8_t *ip = headers + ip_at, *tcp = headers + tcp_at;
	if (ip[0] >> 4 == 4) {
		write_be16(ip + 2, (uint16_t)(length - ip_at + size));
		write_be16(ip + 4, (uint16_t)(read_be16(ip + 4) + number));
		write_be16(ip + 10, 0);
		put_checksum(ip + 10, sum_bytes(0, ip, tcp_at - ip_at), false);
	} else {
		write_be16(ip + 4, (uint16_t)(length - ip_at - IPV6_HEADER + size));
	}
	write_be32(tcp + 4, read_be32(tcp + 4) + (uint32_t)offset);
	/* RFC 9293: the end and the push belong to the last byte; RFC 3168, 6.1.2: CWR to the first segment. */
	if (!last)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (number > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	write_be16(tcp + TCP_CHECKSUM, 0);
}

static bool cut(const Frame *frame, Pass *pass, void (*sink)(const Frame *, Pass *, void *), void *data)
{
	uint8_t headers[HEADERS_MAX];
	size_t length = headers_length(frame), tcp_at = frame->offload.checksum_start, there = available(frame);
	if (!length || there < length || !frame_copy(frame, 0, length, headers))
		return false;
	size_t ip_at = find_network_header(headers, length, &frame->offload);
	/* Read again from the copy: the guest may have changed it since. */
	if (!ip_at || tcp_at + (headers[tcp_at + 12] >> 4) * 4u != length)
		return false;
	bool v4 = frame->offload.segmentation == SEGMENT_TCP4;
	if (headers[ip_at] >> 4 != (v4 ? 4 : 6))
		return false;
	size_t payload = frame->length - length;
	unsigned number = 0;
	for (size_t offset = 0; offset < payload || number == 0; number++) {
		size_t size =
			payload - offset < frame->offload.segment_size ? payload - offset : frame->offload.segment_size;
		struct iovec parts[FRAME_PARTS];
		uint8_t *copy = pass_take(pass, length);
		if (!copy)
			return false;
		memcpy(copy, headers, length);
		size_t kept = MIN(size, there - MIN(there, length + offset));
		unsigned n = kept ? frame_slice(frame, length + offset, kept, parts + 1, FRAME_PARTS - 1) : 0;
		if (kept && !n)
			return false;
		rewrite(copy, ip_at, tcp_at, length, offset, size, number, offset + size == payload);
		uint64_t sum = sum_pseudo_header(copy + ip_at, v4, length - tcp_at + size);
		parts[0] = (struct iovec){copy + tcp_at, length - tcp_at};
		put_checksum(copy + tcp_at + TCP_CHECKSUM, sum_parts(sum, parts, n + 1), false);
		parts[0] = (struct iovec){copy, length};
		sink(&(Frame){.parts = parts, .n_parts = n + 1, .length = length + size}, pass, data);
		offset += size;
	}
	return true;
}

bool offload_resolve(const Frame *frame, Pass *pass, void (*sink)(const Frame *, Pass *, void *), void *data)
{
	if (frame->offload.segmentation != SEGMENT_NONE)
		return cut(frame, pass, sink, data);
	if (frame->offload.checksum)
		return complete_checksum(frame, pass, sink, data);
	sink(frame, pass, data);
	return true;
}
