/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/host/process.h"

/* Of /proc/PID/status up to the lines on memory; only the list of groups, which come before them, has no bound. */
#define STATUS_MAX 8192

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];
	g_snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

pid_t processes_first_child(pid_t pid)
{
	g_autoptr(GArray) children = process_children(pid);
	return children->len ? g_array_index(children, pid_t, 0) : 0;
}

/** Whether a process is number 1 of a pid namespace below ours: NSpid of proc_pid_status(5) has two numbers or more. */
gboolean processes_is_namespace_init(pid_t pid)
{
	FILE *file = open_proc(pid, "status");
	char line[256];
	gboolean is = FALSE;
	while (file && fgets(line, sizeof line, file)) {
		int outer, inner;
		if (sscanf(line, "NSpid: %d %d", &outer, &inner) == 2)
			is = inner == 1;
	}
	if (file)
		fclose(file);
	return is;
}

/** Number 1 of a child's sandbox. */
pid_t processes_sandbox_init(pid_t child)
{
	pid_t init = processes_first_child(child);
	return init > 0 && processes_is_namespace_init(init) ? init : 0;
}

/** The guest kernel below a child. */
pid_t processes_guest_kernel(pid_t child)
{
	pid_t init = processes_sandbox_init(child);
	pid_t kernel = init ? processes_first_child(init) : 0;
	return kernel > 0 ? kernel : child;
}

/* A field of /proc/PID/status, in bytes. */
static guint64 resident_of(pid_t pid, gboolean shared_too)
{
	FILE *file = open_proc(pid, "status");
	guint64 total = 0, kib;
	char line[256];
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "RssAnon: %" G_GUINT64_FORMAT, &kib) == 1 ||
			(shared_too && sscanf(line, "RssShmem: %" G_GUINT64_FORMAT, &kib) == 1))
			total += kib * 1024;
	if (file)
		fclose(file);
	return total;
}

/** Bytes of host memory that a guest holds. */
guint64 processes_resident(pid_t kernel)
{
	guint64 total = resident_of(kernel, TRUE);
	g_autoptr(GArray) children = process_children(kernel);
	for (guint i = 0; i < children->len; i++)
		total += resident_of(g_array_index(children, pid_t, i), FALSE);
	return total;
}

/* The number after a line's name, KiB converted to bytes. A process's name cannot look like a line: its newlines are escaped. */
static guint64 status_field(const char *status, const char *name)
{
	const char *line = strstr(status, name);
	return line ? strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

/* Adds what a task's status says. FALSE: it has no memory (any more). */
static gboolean add_task(int folder, const char *task, ProcessMemory *sum)
{
	char path[32], status[STATUS_MAX];
	g_snprintf(path, sizeof path, "%.20s/status", task);
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, status, sizeof status - 1) : 0;
	if (fd >= 0)
		close(fd);
	status[MAX(n, 0)] = '\0';
	if (!strstr(status, "\nVmPTE:"))
		return FALSE;
	sum->private += status_field(status, "\nRssAnon:") + status_field(status, "\nVmSwap:");
	sum->tables += status_field(status, "\nVmPTE:");
	return TRUE;
}

/* Calls add for each number in a folder of /proc until it returns stop; takes the descriptor. */
static gboolean each_number(
	int fd, gboolean (*add)(int folder, const char *name, ProcessMemory *sum), gboolean stop, ProcessMemory *sum)
{
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	gboolean stopped = FALSE;
	if (!dir)
		return FALSE;
	for (struct dirent *entry; !stopped && (entry = readdir(dir));)
		if (g_ascii_isdigit(entry->d_name[0]))
			stopped = add(fd, entry->d_name, sum) && stop;
	closedir(dir);
	return TRUE;
}

static unsigned count_entries(int proc, const char *path)
{
	unsigned n = 0;
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

/* Tasks are the links of a folder; descriptors its size since Linux 6.2 (proc_pid_fd(5)), before that they are counted. */
static void count(int proc, const char *pid, ProcessMemory *sum)
{
	char path[32];
	struct stat st;
	g_snprintf(path, sizeof path, "%.20s/task", pid);
	if (fstatat(proc, path, &st, 0) == 0)
		sum->tasks += (unsigned)MAX(st.st_nlink, 2) - 2;
	g_snprintf(path, sizeof path, "%.20s/fd", pid);
	if (fstatat(proc, path, &st, 0) == 0)
		sum->files += st.st_size > 0 ? (unsigned)st.st_size : count_entries(proc, path);
}

static gboolean add_process(int proc, const char *pid, ProcessMemory *sum)
{
	char path[32];
	count(proc, pid, sum);
	if (add_task(proc, pid, sum))
		return TRUE;
	/* A first thread that has ended shows no memory; a thread that still runs does. */
	g_snprintf(path, sizeof path, "%.20s/task", pid);
	return each_number(openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), add_task, TRUE, sum);
}

/** Adds the memory of a sandbox. Its own /proc shows all of its processes, whoever their parent is, and no others. */
gboolean processes_sandbox_memory(pid_t init, ProcessMemory *sum)
{
	char path[32];
	struct stat ours, theirs;
	g_snprintf(path, sizeof path, "/proc/%d/root/proc", init);
	int proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return FALSE;
	/* Until bubblewrap has set it up, it is still ours. */
	if (stat("/proc", &ours) < 0 || fstat(proc, &theirs) < 0 || ours.st_dev == theirs.st_dev) {
		close(proc);
		return FALSE;
	}
	return each_number(proc, add_process, FALSE, sum);
}

static void signal_children(pid_t pid, int number)
{
	g_autoptr(GArray) children = process_children(pid);
	for (guint i = 0; i < children->len; i++)
		kill(g_array_index(children, pid_t, i), number);
}

pid_t processes_stopped(pid_t kernel)
{
	if (process_state(kernel) == 'T')
		return kernel;
	g_autoptr(GArray) children = process_children(kernel);
	for (guint i = 0; i < children->len; i++)
		if (process_state(g_array_index(children, pid_t, i)) == 'T')
			return g_array_index(children, pid_t, i);
	return 0;
}

/** Pauses a guest, or lets it continue: see processes.h. A stopped kernel starts no process, so it is the first to stop and
 *  the last to continue. */
void processes_pause(pid_t kernel, gboolean pause, gboolean traced)
{
	if (pause)
		kill(kernel, SIGSTOP);
	if (!traced)
		signal_children(kernel, pause ? SIGSTOP : SIGCONT);
	if (!pause)
		kill(kernel, SIGCONT);
}
