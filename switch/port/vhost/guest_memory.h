/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory that a guest shares with the switch: its regions, and protection against its loss.
 *
 * A guest owns the file behind its memory and can truncate it at any time; an access to the lost part raises SIGBUS. The
 * handler replaces it with empty memory and marks the memory of the guest as lost, and the thread continues. The owner of the
 * memory checks the mark between two batches. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

enum { GUEST_MEMORY_REGIONS = 8 };

/** As it comes in the vhost-user message SET_MEM_TABLE. */
typedef struct {
	uint64_t guest; /* its address in the guest's physical memory: what descriptors say */
	uint64_t size;
	uint64_t user;   /* its address in the front end's process: what ring addresses say */
	uint64_t offset; /* in the file */
} GuestRegion;

typedef struct GuestMemory GuestMemory;
struct GuestMemory {
	unsigned n_regions;
	GuestRegion regions[GUEST_MEMORY_REGIONS];
	uint8_t *bases[GUEST_MEMORY_REGIONS]; /* where the regions begin for us */
	struct {
		void *start;
		size_t size;
	} maps[GUEST_MEMORY_REGIONS];
	volatile sig_atomic_t lost; /* the file was shortened: some of it is not the guest's memory any more */
	LIST_ENTRY(GuestMemory) guarded;
};

/** Maps n regions of a zeroed GuestMemory, each of its file; the descriptors remain the caller's. NULL, or what is
 *  wrong with them (static; nothing is mapped then). */
const char *guest_memory_map(GuestMemory *memory, const GuestRegion *regions, const int *fds, unsigned n);
/** Unmaps all of it; guard must have ended. Harmless on memory that was never mapped. */
void guest_memory_unmap(GuestMemory *memory);

/** Guards the calling thread against SIGBUS from this memory, which no other thread may touch then. Harmless when it
 *  is guarded already. */
void guest_memory_guard(GuestMemory *memory);
/** In the thread that guards it. Harmless when it does not. */
void guest_memory_unguard(GuestMemory *memory);

/** Where the range that begins at a guest's physical address is for us; NULL when it is not the guest's. */
static inline void *guest_memory_at(const GuestMemory *memory, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < memory->n_regions; i++) {
		uint64_t offset = address - memory->regions[i].guest;
		if (offset < memory->regions[i].size && size <= memory->regions[i].size - offset)
			return memory->bases[i] + offset;
	}
	return NULL;
}

/** The same for an address in the front end's process. */
void *guest_memory_at_user(const GuestMemory *memory, uint64_t address, uint64_t size);
