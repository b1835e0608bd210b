/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct RunDir {
	char *path, *lock_path;
	int lock;
	GFileMonitor *watch; /* NULL: nobody asked */
	void (*gone)(gpointer data);
	gpointer data;
};

static gboolean fail(GError **error, const char *what, const char *path)
{
	int code = errno;
	g_set_error(
		error, G_IO_ERROR, g_io_error_from_errno(code), "cannot %s \"%s\": %s", what, path, g_strerror(code));
	return FALSE;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	return remove(path);
}

/* Follows no link and crosses no mount. Continues after a failure, to leave as little as possible. */
static void remove_tree(const char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && errno != ENOENT)
		g_warning("cannot remove \"%s\": %s", path, g_strerror(errno));
}

static gboolean is_running(RunDir *self, const char *instance, GError **error)
{
	char pid[24] = "";
	ssize_t n = pread(self->lock, pid, sizeof pid - 1, 0);
	pid[MAX(n, 0)] = '\0';
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS,
		"lab \"%s\" is already running (process %s); to stop it, run: netlab stop %s", instance,
		*pid ? g_strstrip(pid) : "unknown", instance);
	return FALSE;
}

/** Whether the folder is still ours: see rundir.h. */
gboolean run_dir_is_ours(const RunDir *self)
{
	struct stat ours, there;
	return fstat(self->lock, &ours) == 0 && stat(self->lock_path, &there) == 0 && ours.st_dev == there.st_dev &&
		ours.st_ino == there.st_ino;
}

/* Opens and locks the lock file. *gone: the previous holder removed the folder meanwhile, so the lock is useless; try again. */
static gboolean lock(RunDir *self, const char *instance, gboolean *gone, GError **error)
{
	struct stat there;
	*gone = FALSE;
	if (g_mkdir(self->path, 0700) < 0 && errno != EEXIST)
		return fail(error, "create the lab's folder", self->path);
	if (lstat(self->path, &there) < 0 || !S_ISDIR(there.st_mode) || there.st_uid != geteuid()) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			"\"%s\" is not a folder, or it belongs to another user; remove it", self->path);
		return FALSE;
	}
	self->lock = open(self->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (self->lock < 0) {
		*gone = errno == ENOENT;
		if (*gone)
			return FALSE;
		fail(error, "open the lock", self->lock_path);
		/* A folder without a lock is nobody's; one that is not empty stays. */
		rmdir(self->path);
		return FALSE;
	}
	/* Bound to the open file like flock(2), but others can see it without taking it (lab_directory.c). */
	if (fcntl(self->lock, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK}) < 0)
		return errno == EAGAIN || errno == EACCES ? is_running(self, instance, error)
							  : fail(error, "lock", self->lock_path);
	if (!run_dir_is_ours(self)) {
		close(self->lock);
		self->lock = -1;
		*gone = TRUE;
		return FALSE;
	}
	return TRUE;
}

static void clear_remains(RunDir *self)
{
	g_autoptr(GDir) dir = g_dir_open(self->path, 0, NULL);
	for (const char *name; dir && (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(self->path, name, NULL);
		if (!g_str_equal(path, self->lock_path))
			remove_tree(path);
	}
}

static void run_dir_free(RunDir *self)
{
	g_clear_object(&self->watch);
	if (self->lock >= 0)
		close(self->lock);
	g_free(self->path);
	g_free(self->lock_path);
	g_free(self);
}

/* Whoever ends the lab by force finds its supervisor by this number. */
static gboolean write_pid(RunDir *self, GError **error)
{
	g_autofree char *pid = g_strdup_printf("%d\n", getpid());
	return (ftruncate(self->lock, 0) == 0 && pwrite(self->lock, pid, strlen(pid), 0) == (ssize_t)strlen(pid)) ||
		fail(error, "write", self->lock_path);
}

/** Makes and locks the folder of a lab: see rundir.h. */
RunDir *run_dir_new(const char *path, const char *instance, GError **error)
{
	RunDir *self = g_new0(RunDir, 1);
	gboolean gone;
	self->path = g_strdup(path);
	self->lock_path = g_build_filename(path, "lock", NULL);
	self->lock = -1;
	while (!lock(self, instance, &gone, error)) {
		if (gone)
			continue;
		run_dir_free(self);
		return NULL;
	}
	clear_remains(self);
	if (write_pid(self, error))
		return self;
	run_dir_remove(self);
	return NULL;
}

/** Removes the folder, the lock last: whoever waits for it finds it gone and starts from the beginning. */
void run_dir_remove(RunDir *self)
{
	if (run_dir_is_ours(self)) {
		clear_remains(self);
		remove_tree(self->path);
	}
	run_dir_free(self);
}

static void on_changed(GFileMonitor *watch, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
	RunDir *self = data;
	if (event == G_FILE_MONITOR_EVENT_DELETED && !run_dir_is_ours(self))
		self->gone(self->data);
}

/** Watches the lock: see rundir.h. */
void run_dir_watch(RunDir *self, void (*gone)(gpointer data), gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GFile) file = g_file_new_for_path(self->lock_path);
	self->gone = gone;
	self->data = data;
	self->watch = g_file_monitor_file(file, G_FILE_MONITOR_NONE, NULL, &error);
	if (self->watch)
		g_signal_connect(self->watch, "changed", G_CALLBACK(on_changed), self);
	else
		g_warning("cannot watch \"%s\": %s", self->lock_path, error->message);
}

/** Writes state.json: see rundir.h. */
void run_dir_write_state(RunDir *self, const char *json)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(self->path, "state.json", NULL);
	if (run_dir_is_ours(self) &&
		!g_file_set_contents_full(path, json, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
		g_warning("%s", error->message);
}
