/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/cmd/arrival.h"
#include "netlab/cmd/cli.h"

gboolean stream_is(const char *path)
{
	struct stat st;
	g_autofree char *folder = g_path_get_dirname(path);
	if (stat(path, &st) < 0 || S_ISDIR(st.st_mode))
		return FALSE;
	return !S_ISREG(st.st_mode) || arrival_is_of_system(folder);
}

/* -- Opening: in a thread, because open(2) waits for the other end of a pipe, and nothing but a signal ends that -- */

typedef struct {
	char *path;
	int flags;
} Opening;

static void opening_free(gpointer data)
{
	Opening *self = data;
	g_free(self->path);
	g_free(self);
}

static void open_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancel)
{
	const Opening *self = data;
	int fd;
	do
		fd = open(self->path, self->flags);
	while (fd < 0 && errno == EINTR);
	int code = errno;
	if (fd >= 0)
		g_task_return_int(task, fd);
	else
		g_task_return_new_error(task, G_IO_ERROR, g_io_error_from_errno(code), "%s", g_strerror(code));
}

static void on_opened(GObject *source, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

static int open_patiently(const char *path, int flags, const char *what, GCancellable *cancel, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) failure = NULL;
	g_autoptr(GTask) task = g_task_new(NULL, cancel, on_opened, &result);
	Opening *opening = g_new(Opening, 1);
	*opening = (Opening){g_strdup(path), flags | O_NOCTTY | O_CLOEXEC};
	g_task_set_task_data(task, opening, opening_free);
	g_task_set_return_on_cancel(task, TRUE);
	g_task_run_in_thread(task, open_in_thread);
	while (!result)
		g_main_context_iteration(NULL, TRUE);
	int fd = (int)g_task_propagate_int(G_TASK(result), &failure);
	if (g_cancellable_is_cancelled(cancel)) {
		if (!failure)
			close(fd);
		g_set_error_literal(error, CLI_ERROR, CLI_ERROR_INTERRUPTED, "interrupted");
		return -1;
	}
	if (!failure)
		return fd;
	g_propagate_error(error, g_steal_pointer(&failure));
	g_prefix_error(error, "cannot %s \"%s\": ", what, path);
	return -1;
}

int stream_open_to_read(const char *path, GCancellable *cancel, GError **error)
{
	return open_patiently(path, O_RDONLY, "read", cancel, error);
}

/* Which of this process's own outputs PATH is a link to; -1: none. */
static int own_output(const char *path)
{
	struct stat link, there, own;
	if (lstat(path, &link) < 0 || !S_ISLNK(link.st_mode) || stat(path, &there) < 0)
		return -1;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &own) == 0 && own.st_dev == there.st_dev && own.st_ino == there.st_ino)
			return fd;
	return -1;
}

int stream_open_to_write(const char *path, GCancellable *cancel, GError **error)
{
	int own = own_output(path);
	return own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0)
			: open_patiently(path, O_WRONLY | O_TRUNC, "write", cancel, error);
}
