/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/port/vhost/vring.h"

#include <assert.h>
#include <stdalign.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "virtio's fields are little endian and read as they are");

/* Reads what the guest may be changing, exactly once. */
#define ONCE(field) (*(const volatile __typeof__(field) *)&(field))

static bool fail(Vring *ring, const char *problem)
{
	ring->problem = problem;
	return false;
}

/* The event fields follow the rings: virtio 1.2, 2.7.6 and 2.7.8. */
static uint16_t *used_event(const Vring *ring)
{
	return &ring->avails->ring[ring->size];
}

static uint16_t *avail_event(const Vring *ring)
{
	return (uint16_t *)&ring->useds->ring[ring->size];
}

const char *vring_start(Vring *ring, const GuestMemory *memory, bool event_idx, bool indirect)
{
	size_t n = ring->size;
	if (n == 0 || n > VRING_SIZE_MAX || (n & (n - 1)))
		return "the size of a ring is too large or not a power of two";
	ring->descs = guest_memory_at_user(memory, ring->desc, n * sizeof(struct vring_desc));
	ring->avails =
		guest_memory_at_user(memory, ring->avail, sizeof(struct vring_avail) + (n + 1) * sizeof(uint16_t));
	ring->useds = guest_memory_at_user(
		memory, ring->used, sizeof(struct vring_used) + n * sizeof(struct vring_used_elem) + sizeof(uint16_t));
	if (!ring->descs || !ring->avails || !ring->useds)
		return "a ring is not in its memory";
	/* virtio 1.2, 2.7: so that fields are read and written in one piece */
	if ((uintptr_t)ring->descs % VRING_DESC_ALIGN_SIZE || (uintptr_t)ring->avails % VRING_AVAIL_ALIGN_SIZE ||
		(uintptr_t)ring->useds % VRING_USED_ALIGN_SIZE)
		return "a ring is not aligned";
	ring->event_idx = event_idx;
	ring->indirect = indirect;
	ring->seen = ring->next;
	ring->given = ring->published = ONCE(ring->useds->idx);
	ring->problem = NULL;
	ring->memory = memory;
	return NULL;
}

void vring_stop(Vring *ring)
{
	ring->memory = NULL;
}

/* Has the driver made something available? */
static bool look(Vring *ring)
{
	ring->seen = __atomic_load_n(&ring->avails->idx, __ATOMIC_ACQUIRE);
	if ((uint16_t)(ring->seen - ring->next) > ring->size)
		return fail(ring, "a ring has more chains than descriptors");
	return ring->seen != ring->next;
}

/* The chain of descriptors that begins at head. */
static bool walk(Vring *ring, uint16_t head, bool for_device, VringChain *chain, struct iovec *parts)
{
	const struct vring_desc *table = ring->descs;
	unsigned at = head, n = ring->size;
	bool inside = false; /* an indirect table */
	*chain = (VringChain){.head = head};
	for (unsigned steps = 0; steps < VRING_CHAIN; steps++) {
		if (at >= n)
			return fail(ring, "a chain refers to a descriptor that does not exist");
		const struct vring_desc *desc = &table[at];
		uint64_t address = ONCE(desc->addr);
		uint32_t length = ONCE(desc->len);
		uint16_t flags = ONCE(desc->flags);
		void *data = guest_memory_at(ring->memory, address, length);
		if (!data)
			return fail(ring, "a descriptor points outside its memory");
		if (flags & VRING_DESC_F_INDIRECT) {
			if (!ring->indirect || inside || flags & VRING_DESC_F_NEXT || length == 0 ||
				length % sizeof(*table) || (uintptr_t)data % alignof(struct vring_desc))
				return fail(ring, "a descriptor has an indirect table, which is not allowed");
			inside = true;
			table = data;
			n = (unsigned)(length / sizeof(*table));
			at = 0;
			continue;
		}
		if (((flags & VRING_DESC_F_WRITE) != 0) != for_device)
			return fail(ring, "a descriptor is for the wrong direction");
		if (length > 0) {
			parts[chain->n_parts++] = (struct iovec){data, length};
			chain->length += length;
		}
		if (!(flags & VRING_DESC_F_NEXT))
			return true;
		at = ONCE(desc->next);
	}
	return fail(ring, "a chain of descriptors does not end");
}

bool vring_take(Vring *ring, bool for_device, VringChain *chain, struct iovec *parts)
{
	if (ring->problem || (ring->next == ring->seen && !look(ring)))
		return false;
	uint16_t head = ONCE(ring->avails->ring[ring->next & (ring->size - 1)]);
	ring->next++;
	return walk(ring, head, for_device, chain, parts);
}

void vring_put_back(Vring *ring, unsigned n)
{
	ring->next = (uint16_t)(ring->next - n);
}

void vring_give(Vring *ring, uint16_t head, uint32_t written)
{
	ring->useds->ring[ring->given++ & (ring->size - 1)] = (struct vring_used_elem){head, written};
}

bool vring_publish(Vring *ring)
{
	uint16_t before = ring->published;
	if (ring->given == before)
		return false;
	ring->published = ring->given;
	__atomic_store_n(&ring->useds->idx, ring->given, __ATOMIC_RELEASE);
	/* The guest writes what it wants and then looks at the index: we do it the other way round. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (ring->event_idx)
		return vring_need_event(ONCE(*used_event(ring)), ring->given, before);
	return !(ONCE(ring->avails->flags) & VRING_AVAIL_F_NO_INTERRUPT);
}

bool vring_ask(Vring *ring)
{
	if (ring->problem)
		return false;
	if (ring->event_idx)
		__atomic_store_n(avail_event(ring), ring->seen, __ATOMIC_RELAXED);
	else
		__atomic_store_n(&ring->useds->flags, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	uint16_t before = ring->seen;
	return look(ring) && ring->seen != before;
}

void vring_hush(Vring *ring)
{
	/* With event indices the place where the guest is to tell lies behind it, until it is asked again. */
	if (!ring->event_idx)
		__atomic_store_n(&ring->useds->flags, VRING_USED_F_NO_NOTIFY, __ATOMIC_RELAXED);
}
