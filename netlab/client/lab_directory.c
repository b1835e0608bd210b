/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/host/paths.h"
#include "topologies/model/values.h"

void lab_directory_free(LabDirectory *self)
{
	g_free(self->name);
	g_free(self->directory);
	g_free(self);
}

static int open_lock(const char *directory, int mode)
{
	g_autofree char *path = g_build_filename(directory, "lock", NULL);
	return open(path, mode | O_CLOEXEC | O_NOFOLLOW);
}

/** Whether the supervisor of the lab in DIRECTORY lives. Asks for the lock and does not take it, not even for an instant:
 *  a supervisor that starts in that instant would give up. */
gboolean lab_directory_alive(const char *directory)
{
	struct flock lock = {.l_type = F_WRLCK};
	int fd = open_lock(directory, O_RDONLY);
	gboolean held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	if (fd >= 0)
		close(fd);
	return held;
}

int lab_lock_open(const char *directory)
{
	return open_lock(directory, O_RDONLY);
}

/* What the thread that waits has; it closes both. */
typedef struct {
	int lock, done;
} LockWait;

/* Only fcntl(2) itself can wait for a lock. It has to take it for that, for an instant: a supervisor that starts in this
 * instant, in the folder of one that has just crashed, fails. A read lock, so that two who wait are not in each other's way. */
static gpointer wait_for_lock(gpointer data)
{
	g_autofree LockWait *wait = data;
	while (fcntl(wait->lock, F_OFD_SETLKW, &(struct flock){.l_type = F_RDLCK}) < 0 && errno == EINTR)
		;
	close(wait->lock);
	close(wait->done);
	return NULL;
}

int lab_lock_watch(int lock, GError **error)
{
	int ends[2];
	if (!g_unix_open_pipe(ends, FD_CLOEXEC, error)) {
		close(lock);
		return -1;
	}
	LockWait wait = {lock, ends[1]};
	/* One that waits in vain stays until the lock is free. */
	g_thread_unref(g_thread_new("lab lock", wait_for_lock, g_memdup2(&wait, sizeof wait)));
	return ends[0];
}

static gboolean on_lock_free(int fd, GIOCondition condition, gpointer state)
{
	*(int *)state = 1;
	return G_SOURCE_CONTINUE;
}

static gboolean on_lock_timeout(gpointer state)
{
	if (!*(int *)state)
		*(int *)state = -1;
	return G_SOURCE_CONTINUE;
}

gboolean lab_lock_wait(int lock, guint timeout_ms)
{
	g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
	int fd = lab_lock_watch(lock, NULL), state = 0;
	if (fd < 0)
		return FALSE;
	g_autoptr(GSource) done = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP);
	g_autoptr(GSource) timer = g_timeout_source_new(timeout_ms);
	g_source_set_callback(done, G_SOURCE_FUNC(on_lock_free), &state, NULL);
	g_source_set_callback(timer, on_lock_timeout, &state, NULL);
	g_source_attach(done, context);
	g_source_attach(timer, context);
	while (!state)
		g_main_context_iteration(context, TRUE);
	g_source_destroy(done);
	g_source_destroy(timer);
	close(fd);
	return state > 0;
}

static int compare(gconstpointer a, gconstpointer b)
{
	const LabDirectory *const *left = a, *const *right = b;
	return strcmp((*left)->name, (*right)->name);
}

/** Every lab of this user, sorted by name. */
GPtrArray *lab_directories(GError **error)
{
	g_autofree char *runtime = path_runtime(error);
	g_autoptr(GDir) dir = runtime ? g_dir_open(runtime, 0, error) : NULL;
	if (!dir)
		return NULL;
	GPtrArray *labs = g_ptr_array_new_with_free_func((GDestroyNotify)lab_directory_free);
	for (const char *name; (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(runtime, name, NULL);
		g_autofree char *lock = g_build_filename(path, "lock", NULL);
		/* Without a lock it is a folder that is just being made or removed. */
		if (!lab_name_is_valid(name) || !g_file_test(lock, G_FILE_TEST_IS_REGULAR))
			continue;
		LabDirectory *lab = g_new(LabDirectory, 1);
		*lab = (LabDirectory){g_strdup(name), g_steal_pointer(&path), FALSE};
		lab->alive = lab_directory_alive(lab->directory);
		g_ptr_array_add(labs, lab);
	}
	g_ptr_array_sort(labs, compare);
	return labs;
}

/** The lab of this name; NULL without an error when there is none. */
LabDirectory *lab_directory_find(const char *name, GError **error)
{
	g_autoptr(GPtrArray) labs = lab_directories(error);
	for (guint i = 0; labs && i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		if (g_str_equal(lab->name, name))
			return g_ptr_array_steal_index(labs, i);
	}
	return NULL;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	return remove(path);
}

/** Removes PATH and all below it, following no link and crossing no mount. */
gboolean lab_remove_tree(const char *path, GError **error)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 || errno == ENOENT)
		return TRUE;
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot remove \"%s\": %s", path, g_strerror(code));
	return FALSE;
}

/* Removes a socket that nobody listens on any more, and nothing else. */
static void remove_dead_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat st;
	if (!g_path_is_absolute(path) || strlen(path) >= sizeof address.sun_path || lstat(path, &st) < 0 ||
		!S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return;
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 && errno == ECONNREFUSED)
		unlink(path);
	if (fd >= 0)
		close(fd);
}

/* The sockets of its networks, which are outside of its folder. */
static void remove_sockets(const LabDirectory *lab)
{
	g_autoptr(JsonNode) state = lab_directory_state(lab);
	JsonNode *list = state ? json_object_get_member(json_node_get_object(state), "sockets") : NULL;
	JsonArray *sockets = list && JSON_NODE_HOLDS_ARRAY(list) ? json_node_get_array(list) : NULL;
	for (guint i = 0; sockets && i < json_array_get_length(sockets); i++) {
		JsonNode *element = json_array_get_element(sockets, i);
		const char *path = JSON_NODE_HOLDS_VALUE(element) ? json_node_get_string(element) : NULL;
		if (path)
			remove_dead_socket(path);
	}
}

/** Removes a dead lab's folder. The lock is held meanwhile, so that no supervisor can move in. */
gboolean lab_directory_remove(const LabDirectory *lab, GError **error)
{
	int fd = open_lock(lab->directory, O_RDWR);
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK}) < 0) {
		close(fd);
		g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_RUNNING,
			"lab \"%s\" is running; \"netlab stop %s\" stops it", lab->name, lab->name);
		return FALSE;
	}
	remove_sockets(lab);
	/* The lock last: as long as it is there it keeps others out, and whoever waits for it finds it gone. */
	g_autoptr(GDir) dir = g_dir_open(lab->directory, 0, NULL);
	gboolean done = TRUE;
	for (const char *name; done && dir && (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(lab->directory, name, NULL);
		done = g_str_equal(name, "lock") || lab_remove_tree(path, error);
	}
	done = done && lab_remove_tree(lab->directory, error);
	if (fd >= 0)
		close(fd);
	return done;
}

guint lab_directories_remove_empty(void)
{
	g_autofree char *runtime = path_runtime(NULL);
	g_autoptr(GDir) dir = runtime ? g_dir_open(runtime, 0, NULL) : NULL;
	guint removed = 0;
	for (const char *name; dir && (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(runtime, name, NULL);
		/* A supervisor that has just made it tries again. */
		removed += lab_name_is_valid(name) && rmdir(path) == 0;
	}
	return removed;
}

/** What the supervisor last wrote to state.json. */
JsonNode *lab_directory_state(const LabDirectory *lab)
{
	g_autofree char *path = g_build_filename(lab->directory, "state.json", NULL);
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	if (!json_parser_load_from_file(parser, path, NULL))
		return NULL;
	JsonNode *root = json_parser_get_root(parser);
	return root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_ref(root) : NULL;
}

/** Whether NAME may name a lab, which is also a folder: the rule of the language. */
gboolean lab_name_is_valid(const char *name)
{
	return value_name(name, LAB_NAME_LAB, NULL);
}
