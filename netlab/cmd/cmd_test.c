/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib-unix.h>
#include <signal.h>
#include <sys/stat.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/plain_text.h"
#include "netlab/client/text.h"
#include "netlab/client/exec_session.h"
#include "netlab/client/lab_facts.h"
#include "netlab/cmd/lab_start.h"
#include "netlab/cmd/progress.h"
#include "netlab/cmd/show.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER|LAB]",
	.summary = "Runs the checks of a lab and prints the results as TAP (version 13). If the lab is not\n"
		   "running, it is started and stopped afterwards. A check is repeated until it passes or its\n"
		   "timeout is over (30 s, unless the lab file sets another), so a failing check takes that\n"
		   "long; one that needs a failed or stopped node fails at once. The exit status is 1 when a\n"
		   "check fails.",
	.examples = "  netlab test\n"
		    "  netlab test examples/firewall\n"
		    "  netlab test --check 'web is reachable'\n",
};

enum { RETRY_MS = 250 };

/* One check while it is tried, and the last attempt that failed: what did not hold. */
typedef struct {
	const LabCheck *check; /* borrowed */
	guint number, of;
	gint64 begin, until; /* monotonic microseconds */
	guint attempts;
	const LabCheckRun *run; /* borrowed; NULL when none failed */
	int status;             /* -1: could not be run, see message */
	char *message, *output, *errors;
	gboolean hopeless; /* a node that the check needs is down: it does not come back by itself */
} Attempt;

static void attempt_clear(Attempt *self)
{
	g_free(self->message);
	g_free(self->output);
	g_free(self->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attempt, attempt_clear)

static gboolean on_interrupt(gpointer cancel)
{
	g_cancellable_cancel(cancel);
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

/* Keeps why an attempt failed, unless it was only cut off by the end of the check's time where an earlier one ran to
 * its end: then that one tells more. */
static void keep_failure(Attempt *self, const LabCheckRun *run, int status, const GString *output,
	const GString *errors, const GError *error)
{
	if (self->run == run && self->status >= 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
		return;
	attempt_clear(self);
	self->run = run;
	self->status = status;
	self->message = g_strdup(error ? error->message : NULL);
	self->output = g_strdup(output->str);
	self->errors = g_strdup(errors->str);
}

/* Whether no later attempt can run a command on this node. */
static gboolean is_down(LabConnection *lab, const char *name)
{
	g_autoptr(NodeFacts) node = lab_node(lab, name, NULL);
	return node && (g_str_equal(node->state, "failed") || g_str_equal(node->state, "stopped"));
}

/* Runs the commands of a check in order until one does not do as expected. */
static gboolean attempt(LabConnection *lab, Attempt *self, GCancellable *cancel)
{
	self->attempts++;
	for (guint i = 0; i < self->check->runs->len; i++) {
		const LabCheckRun *run = g_ptr_array_index(self->check->runs, i);
		const char *argv[] = {"/bin/sh", "-c", run->command, NULL};
		gint64 left = MAX(1, (self->until - g_get_monotonic_time()) / 1000);
		g_autoptr(GString) output = g_string_new(NULL);
		g_autoptr(GString) errors = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		int status = exec_run(lab, run->node_name, argv, output, errors, (guint)left, cancel, &error);
		if (status >= 0 && (status != 0) == run->expect_failure)
			continue;
		keep_failure(self, run, status, output, errors, error);
		self->hopeless = status < 0 && is_down(lab, run->node_name);
		return FALSE;
	}
	return TRUE;
}

/* A block of text in the YAML of a diagnostic. */
static void print_block(const char *key, const char *text)
{
	g_autofree char *printable = printable_text(text);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(printable), "\n", -1);
	if (!*printable)
		return;
	printf("  %s: |\n", key);
	for (char **line = lines; *line; line++)
		printf("    %s\n", *line);
}

static void print_diagnostic(const Attempt *self)
{
	const LabPos *pos = &self->check->pos;
	g_autofree char *file = g_path_get_basename(pos->file);
	puts("  ---");
	printf("  at: %s:%d:%d\n", file, pos->line, pos->column);
	printf("  attempts: %u\n", self->attempts);
	if (self->run) {
		printf("  node: %s\n", self->run->node_name);
		print_block("command", self->run->command);
		printf("  expected: %s\n", self->run->expect_failure ? "a status other than 0" : "status 0");
		if (self->status >= 0)
			printf("  status: %d\n", self->status);
		print_block("message", self->message ? self->message : "");
		print_block("output", self->output);
		print_block("errors", self->errors);
	}
	puts("  ...");
}

/* Once a second, on a terminal: a check that does not pass yet is not silence. */
static gboolean show_progress(gpointer data)
{
	const Attempt *self = data;
	gint64 seconds = (g_get_monotonic_time() - self->begin) / G_USEC_PER_SEC;
	g_autofree char *text = g_strdup_printf("check %u of %u, %s: attempt %u, %d s of at most %u s", self->number,
		self->of, self->check->name, self->attempts, (int)seconds, self->check->timeout_ms / 1000);
	progress_show(text);
	return G_SOURCE_CONTINUE;
}

/* Tries a check until it holds or its time is over. When cancelled, it prints nothing: nobody knows whether it holds. */
static gboolean run_check(LabConnection *lab, const LabCheck *check, guint number, guint of, GCancellable *cancel)
{
	gint64 begin = g_get_monotonic_time();
	g_auto(Attempt) self = {.check = check,
		.number = number,
		.of = of,
		.begin = begin,
		.until = begin + (gint64)check->timeout_ms * 1000};
	gboolean holds;
	guint progress = g_timeout_add_seconds(1, show_progress, &self);
	while (!(holds = attempt(lab, &self, cancel)) && !g_cancellable_is_cancelled(cancel)) {
		if (self.hopeless || g_get_monotonic_time() + RETRY_MS * 1000 >= self.until ||
			g_dbus_connection_is_closed(lab->connection))
			break;
		pause_ms(RETRY_MS);
	}
	g_source_remove(progress);
	progress_show(NULL);
	if (g_cancellable_is_cancelled(cancel))
		return FALSE;
	g_autofree char *took = cli_duration(g_get_monotonic_time() - begin);
	printf("%sok %u - %s # %s\n", holds ? "" : "not ", number, check->name, took);
	if (!holds)
		print_diagnostic(&self);
	fflush(stdout);
	return holds;
}

static gboolean is_newer(const char *file, gint64 than)
{
	struct stat st;
	return stat(file, &st) == 0 && (gint64)st.st_mtim.tv_sec * G_USEC_PER_SEC + st.st_mtim.tv_nsec / 1000 > than;
}

/* A file that the lab is made of and that was changed since THEN (microseconds since the epoch), or NULL. */
static const char *changed_since(const Lab *lab, gint64 then)
{
	if (is_newer(lab->file, then))
		return lab->file;
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = g_ptr_array_index(lab->nodes, i);
		if (is_newer(node->pos.file, then))
			return node->pos.file;
		for (guint j = 0; j < node->files->len; j++) {
			const LabFile *file = g_ptr_array_index(node->files, j);
			if (file->source && is_newer(file->source, then))
				return file->source;
		}
	}
	return NULL;
}

/* The lab that runs, or a fresh one. */
static LabConnection *get_lab(
	const Lab *lab, const LabDirectory *running, gboolean unconfined, gboolean *started, GError **error)
{
	if (running) {
		LabConnection *connection = lab_connection_new(running, LAB_ANSWER_MS, error);
		gint64 since = connection ? netlab_lab1_get_started(connection->proxy) : 0;
		const char *changed = since > 0 ? changed_since(lab, since) : NULL;
		if (changed)
			progress_line(
				"warning: %s has changed since lab \"%s\" was started; \"netlab restart %s\" applies "
				"the changes",
				changed, running->name, running->name);
		return connection;
	}
	guint failed = 0;
	LabStart options = {.file = lab->file, .unconfined = unconfined, .quiet = TRUE, .lab = lab};
	LabConnection *connection = lab_start(&options, &failed, error);
	*started = connection != NULL;
	return connection;
}

/* A check may fail because of what went wrong when a node started. */
static gboolean show_troubles(LabConnection *lab, GError **error)
{
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	if (nodes)
		show_warnings(nodes);
	return nodes != NULL;
}

static guint run_checks(LabConnection *lab, GPtrArray *checks, GCancellable *cancel)
{
	guint failed = 0;
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_interrupt, cancel),
		g_unix_signal_add(SIGTERM, on_interrupt, cancel),
		g_unix_signal_add(SIGHUP, on_interrupt, cancel),
	};
	printf("TAP version 13\n1..%u\n", checks->len);
	fflush(stdout);
	for (guint i = 0; i < checks->len && !g_cancellable_is_cancelled(cancel); i++)
		failed += !run_check(lab, g_ptr_array_index(checks, i), i + 1, checks->len, cancel);
	if (g_cancellable_is_cancelled(cancel))
		puts("Bail out! interrupted");
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	return failed;
}

/* The lab in the file or folder that WHICH names; if there is none, the running lab that is meant, as with the other
 * commands. running: (out) that of it which runs, or NULL. */
static Lab *find_lab(const char *which, gboolean trusted, LabDirectory **running, GError **error)
{
	const char *path = which ? which : ".";
	g_autofree char *file = NULL;
	if (!g_file_test(which ? which : "lab.xml", G_FILE_TEST_EXISTS)) {
		g_autoptr(GError) no_lab = NULL;
		*running = lab_locate(which, FALSE, &no_lab);
		if (!*running && !which) {
			g_propagate_prefixed_error(error, g_steal_pointer(&no_lab), "there is no lab.xml here, and ");
			return NULL;
		}
		file = *running ? lab_file_of(*running) : NULL;
	}
	Lab *lab = lab_read_or_print(file ? file : path, trusted, error);
	if (lab && !*running)
		*running = lab_running_from(lab->file, NULL);
	return lab;
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
	g_autofree char *hint = did_you_mean(name, names);
	cli_failed(error, "lab \"%s\" has no check \"%s\"%s", lab->name, name, hint);
	return NULL;
}

/** netlab test. */
int cmd_test(int argc, char **argv, GError **error)
{
	g_autofree char *name = NULL;
	gboolean unconfined = FALSE, trust = FALSE, keep = FALSE, started = FALSE;
	const GOptionEntry entries[] = {
		{"check", 'c', 0, G_OPTION_ARG_STRING, &name, "Run only this check", "NAME"},
		{"keep", 'k', 0, G_OPTION_ARG_NONE, &keep, "Do not stop a lab that was started for the checks", NULL},
		{"unconfined", 0, 0, G_OPTION_ARG_NONE, &unconfined, "Run without the sandbox: guests must be trusted",
			NULL},
		LAB_TRUST_OPTION(&trust),
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	g_autoptr(LabDirectory) running = NULL;
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	g_autoptr(Lab) lab = find_lab(argv[1], trust, &running, error);
	g_autoptr(GPtrArray) checks = lab ? choose(lab, name, error) : NULL;
	if (!checks)
		return 0;
	if (checks->len == 0)
		return cli_failed(
			error, "lab \"%s\" has no checks; add <check> elements, see netlab-lab(5)", lab->name);
	g_autoptr(LabConnection) connection = get_lab(lab, running, unconfined, &started, error);
	if (!connection || !show_troubles(connection, error))
		return 0;
	guint failed = run_checks(connection, checks, cancel);
	if (started && !keep && !lab_stop(connection, 5000, error))
		return STATUS_FAILED;
	if (g_cancellable_is_cancelled(cancel)) {
		g_set_error_literal(error, CLI_ERROR, CLI_ERROR_INTERRUPTED, "interrupted");
		return STATUS_INTERRUPTED;
	}
	return failed ? STATUS_FAILED : STATUS_OK;
}
