/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/ring.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static void nothing_is_seen_before_it_is_published(void **state)
{
	Ring ring;
	char copy[3];
	ring_init(&ring, 16);
	ring_put(&ring, "abc", 3);
	assert_int_equal(ring.published, 0);
	ring_publish(&ring);
	assert_int_equal(ring.published, 3);
	ring_copy(&ring, 0, copy, 3);
	assert_memory_equal(copy, "abc", 3);
	ring_clear(&ring);
}

static void wraps(void **state)
{
	Ring ring;
	char copy[8];
	ring_init(&ring, 8);
	ring_put(&ring, "012345", 6);
	ring_publish(&ring);
	assert_int_equal(ring_space(&ring), 2);
	ring_consume(&ring, 5);
	assert_int_equal(ring_space(&ring), 7);
	ring_put(&ring, "6789abc", 7);
	assert_int_equal(ring_space(&ring), 0);
	ring_publish(&ring);
	ring_copy(&ring, 5, copy, 8);
	assert_memory_equal(copy, "56789abc", 8);
	ring_consume(&ring, 3);
	assert_int_equal(ring_space(&ring), 3);
	ring_copy(&ring, 8, copy, 5);
	assert_memory_equal(copy, "89abc", 5);
	ring_clear(&ring);
}

#define TOTAL (4u << 20)

static gpointer produce(gpointer data)
{
	Ring *ring = data;
	for (uint32_t i = 0; i < TOTAL / 4;) {
		if (ring_space(ring) < 4) {
			g_thread_yield();
			continue;
		}
		ring_put(ring, &i, 4);
		i++;
		if (i % 7 == 0 || i == TOTAL / 4 || ring_space(ring) < 4)
			ring_publish(ring);
	}
	return NULL;
}

static void two_threads_lose_nothing(void **state)
{
	Ring ring;
	ring_init(&ring, 4096);
	GThread *thread = g_thread_new("producer", produce, &ring);
	for (uint64_t position = 0; position < TOTAL;) {
		uint64_t from = position, visible = atomic_load(&ring.published);
		for (uint32_t value; position < visible; position += sizeof(value)) {
			ring_copy(&ring, position, &value, sizeof(value));
			assert_int_equal(value, position / sizeof(value));
		}
		ring_consume(&ring, position - from);
		if (from == position)
			g_thread_yield();
	}
	g_thread_join(thread);
	ring_clear(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_seen_before_it_is_published),
		cmocka_unit_test(wraps),
		cmocka_unit_test(two_threads_lose_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
