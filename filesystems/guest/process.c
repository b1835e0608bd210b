/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs are started with vfork(2): fork would copy the page tables, slowly in UML, only to drop them at once. */
#include "filesystems/guest/process.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static char hostname[80] = "HOSTNAME=localhost";
static char *const usual[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"USER=root",
	"LOGNAME=root",
	"SHELL=/bin/sh",
	"LANG=C.UTF-8",
	"TERM=linux",
	hostname,
};
enum { USUAL = sizeof usual / sizeof *usual };

void process_set_hostname(const char *name)
{
	snprintf(hostname, sizeof hostname, "HOSTNAME=%s", name);
}

const char *process_hostname(void)
{
	return strchr(hostname, '=') + 1;
}

char **process_environment(char *const *overrides, size_t count)
{
	char **environment = calloc(USUAL + count + 1, sizeof *environment);
	size_t n = 0;

	if (!environment)
		return NULL;
	for (size_t i = 0; i < USUAL; i++) {
		size_t length = strcspn(usual[i], "=") + 1;
		bool overridden = false;

		for (size_t j = 0; j < count; j++)
			overridden |= strncmp(usual[i], overrides[j], length) == 0;
		if (!overridden)
			environment[n++] = usual[i];
	}
	for (size_t j = 0; j < count; j++)
		environment[n++] = overrides[j];
	return environment;
}

static const char *search_path(char *const *environment)
{
	for (; *environment; environment++) {
		if (strncmp(*environment, "PATH=", 5) == 0)
			return *environment + 5;
	}
	return "/bin";
}

/* execvp with the PATH of the program's own environment. Returns the error. */
static int execute(const Program *program)
{
	const char *name = program->argv[0], *folder = search_path(program->environment);
	char path[PATH_MAX];
	int error = ENOENT;

	if (strchr(name, '/')) {
		execve(name, program->argv, program->environment);
		return errno;
	}
	while (*name) {
		int length = (int)strcspn(folder, ":");

		if (snprintf(path, sizeof path, "%.*s/%s", length, folder, name) < (int)sizeof path) {
			execve(path, program->argv, program->environment);
			/* a file that cannot be executed is a better reason than a later folder without the file */
			if (errno != ENOENT && errno != ENOTDIR)
				error = errno;
		}
		if (!folder[length])
			break;
		folder += length + 1;
	}
	return error;
}

/* In the child, in the parent's memory: system calls only. Returns when the program could not be started. */
static int become(const Program *program)
{
	static const int defaults[] = {SIGPIPE};
	sigset_t none;

	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		signal(defaults[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (dup2(program->in, 0) < 0 || dup2(program->out, 1) < 0 || dup2(program->err, 2) < 0)
		return errno;
	if (program->terminal && ioctl(0, TIOCSCTTY, 0) < 0)
		return errno;
	if (chdir("/root") < 0 && chdir("/") < 0)
		return errno;
	return execute(program);
}

pid_t process_start(const Program *program)
{
	volatile int error = 0; /* written by the child */
	pid_t pid = vfork();

	if (pid == 0) {
		error = become(program);
		_exit(127);
	}
	if (pid > 0 && error) {
		/* it is reaped with the others and belongs to nothing */
		errno = error;
		return -1;
	}
	return pid;
}
