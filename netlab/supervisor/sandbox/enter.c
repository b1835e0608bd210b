/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab-enter TASKS PROGRAM ARGUMENT...: the first program in a guest's sandbox. Limits the tasks that the sandbox may have, and
 * becomes PROGRAM.
 *
 * Only inside can the limit be set before PROGRAM runs: it counts the tasks of a user in a user namespace, outside all those of
 * netlab's user (setrlimit(2), RLIMIT_NPROC; user_namespaces(7)). Root's are not limited; memory_watch.c counts them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	rlim_t tasks = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (!tasks) {
		fputs("usage: netlab-enter TASKS PROGRAM ARGUMENT...\n", stderr);
		return 2;
	}
	if (setrlimit(RLIMIT_NPROC, &(struct rlimit){tasks, tasks}) == 0)
		execv(argv[2], argv + 2);
	fprintf(stderr, "netlab-enter: cannot run %s: %s\n", argv[2], strerror(errno));
	return 127;
}
