/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays process 1 of a container that is not an init, and says what would have become a zombie there.
 *
 *   orphans COMMAND ARG...
 *
 * Runs COMMAND as a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER) and waits until it and everything that it left behind has
 * ended. Prints the name of each orphan that ended. Exit status: that of COMMAND. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The name of a process that has ended and is not reaped yet. */
static void print_name(pid_t pid)
{
	char path[64], name[64] = "?\n";
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	FILE *file = fopen(path, "r");
	if (file && !fgets(name, sizeof name, file))
		strcpy(name, "?\n");
	if (file)
		fclose(file);
	fputs(name, stdout);
}

int main(int argc, char **argv)
{
	siginfo_t info;
	int status = 0;
	if (argc < 2) {
		fprintf(stderr, "usage: orphans COMMAND ARG...\n");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t command = fork();
	if (command == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	/* Until no child is left; one that is waited for is not reaped yet, so that its name can be read. */
	while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0 || errno == EINTR) {
		if (info.si_pid != command)
			print_name(info.si_pid);
		int s;
		if (waitpid(info.si_pid, &s, 0) == command)
			status = WIFEXITED(s) ? WEXITSTATUS(s) : 128 + WTERMSIG(s);
	}
	return status;
}
