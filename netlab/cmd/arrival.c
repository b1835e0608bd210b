/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/arrival.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders in folders that a copy may have: each costs a descriptor while it is looked at. */
#define DEPTH_MAX 100u

#define CONTENT "copy" /* its name within the fresh folder */

struct Arrival {
	char *parent, *name; /* its place: a folder, and a name in it */
	char *fresh;         /* name of the fresh folder in parent */
	char *content;       /* path of what arrives */
	int parent_fd, fresh_fd;
};

/* What was seen of it so far. */
typedef struct {
	guint64 size, limit;
	guint left_out;
	mode_t mask; /* the user's */
	GError **error;
} Look;

static gboolean fail_errno(GError **error, const char *what, const char *path)
{
	int code = errno;
	g_autofree char *shown = g_filename_display_name(path);
	g_set_error(
		error, G_IO_ERROR, g_io_error_from_errno(code), "cannot %s \"%s\": %s", what, shown, g_strerror(code));
	return FALSE;
}

static gboolean fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean fail(GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *message = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *shown = g_utf8_make_valid(message, -1);
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, shown);
	return FALSE;
}

gboolean arrival_too_large(guint64 limit, GError **error)
{
	g_autofree char *size = g_format_size_full(limit, G_FORMAT_SIZE_IEC_UNITS);
	return fail(error, "the node sends more than %s; --limit allows more", size);
}

/* -- Folders: every step opens one name in a folder that is open, and follows no link -- */

static int open_folder(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Opens a folder of what arrived, whatever its mode is. */
static int open_own_folder(int at, const char *name)
{
	/* without the bits it could not be read, emptied or moved */
	if (fchmodat(at, name, 0700, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return open_folder(at, name);
}

static DIR *list(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static const char *next_name(DIR *dir)
{
	struct dirent *entry;
	do
		entry = readdir(dir);
	while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
	return entry ? entry->d_name : NULL;
}

static gboolean look_at(int at, const char *name, struct stat *st)
{
	return fstatat(at, name, st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* -- Removing: folders in folders are moved up, so that neither depth nor number matters -- */

/* Takes all out of a folder: its folders go to TOP, under fresh names. */
static void take_apart(int top, int folder, guint64 *n)
{
	DIR *dir = list(folder);
	for (const char *name; dir && (name = next_name(dir));) {
		char moved[32];
		if (unlinkat(folder, name, 0) == 0)
			continue;
		g_snprintf(moved, sizeof moved, "%" G_GUINT64_FORMAT, ++*n);
		/* a folder that cannot be written to cannot be moved */
		if (fchmodat(folder, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
			(void)!renameat(folder, name, top, moved);
	}
	if (dir)
		closedir(dir);
}

static void remove_all(int top)
{
	guint64 n = 0;
	for (gboolean more = TRUE; more;) {
		DIR *dir = list(top);
		more = FALSE;
		for (const char *name; dir && (name = next_name(dir));) {
			if (unlinkat(top, name, 0) == 0)
				continue;
			int folder = open_own_folder(top, name);
			if (folder < 0)
				continue;
			take_apart(top, folder, &n);
			close(folder);
			more |= unlinkat(top, name, AT_REMOVEDIR) == 0;
		}
		if (dir)
			closedir(dir);
	}
}

/* -- Looking at what arrived -- */

static gboolean look_at_folder(Look *look, int folder, guint depth);

/* One name of what arrived. */
static gboolean look_at_one(Look *look, int at, const char *name, guint depth)
{
	struct stat st;
	if (!look_at(at, name, &st))
		return fail_errno(look->error, "look at", name);
	look->size += ARRIVAL_ENTRY + (S_ISREG(st.st_mode) ? (guint64)st.st_size : 0);
	if (look->size > look->limit)
		return arrival_too_large(look->limit, look->error);
	if (S_ISLNK(st.st_mode))
		return TRUE;
	if (S_ISREG(st.st_mode)) {
		/* In the guest they are root's, here they would be yours. */
		mode_t mode = st.st_mode & 0777 & ~look->mask;
		return (st.st_mode & 07777) == mode || fchmodat(at, name, mode, AT_SYMLINK_NOFOLLOW) == 0 ||
			fail_errno(look->error, "set the mode of", name);
	}
	if (!S_ISDIR(st.st_mode)) {
		look->left_out++;
		return unlinkat(at, name, 0) == 0 || fail_errno(look->error, "remove", name);
	}
	if (depth == DEPTH_MAX)
		return fail(look->error, "the node sends more than %u folders in each other", DEPTH_MAX);
	int folder = open_own_folder(at, name);
	if (folder < 0)
		return fail_errno(look->error, "open", name);
	gboolean good = look_at_folder(look, folder, depth + 1);
	if (good && fchmod(folder, ((st.st_mode & 0777) | 0700) & ~(look->mask & 077)) < 0)
		good = fail_errno(look->error, "set the mode of", name);
	close(folder);
	return good;
}

static gboolean look_at_folder(Look *look, int folder, guint depth)
{
	DIR *dir = list(folder);
	gboolean good = dir != NULL;
	if (!dir)
		return fail_errno(look->error, "list", "a folder that the node sent");
	for (const char *name; good && (name = next_name(dir));)
		good = look_at_one(look, folder, name, depth);
	closedir(dir);
	return good;
}

/* -- Moving it to its place -- */

/* at, name: where it is; there: what is there */
static gboolean can_take_place(
	int at, const char *name, const struct stat *there, gboolean folder, const char *path, GError **error)
{
	mode_t mode = there->st_mode;
	struct stat led_to;
	if (S_ISDIR(mode))
		return folder || fail(error, "\"%s\" is a folder, and no file can replace it", path);
	if (folder)
		return fail(error,
			S_ISLNK(mode) ? "\"%s\" is a link, which is not followed; remove it, or name another target"
				      : "\"%s\" is not a folder, and no folder can replace it",
			path);
	if (S_ISLNK(mode) && fstatat(at, name, &led_to, 0) == 0 && !S_ISREG(led_to.st_mode) && !S_ISDIR(led_to.st_mode))
		return fail(error, "\"%s\" is a link to a device, pipe or socket, which no file can replace", path);
	/* a link is replaced itself */
	return S_ISREG(mode) || S_ISLNK(mode) || fail(error, "\"%s\" is neither a file nor a folder", path);
}

static gboolean merge(int from, int to, const char *path, gboolean move, GError **error);

/* One name of a folder that arrived, into a folder that is there. */
static gboolean merge_one(int from, int to, const char *name, const char *path, gboolean move, GError **error)
{
	struct stat here, there;
	if (!look_at(from, name, &here))
		return fail_errno(error, "look at", name);
	gboolean folder = S_ISDIR(here.st_mode), exists = look_at(to, name, &there);
	if (exists && !can_take_place(to, name, &there, folder, path, error))
		return FALSE;
	if (!exists || !folder)
		return !move || renameat(from, name, to, name) == 0 || fail_errno(error, "write", path);
	int source = open_folder(from, name), target = open_folder(to, name);
	gboolean good =
		source >= 0 && target >= 0 ? merge(source, target, path, move, error) : fail_errno(error, "open", path);
	if (source >= 0)
		close(source);
	if (target >= 0)
		close(target);
	return good;
}

/* All of one folder into another. move: FALSE only says whether it can be. */
static gboolean merge(int from, int to, const char *path, gboolean move, GError **error)
{
	DIR *dir = list(from);
	gboolean good = dir != NULL;
	if (!dir)
		return fail_errno(error, "list", path);
	for (const char *name; good && (name = next_name(dir));) {
		g_autofree char *below = g_build_filename(path, name, NULL);
		good = merge_one(from, to, name, below, move, error);
	}
	closedir(dir);
	return good;
}

static char *place_of(const Arrival *self)
{
	return g_build_filename(self->parent, self->name, NULL);
}

gboolean arrival_can_be(Arrival *self, gboolean folder, GError **error)
{
	struct stat there;
	g_autofree char *path = place_of(self);
	return !look_at(self->parent_fd, self->name, &there) ||
		can_take_place(self->parent_fd, self->name, &there, folder, path, error);
}

gboolean arrival_settle(Arrival *self, guint64 limit, guint *left_out, GError **error)
{
	struct stat st, there;
	Look look = {.limit = limit, .error = error};
	g_autofree char *path = place_of(self);
	look.mask = umask(0);
	umask(look.mask);
	if (!look_at_one(&look, self->fresh_fd, CONTENT, 0))
		return FALSE;
	*left_out += look.left_out;
	if (!look_at(self->fresh_fd, CONTENT, &st))
		return fail(error, "what the node sent is neither a file nor a folder");
	/* The whole may be merged as if it were in a folder that is there: the one that its place is in. */
	gboolean folder = S_ISDIR(st.st_mode);
	if (look_at(self->parent_fd, self->name, &there) && S_ISDIR(there.st_mode) && folder) {
		int source = open_folder(self->fresh_fd, CONTENT), target = open_folder(self->parent_fd, self->name);
		gboolean good = source >= 0 && target >= 0
			? merge(source, target, path, FALSE, error) && merge(source, target, path, TRUE, error)
			: fail_errno(error, "open", path);
		if (source >= 0)
			close(source);
		if (target >= 0)
			close(target);
		return good;
	}
	if (!arrival_can_be(self, folder, error))
		return FALSE;
	return renameat(self->fresh_fd, CONTENT, self->parent_fd, self->name) == 0 || fail_errno(error, "write", path);
}

/* -- Its life -- */

const char *arrival_path(const Arrival *self)
{
	return self->content;
}

gboolean arrival_is_of_system(const char *folder)
{
	static const char *const own[] = {"/dev", "/proc", "/sys"}, *const below[] = {"/proc/", "/sys/"};
	g_autofree char *real = realpath(folder, NULL);
	gboolean found = FALSE;
	for (gsize i = 0; real && i < G_N_ELEMENTS(own); i++)
		found |= g_str_equal(real, own[i]);
	for (gsize i = 0; real && i < G_N_ELEMENTS(below); i++)
		found |= g_str_has_prefix(real, below[i]);
	return found;
}

static gboolean open_both(Arrival *self, GError **error)
{
	if (arrival_is_of_system(self->parent))
		return fail(error, "\"%s\" is a folder of the system, in which nothing is created or replaced",
			self->parent);
	self->parent_fd = open(self->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (self->parent_fd < 0)
		return fail_errno(error, "write into", self->parent);
	/* without links: a sandbox is told it */
	g_autofree char *real = realpath(self->parent, NULL);
	g_autofree char *fresh = g_build_filename(real ? real : self->parent, ".netlab-XXXXXX", NULL);
	if (!g_mkdtemp_full(fresh, 0700))
		return fail_errno(error, "write into", self->parent);
	self->fresh = g_path_get_basename(fresh);
	self->fresh_fd = open_folder(self->parent_fd, self->fresh);
	self->content = g_build_filename(fresh, CONTENT, NULL);
	return self->fresh_fd >= 0 || fail_errno(error, "open", fresh);
}

Arrival *arrival_new(const char *path, GError **error)
{
	g_autoptr(Arrival) self = g_new0(Arrival, 1);
	g_autofree char *plain = g_strdup(path);
	for (gsize n = strlen(plain); n > 1 && plain[n - 1] == '/'; n--)
		plain[n - 1] = '\0';
	self->parent_fd = self->fresh_fd = -1;
	self->parent = g_path_get_dirname(plain);
	self->name = g_path_get_basename(plain);
	return open_both(self, error) ? g_steal_pointer(&self) : NULL;
}

void arrival_free(Arrival *self)
{
	if (self->fresh_fd >= 0) {
		remove_all(self->fresh_fd);
		close(self->fresh_fd);
	}
	if (self->fresh)
		unlinkat(self->parent_fd, self->fresh, AT_REMOVEDIR);
	if (self->parent_fd >= 0)
		close(self->parent_fd);
	g_free(self->parent);
	g_free(self->name);
	g_free(self->fresh);
	g_free(self->content);
	g_free(self);
}
