/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlab/host/process.h"
#include "netlab/supervisor/sandbox/processes.h"
#include "netlab/supervisor/sandbox/spawn.h"

#define PATIENCE (10 * G_TIME_SPAN_SECOND)

typedef struct {
	gboolean over;
	ChildEnd end;
} Outcome;

static void on_ended(Child *child, const ChildEnd *end, gpointer data)
{
	*(Outcome *)data = (Outcome){TRUE, *end};
}

static void wait_for_end(Outcome *outcome)
{
	gint64 until = g_get_monotonic_time() + PATIENCE;
	while (!outcome->over) {
		assert_true(g_get_monotonic_time() < until);
		if (!g_main_context_iteration(NULL, FALSE))
			g_usleep(500);
	}
}

/* Runs a shell command with descriptor 1 and 2 on a pipe, and OPTIONS' limits; returns what it wrote. */
static char *run(const char *command, SpawnOptions options, Outcome *outcome)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	int ends[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	g_autoptr(GError) error = NULL;
	char bytes[4096];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const int fds[] = {null, ends[1], ends[1], ends[0]};
	if (!options.argv)
		options.argv = argv;
	options.fds = fds;
	options.n_fds = options.n_fds ? options.n_fds : 3;
	*outcome = (Outcome){0};
	g_autoptr(Child) child = child_spawn(&options, on_ended, outcome, &error);
	assert_non_null(child);
	wait_for_end(outcome);
	close(ends[1]);
	ssize_t n = read(ends[0], bytes, sizeof bytes);
	close(ends[0]);
	close(null);
	return g_strchomp(g_strndup(bytes, (gsize)MAX(n, 0)));
}

static void it_has_its_descriptors_and_no_other(void **state)
{
	Outcome outcome;
	int stray = open("/dev/null", O_RDONLY); /* not close-on-exec: a library's, perhaps */
	g_autofree char *text = run("echo /proc/self/fd/*", (SpawnOptions){.cpu = -1, .n_fds = 4}, &outcome);
	/* The shell itself has one open for the folder it reads, or none. */
	assert_true(g_str_has_prefix(text, "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3"));
	g_autofree char *name = g_strdup_printf("/proc/self/fd/%d ", stray);
	if (stray > 4)
		assert_null(strstr(text, name));
	assert_false(outcome.end.killed);
	assert_int_equal(outcome.end.code, 0);
	close(stray);
}

static void it_is_pinned_limited_and_first_to_go(void **state)
{
	Outcome outcome;
	cpu_set_t set;
	int cpu = 0;
	assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
	while (!CPU_ISSET(cpu, &set))
		cpu++;
	SpawnOptions options = {
		.cpu = cpu, .oom_score = 600, .file_size = 1 << 20, .data = 64 << 20, .address_space = 256 << 20};
	g_autofree char *text =
		run("sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status; cat /proc/self/oom_score_adj; "
		    "ulimit -f -H; ulimit -d -H; ulimit -v -H; ulimit -c -H",
			options, &outcome);
	g_autofree char *wanted = g_strdup_printf("%d\n600\n2048\n65536\n262144\n0", cpu);
	/* the shell counts files in blocks of 512 or of 1024 bytes */
	g_autofree char *wanted_too = g_strdup_printf("%d\n600\n1024\n65536\n262144\n0", cpu);
	assert_true(g_str_equal(text, wanted) || g_str_equal(text, wanted_too));
}

static void how_it_ended_is_told(void **state)
{
	Outcome outcome;
	g_autofree char *none = run("exit 3", (SpawnOptions){.cpu = -1}, &outcome),
			*three = child_end_text(&outcome.end);
	assert_string_equal(three, "exited with status 3");
	g_autofree char *too = run("kill -9 $$", (SpawnOptions){.cpu = -1}, &outcome),
			*killed = child_end_text(&outcome.end);
	assert_string_equal(killed, "killed by signal 9 (Killed)");
	g_autofree char *of_sandbox = child_end_text(&(ChildEnd){FALSE, 137});
	assert_string_equal(of_sandbox, "killed by signal 9 (Killed)");
	static const char *const missing[] = {"/nonexistent/linux", NULL};
	g_autofree char *text = run("", (SpawnOptions){.argv = missing, .cpu = -1}, &outcome);
	assert_string_equal(text, "netlabd: cannot start /nonexistent/linux: exec failed: No such file or directory");
	assert_int_equal(outcome.end.code, 127);
}

/* A logout tells a whole session at once. */
static void what_ends_a_session_is_not_for_it(void **state)
{
	Outcome outcome;
	g_autofree char *text =
		run("kill -TERM $$; kill -INT $$; kill -HUP $$; echo here", (SpawnOptions){.cpu = -1}, &outcome);
	assert_string_equal(text, "here");
	assert_false(outcome.end.killed);
}

static void freeing_kills(void **state)
{
	static const char *const argv[] = {"/bin/sleep", "1000", NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int fds[] = {null, null, null};
	Outcome outcome = {0};
	g_autoptr(GError) error = NULL;
	Child *child = child_spawn(
		&(SpawnOptions){.argv = argv, .fds = fds, .n_fds = 3, .cpu = -1}, on_ended, &outcome, &error);
	assert_non_null(child);
	pid_t pid = child_pid(child);
	child_free(child);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_false(outcome.over);
	close(null);
}

/* The parent is killed outright: so is the child. */
static void it_does_not_outlive_its_parent(void **state)
{
	static const char *const argv[] = {"/bin/sleep", "1000", NULL};
	int told[2], status;
	pid_t grandchild = 0;
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid_t parent = fork();
	assert_true(parent >= 0);
	if (parent == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		const int fds[] = {null, null, null};
		Child *child = child_spawn(
			&(SpawnOptions){.argv = argv, .fds = fds, .n_fds = 3, .cpu = -1}, on_ended, NULL, NULL);
		grandchild = child ? child_pid(child) : 0;
		if (write(told[1], &grandchild, sizeof grandchild) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(told[0], &grandchild, sizeof grandchild), sizeof grandchild);
	assert_true(grandchild > 0);
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(waitpid(grandchild, &status, 0), grandchild);
	/* Or it saw before its program began that it has no parent any more. */
	assert_true((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
		(WIFEXITED(status) && WEXITSTATUS(status) == 127));
	close(told[0]);
	close(told[1]);
}

/* -- orphans -- */

static gboolean has_child(void)
{
	siginfo_t info = {0};
	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* What a child leaves behind, ended or not, must not go to process 1 of the host, which may be no init. */
static void orphans_are_reaped(void **state)
{
	Outcome outcome;
	child_adopt_orphans();
	/* One ends soon after its parent, one would run for long. */
	g_autofree char *said = run("(sleep 0.1 & sleep 1000 &) >/dev/null 2>&1", (SpawnOptions){.cpu = -1}, &outcome);
	assert_false(outcome.end.killed);
	assert_true(has_child());
	assert_true(child_reap_orphans(5000));
	assert_false(has_child());
	assert_true(child_reap_orphans(0));
}

/* While a lab runs they are reaped from the main loop; a child that runs is left alone. */
static void orphans_are_reaped_meanwhile(void **state)
{
	const char *argv[] = {"/bin/sleep", "1000", NULL};
	Outcome outcome, runs = {0};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	g_autoptr(GError) error = NULL;
	SpawnOptions options = {.argv = argv, .fds = (const int[]){null, null, null}, .n_fds = 3, .cpu = -1};
	child_adopt_orphans();
	Child *child = child_spawn(&options, on_ended, &runs, &error);
	assert_non_null(child);
	g_autofree char *said = run("(sleep 0.1 &) >/dev/null 2>&1", (SpawnOptions){.cpu = -1}, &outcome);
	gint64 until = g_get_monotonic_time() + PATIENCE;
	for (guint n = 2; n != 1;) {
		g_autoptr(GArray) children = process_children(getpid());
		n = children->len;
		assert_true(g_get_monotonic_time() < until);
		g_main_context_iteration(NULL, n != 1);
	}
	assert_false(runs.over);
	child_free(child);
	close(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_its_descriptors_and_no_other),
		cmocka_unit_test(it_is_pinned_limited_and_first_to_go),
		cmocka_unit_test(how_it_ended_is_told),
		cmocka_unit_test(what_ends_a_session_is_not_for_it),
		cmocka_unit_test(freeing_kills),
		cmocka_unit_test(it_does_not_outlive_its_parent),
		cmocka_unit_test(orphans_are_reaped),
		cmocka_unit_test(orphans_are_reaped_meanwhile),
	};
	return cmocka_run_group_tests_name("spawn", tests, NULL, NULL);
}
