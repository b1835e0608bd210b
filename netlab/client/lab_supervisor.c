/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_supervisor.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/host/process.h"

/* For the supervisor and all that it started to die. */
enum { DEATH_MS = 10000 };

/* Whether process PID has this file open. */
static gboolean has_open(pid_t pid, const struct stat *wanted)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/fd", pid);
	DIR *folder = opendir(path);
	gboolean found = FALSE;
	for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
		struct stat st;
		found = fstatat(dirfd(folder), entry->d_name, &st, 0) == 0 && st.st_dev == wanted->st_dev &&
			st.st_ino == wanted->st_ino;
	}
	if (folder)
		closedir(folder);
	return found;
}

/* The process that holds the lock of a lab. The kernel does not tell whose a lock of an open file is (fcntl(2), F_OFD_GETLK), so
 * it is the one that the lock's file names, if that really has it open: its number may be another process's by now.
 * Returns a pidfd, -1 when it cannot be found. */
static int find(const LabDirectory *lab, pid_t *pid)
{
	char text[24] = "";
	struct stat st;
	int lock = lab_lock_open(lab->directory), pidfd = -1;
	if (lock < 0)
		return -1;
	if (fstat(lock, &st) == 0 && pread(lock, text, sizeof text - 1, 0) > 0 && (*pid = atoi(text)) > 0)
		pidfd = pidfd_open(*pid, 0);
	close(lock);
	if (pidfd >= 0 && !has_open(*pid, &st)) {
		close(pidfd);
		return -1;
	}
	return pidfd;
}

void lab_supervisor_is_silent(const LabDirectory *lab, GError **error)
{
	pid_t pid;
	int pidfd = find(lab, &pid);
	g_autofree char *why = pidfd >= 0 ? process_silence(pid) : g_strdup("its process was not found");
	if (pidfd >= 0)
		close(pidfd);
	g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_STUCK,
		"the supervisor of lab \"%s\" does not answer: %s; \"netlab stop --force %s\" ends the lab", lab->name,
		why, lab->name);
}

/* Adds a pidfd of each process below PID. */
static void add_descendants(pid_t pid, GArray *pidfds)
{
	g_autoptr(GArray) children = process_children(pid);
	for (guint i = 0; i < children->len; i++) {
		pid_t child = g_array_index(children, pid_t, i);
		int pidfd = pidfd_open(child, 0);
		if (pidfd >= 0)
			g_array_append_val(pidfds, pidfd);
		add_descendants(child, pidfds);
	}
}

static gboolean ends(int pidfd, gint64 deadline)
{
	gint64 left = (deadline - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
	return poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, (int)MAX(left, 0)) > 0;
}

gboolean lab_supervisor_kill(const LabDirectory *lab, GError **error)
{
	pid_t pid;
	int pidfd = find(lab, &pid);
	if (pidfd < 0 && lab_directory_alive(lab->directory)) {
		g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_FAILED,
			"cannot find the process that supervises lab \"%s\"; \"fuser %s/lock\" shows who holds its lock",
			lab->name, lab->directory);
		return FALSE;
	}
	g_autoptr(GArray) below = g_array_new(FALSE, FALSE, sizeof(int));
	gint64 deadline = g_get_monotonic_time() + DEATH_MS * G_TIME_SPAN_MILLISECOND;
	gboolean gone = TRUE;
	if (pidfd >= 0) {
		add_descendants(pid, below);
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		gone = ends(pidfd, deadline);
		close(pidfd);
	}
	for (guint i = 0; i < below->len; i++) {
		int one = g_array_index(below, int, i);
		/* As a rule the kernel has done it. */
		pidfd_send_signal(one, SIGKILL, NULL, 0);
		gone &= ends(one, deadline);
		close(one);
	}
	if (gone)
		return lab_directory_remove(lab, error);
	g_set_error(error, CLIENT_ERROR, CLIENT_ERROR_STUCK,
		"processes of lab \"%s\" were killed and do not end: the host's kernel holds them", lab->name);
	return FALSE;
}
