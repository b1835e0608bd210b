/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ECN bits of IP headers, read and set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

#include "switch/frame/ecn.h"

enum { NOT_ECT, ECT1, ECT0, CE };

static const uint8_t no_tag[] = {0}, tag[] = {0x81, 0x00, 0x00, 0x0a}, tags[] = {0x88, 0xa8, 0, 1, 0x81, 0x00, 0, 2};

static const struct {
	const uint8_t *tags;
	unsigned size;
} headers[] = {{no_tag, 0}, {tag, 4}, {tags, 8}};

/* The ones' complement sum of an IPv4 header: all ones when its checksum is right (RFC 791). */
static unsigned sum_of(const uint8_t *header)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < 20; i += 2)
		sum += (uint32_t)(header[i] << 8 | header[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A frame with an IP packet of that version and these ECN bits. Returns where its IP header is. */
static size_t make(uint8_t frame[100], unsigned header, unsigned version, unsigned ecn, unsigned dscp)
{
	size_t at = 12;
	memset(frame, 0, 100);
	memcpy(frame + at, headers[header].tags, headers[header].size);
	at += headers[header].size;
	frame[at] = version == 4 ? 0x08 : 0x86;
	frame[at + 1] = version == 4 ? 0x00 : 0xdd;
	at += 2;
	unsigned class = dscp << 2 | ecn;
	if (version == 6) {
		frame[at] = (uint8_t)(0x60 | class >> 4);
		frame[at + 1] = (uint8_t)(class << 4 | 0x0a); /* and a flow label */
		return at;
	}
	memcpy(frame + at,
		(uint8_t[]){0x45, (uint8_t) class, 0, 80, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2},
		20);
	unsigned checksum = ~sum_of(frame + at) & 0xffff;
	frame[at + 10] = (uint8_t)(checksum >> 8);
	frame[at + 11] = (uint8_t)checksum;
	return at;
}

static bool is_capable(const uint8_t *bytes, size_t length)
{
	/* In two pieces, with the header across them. */
	size_t first = MIN(length, 15);
	struct iovec parts[] = {{(void *)bytes, first}, {(uint8_t *)bytes + first, length - first}};
	Frame frame = {.parts = parts, .n_parts = 2, .length = length};
	return ecn_is_capable(&frame);
}

/* Of every version, behind any tags, with every DSCP: only ECT(0) and ECT(1) become CE, and nothing else changes. */
static void capable_packets_are_marked(void **state)
{
	uint8_t frame[100], before[100];
	for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++)
		for (unsigned version = 4; version <= 6; version += 2)
			for (unsigned class = 0; class < 256; class ++) {
				unsigned ecn = class & 3;
				size_t at = make(frame, i, version, ecn, class >> 2);
				bool capable = ecn == ECT0 || ecn == ECT1;
				memcpy(before, frame, sizeof(frame));
				assert_int_equal(is_capable(frame, sizeof(frame)), capable);
				ecn_mark(frame, sizeof(frame));
				if (version == 4) {
					assert_int_equal(frame[at + 1], capable ? class | CE : class);
					assert_int_equal(sum_of(frame + at), 0xffff);
					memcpy(frame + at + 10, before + at + 10, 2);
					frame[at + 1] = before[at + 1];
				} else {
					assert_int_equal(frame[at + 1] >> 4 & 3, capable ? CE : ecn);
					frame[at + 1] = before[at + 1];
				}
				assert_memory_equal(frame, before, sizeof(frame));
			}
}

static void other_frames_stay_as_they_are(void **state)
{
	uint8_t frame[100];
	size_t at = make(frame, 0, 4, ECT0, 0);
	frame[12] = 0x88; /* another type */
	assert_false(is_capable(frame, sizeof(frame)));
	make(frame, 0, 4, ECT0, 0);
	frame[at] = 0x65; /* a version that its type does not have */
	assert_false(is_capable(frame, sizeof(frame)));
	make(frame, 0, 6, ECT0, 0);
	frame[at] = 0x45;
	assert_false(is_capable(frame, sizeof(frame)));
}

/* A header that is cut off is not read beyond its end: the bytes are exactly as many as are given. */
static void short_frames_are_left_alone(void **state)
{
	uint8_t whole[100];
	for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++)
		for (unsigned version = 4; version <= 6; version += 2) {
			size_t at = make(whole, i, version, ECT0, 0), enough = at + (version == 4 ? 20 : 40);
			for (size_t length = 0; length <= enough; length++) {
				g_autofree uint8_t *exact = g_memdup2(whole, length + !length);
				assert_int_equal(is_capable(exact, length), length == enough);
				ecn_mark(exact, length);
				if (length < enough)
					assert_memory_equal(exact, whole, length);
			}
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capable_packets_are_marked),
		cmocka_unit_test(other_frames_stay_as_they_are),
		cmocka_unit_test(short_frames_are_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
