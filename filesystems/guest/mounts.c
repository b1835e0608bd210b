// SPDX-License-Identifier: GPL-2.0-or-later
/* The root of a node. Without the kernel parameter netlab.root it is the initramfs itself; with netlab.root=DEVICE it is
 * the file system on that device, read-only and shared by all nodes, under an overlay that takes what this node writes:
 * in memory, or on the disk that netlab.disk=DEVICE names. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filesystems/guest/agent.h"

#define LOWER "/netlab/lower"
#define UPPER "/netlab/upper"
#define SYSTEM "/netlab/system"

/* Kept open across the change of root, because the disk's own mount has no path any more; -1 without a disk. */
static int disk = -1;

static const struct {
	const char *type, *target, *data;
	unsigned long flags;
	mode_t mode;
} usual[] = {
	{"devtmpfs", "/dev", "mode=755", MS_NOSUID, 0755},
	{"devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666", MS_NOSUID | MS_NOEXEC, 0755},
	{"tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV, 01777},
	{"proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, 0555},
	{"sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, 0555},
	{"cgroup2", "/sys/fs/cgroup", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, 0555},
	{"tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV, 0755},
	{"tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV, 01777},
};

static const struct {
	const char *target, *path;
} links[] = {
	{"/proc/self/fd", "/dev/fd"},
	{"/proc/self/fd/0", "/dev/stdin"},
	{"/proc/self/fd/1", "/dev/stdout"},
	{"/proc/self/fd/2", "/dev/stderr"},
};

void mounts_begin(void)
{
	umask(022);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		mkdir(usual[i].target, usual[i].mode);
		if (mount(usual[i].type, usual[i].target, usual[i].type, usual[i].flags, usual[i].data) < 0)
			fprintf(stderr, "netlab-agent: cannot mount %s: %m\n", usual[i].target);
	}
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		symlink(links[i].target, links[i].path); /* devtmpfs is new: nothing can be in the way */
	mkdir("/run/lock", 01777);
	chmod("/run/lock", 01777); /* the umask took something away */
	mkdir("/root", 0700);
}

/* The value of a kernel parameter, in VALUE; false when it is not given. */
static bool parameter(const char *name, char *value, size_t size)
{
	char line[4096], *rest = line, *word;
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
	size_t length = strlen(name);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		report_failure("cannot read the kernel's parameters in /proc/cmdline: %m");
	line[n] = '\0';
	while ((word = strsep(&rest, " \n"))) {
		if (strncmp(word, name, length) != 0 || word[length] != '=')
			continue;
		snprintf(value, size, "%s", word + length + 1);
		return true;
	}
	return false;
}

static void mount_image(const char *device)
{
	static const char *const types[] = {"squashfs", "erofs", "ext4"};
	char path[64];

	snprintf(path, sizeof path, "/dev/%s", device);
	if (access(path, F_OK) < 0)
		report_failure("root image: there is no device %s; is the image file readable?", path);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (mount(path, LOWER, types[i], MS_RDONLY, NULL) == 0)
			return;
	}
	report_failure(
		"root image on %s: no squashfs, erofs or ext4 can be mounted from it (%m); it is damaged or no image, "
		"build it again with: netlab image build --force",
		path);
}

static void mount_upper(void)
{
	char device[32], path[64];

	if (!parameter("netlab.disk", device, sizeof device)) {
		if (mount("tmpfs", UPPER, "tmpfs", 0, "mode=755") < 0)
			report_failure("overlay in memory: %m");
		return;
	}
	snprintf(path, sizeof path, "/dev/%s", device);
	if (mount(path, UPPER, "ext4", MS_NOATIME, NULL) < 0)
		report_failure("this node's own disk on %s cannot be mounted as ext4 (%m); "
			       "it is damaged: repair the file with e2fsck, or remove it to start anew",
			path);
	disk = open(UPPER, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void mounts_enter_root(void)
{
	char device[32];

	if (!parameter("netlab.root", device, sizeof device))
		return;
	mkdir("/netlab", 0755);
	mkdir(LOWER, 0755);
	mkdir(UPPER, 0755);
	mkdir(SYSTEM, 0755);
	mount_image(device);
	mount_upper();
	mkdir(UPPER "/data", 0755);
	mkdir(UPPER "/work", 0755);
	if (mount("overlay", SYSTEM, "overlay", 0,
		    "lowerdir=" LOWER ",upperdir=" UPPER "/data,workdir=" UPPER "/work") < 0)
		report_failure("the overlay over the root image cannot be mounted: %m");
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		char target[128];

		/* what is mounted below a moved mount goes with it */
		if (strchr(usual[i].target + 1, '/'))
			continue;
		snprintf(target, sizeof target, SYSTEM "%s", usual[i].target);
		mkdir(target, usual[i].mode);
		if (mount(usual[i].target, target, NULL, MS_MOVE, NULL) < 0)
			report_failure("%s cannot be moved into the root: %m", usual[i].target);
	}
	/* moved onto /, not just changed to with chroot: there, user namespaces and pivot_root would be refused */
	if (chdir(SYSTEM) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		report_failure("cannot change to the root image: %m");
}

void mounts_end(void)
{
	char path[64];

	sync();
	if (disk < 0)
		return;
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		perror("netlab-agent: overlay");
	snprintf(path, sizeof path, "/proc/self/fd/%d", disk);
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		perror("netlab-agent: disk");
	sync();
}
