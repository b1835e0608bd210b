/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/processes.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];
	g_snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

static FILE *open_children(pid_t pid)
{
	char name[48];
	g_snprintf(name, sizeof name, "task/%d/children", pid);
	return open_proc(pid, name);
}

/** The first child of a process, from proc_pid_task(5). */
pid_t processes_first_child(pid_t pid)
{
	FILE *file = open_children(pid);
	int child = 0;
	if (file) {
		if (fscanf(file, "%d", &child) != 1)
			child = 0;
		fclose(file);
	}
	return child;
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

/** The guest kernel below a child. */
pid_t processes_guest_kernel(pid_t child)
{
	pid_t init = processes_first_child(child);
	pid_t kernel = init > 0 && processes_is_namespace_init(init) ? processes_first_child(init) : 0;
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
	FILE *file = open_children(kernel);
	int child;
	while (file && fscanf(file, "%d", &child) == 1)
		total += resident_of(child, FALSE);
	if (file)
		fclose(file);
	return total;
}

/** At most N tasks for a guest. */
void processes_limit_tasks(pid_t kernel, unsigned n)
{
	prlimit(kernel, RLIMIT_NPROC, &(struct rlimit){n, n}, NULL);
}
