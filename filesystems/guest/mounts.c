/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root of a node: an image below an overlay that holds what this node writes. With the kernel parameter
 * netlab.root=DEVICE the image is the file system on that device, read-only and shared by all nodes; without it, the initramfs.
 * The overlay is in memory, or on the disk that netlab.disk=DEVICE names. An initramfs without a disk needs no overlay: it is
 * in memory already. */
#include "filesystems/guest/mounts.h"

#include "filesystems/guest/disk.h"
#include "filesystems/guest/fail.h"
#include "filesystems/guest/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LOWER "/netlab/lower"
#define UPPER "/netlab/upper"
#define SYSTEM "/netlab/system"

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

/* The value of a kernel parameter, in VALUE; empty when it is not given. Returns 0, or -1 with errno. */
static int parameter(const char *name, char *value, size_t size)
{
	static char line[16384]; /* COMMAND_LINE_SIZE */
	char *rest = line, *word;
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
	size_t length = strlen(name);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -1;
	line[n] = value[0] = '\0';
	while ((word = strsep(&rest, " \n"))) {
		if (strncmp(word, name, length) != 0 || word[length] != '=')
			continue;
		snprintf(value, size, "%s", word + length + 1);
		break;
	}
	return 0;
}

static int mount_image(const char *device, char *why, size_t size)
{
	static const char *const types[] = {"squashfs", "erofs", "ext4"};
	char path[64];

	snprintf(path, sizeof path, "/dev/%s", device);
	if (access(path, F_OK) < 0)
		return fail(
			why, size, "root image: device %s does not exist; check that the image file is readable", path);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (mount(path, LOWER, types[i], MS_RDONLY, NULL) == 0)
			return 0;
	}
	return fail(why, size,
		"root image: cannot mount %s as squashfs, erofs or ext4 (%m); the image is damaged, build it again "
		"with: netlab image build --force",
		path);
}

static int mount_upper(const char *device, char *why, size_t size)
{
	if (*device)
		return disk_mount(device, UPPER, why, size);
	if (mount("tmpfs", UPPER, "tmpfs", 0, "mode=755") < 0)
		return fail(why, size, "cannot mount the overlay in memory: %m");
	return 0;
}

int mounts_enter_root(char *why, size_t size)
{
	char root[32], disk[32], options[128];

	if (parameter("netlab.root", root, sizeof root) < 0 || parameter("netlab.disk", disk, sizeof disk) < 0)
		return fail(why, size, "cannot read the kernel's parameters in /proc/cmdline: %m");
	if (!*root && !*disk)
		return 0;
	mkdir("/netlab", 0755);
	mkdir(LOWER, 0755);
	mkdir(UPPER, 0755);
	mkdir(SYSTEM, 0755);
	if ((*root && mount_image(root, why, size) < 0) || mount_upper(disk, why, size) < 0)
		return -1;
	mkdir(UPPER "/data", 0755);
	mkdir(UPPER "/work", 0755);
	/* the initramfs has a folder for these mounts: a white-out (Documentation/filesystems/overlayfs.rst) hides it */
	if (!*root && mknod(UPPER "/data/netlab", S_IFCHR, 0) < 0 && errno != EEXIST)
		return fail(why, size, "cannot write to this node's own disk: %m");
	snprintf(options, sizeof options, "lowerdir=%s,upperdir=" UPPER "/data,workdir=" UPPER "/work",
		*root ? LOWER : "/");
	if (mount("overlay", SYSTEM, "overlay", 0, options) < 0)
		return fail(why, size, "cannot mount the overlay over the root image: %m");
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		char target[128];

		/* what is mounted below a moved mount goes with it */
		if (strchr(usual[i].target + 1, '/'))
			continue;
		snprintf(target, sizeof target, SYSTEM "%s", usual[i].target);
		mkdir(target, usual[i].mode);
		if (mount(usual[i].target, target, NULL, MS_MOVE, NULL) < 0)
			return fail(why, size, "cannot move %s into the root: %m", usual[i].target);
	}
	/* moved onto /, because user namespaces and pivot_root are refused in a root that is only a chroot */
	if (chdir(SYSTEM) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail(why, size, "cannot change to the root image: %m");
	return 0;
}

/* In every root, also in one that is only an initramfs. */
void mounts_modules(void)
{
	char device[32], source[64], target[128];
	struct utsname kernel;

	if (parameter("netlab.modules", device, sizeof device) < 0 || !device[0] || uname(&kernel) < 0)
		return;
	snprintf(source, sizeof source, "/dev/%s", device);
	snprintf(target, sizeof target, "/lib/modules/%s", kernel.release);
	mkdir("/lib", 0755);
	mkdir("/lib/modules", 0755);
	mkdir(target, 0755);
	if (mount(source, target, "squashfs", MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		report_warning(
			"cannot mount the kernel's modules at %s: %m; modprobe will find none. Build the kernel again with: "
			"netlab kernel build --force",
			target);
}

void mounts_end(void)
{
	sync();
	if (!disk_is_mounted())
		return;
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		perror("netlab-agent: cannot make the overlay read-only");
	disk_end();
	sync();
}
