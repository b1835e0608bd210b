/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/host/limits.h"
#include "netlab/cmd/exec_arguments.h"
#include "netlab/cmd/exec_parallel.h"
#include "netlab/client/exec_session.h"
#include "netlab/client/lab_facts.h"
#include "netlab/client/pump.h"
#include "netlab/cmd/terminal_session.h"

static const CliHelp help = {
	.usage = "NODE[,NODE...] -- COMMAND [ARGUMENT...]",
	.summary =
		"Runs a command on a node, with your standard input, output and errors, and returns its exit status:\n"
		"128 + N if signal N killed it, 127 if it was not found, 126 if it could not be run, 125 if netlab\n"
		"itself failed. On several nodes it runs on all of them at once, without input; each line starts with\n"
		"the node's name, and the highest status is returned. If all three streams are a terminal, the "
		"command\n"
		"gets one too. Ctrl-C goes to the command; without a terminal, a second Ctrl-C ends netlab.",
	.examples = "  netlab exec r1 -- ip route\n"
		    "  netlab exec r1 -- sh -c 'cat >/tmp/list' <list   with input\n"
		    "  netlab exec r1 -- vi /etc/hosts                  on your terminal\n"
		    "  netlab exec r1,r2 -- vtysh -c 'show ip route'    on two nodes\n"
		    "  netlab exec --all -- uptime                      on all nodes\n",
};

enum { STATUS_OWN_FAILURE = 125 };

typedef struct {
	GMainLoop *loop;
	ExecSession *session;
	Pump *out;
	guint open; /* output streams and the command */
	guint signals;
	int last_signal;
} Exec;

static void one_less(Exec *self)
{
	if (--self->open == 0)
		g_main_loop_quit(self->loop);
}

static void on_ended(ExecSession *session, gpointer data)
{
	one_less(data);
}

/* Our input ended, or the command does not read any more. */
static void on_input_over(Pump *pump, int write_errno, gpointer data)
{
	exec_session_close(((Exec *)data)->session, 0);
}

/* The command's output ended; or ours cannot be written any more, and then the command gets what a local one would:
 * SIGPIPE, and no reader. */
static void on_output_over(Pump *pump, int write_errno, gpointer data)
{
	Exec *self = data;
	if (write_errno) {
		exec_session_signal(self->session, SIGPIPE);
		exec_session_close(self->session, pump == self->out ? 1 : 2);
	}
	if (write_errno && write_errno != EPIPE)
		fprintf(stderr, "netlab: cannot write: %s\n", g_strerror(write_errno));
	one_less(self);
}

static gboolean on_signal(Exec *self, int number)
{
	self->last_signal = number;
	if (self->signals++)
		g_main_loop_quit(self->loop);
	exec_session_signal(self->session, number);
	return G_SOURCE_CONTINUE;
}

static gboolean on_int(gpointer data)
{
	return on_signal(data, SIGINT);
}

static gboolean on_term(gpointer data)
{
	return on_signal(data, SIGTERM);
}

static gboolean on_hup(gpointer data)
{
	return on_signal(data, SIGHUP);
}

/* One node, streams apart. */
static int exec_one(LabConnection *lab, const char *node, const char *const *argv, gboolean input, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Exec self = {.loop = loop, .open = 3};
	const ExecCommand command = {.node = node, .argv = argv};
	g_autoptr(ExecSession) session = exec_session_new(lab, &command, on_ended, &self, error);
	if (!session)
		return STATUS_OWN_FAILURE;
	self.session = session;
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_int, &self),
		g_unix_signal_add(SIGTERM, on_term, &self),
		g_unix_signal_add(SIGHUP, on_hup, &self),
	};
	g_autoptr(Pump) in = NULL;
	if (input)
		in = pump_new(STDIN_FILENO, exec_session_fd(session, 0), NULL, on_input_over, &self);
	else
		exec_session_close(session, 0);
	g_autoptr(Pump) out = pump_new(exec_session_fd(session, 1), STDOUT_FILENO, NULL, on_output_over, &self);
	self.out = out;
	g_autoptr(Pump) err = pump_new(exec_session_fd(session, 2), STDERR_FILENO, NULL, on_output_over, &self);
	g_main_loop_run(loop);
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	if (exec_session_outcome(session) == EXEC_RUNNING)
		return 128 + self.last_signal;
	const char *message = exec_session_message(session);
	if (*message)
		cli_failed(error, "node \"%s\": %s", node, message);
	return exec_session_status(session);
}

/* Every node that is not stopped. */
static char **all_nodes(LabConnection *lab, GError **error)
{
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	for (guint i = 0; nodes && i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		if (!g_str_equal(node->state, "stopped"))
			g_strv_builder_add(names, node->name);
	}
	return nodes ? g_strv_builder_end(names) : NULL;
}

/* Whether all streams are the user's terminal, and it is ours to read. A shell or an editor then needs one as well. */
static gboolean on_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) &&
		tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/** netlab exec. */
int cmd_exec(int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL;
	gboolean terminal = FALSE, no_terminal = FALSE, all = FALSE, no_input = FALSE;
	const GOptionEntry entries[] = {
		{"terminal", 't', 0, G_OPTION_ARG_NONE, &terminal, "Always run it on a terminal", NULL},
		{"no-terminal", 'T', 0, G_OPTION_ARG_NONE, &no_terminal, "Never run it on a terminal", NULL},
		{"no-input", 'n', 0, G_OPTION_ARG_NONE, &no_input, "Do not read standard input", NULL},
		{"all", 'a', 0, G_OPTION_ARG_NONE, &all, "Run it on every node", NULL},
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{0},
	};
	int begin, own = exec_arguments_split(argc, argv, &begin);
	g_autofree char **head = g_memdup2(argv, (own + 1) * sizeof(char *));
	char **rest = head; /* cli_parse() takes out of it what it has read */
	head[own] = NULL;
	if (!cli_parse(&help, entries, &own, &rest, error) || !cli_count(own, rest, all ? 0 : 1, all ? 0 : 1, error))
		return STATUS_USAGE;
	const char *const *command = (const char *const *)argv + begin;
	if (begin >= argc)
		return cli_usage(error, "exec: name a command; see \"netlab exec --help\"");
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	g_auto(GStrv) nodes = !lab ? NULL : all ? all_nodes(lab, error) : cli_names(rest[1]);
	if (!nodes)
		return STATUS_OWN_FAILURE;
	guint n = g_strv_length(nodes);
	if (n == 0)
		return cli_usage(error, "exec: name a node");
	if (terminal && (n > 1 || no_terminal))
		return cli_usage(
			error, "exec: --terminal needs exactly one node, and cannot be used with --no-terminal");
	if (terminal || (n == 1 && !all && !no_terminal && !no_input && on_terminal())) {
		int status = terminal_session(lab, nodes[0], command, FALSE, error);
		return status < 0 ? STATUS_OWN_FAILURE : status;
	}
	/* --all prefixes even where it finds one node, so that the form does not depend on the lab. */
	if (n == 1 && !all)
		return exec_one(lab, nodes[0], command, !no_input, error);
	limits_raise();
	return exec_parallel(lab, (const char *const *)nodes, command);
}
