/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/node/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A start writes to the disk before anybody can be told that the host has no room. */
#define ROOM_MIN (G_GUINT64_CONSTANT(16) << 20)

/* mke2fs is in sbin, which an ordinary user's PATH may not have. */
static char *find_mke2fs(void)
{
	static const char *const places[] = {"/usr/sbin/mke2fs", "/sbin/mke2fs"};
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_file_test(places[i], G_FILE_TEST_IS_EXECUTABLE))
			return g_strdup(places[i]);
	return g_find_program_in_path("mke2fs");
}

int disk_lock(const char *path, GError **error)
{
	struct flock lock = {.l_type = F_WRLCK};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return fd;
	int code = errno;
	if (fd >= 0 && (code == EAGAIN || code == EACCES))
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
			"the disk \"%s\" is in use: a lab with this name is already running with a different "
			"XDG_RUNTIME_DIR; stop it there, or start this one under another name (--name)",
			path);
	else
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot %s the disk \"%s\": %s",
			fd < 0 ? "open" : "lock", path, g_strerror(code));
	if (fd >= 0)
		close(fd);
	return -1;
}

gboolean disk_room(const char *path, DiskRoom *room)
{
	struct statvfs system;
	struct stat file;
	if (statvfs(path, &system) < 0 || stat(path, &file) < 0)
		return FALSE;
	*room = (DiskRoom){(guint64)system.f_bavail * system.f_frsize, (guint64)file.st_blocks * 512};
	return TRUE;
}

static gboolean has_room(const char *folder, GError **error)
{
	DiskRoom room;
	if (!disk_room(folder, &room) || room.free >= ROOM_MIN)
		return TRUE;
	g_autofree char *left = g_format_size_full(room.free, G_FORMAT_SIZE_IEC_UNITS);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
		"there is no room for the disk of a persistent node: the file system of \"%s\" has only %s left; free some "
		"space there, or set XDG_STATE_HOME to another folder",
		folder, left);
	return FALSE;
}

/** Creates a persistent node's disk: see disk.h. It has another name until it is complete. */
gboolean disk_prepare(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path), *new_path = g_strconcat(path, ".new", NULL);
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return has_room(folder, error);
	g_autofree char *mke2fs = find_mke2fs(), *size = g_strdup_printf("%" G_GUINT64_FORMAT "k", DISK_SIZE / 1024);
	g_autofree char *complaint = NULL;
	int status;
	if (!mke2fs) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			"mke2fs is needed to create the disk of a persistent node; install the package e2fsprogs");
		return FALSE;
	}
	/* Nothing is written that is zero: the file is sparse. The guest does not write it either (disk_mount() in
	 * filesystems/guest/disk.c). A file for each 32 KB and a small journal, because the host keeps room for them. */
	const char *argv[] = {mke2fs, "-q", "-F", "-t", "ext4", "-m", "0", "-i", "32768", "-J", "size=16", "-E",
		"lazy_itable_init=1,lazy_journal_init=1", new_path, size, NULL};
	if (g_mkdir_with_parents(folder, 0700) == 0 && g_remove(new_path) < 0 && errno != ENOENT)
		g_debug("%s: %s", new_path, g_strerror(errno));
	if (!has_room(folder, error))
		return FALSE;
	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &complaint, &status,
		    error) ||
		!g_spawn_check_wait_status(status, error)) {
		g_prefix_error(
			error, "cannot create the disk \"%s\": %s: ", path, complaint ? g_strstrip(complaint) : "");
		g_remove(new_path);
		return FALSE;
	}
	if (g_rename(new_path, path) == 0)
		return TRUE;
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot create the disk \"%s\": %s", path,
		g_strerror(code));
	return FALSE;
}
