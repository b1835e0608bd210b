/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/ring.h"

#include <glib.h>
#include <string.h>

void ring_init(Ring *ring, size_t size)
{
	ring->memory = g_malloc(size);
	ring->size = size;
	ring_rewind(ring);
}

void ring_clear(Ring *ring)
{
	g_clear_pointer(&ring->memory, g_free);
}

size_t ring_space(const Ring *ring)
{
	return ring->size - (ring->filled - atomic_load_explicit(&ring->consumed, memory_order_acquire));
}

void ring_put(Ring *ring, const void *data, size_t size)
{
	size_t at = ring->filled & (ring->size - 1);
	size_t first = MIN(size, ring->size - at);
	memcpy(ring->memory + at, data, first);
	memcpy(ring->memory, (const uint8_t *)data + first, size - first);
	ring->filled += size;
}

void ring_publish(Ring *ring)
{
	/* Sequentially consistent: the sleeping flag of a recorder relies on this order. */
	atomic_store(&ring->published, ring->filled);
}

void ring_copy(const Ring *ring, uint64_t position, void *data, size_t size)
{
	size_t at = position & (ring->size - 1);
	size_t first = MIN(size, ring->size - at);
	memcpy(data, ring->memory + at, first);
	memcpy((uint8_t *)data + first, ring->memory, size - first);
}

void ring_consume(Ring *ring, size_t size)
{
	atomic_fetch_add_explicit(&ring->consumed, size, memory_order_release);
}

void ring_rewind(Ring *ring)
{
	ring->filled = 0;
	atomic_init(&ring->published, 0);
	atomic_init(&ring->consumed, 0);
}
