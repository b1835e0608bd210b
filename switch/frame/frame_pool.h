/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for the frames in flight on the impaired cables of a worker: blocks of equal size, all reserved at once. Blocks that
 * were never used cost nothing. */
#pragma once

#include "switch/frame/frame.h"
#include "switch/frame/pass.h"

enum {
	/* The longest frame takes no more blocks than a frame may have parts when it enters; and not a power of two, so that
	 * not all frames fall into the same lines of the cache. */
	FRAME_BLOCK = 3328,
	FRAME_POOL_LONGEST = FRAME_BLOCK * FRAME_PARTS_IN, /* bytes of a frame, whatever its sender left to do */
	FRAME_POOL_BLOCKS = (256 << 20) / FRAME_BLOCK,     /* in each worker */
};

typedef struct FramePool FramePool;

/** A pool of so many blocks. NULL when the host has no address space left. Caller frees. */
FramePool *frame_pool_new(uint32_t n_blocks);
void frame_pool_free(FramePool *pool);
/** Blocks that there are. */
uint32_t frame_pool_capacity(const FramePool *pool);
/** Blocks that a frame of this length takes. */
static inline unsigned frame_pool_blocks(size_t length)
{
	return length ? (unsigned)((length + FRAME_BLOCK - 1) / FRAME_BLOCK) : 1;
}
/** Blocks that are free now. */
unsigned frame_pool_room(FramePool *pool, const Pass *pass);
/** Copies a frame, which is not too long and fits the room there is. Returns its first block. */
uint32_t frame_pool_put(FramePool *pool, const Frame *frame);
/** Length in bytes of the frame at that block. */
size_t frame_pool_length(const FramePool *pool, uint32_t block);
/** The frame at that block; its parts go to parts (FRAME_PARTS_IN of them). */
Frame frame_pool_get(const FramePool *pool, uint32_t block, struct iovec *parts);
/** The frame is needed until the end of this batch and then no more. */
void frame_pool_release(FramePool *pool, uint32_t block, const Pass *pass);
