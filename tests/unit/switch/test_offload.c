/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/offload.h"
#include "tests/unit/switch/super_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { SCRATCH = 1 << 20, TCP_FIN = 1, TCP_PSH = 8, TCP_CWR = 0x80 };

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

/* Is the checksum of the TCP or UDP packet that begins at transport and fills the frame right? */
static bool transport_sum_holds(const uint8_t *frame, size_t length, const SuperFrameMap *map, const SuperFrame *what)
{
	uint32_t size = (uint32_t)(length - map->transport);
	uint32_t sum = super_frame_sum(frame + map->ip + (what->version == 4 ? 12 : 8), what->version == 4 ? 8 : 32,
		(what->udp ? 17 : 6) + size);
	return super_frame_sum(frame + map->transport, size, sum) == 0xffff;
}

/* Does an IP header say as much as there is, and the right checksum, and its number in the sequence? */
static void check_ip(const uint8_t *segment, const uint8_t *whole, size_t at, size_t length, unsigned number)
{
	const uint8_t *ip = segment + at;
	if (ip[0] >> 4 == 6) {
		assert_int_equal(read_be16(ip + 4), length - at - 40);
		return;
	}
	assert_int_equal(read_be16(ip + 2), length - at);
	assert_int_equal(read_be16(ip + 4), (read_be16(whole + at + 4) + number) & 0xffff);
	assert_int_equal(super_frame_sum(ip, (ip[0] & 0xf) * 4u, 0), 0xffff);
}

static void check_tcp(const uint8_t *tcp, const uint8_t *whole, size_t before, bool first, bool last)
{
	assert_int_equal(read_be32(tcp + 4), read_be32(whole + 4) + (uint32_t)before);
	uint8_t flags = whole[13];
	if (!last)
		flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (!first)
		flags &= (uint8_t)~TCP_CWR;
	assert_int_equal(tcp[13], flags);
}

/* Cuts or completes the frame, and looks at what becomes of it by the rules of the protocols. test_offload_kernel compares
 * with the kernel what that can cut as well. */
static void check(const SuperFrame *what, GRand *random)
{
	static uint8_t bytes[SUPER_FRAME_ROOM];
	SuperFrameMap map;
	struct iovec parts[FRAME_PARTS];
	Frame frame = {.parts = parts};
	frame.length = super_frame_build(what, random, bytes, &frame.offload, &map);
	frame.n_parts = super_frame_scatter(random, bytes, frame.length, parts);
	Pass pass = {.memory = g_malloc(SCRATCH), .size = SCRATCH, .flush = no_flush};
	Sink sink = {g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref)};
	size_t step = what->segment_size ? what->segment_size : what->payload, seen = 0;
	assert_true(offload_is_valid(&frame));
	assert_int_equal(offload_resolve(&frame, &pass, keep, &sink), COUNTER_NONE);
	assert_int_equal(sink.segments->len, offload_count(&frame));
	for (guint i = 0; i < sink.segments->len; i++) {
		gsize length;
		const uint8_t *segment = g_bytes_get_data(sink.segments->pdata[i], &length);
		size_t payload = MIN(step, what->payload - seen);
		assert_int_equal(length, map.payload + payload);
		assert_true(length <= offload_wire_length(&frame));
		assert_memory_equal(segment + map.payload, bytes + map.payload + seen, payload);
		assert_true(transport_sum_holds(segment, length, &map, what));
		check_ip(segment, bytes, map.ip, length, i);
		if (map.outer)
			check_ip(segment, bytes, map.outer, length, i);
		if (map.pppoe)
			assert_int_equal(read_be16(segment + map.pppoe), length - map.pppoe - 2);
		seen += payload;
		if (!what->udp)
			check_tcp(segment + map.transport, bytes + map.transport, seen - payload, i == 0,
				seen == what->payload);
	}
	assert_int_equal(seen, what->payload);
	g_ptr_array_unref(sink.segments);
	g_free(pass.memory);
}

static void cuts_and_completes(void **state)
{
	GRand *random = g_rand_new_with_seed(5);
	for (unsigned round = 0; round < 500; round++) {
		SuperFrame what = super_frame_random(random, 200);
		check(&what, random);
	}
	g_rand_free(random);
}

/* A sequence number and an identification that wrap around on the way, all flags, and two VLAN tags. */
static void cuts_at_the_wrap(void **state)
{
	static const SuperFrame plain = {.tags = 2,
		.tag_types = {0x88a8, 0x8100},
		.version = 4,
		.tcp_words = 3,
		.flags = 0xff,
		.payload = 5000,
		.segment_size = 1448};
	static uint8_t bytes[SUPER_FRAME_ROOM];
	GRand *random = g_rand_new_with_seed(6);
	SuperFrameMap map;
	struct iovec part = {bytes, 0};
	Frame frame = {.parts = &part, .n_parts = 1};
	part.iov_len = frame.length = super_frame_build(&plain, random, bytes, &frame.offload, &map);
	write_be32(bytes + map.transport + 4, 0xffffff00u);
	write_be16(bytes + map.ip + 4, 0xfffe);
	Pass pass = {.memory = g_malloc(SCRATCH), .size = SCRATCH, .flush = no_flush};
	Sink sink = {g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref)};
	assert_int_equal(offload_resolve(&frame, &pass, keep, &sink), COUNTER_NONE);
	assert_int_equal(sink.segments->len, 4);
	for (guint i = 0; i < 4; i++) {
		const uint8_t *segment = g_bytes_get_data(sink.segments->pdata[i], NULL);
		assert_int_equal(read_be32(segment + map.transport + 4), (uint32_t)(0xffffff00u + i * 1448));
		assert_int_equal(read_be16(segment + map.ip + 4), (0xfffe + i) & 0xffff);
		assert_int_equal(segment[map.transport + 13], i == 0 ? 0xf6 : i == 3 ? 0x7f : 0x76);
	}
	g_ptr_array_unref(sink.segments);
	g_free(pass.memory);
	g_rand_free(random);
}

/* What nobody can cut is not given at all, so that it can go on as it is: another protocol, a fragment. */
static void leaves_what_it_cannot_cut(void **state)
{
	static const SuperFrame plain = {.version = 4, .payload = 3000, .segment_size = 1000};
	static uint8_t bytes[SUPER_FRAME_ROOM];
	GRand *random = g_rand_new_with_seed(6);
	for (unsigned i = 0; i < 3; i++) {
		SuperFrameMap map;
		struct iovec part = {bytes, 0};
		Frame frame = {.parts = &part, .n_parts = 1};
		part.iov_len = frame.length = super_frame_build(&plain, random, bytes, &frame.offload, &map);
		if (i == 0)
			write_be16(bytes + 12, 0x88b5);
		else if (i == 1)
			bytes[map.ip + 6] |= 0x20;
		else
			bytes[map.ip + 9] = 47;
		Pass pass = {.memory = g_malloc(SCRATCH), .size = SCRATCH, .flush = no_flush};
		Sink sink = {g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref)};
		assert_true(offload_is_valid(&frame));
		assert_int_equal(offload_resolve(&frame, &pass, keep, &sink), COUNTER_DROP_BAD_OFFLOAD);
		assert_int_equal(sink.segments->len, 0);
		g_ptr_array_unref(sink.segments);
		g_free(pass.memory);
	}
	g_rand_free(random);
}

/* A guest may say anything: all of it is refused, or does no harm. AddressSanitizer watches. */
static void refuses_nonsense(void **state)
{
	GRand *random = g_rand_new_with_seed(7);
	unsigned valid = 0;
	for (int round = 0; round < 20000; round++) {
		static uint8_t whole[SUPER_FRAME_ROOM];
		SuperFrame what = super_frame_random(random, 20);
		SuperFrameMap map;
		Offload meant;
		what.payload = MIN(what.payload, 400);
		size_t length = super_frame_build(&what, random, whole, &meant, &map);
		size_t room = MIN(length, 14 + (size_t)g_rand_int_range(random, 0, 600));
		for (int i = 0; i < 3; i++)
			whole[g_rand_int_range(random, 0, 100)] = (uint8_t)g_rand_int(random);
		g_autofree uint8_t *bytes = g_memdup2(whole, room);
		struct iovec parts[FRAME_PARTS];
		Frame frame = {.parts = parts, .length = room};
		frame.n_parts = super_frame_scatter(random, bytes, room, parts);
		frame.offload = (Offload){true, (uint16_t)(g_rand_boolean(random) ? map.transport : g_rand_int(random)),
			(uint16_t)(g_rand_boolean(random) ? 16 : g_rand_int_range(random, 0, 600)),
			(Segmentation)g_rand_int_range(random, 0, 3), (uint16_t)g_rand_int_range(random, 0, 200),
			false};
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
		cmocka_unit_test(cuts_and_completes),
		cmocka_unit_test(cuts_at_the_wrap),
		cmocka_unit_test(leaves_what_it_cannot_cut),
		cmocka_unit_test(refuses_nonsense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
