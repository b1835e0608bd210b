/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/offload.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define PAYLOAD 5000u
#define MSS 1448u

typedef struct {
	GPtrArray *segments; /* of GBytes */
} Sink;

static void keep(const Frame *frame, Pass *pass, void *data)
{
	Sink *sink = data;
	uint8_t *bytes = g_malloc(frame->length);
	assert_false(frame_is_offloaded(frame));
	assert_true(frame_copy(frame, 0, frame->length, bytes));
	g_ptr_array_add(sink->segments, g_bytes_new_take(bytes, frame->length));
}

static void no_flush(void *data)
{
}

/* RFC 1071 as it is told there, over bytes in one piece: the other way round from what is tested. */
static uint16_t plain_sum(const uint8_t *data, size_t size, uint32_t sum)
{
	for (size_t i = 0; i < size; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* Is the TCP (6) or UDP (17) checksum of a frame right? */
static bool transport_sum_holds(const uint8_t *frame, size_t length, size_t ip, size_t transport, uint8_t protocol)
{
	bool v4 = frame[ip] >> 4 == 4;
	uint32_t sum =
		plain_sum(frame + ip + (v4 ? 12 : 8), v4 ? 8 : 32, 0) + protocol + (uint32_t)(length - transport);
	return plain_sum(frame + transport, length - transport, sum) == 0xffff;
}

/* A TCP frame with payload bytes i * 7, headers for v4 or v6, tags VLAN tags and a timestamp option. Returns its
 * header's length. */
static size_t build(uint8_t *frame, bool v4, unsigned tags, size_t payload, size_t *ip, size_t *tcp)
{
	memset(frame, 0, 200);
	memset(frame, 0x52, 12);
	*ip = 14 + 4 * tags;
	for (unsigned i = 0; i < tags; i++)
		put16(frame + 12 + 4 * i, 0x8100);
	put16(frame + *ip - 2, v4 ? 0x0800 : 0x86dd);
	*tcp = *ip + (v4 ? 20 : 40);
	size_t length = *tcp + 32;
	if (v4) {
		frame[*ip] = 0x45;
		put16(frame + *ip + 2, (unsigned)(length - *ip + payload));
		put16(frame + *ip + 4, 0xfffe);
		frame[*ip + 8] = 64;
		frame[*ip + 9] = 6;
		memcpy(frame + *ip + 12, "\12\0\0\1\12\0\0\2", 8);
	} else {
		frame[*ip] = 0x60;
		put16(frame + *ip + 4, (unsigned)(32 + payload));
		frame[*ip + 6] = 6;
		frame[*ip + 8] = 0xfd;
		frame[*ip + 39] = 9;
	}
	memcpy(frame + *tcp, "\x12\x34\0\x50\xff\xff\xff\0", 8); /* the sequence number wraps on the way */
	frame[*tcp + 12] = 0x80;
	frame[*tcp + 13] = 0x99; /* CWR ACK PSH FIN */
	for (size_t i = 0; i < payload; i++)
		frame[length + i] = (uint8_t)(i * 7);
	return length;
}

/* In pieces of odd and even sizes. */
static unsigned scatter(uint8_t *bytes, size_t length, struct iovec *parts)
{
	static const size_t sizes[] = {20, 61, 1, 333, 1000, 7, 2048};
	unsigned n = 0;
	for (; length > 0; n++) {
		size_t size = n < G_N_ELEMENTS(sizes) ? MIN(sizes[n], length) : length;
		parts[n] = (struct iovec){bytes, size};
		bytes += size;
		length -= size;
	}
	return n;
}

static void cuts(bool v4, unsigned tags)
{
	static uint8_t bytes[8192];
	size_t ip, tcp, header = build(bytes, v4, tags, PAYLOAD, &ip, &tcp), seen = 0;
	struct iovec parts[FRAME_PARTS];
	Frame frame = {.parts = parts, .length = header + PAYLOAD};
	frame.n_parts = scatter(bytes, frame.length, parts);
	frame.offload = (Offload){true, (uint16_t)tcp, 16, v4 ? SEGMENT_TCP4 : SEGMENT_TCP6, MSS};
	Pass pass = {.memory = g_malloc(4096), .size = 4096, .flush = no_flush};
	Sink sink = {g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref)};
	assert_true(offload_is_valid(&frame));
	assert_int_equal(offload_wire_length(&frame), header + MSS);
	assert_true(offload_resolve(&frame, &pass, keep, &sink));
	assert_int_equal(sink.segments->len, 4);
	for (guint i = 0; i < 4; i++) {
		gsize length;
		const uint8_t *segment = g_bytes_get_data(sink.segments->pdata[i], &length);
		size_t payload = i < 3 ? MSS : PAYLOAD - 3 * MSS;
		assert_int_equal(length, header + payload);
		assert_memory_equal(segment + header, bytes + header + seen, payload);
		assert_true(transport_sum_holds(segment, length, ip, tcp, 6));
		assert_int_equal(
			get16(segment + tcp + 4) << 16 | get16(segment + tcp + 6), (uint32_t)(0xffffff00u + seen));
		assert_int_equal(segment[tcp + 13], i == 0 ? 0x90 : i == 3 ? 0x19 : 0x10);
		if (v4) {
			assert_int_equal(plain_sum(segment + ip, 20, 0), 0xffff);
			assert_int_equal(get16(segment + ip + 2), length - ip);
			assert_int_equal(get16(segment + ip + 4), (0xfffe + i) & 0xffff);
		} else {
			assert_int_equal(get16(segment + ip + 4), length - ip - 40);
		}
		seen += payload;
	}
	g_ptr_array_unref(sink.segments);
	g_free(pass.memory);
}

static void cuts_tcp(void **state)
{
	for (unsigned tags = 0; tags <= 2; tags++) {
		cuts(true, tags);
		cuts(false, tags);
	}
}

static void completes_a_checksum(void **state)
{
	static uint8_t bytes[2048];
	size_t ip, tcp, header = build(bytes, true, 0, 777, &ip, &tcp);
	/* The pseudo header's sum, as a sender leaves it. */
	put16(bytes + tcp + 16, plain_sum(bytes + ip + 12, 8, 6 + 32 + 777));
	struct iovec parts[FRAME_PARTS];
	Frame frame = {.parts = parts, .length = header + 777, .offload = {true, (uint16_t)tcp, 16, SEGMENT_NONE, 0}};
	frame.n_parts = scatter(bytes, frame.length, parts);
	Pass pass = {.memory = g_malloc(4096), .size = 4096, .flush = no_flush};
	Sink sink = {g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref)};
	assert_true(offload_is_valid(&frame));
	assert_true(offload_resolve(&frame, &pass, keep, &sink));
	assert_int_equal(sink.segments->len, 1);
	gsize length;
	const uint8_t *whole = g_bytes_get_data(sink.segments->pdata[0], &length);
	assert_int_equal(length, header + 777);
	assert_true(transport_sum_holds(whole, length, ip, tcp, 6));
	assert_memory_equal(whole + header, bytes + header, 777);
	g_ptr_array_unref(sink.segments);
	g_free(pass.memory);
}

/* A guest may say anything: all of it is refused, or does no harm. AddressSanitizer watches. */
static void refuses_nonsense(void **state)
{
	GRand *random = g_rand_new_with_seed(7);
	unsigned valid = 0;
	for (int round = 0; round < 20000; round++) {
		size_t ip, tcp, room = 14 + (size_t)g_rand_int_range(random, 0, 400);
		static uint8_t whole[1024];
		build(whole, g_rand_boolean(random), (unsigned)g_rand_int_range(random, 0, 3), 400, &ip, &tcp);
		for (int i = 0; i < 3; i++)
			whole[g_rand_int_range(random, 0, 100)] = (uint8_t)g_rand_int(random);
		g_autofree uint8_t *bytes = g_memdup2(whole, room);
		struct iovec parts[FRAME_PARTS];
		Frame frame = {.parts = parts, .length = room};
		frame.n_parts = scatter(bytes, room, parts);
		frame.offload = (Offload){true, (uint16_t)(g_rand_boolean(random) ? tcp : g_rand_int(random)),
			(uint16_t)(g_rand_boolean(random) ? 16 : g_rand_int_range(random, 0, 600)),
			(Segmentation)g_rand_int_range(random, 0, 3), (uint16_t)g_rand_int_range(random, 0, 200)};
		if (!offload_is_valid(&frame))
			continue;
		valid++;
		Pass pass = {.memory = g_malloc(4096), .size = 4096, .flush = no_flush};
		Sink sink = {g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref)};
		offload_resolve(&frame, &pass, keep, &sink);
		for (guint i = 0; i < sink.segments->len; i++)
			assert_true(g_bytes_get_size(sink.segments->pdata[i]) <= offload_wire_length(&frame));
		g_ptr_array_unref(sink.segments);
		g_free(pass.memory);
	}
	assert_true(valid > 1000);
	g_rand_free(random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_tcp),
		cmocka_unit_test(completes_a_checksum),
		cmocka_unit_test(refuses_nonsense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
