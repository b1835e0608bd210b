/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of bytes from one thread (the worker: put, publish) to one other thread (the writer of a capture: copy, consume).
 * Neither waits for the other. Positions count bytes from the start and never wrap around. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint8_t *memory;
	size_t size;     /* a power of two */
	uint64_t filled; /* producer: put so far, perhaps not yet published */
	_Alignas(
		64) _Atomic uint64_t published; /* lines of their own: each is written by one side, read by the other */
	_Alignas(64) _Atomic uint64_t consumed;
} Ring;

/** size in bytes, a power of two. */
void ring_init(Ring *ring, size_t size);
void ring_clear(Ring *ring);

/** Producer: bytes that may be put now. */
size_t ring_space(const Ring *ring);
/** Producer: appends; size must fit ring_space(). Unseen by the consumer until published. */
void ring_put(Ring *ring, const void *data, size_t size);
void ring_publish(Ring *ring);

/** Consumer: copies published (up to published), not yet consumed bytes at a position. */
void ring_copy(const Ring *ring, uint64_t position, void *data, size_t size);
void ring_consume(Ring *ring, size_t size);

/** Back to the first byte, all forgotten: only where both sides are the same thread. */
void ring_rewind(Ring *ring);
