/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib-unix.h>
#include <signal.h>

#include "netlab/cli.h"
#include "netlab/exec_session.h"
#include "netlab/lab_start.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER]",
	.summary = "Runs the checks of a lab and prints the results as TAP (version 13). The lab is started when\n"
		   "it does not run, and stopped afterwards then; one that runs is left running. A check is\n"
		   "tried again until it holds or its timeout has passed. The exit status is 1 when a check does\n"
		   "not hold.",
	.examples = "  netlab test\n"
		    "  netlab test examples/firewall\n"
		    "  netlab test --check 'web is reachable'\n",
};

enum { RETRY_MS = 250 };

/* The last attempt at a check: what did not hold. */
typedef struct {
	const LabCheckRun *run; /* borrowed; NULL when all held */
	int status;             /* -1: could not be run, see message */
	char *message;
	GString *output, *errors;
	guint attempts;
} Attempt;

static gboolean interrupted;

static gboolean on_interrupt(gpointer data)
{
	interrupted = TRUE;
	return G_SOURCE_CONTINUE;
}

static gboolean on_timer(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

static void pause_ms(guint ms)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_timeout_add(ms, on_timer, loop);
	g_main_loop_run(loop);
}

/* Runs the commands of a check in order until one does not do as expected. */
static gboolean attempt(LabConnection *lab, const LabCheck *check, gint64 until, Attempt *self)
{
	self->attempts++;
	for (guint i = 0; i < check->runs->len && !interrupted; i++) {
		const LabCheckRun *run = g_ptr_array_index(check->runs, i);
		const char *argv[] = {"/bin/sh", "-c", run->command, NULL};
		gint64 left = MAX(1, (until - g_get_monotonic_time()) / 1000);
		g_autoptr(GError) error = NULL;
		g_string_truncate(self->output, 0);
		g_string_truncate(self->errors, 0);
		g_clear_pointer(&self->message, g_free);
		self->run = run;
		self->status = exec_run(lab, run->node_name, argv, self->output, self->errors, (guint)left, &error);
		if (error)
			self->message = g_strdup(error->message);
		if (self->status < 0 || (self->status != 0) != run->expect_failure)
			return FALSE;
	}
	self->run = NULL;
	return !interrupted;
}

/* A block of text in the YAML of a diagnostic. */
static void print_block(const char *key, const char *text)
{
	g_autofree char *printable = cli_printable(text);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(printable), "\n", -1);
	if (!*printable)
		return;
	printf("  %s: |\n", key);
	for (char **line = lines; *line; line++)
		printf("    %s\n", *line);
}

static void print_diagnostic(const LabCheck *check, const Attempt *self)
{
	g_autofree char *file = g_path_get_basename(check->pos.file);
	puts("  ---");
	printf("  at: %s:%d:%d\n", file, check->pos.line, check->pos.column);
	printf("  attempts: %u\n", self->attempts);
	if (self->run) {
		printf("  node: %s\n", self->run->node_name);
		print_block("command", self->run->command);
		printf("  expected: %s\n", self->run->expect_failure ? "a status other than 0" : "status 0");
		if (self->status >= 0)
			printf("  status: %d\n", self->status);
		print_block("message", self->message ? self->message : "");
		print_block("output", self->output->str);
		print_block("errors", self->errors->str);
	}
	puts("  ...");
}

/* Tries a check until it holds or its time is over. */
static gboolean run_check(LabConnection *lab, const LabCheck *check, guint number)
{
	gint64 begin = g_get_monotonic_time(), until = begin + (gint64)check->timeout_ms * 1000;
	g_autoptr(GString) output = g_string_new(NULL);
	g_autoptr(GString) errors = g_string_new(NULL);
	Attempt self = {.output = output, .errors = errors};
	gboolean holds;
	while (!(holds = attempt(lab, check, until, &self)) && !interrupted) {
		if (g_get_monotonic_time() + RETRY_MS * 1000 >= until || g_dbus_connection_is_closed(lab->connection))
			break;
		pause_ms(RETRY_MS);
	}
	g_autofree char *took = cli_duration(g_get_monotonic_time() - begin);
	printf("%sok %u - %s # %s\n", holds ? "" : "not ", number, check->name, took);
	if (!holds)
		print_diagnostic(check, &self);
	fflush(stdout);
	g_free(self.message);
	return holds;
}

/* The running lab that came from this file, or a fresh one. */
static LabConnection *get_lab(const Lab *lab, gboolean unconfined, gboolean *started, GError **error)
{
	g_autoptr(LabDirectory) running = lab_directory_find(lab->name, error);
	g_autofree char *file = running && running->alive ? lab_file_of(running) : NULL;
	if (file && g_str_equal(file, lab->file))
		return lab_connection_new(running, error);
	guint failed = 0;
	LabStart options = {.file = lab->file, .unconfined = unconfined, .quiet = TRUE};
	LabConnection *connection = lab_start(&options, &failed, error);
	*started = connection != NULL;
	return connection;
}

static guint run_checks(LabConnection *lab, GPtrArray *checks)
{
	guint failed = 0;
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_interrupt, NULL),
		g_unix_signal_add(SIGTERM, on_interrupt, NULL),
		g_unix_signal_add(SIGHUP, on_interrupt, NULL),
	};
	printf("TAP version 13\n1..%u\n", checks->len);
	fflush(stdout);
	for (guint i = 0; i < checks->len && !interrupted; i++)
		failed += !run_check(lab, g_ptr_array_index(checks, i), i + 1);
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	return failed;
}

/* The checks to run: all, or the one that was named. */
static GPtrArray *choose(const Lab *lab, const char *name, GError **error)
{
	g_autoptr(GPtrArray) chosen = g_ptr_array_new();
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < lab->checks->len; i++) {
		LabCheck *check = g_ptr_array_index(lab->checks, i);
		g_ptr_array_add(names, check->name);
		if (!name || g_str_equal(check->name, name))
			g_ptr_array_add(chosen, check);
	}
	if (!name || chosen->len)
		return g_steal_pointer(&chosen);
	g_autofree char *hint = cli_did_you_mean(name, names);
	cli_failed(error, "lab \"%s\" has no check \"%s\"%s", lab->name, name, hint);
	return NULL;
}

/** netlab test. */
int cmd_test(int argc, char **argv, GError **error)
{
	g_autofree char *name = NULL;
	gboolean unconfined = FALSE, keep = FALSE, started = FALSE;
	const GOptionEntry entries[] = {
		{"check", 'c', 0, G_OPTION_ARG_STRING, &name, "Run this check alone", "NAME"},
		{"keep", 'k', 0, G_OPTION_ARG_NONE, &keep, "Leave a lab running that was started for this", NULL},
		{"unconfined", 0, 0, G_OPTION_ARG_NONE, &unconfined, "Go on without the sandbox: guests are trusted",
			NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	g_autoptr(Lab) lab = lab_read_or_print(argc > 1 ? argv[1] : ".", error);
	g_autoptr(GPtrArray) checks = lab ? choose(lab, name, error) : NULL;
	if (!checks)
		return 0;
	if (checks->len == 0)
		return cli_failed(
			error, "lab \"%s\" has no checks; <check> elements make some, see netlab-lab(5)", lab->name);
	g_autoptr(LabConnection) connection = get_lab(lab, unconfined, &started, error);
	if (!connection)
		return 0;
	guint failed = run_checks(connection, checks);
	if (started && !keep && !lab_stop(connection, 5000, error))
		return STATUS_FAILED;
	if (interrupted) {
		g_set_error_literal(error, NETLAB_ERROR, STATUS_INTERRUPTED, "interrupted");
		return STATUS_INTERRUPTED;
	}
	return failed ? STATUS_FAILED : STATUS_OK;
}
