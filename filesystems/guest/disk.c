/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program learns that a disk is full from write(2), because ext4 counts its free blocks before it accepts data. When the
 * host's file system is full it would only learn it from fsync(2), if it calls that; and sync(2) cannot fail. So the blocks
 * that the host has no room for are kept out of use with ext4's reserve (reserved_clusters, Documentation/ABI/testing/sysfs-fs-ext4
 * in the kernel's source). Where others fill the host's file system faster than the supervisor tells it, a write fails: then
 * the first one makes the disk read-only (data_err=abort), so that no program goes on as if its data were safe. */
#include "filesystems/guest/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "filesystems/guest/fail.h"
#include "filesystems/guest/loop.h"
#include "filesystems/guest/protocol.h"
#include "filesystems/guest/report.h"

#define LOOK_SECONDS 1

/* Kept open across the change of root, because the disk's own mount has no path afterwards; -1 without a disk. */
static int disk = -1;
static char name[32];

static int errors_count = -1; /* the file that tells it */
static long errors_before;

static void on_timer(Watch *watch, uint32_t events);
static Watch timer = {.fd = -1, .ready = on_timer};

int disk_mount(const char *device, const char *target, char *why, size_t size)
{
	char path[64];

	snprintf(name, sizeof name, "%s", device);
	snprintf(path, sizeof path, "/dev/%s", device);
	/* discard: what the node deletes, the host gets back. The inode tables that are not in use are holes of a sparse file */
	if (mount(path, target, "ext4", MS_NOATIME, "discard,noinit_itable,errors=remount-ro,data_err=abort") < 0)
		return fail(why, size,
			"cannot mount this node's own disk %s as ext4 (%m); it is damaged: repair the file with "
			"e2fsck, or remove it to start with an empty disk",
			path);
	disk = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return disk < 0 ? fail(why, size, "cannot open this node's own disk: %m") : 0;
}

bool disk_is_mounted(void)
{
	return disk >= 0;
}

static int open_setting(const char *setting, int flags)
{
	char path[96];

	snprintf(path, sizeof path, "/sys/fs/ext4/%s/%s", name, setting);
	return open(path, flags | O_CLOEXEC);
}

/* How often the file system has failed; it keeps count on the disk. Negative: unknown. */
static long count_errors(void)
{
	char text[32] = "";
	ssize_t n = pread(errors_count, text, sizeof text - 1, 0);

	return n > 0 ? strtol(text, NULL, 10) : -1;
}

/* By looking: the kernel tells nobody when it makes a file system read-only (ext4_handle_error() in fs/ext4/super.c). */
int disk_watch(void)
{
	const struct itimerspec interval = {.it_value.tv_sec = LOOK_SECONDS, .it_interval.tv_sec = LOOK_SECONDS};

	if (disk < 0)
		return 0;
	errors_count = open_setting("errors_count", O_RDONLY);
	errors_before = count_errors();
	timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (errors_before < 0 || timer.fd < 0 || timerfd_settime(timer.fd, 0, &interval, NULL) < 0)
		return -1;
	return watch_add(&timer, EPOLLIN);
}

static void on_timer(Watch *watch, uint32_t events)
{
	uint64_t times;

	if (read(watch->fd, &times, sizeof times) < 0 || count_errors() == errors_before)
		return;
	watch_close(watch);
	report_warning(
		"the disk of this node could not be written on the host, and is read-only now: what was not written is "
		"lost; make room there, and restart the node");
}

/* Bytes of the disk, of which sysfs tells the sectors; 0 when it does not. */
static int64_t disk_size(void)
{
	char path[96], sectors[32] = "";
	int fd;

	snprintf(path, sizeof path, "/sys/class/block/%s/size", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, sectors, sizeof sectors - 1) < 0)
		sectors[0] = '\0';
	close(fd);
	return strtoll(sectors, NULL, 10) * 512;
}

void disk_limit(const uint8_t *payload, size_t length)
{
	int64_t room = length == 16 ? agent_get_i64(payload) : 0,
		stored = length == 16 ? agent_get_i64(payload + 8) : 0;
	int64_t size = disk_size(), free, used, reserve;
	struct statfs state;
	char text[32];
	int fd;

	if (disk < 0 || size == 0 || fstatfs(disk, &state) < 0)
		return;
	free = (int64_t)state.f_bfree * state.f_bsize;
	used = size - free;
	/* in use here and not stored there: it will need room too */
	if (used > stored)
		room -= used - stored;
	reserve = free - (room > 0 ? room : 0);
	fd = open_setting("reserved_clusters", O_WRONLY);
	snprintf(text, sizeof text, "%lld", (long long)(reserve > 0 ? reserve : 0) / state.f_bsize);
	if (fd < 0 || write_all(fd, text, strlen(text)) < 0)
		report_warning("cannot tell the kernel how much room the host has for this node's disk: %m");
	if (fd >= 0)
		close(fd);
}

void disk_end(void)
{
	char path[64];

	watch_close(&timer);
	snprintf(path, sizeof path, "/proc/self/fd/%d", disk);
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		perror("netlab-agent: cannot make the disk read-only");
}
