/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a guest's memory, rings and all, after four bytes: the ring's size (as a power of two), its features,
 * and what to do to the memory in between. The descriptors are at 0, the available ring follows, then the used ring.
 * The memory is a block of its own size, and whatever a chain says to be a frame is read, or written, to its last byte.
 *
 * Explore: clang -DNETLAB_LIBFUZZER -fsanitize=fuzzer,address,undefined. */
#include "switch/port/vhost/vhost_frame.h"
#include "tests/fuzz/replay.h"

#define GUEST UINT64_C(0x1000)
#define MEMORY 16384 /* bytes, at most */

static void check(gboolean truth, const char *what)
{
	if (!truth) {
		fprintf(stderr, "fuzz_vring: %s\n", what);
		abort();
	}
}

static void transmit(Vring *ring)
{
	uint8_t bytes[256];
	for (unsigned i = 0; i < 2 * VRING_SIZE_MAX; i++) {
		VringChain chain;
		struct iovec parts[VRING_CHAIN];
		Frame frame;
		if (!vring_take(ring, false, &chain, parts))
			break;
		check(chain.head < ring->size && chain.n_parts <= VRING_CHAIN, "a chain of no ring");
		if (vhost_frame_read(&chain, parts, &frame) == COUNTER_NONE)
			for (size_t at = 0; at < frame.length; at += sizeof(bytes))
				check(frame_copy(&frame, at, MIN(sizeof(bytes), frame.length - at), bytes),
					"a frame with a hole");
		vring_give(ring, chain.head, 0);
	}
	vring_publish(ring);
	vring_ask(ring);
}

static void receive(Vring *ring, bool mergeable)
{
	static uint8_t bytes[65549];
	static const size_t sizes[] = {0, 14, 60, 1514, sizeof(bytes), 1000, 60};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct iovec parts[2] = {{bytes, sizes[i] / 3}, {bytes, sizes[i] - sizes[i] / 3}};
		Frame frame = {.parts = parts, .n_parts = 2, .length = sizes[i]};
		if (i % 2)
			frame.offload = (Offload){true, 34, 16, SEGMENT_TCP4, 1460, false};
		uint16_t before = ring->next, given = ring->given;
		VhostPut result = vhost_frame_put(ring, mergeable, &frame);
		check(result == VHOST_PUT_DONE || ring->given == given, "half a frame");
		check(result == VHOST_PUT_DONE || ring->problem || ring->next == before, "buffers lost");
		if (i % 3 == 0)
			vring_publish(ring);
	}
	vring_publish(ring);
	vring_ask(ring);
	vring_hush(ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 4)
		return 0;
	unsigned n = 1u << data[0] % 10;
	uint8_t features = data[1], poke = data[2], next = data[3];
	size_t length = MIN(size - 4, MEMORY) & ~(size_t)7; /* so that the block's end is aligned, as a page's is */
	g_autofree uint8_t *memory = g_malloc(length + !length);
	memcpy(memory, data + 4, length);
	GuestMemory guest = {.n_regions = length > 0, .regions[0] = {GUEST, length, 0, 0}, .bases[0] = memory};
	size_t avail = n * sizeof(struct vring_desc);
	size_t used = (avail + sizeof(struct vring_avail) + (n + 1) * sizeof(uint16_t) + 3) & ~(size_t)3;
	for (int direction = 0; direction < 2; direction++) {
		Vring ring = {.size = n, .desc = 0, .avail = avail, .used = used, .next = next};
		if (vring_start(&ring, &guest, features & 1, features & 2))
			return 0;
		for (int i = 0; i < 4; i++) {
			if (direction)
				transmit(&ring);
			else
				receive(&ring, features & 4);
			memory[(poke * 37u + (unsigned)i * 11) % length] ^= (uint8_t)(poke + i);
			((struct vring_avail *)(memory + avail))->idx = (uint16_t)(ring.next + poke % (n + 2));
		}
	}
	return 0;
}
