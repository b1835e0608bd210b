/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/port/vhost/guest_memory.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MAXIMUM (UINT64_C(1) << 40) /* of a region, and of where it begins in its file: sums do not overflow */

/* What this thread touches. The handler runs in the thread that faulted, and never while that changes the list. */
static _Thread_local LIST_HEAD(, GuestMemory) guarded;

static void on_bus_error(int number, siginfo_t *info, void *context)
{
	GuestMemory *memory;
	LIST_FOREACH(memory, &guarded, guarded)
	{
		for (unsigned i = 0; i < memory->n_regions; i++) {
			void *start = memory->maps[i].start;
			size_t offset = (size_t)((uintptr_t)info->si_addr - (uintptr_t)start);
			if (offset >= memory->maps[i].size)
				continue;
			memory->lost = 1;
			if (mmap(start, memory->maps[i].size, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED)
				return;
		}
	}
	signal(number, SIG_DFL); /* not a guest's doing: dies of it when it happens again, at once */
}

static void install_handler(void)
{
	static gsize installed;
	if (!g_once_init_enter(&installed))
		return;
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigaction(SIGBUS, &action, NULL);
	g_once_init_leave(&installed, 1);
}

static const char *map_one(GuestMemory *memory, const GuestRegion *region, int fd)
{
	struct stat file;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	if (!region->size || region->size > SIZE_MAXIMUM || region->offset > SIZE_MAXIMUM ||
		region->guest + (region->size - 1) < region->guest || region->user + (region->size - 1) < region->user)
		return "a region of its memory has an impossible size or address";
	if (fstat(fd, &file) < 0 || !S_ISREG(file.st_mode))
		return "its memory is not a file";
	if (region->offset + region->size > (uint64_t)file.st_size)
		return "the file that holds its memory is shorter than the memory";
	uint64_t before = region->offset % page;
	size_t size = (size_t)((before + region->size + page - 1) / page * page);
	uint8_t *start = mmap(
		NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, (off_t)(region->offset - before));
	if (start == MAP_FAILED)
		return "its memory cannot be mapped";
	unsigned i = memory->n_regions++;
	memory->regions[i] = *region;
	memory->bases[i] = start + before;
	memory->maps[i].start = start;
	memory->maps[i].size = size;
	return NULL;
}

const char *guest_memory_map(GuestMemory *memory, const GuestRegion *regions, const int *fds, unsigned n)
{
	const char *problem = n > GUEST_MEMORY_REGIONS ? "its memory has too many regions" : NULL;
	install_handler();
	memory->lost = 0;
	for (unsigned i = 0; i < n && !problem; i++)
		problem = map_one(memory, &regions[i], fds[i]);
	if (problem)
		guest_memory_unmap(memory);
	return problem;
}

void guest_memory_unmap(GuestMemory *memory)
{
	for (unsigned i = 0; i < memory->n_regions; i++)
		munmap(memory->maps[i].start, memory->maps[i].size);
	memory->n_regions = 0;
	memory->lost = 0;
}

void guest_memory_guard(GuestMemory *memory)
{
	guest_memory_unguard(memory);
	LIST_INSERT_HEAD(&guarded, memory, guarded);
}

void guest_memory_unguard(GuestMemory *memory)
{
	if (!memory->guarded.le_prev)
		return;
	LIST_REMOVE(memory, guarded);
	memory->guarded.le_prev = NULL;
}

void *guest_memory_at_user(const GuestMemory *memory, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < memory->n_regions; i++) {
		uint64_t offset = address - memory->regions[i].user;
		if (offset < memory->regions[i].size && size <= memory->regions[i].size - offset)
			return memory->bases[i] + offset;
	}
	return NULL;
}
