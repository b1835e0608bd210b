/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/text.h"
#include "netlab/client/lab_connection.h"

static const CliHelp help = {
	.usage = "NODE",
	.summary = "Prints the output of a node's kernel and start-up commands, also after a crash.",
	.examples = "  netlab logs r1\n"
		    "  netlab logs r1 -f           and follow the log, until Ctrl-C\n",
};

typedef struct {
	int fd;
	const char *directory, *path; /* of the lab; of the log */
	PlainText text;
	GMainLoop *loop;
	GError *error;
} Follow;

/* Prints what is new; as plain text on a terminal, because it comes out of a guest. */
static gboolean print_new(Follow *self)
{
	char buffer[16384];
	ssize_t n;
	while ((n = read(self->fd, buffer, sizeof buffer)) > 0) {
		g_autofree char *text = isatty(STDOUT_FILENO) ? plain_text_take(&self->text, buffer, (gsize)n) : NULL;
		fwrite(text ? text : buffer, 1, text ? strlen(text) : (size_t)n, stdout);
	}
	return cli_flush(&self->error);
}

/* The log of a later boot, when the node was started again; -1 when there is none. */
static int open_next(const Follow *self)
{
	struct stat ours, there;
	int fd = open(self->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (fstat(fd, &there) == 0 && fstat(self->fd, &ours) == 0 && there.st_ino != ours.st_ino))
		return fd;
	close(fd);
	return -1;
}

static void look(Follow *self)
{
	/* Looked for before the last of this one is printed: then it is the last. */
	int next = open_next(self);
	gboolean good = print_new(self);
	if (next >= 0) {
		close(self->fd);
		self->fd = next;
		good = good && print_new(self);
	}
	if (!good)
		g_main_loop_quit(self->loop);
}

/* Something in the node's folder has changed. What it was does not matter. */
static gboolean on_change(int fd, GIOCondition condition, gpointer data)
{
	char events[4096];
	if (read(fd, events, sizeof events) < 0 && errno != EAGAIN && errno != EINTR)
		g_warning("inotify: %s", g_strerror(errno));
	look(data);
	return G_SOURCE_CONTINUE;
}

static gboolean on_lab_ended(int fd, GIOCondition condition, gpointer data)
{
	Follow *self = data;
	look(self);
	g_main_loop_quit(self->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean stop_following(gpointer data)
{
	g_main_loop_quit(((Follow *)data)->loop);
	return G_SOURCE_CONTINUE;
}

/* A descriptor for changes in the log's folder; -1 and error when there is none. */
static int watch_folder(Follow *self)
{
	g_autofree char *folder = g_path_get_dirname(self->path);
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd >= 0 && inotify_add_watch(fd, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO) >= 0)
		return fd;
	cli_failed(&self->error, "cannot watch \"%s\": %s; see inotify(7) for the limits of this machine", folder,
		g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Prints what comes until Ctrl-C or the end of the lab. */
static void follow(Follow *self)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	int lock = lab_lock_open(self->directory);
	int end = lock >= 0 ? lab_lock_watch(lock, &self->error) : -1;
	int changes = end >= 0 ? watch_folder(self) : -1;
	self->loop = loop;
	if (changes >= 0) {
		guint sources[] = {
			g_unix_fd_add(changes, G_IO_IN, on_change, self),
			g_unix_fd_add(end, G_IO_IN | G_IO_HUP, on_lab_ended, self),
			g_unix_signal_add(SIGINT, stop_following, self),
			g_unix_signal_add(SIGTERM, stop_following, self),
		};
		look(self); /* what came before the watch */
		if (!self->error)
			g_main_loop_run(loop);
		for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
			g_source_remove(sources[i]);
		close(changes);
	}
	if (end >= 0)
		close(end);
}

/* The names of nodes that have a log. */
static GPtrArray *logged_nodes(const char *nodes)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(nodes, 0, NULL);
	for (const char *name; dir && (name = g_dir_read_name(dir));)
		g_ptr_array_add(names, g_strdup(name));
	return names;
}

/** netlab logs. */
int cmd_logs(int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL;
	gboolean on = FALSE;
	const GOptionEntry entries[] = {
		{"follow", 'f', 0, G_OPTION_ARG_NONE, &on, "Keep printing new output", NULL},
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 1, 1, error))
		return STATUS_USAGE;
	g_autoptr(LabDirectory) lab = lab_locate(which, TRUE, error);
	if (!lab)
		return STATUS_FAILED;
	g_autofree char *nodes = g_build_filename(lab->directory, "nodes", NULL);
	g_autofree char *log = g_build_filename(nodes, argv[1], "boot.log", NULL);
	int fd = strchr(argv[1], '/') ? -1 : open(log, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		g_autoptr(GPtrArray) names = logged_nodes(nodes);
		g_autofree char *hint = did_you_mean(argv[1], names);
		return cli_failed(error, "lab \"%s\" has no log of node \"%s\"%s", lab->name, argv[1], hint);
	}
	Follow self = {.fd = fd, .directory = lab->directory, .path = log};
	if (print_new(&self) && on)
		follow(&self);
	close(self.fd);
	if (!self.error)
		return STATUS_OK;
	g_propagate_error(error, self.error);
	return STATUS_FAILED;
}
