/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/ring.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static void nothing_is_seen_before_it_is_published(void **state)
{
	Ring ring;
	const uint8_t *data;
	ring_init(&ring, 16);
	ring_put(&ring, "abc", 3);
	assert_int_equal(ring_peek(&ring, &data), 0);
	ring_publish(&ring);
	assert_int_equal(ring_peek(&ring, &data), 3);
	assert_memory_equal(data, "abc", 3);
	ring_clear(&ring);
}

static void wraps(void **state)
{
	Ring ring;
	const uint8_t *data;
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
	assert_int_equal(ring_peek(&ring, &data), 3);
	assert_memory_equal(data, "567", 3);
	ring_consume(&ring, 3);
	assert_int_equal(ring_peek(&ring, &data), 5);
	assert_memory_equal(data, "89abc", 5);
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
	for (uint32_t expected = 0; expected < TOTAL / 4;) {
		const uint8_t *data;
		size_t size = ring_peek(&ring, &data);
		for (size_t i = 0; i + 4 <= size; i += 4, expected++) {
			uint32_t value;
			memcpy(&value, data + i, 4);
			assert_int_equal(value, expected);
		}
		ring_consume(&ring, size);
		if (!size)
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
