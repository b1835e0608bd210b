/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/shutdown.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filesystems/guest/line.h"
#include "filesystems/guest/mounts.h"
#include "filesystems/guest/report.h"

/* How long processes may take to end after SIGTERM, and after SIGKILL. */
#define GRACE_SECONDS 2
#define KILLED_SECONDS 1

/* Orphans become children of this process, so when no child is left, no process is. */
static void wait_for_all(int seconds)
{
	struct timespec deadline, now, rest;
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += seconds;
	for (;;) {
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return;
		clock_gettime(CLOCK_MONOTONIC, &now);
		rest = (struct timespec){deadline.tv_sec - now.tv_sec, deadline.tv_nsec - now.tv_nsec};
		if (rest.tv_nsec < 0) {
			rest.tv_sec--;
			rest.tv_nsec += 1000000000;
		}
		if (rest.tv_sec < 0)
			return;
		sigtimedwait(&child, NULL, &rest);
	}
}

void shutdown_now(bool restart)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* interactive shells ignore TERM and obey HUP; stopped processes need CONT to receive either */
	kill(-1, SIGTERM);
	kill(-1, SIGHUP);
	kill(-1, SIGCONT);
	wait_for_all(GRACE_SECONDS);
	kill(-1, SIGKILL);
	wait_for_all(KILLED_SECONDS);
	mounts_end();
	line_flush();
	reboot(restart ? RB_AUTOBOOT : RB_POWER_OFF);
	for (;;)
		pause();
}

void shutdown_after_failure(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report_failure(format, arguments);
	va_end(arguments);
	shutdown_now(false);
}
