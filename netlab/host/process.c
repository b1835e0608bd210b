/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/process.h"

#include <stdio.h>
#include <string.h>

/** The children of a process, from proc_pid_task(5). */
GArray *process_children(pid_t pid)
{
	GArray *children = g_array_new(FALSE, FALSE, sizeof(pid_t));
	char path[64];
	g_snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	FILE *file = fopen(path, "re");
	pid_t child;
	while (file && fscanf(file, "%d", &child) == 1)
		g_array_append_val(children, child);
	if (file)
		fclose(file);
	return children;
}

char process_state(pid_t pid)
{
	char path[32], line[128];
	g_snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	/* "PID (NAME) STATE ...", and a name may hold anything, but it has at most 15 bytes, or 63 of a kernel thread. */
	size_t n = file ? fread(line, 1, sizeof line - 1, file) : 0;
	if (file)
		fclose(file);
	line[n] = '\0';
	const char *after = strrchr(line, ')');
	return after && after[1] == ' ' ? after[2] : '\0';
}

char *process_silence(pid_t pid)
{
	switch (process_state(pid)) {
	case 'T':
		return g_strdup_printf(
			"its process %d is stopped (SIGSTOP); \"kill -CONT %d\" lets it continue", pid, pid);
	case 't':
		return g_strdup_printf("its process %d is stopped by a debugger", pid);
	default:
		return g_strdup_printf("its process is %d", pid);
	}
}
