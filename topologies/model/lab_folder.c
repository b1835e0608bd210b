/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/lab_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2(2): EAGAIN, when something was renamed meanwhile and a ".." of a link could not be followed safely. */
#define ATTEMPTS 100

#define WAY_OUT "or use --trust if you trust this lab"

GQuark lab_folder_error_quark(void)
{
	return g_quark_from_static_string("netlab-lab-folder-error");
}

/** lab_folder_new() - the folder of a lab
 *  @file: absolute path of the lab's own file
 *  @trusted: the user says that its paths may lead anywhere
 *  Returns it; the caller owns it. */
LabFolder *lab_folder_new(const char *file, gboolean trusted)
{
	LabFolder *self = g_new0(LabFolder, 1);

	*self = (LabFolder){g_path_get_dirname(file), trusted};
	return self;
}

/** lab_folder_free() - @self: may be NULL */
void lab_folder_free(LabFolder *self)
{
	if (!self)
		return;
	g_free(self->path);
	g_free(self);
}

static int fail(GError **error, int code)
{
	g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(code), g_strerror(code));
	return -1;
}

static int refuse(GError **error, LabFolderError code, const char *reason)
{
	g_set_error_literal(error, LAB_FOLDER_ERROR, code, reason);
	return -1;
}

/* Whether FOLDER holds the user's home folder: then nearly everything of the user's is below it. */
static gboolean holds_home(int folder)
{
	struct stat home, here;
	const char *set = g_getenv("HOME"); /* g_get_home_dir() looks once */
	g_autofree char *path = g_canonicalize_filename(set && g_path_is_absolute(set) ? set : g_get_home_dir(), NULL);

	if (fstat(folder, &here) != 0)
		return TRUE;
	for (;;) {
		if (stat(path, &home) == 0 && home.st_dev == here.st_dev && home.st_ino == here.st_ino)
			return TRUE;
		if (g_str_equal(path, "/"))
			return FALSE;
		char *up = g_path_get_dirname(path);

		g_free(path);
		path = up;
	}
}

/* The part of PATH below the folder; NULL: it is not there, or it is the folder. */
static const char *below(const LabFolder *self, const char *path)
{
	gsize length = strlen(self->path);

	if (g_str_equal(self->path, "/"))
		return path[0] == '/' && path[1] ? path + 1 : NULL;
	return g_str_has_prefix(path, self->path) && path[length] == '/' && path[length + 1] ? path + length + 1 : NULL;
}

/* Opens PATH, which is relative to FOLDER and leads nowhere else. glibc has no function for this call. */
static int open_beneath(int folder, const char *path, int flags, GError **error)
{
	const struct open_how how = {.flags = (guint64)flags,
		.mode = flags & O_CREAT ? 0666 : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	long fd;
	unsigned attempts = 0;

	do
		fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++attempts < ATTEMPTS)));
	if (fd >= 0)
		return (int)fd;
	if (errno == EXDEV)
		return refuse(error, LAB_FOLDER_ERROR_OUTSIDE,
			"a symbolic link leads out of the lab's folder; use a path that stays in that folder, " WAY_OUT);
	if (errno == ENOSYS)
		return refuse(error, LAB_FOLDER_ERROR_KERNEL,
			"keeping a lab's paths in its folder needs the system call openat2; use Linux 5.6 or newer, " WAY_OUT);
	return fail(error, errno);
}

/* As open(2), but nothing that is not trusted leaves the folder. */
static int open_in(const LabFolder *self, const char *path, int flags, GError **error)
{
	const char *name;
	int folder, fd = -1;

	/* openat2(2) refuses flags that have no effect. */
	flags |= O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY);
	if (self->trusted) {
		fd = open(path, flags, 0666);
		return fd < 0 ? fail(error, errno) : fd;
	}
	name = below(self, path);
	if (!name && !(flags & O_DIRECTORY && g_str_equal(path, self->path)))
		return refuse(error, LAB_FOLDER_ERROR_OUTSIDE,
			"it is outside of the lab's folder; use a path in that folder, " WAY_OUT);
	folder = open(self->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return fail(error, errno);
	if (holds_home(folder))
		refuse(error, LAB_FOLDER_ERROR_OUTSIDE,
			"the lab's file is in your home folder or above it, so the files there are not the lab's; move the "
			"lab with its files into a new folder, " WAY_OUT);
	else
		fd = open_beneath(folder, name ? name : ".", flags, error);
	close(folder);
	return fd;
}

static gboolean is_regular(int fd, GError **error)
{
	struct stat info;

	if (fstat(fd, &info) != 0)
		fail(error, errno);
	else if (S_ISDIR(info.st_mode))
		g_set_error_literal(
			error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "it is a folder; give the path of a file");
	else if (!S_ISREG(info.st_mode))
		refuse(error, LAB_FOLDER_ERROR_KIND, "it is not a regular file");
	else
		return TRUE;
	return FALSE;
}

static int open_parent(const LabFolder *self, const char *path, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);

	return open_in(self, parent, O_PATH | O_DIRECTORY, error);
}

/** lab_folder_open() - opens a path that a lab names
 *  @self: the lab's folder
 *  @path: absolute, without "." and ".."
 *  @how: what for. Never waits: a pipe, a device and the like are refused, trusted or not
 *  Returns a descriptor, which is closed on exec, or -1 and why: a phrase for the end of "cannot read PATH: ". */
int lab_folder_open(const LabFolder *self, const char *path, LabOpen how, GError **error)
{
	int fd;

	if (how == LAB_OPEN_PARENT)
		return open_parent(self, path, error);
	/* Looked at first: to open a device for writing may do something to it. */
	fd = open_in(self, path, O_PATH, NULL);
	if (fd >= 0) {
		gboolean good = is_regular(fd, error);

		close(fd);
		if (!good)
			return -1;
	}
	fd = open_in(self, path, O_NONBLOCK | (how == LAB_OPEN_WRITE ? O_WRONLY | O_CREAT : O_RDONLY), error);
	if (fd < 0)
		return -1;
	if (is_regular(fd, error)) {
		if (how == LAB_OPEN_READ || ftruncate(fd, 0) == 0)
			return fd;
		fail(error, errno);
	}
	close(fd);
	return -1;
}

/** lab_folder_check() - whether lab_folder_open() would open a path now. Changes nothing
 *  Returns FALSE and the same error when it would not. */
gboolean lab_folder_check(const LabFolder *self, const char *path, LabOpen how, GError **error)
{
	g_autoptr(GError) reason = NULL;
	int fd;

	if (how != LAB_OPEN_WRITE) {
		fd = lab_folder_open(self, path, how, error);
		if (fd >= 0)
			close(fd);
		return fd >= 0;
	}
	fd = open_in(self, path, O_PATH, &reason);
	if (fd >= 0) {
		g_autofree char *again = g_strdup_printf("/proc/self/fd/%d", fd);
		gboolean good = is_regular(fd, error) && (access(again, W_OK) == 0 || fail(error, errno) == 0);

		close(fd);
		return good;
	}
	if (!g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	/* There is none yet. */
	fd = open_parent(self, path, error);
	if (fd < 0)
		return FALSE;
	gboolean good = faccessat(fd, ".", W_OK | X_OK, 0) == 0 || fail(error, errno) == 0;

	close(fd);
	return good;
}

/** lab_folder_remove() - removes a file that a lab names, unless there is none. A link is removed, not followed. */
gboolean lab_folder_remove(const LabFolder *self, const char *path, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	int folder = open_parent(self, path, error);
	gboolean good;

	if (folder < 0)
		return FALSE;
	good = unlinkat(folder, name, 0) == 0 || errno == ENOENT || fail(error, errno) == 0;
	close(folder);
	return good;
}
