/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreground start-up commands run one after the other, background ones beside them. Their output goes to the console,
 * which is the boot log. Standard error passes through the agent, so that a failure is reported with its reason. */
#include "filesystems/guest/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filesystems/guest/line.h"
#include "filesystems/guest/loop.h"
#include "filesystems/guest/process.h"
#include "filesystems/guest/report.h"

typedef struct Run Run;
struct Run {
	Run *next;
	bool background;
	enum {
		RUN_WAITING,
		RUN_RUNNING,
		RUN_ENDED
	} state; /* an ended one is kept while a process holds its errors open */
	pid_t pid;
	Watch errors;
	char last[256]; /* their last line that is not empty */
	char line[256]; /* the line that has not ended yet */
	size_t length;
	char command[];
};

static Run *runs;
static bool gone_on, ready; /* AGENT_GO was received; AGENT_READY was sent */

static void next_run(void);

void startup_add(const char *command, bool background)
{
	Run *run = calloc(1, sizeof *run + strlen(command) + 1), **end = &runs;

	if (!run) {
		report_warning("run \"%s\": %m", command);
		return;
	}
	strcpy(run->command, command);
	run->background = background;
	run->errors.fd = -1;
	while (*end)
		end = &(*end)->next;
	*end = run;
	if (ready)
		next_run();
}

void startup_go(void)
{
	gone_on = true;
	next_run();
}

static void free_if_over(Run *run)
{
	if (run->state != RUN_ENDED || run->errors.fd >= 0)
		return;
	for (Run **place = &runs; *place; place = &(*place)->next) {
		if (*place == run) {
			*place = run->next;
			free(run);
			return;
		}
	}
}

static void keep_last_line(Run *run, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' || text[i] == '\r') {
			run->line[run->length] = '\0';
			if (run->length > 0)
				memcpy(run->last, run->line, run->length + 1);
			run->length = 0;
		} else if (run->length < sizeof run->line - 1) {
			run->line[run->length++] = text[i];
		}
	}
}

/* Reads a piece of what is there; returns its length, 0 when there is nothing now. */
static size_t pass_errors(Run *run)
{
	char text[4096];
	ssize_t n = run->errors.fd < 0 ? -1 : read(run->errors.fd, text, sizeof text);

	if (n > 0) {
		fwrite(text, 1, (size_t)n, stderr);
		keep_last_line(run, text, (size_t)n);
	} else if (n == 0) {
		watch_close(&run->errors);
	}
	return n > 0 ? (size_t)n : 0;
}

static void on_errors(Watch *watch, uint32_t events)
{
	Run *run = containing(watch, Run, errors);

	pass_errors(run);
	free_if_over(run);
}

static int start(Run *run)
{
	char *argv[] = {"sh", "-c", run->command, NULL};
	char **environment = process_environment(NULL, 0);
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC), ends[2];
	int out = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC), error;

	run->pid = -1;
	error = environment ? errno : ENOMEM;
	if (environment && in >= 0 && out >= 0 && pipe2(ends, O_CLOEXEC) == 0) {
		Program program = {.argv = argv, .environment = environment, .in = in, .out = out, .err = ends[1]};

		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		run->errors = (Watch){.fd = ends[0], .ready = on_errors};
		if (watch_add(&run->errors, EPOLLIN) == 0)
			run->pid = process_start(&program);
		error = errno;
		close(ends[1]);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	free(environment);
	errno = error;
	return run->pid < 0 ? -1 : 0;
}

/* Starts the next commands: everything up to and including the next foreground command. */
static void next_run(void)
{
	for (Run *run = runs, *next; run; run = next) {
		next = run->next;
		if (run->state == RUN_RUNNING && !run->background)
			return;
		if (run->state != RUN_WAITING)
			continue;
		run->state = RUN_RUNNING;
		if (start(run) == 0) {
			if (!run->background)
				return;
			continue;
		}
		report_warning("run \"%s\": cannot start: %m", run->command);
		watch_close(&run->errors);
		run->state = RUN_ENDED;
		free_if_over(run);
	}
	if (gone_on && !ready)
		line_send(AGENT_READY, 0, NULL, 0);
	ready = ready || gone_on;
}

bool startup_exited(pid_t pid, int status)
{
	Run *run = runs;
	const char *reason;
	int left = 0;

	while (run && !(run->state == RUN_RUNNING && run->pid == pid))
		run = run->next;
	if (!run)
		return false;
	run->state = RUN_ENDED;
	/* no more than was there when it ended: processes that it left behind may write faster than we read */
	if (run->errors.fd >= 0)
		ioctl(run->errors.fd, FIONREAD, &left);
	for (size_t n; left > 0 && (n = pass_errors(run)) > 0; left -= (int)n)
		;
	keep_last_line(run, "\n", 1);
	reason = run->last[0] ? run->last : "no error output";
	if (WIFSIGNALED(status))
		report_warning("run \"%s\": killed by signal %d (%s): %s", run->command, WTERMSIG(status),
			strsignal(WTERMSIG(status)), reason);
	else if (WEXITSTATUS(status) != 0)
		report_warning("run \"%s\": exit status %d: %s", run->command, WEXITSTATUS(status), reason);
	free_if_over(run);
	next_run();
	return true;
}
