/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreground start-up commands run one after the other, background ones beside them. Their output goes to the console,
 * which is the boot log. Standard error passes through the agent, so that a failure is reported with its reason. */
#include "filesystems/guest/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filesystems/guest/line.h"
#include "filesystems/guest/links.h"
#include "filesystems/guest/loop.h"
#include "filesystems/guest/process.h"
#include "filesystems/guest/report.h"

/* bytes of a command in a warning */
#define COMMAND_SHOWN 200

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
	char first[256]; /* their first line that is not empty: programs say what is wrong before they say where */
	unsigned more;   /* lines after it */
	char line[256];  /* the line that has not ended yet */
	size_t length;
	char command[];
};

static Run *runs;
static bool gone_on, over; /* AGENT_GO was received; the foreground commands have ended */

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
	if (over)
		next_run();
}

void startup_go(void)
{
	gone_on = true;
	links_settle();
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

static void keep_first_line(Run *run, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' || text[i] == '\r') {
			run->line[run->length] = '\0';
			if (run->first[0])
				run->more += run->length > 0;
			else
				memcpy(run->first, run->line, run->length + 1);
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
		keep_first_line(run, text, (size_t)n);
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

static void send_ready(void)
{
	line_send(AGENT_READY, 0, NULL, 0);
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
	if (gone_on && !over) {
		over = true;
		links_await(send_ready);
	}
}

static void warn_of(const Run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How a command ended and why: its first error line, and where the rest is. Of a script its first line is enough to find it
 * by; the whole would leave no room for the reason. */
static void warn_of(const Run *run, const char *format, ...)
{
	const char *begin = run->command + strspn(run->command, " \t\n");
	size_t length = strcspn(begin, "\n");
	bool whole = length <= COMMAND_SHOWN && begin[length + strspn(begin + length, " \t\n")] == '\0';
	char how[96], rest[160] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(how, sizeof how, format, arguments);
	va_end(arguments);
	if (!run->first[0])
		snprintf(rest, sizeof rest, "no error output; \"netlab logs %s\" shows what it printed",
			process_hostname());
	else if (run->more > 0)
		snprintf(rest, sizeof rest, " (and %u more line%s: netlab logs %s)", run->more,
			run->more == 1 ? "" : "s", process_hostname());
	report_warning("run \"%.*s%s\": %s: %s%s", (int)(length < COMMAND_SHOWN ? length : COMMAND_SHOWN), begin,
		whole ? "" : " ...", how, run->first, rest);
}

bool startup_exited(pid_t pid, int status)
{
	Run *run = runs;
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
	keep_first_line(run, "\n", 1);
	if (WIFSIGNALED(status))
		warn_of(run, "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		warn_of(run, "exit status %d", WEXITSTATUS(status));
	free_if_over(run);
	next_run();
	return true;
}
