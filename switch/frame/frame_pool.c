/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/frame_pool.h"

#include <assert.h>
#include <glib.h>
#include <sys/mman.h>

static_assert(FRAME_MTU_MAX + FRAME_HEADER + FRAME_TAGS <= FRAME_POOL_LONGEST, "whatever can be on a wire has room");

#define NONE UINT32_MAX

typedef struct {
	uint32_t next;   /* of the frame's blocks, or of those free or spent */
	uint32_t length; /* of the whole frame, in its first block, as is the next */
	Offload offload;
} Block;

struct FramePool {
	uint8_t *memory;
	uint32_t n_blocks;
	Block *blocks;
	uint32_t touched;           /* blocks from here on were never used */
	uint32_t free;              /* a stack, so that those that are still in the cache are used first */
	uint32_t spent, spent_last; /* released, but perhaps not sent yet */
	uint64_t spent_in;          /* Pass.batch of the latest */
	uint32_t n_free, n_spent;
};

FramePool *frame_pool_new(uint32_t n_blocks)
{
	uint8_t *memory = mmap(NULL, (size_t)n_blocks * FRAME_BLOCK, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	FramePool *pool = g_new0(FramePool, 1);
	*pool = (FramePool){.memory = memory,
		.n_blocks = n_blocks,
		.blocks = g_new(Block, n_blocks),
		.free = NONE,
		.spent = NONE,
		.n_free = n_blocks};
	return pool;
}

void frame_pool_free(FramePool *pool)
{
	if (!pool)
		return;
	munmap(pool->memory, (size_t)pool->n_blocks * FRAME_BLOCK);
	g_free(pool->blocks);
	g_free(pool);
}

uint32_t frame_pool_capacity(const FramePool *pool)
{
	return pool->n_blocks;
}

unsigned frame_pool_room(FramePool *pool, const Pass *pass)
{
	if (pool->n_spent > 0 && pool->spent_in != pass->batch) {
		pool->blocks[pool->spent_last].next = pool->free;
		pool->free = pool->spent;
		pool->spent = NONE;
		pool->n_free += pool->n_spent;
		pool->n_spent = 0;
	}
	return pool->n_free;
}

static uint32_t take(FramePool *pool)
{
	uint32_t block = pool->free;
	if (block == NONE)
		block = pool->touched++;
	else
		pool->free = pool->blocks[block].next;
	pool->n_free--;
	return block;
}

uint32_t frame_pool_put(FramePool *pool, const Frame *frame)
{
	uint32_t first = NONE, *link = &first;
	size_t offset = 0;
	do {
		size_t size = MIN(frame->length - offset, FRAME_BLOCK);
		uint32_t block = *link = take(pool);
		frame_copy(frame, offset, size, pool->memory + (size_t)block * FRAME_BLOCK);
		link = &pool->blocks[block].next;
		offset += size;
	} while (offset < frame->length);
	*link = NONE;
	pool->blocks[first].length = (uint32_t)frame->length;
	pool->blocks[first].offload = frame->offload;
	return first;
}

size_t frame_pool_length(const FramePool *pool, uint32_t block)
{
	return pool->blocks[block].length;
}

Frame frame_pool_get(const FramePool *pool, uint32_t block, struct iovec *parts)
{
	Frame frame = {.parts = parts, .length = pool->blocks[block].length, .offload = pool->blocks[block].offload};
	for (size_t left = frame.length; block != NONE; block = pool->blocks[block].next) {
		size_t size = MIN(left, FRAME_BLOCK);
		parts[frame.n_parts++] = (struct iovec){pool->memory + (size_t)block * FRAME_BLOCK, size};
		left -= size;
	}
	return frame;
}

void frame_pool_release(FramePool *pool, uint32_t block, const Pass *pass)
{
	frame_pool_room(pool, pass);
	uint32_t last = block;
	for (pool->n_spent++; pool->blocks[last].next != NONE; pool->n_spent++)
		last = pool->blocks[last].next;
	if (pool->spent == NONE)
		pool->spent_last = last;
	pool->blocks[last].next = pool->spent;
	pool->spent = block;
	pool->spent_in = pass->batch;
}
