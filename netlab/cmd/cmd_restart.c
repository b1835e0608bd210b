/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/client/lab_facts.h"
#include "netlab/cmd/lab_start.h"
#include "netlab/cmd/show.h"

static const CliHelp help = {
	.usage = "[LAB]",
	.summary = "Stops a lab and starts it again from its file, under the same name and with the same nodes.\n"
		   "The file is checked first: if it has errors, the lab keeps running. With --node, only that\n"
		   "node is stopped (unless it is stopped or failed) and booted again.",
	.examples = "  netlab restart                 the lab in this folder\n"
		    "  netlab restart firewall        another lab\n"
		    "  netlab restart --node r1       one node\n",
};

typedef struct {
	GMainLoop *loop;
	const char *node;
	char *state, *message;
} Wait;

static void node_changed(NetlabLab1 *proxy, const char *node, const char *state, const char *message, gpointer data)
{
	Wait *wait = data;
	if (!g_str_equal(node, wait->node) ||
		!(g_str_equal(state, "ready") || g_str_equal(state, "failed") || g_str_equal(state, "stopped")))
		return;
	g_free(wait->state);
	g_free(wait->message);
	wait->state = g_strdup(state);
	wait->message = g_strdup(message);
	g_main_loop_quit(wait->loop);
}

static void closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer data)
{
	g_main_loop_quit(((Wait *)data)->loop);
}

/* Stops a node unless it is down, and boots it. */
static int restart_node(const char *which, const char *name, guint deadline_ms, GError **error)
{
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	g_autoptr(NodeFacts) node = lab ? lab_node(lab, name, error) : NULL;
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Wait wait = {.loop = loop, .node = name};
	if (!node)
		return STATUS_FAILED;
	g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(lab->proxy), (int)deadline_ms + 30000);
	if (!g_str_equal(node->state, "stopped") && !g_str_equal(node->state, "failed") &&
		!netlab_lab1_call_stop_node_sync(lab->proxy, name, deadline_ms, NULL, error))
		return lab_remote_failed(error), STATUS_FAILED;
	/* States reported before this belong to the old run: they are dispatched here, without a handler. */
	while (g_main_context_iteration(NULL, FALSE))
		;
	gulong changes = g_signal_connect(lab->proxy, "node-changed", G_CALLBACK(node_changed), &wait);
	gulong end = g_signal_connect(lab->connection, "closed", G_CALLBACK(closed), &wait);
	int status = STATUS_FAILED;
	if (!netlab_lab1_call_start_node_sync(lab->proxy, name, NULL, error)) {
		lab_remote_failed(error);
	} else {
		g_main_loop_run(loop);
		if (!wait.state)
			cli_failed(error, "the supervisor of lab \"%s\" died", lab->name);
		else if (g_str_equal(wait.state, "stopped"))
			cli_failed(error, "node \"%s\" was stopped by another command before it was ready", name);
		else if (g_str_equal(wait.state, "failed"))
			cli_failed(error, "node \"%s\" failed: %s; \"netlab logs %s\" shows its log", name,
				wait.message, name);
		else
			status = STATUS_OK;
	}
	g_signal_handler_disconnect(lab->proxy, changes);
	g_signal_handler_disconnect(lab->connection, end);
	g_autoptr(NodeFacts) restarted = status == STATUS_OK ? lab_node(lab, name, error) : NULL;
	if (restarted) {
		show_node_warnings(restarted);
		printf("node \"%s\" of lab \"%s\" is ready\n", name, lab->name);
	} else {
		status = STATUS_FAILED;
	}
	g_free(wait.state);
	g_free(wait.message);
	return status;
}

/* The nodes that are not stopped, comma-separated; NULL when that is all of them. */
static gboolean wanted_nodes(LabConnection *lab, char **only, GError **error)
{
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	g_autoptr(GString) names = g_string_new(NULL);
	gboolean some = FALSE;
	for (guint i = 0; nodes && i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		if (g_str_equal(node->state, "stopped"))
			some = TRUE;
		else
			g_string_append_printf(names, "%s%s", names->len ? "," : "", node->name);
	}
	*only = some && names->len ? g_strdup(names->str) : NULL;
	return nodes != NULL;
}

/** netlab restart. */
int cmd_restart(int argc, char **argv, GError **error)
{
	g_autofree char *node = NULL, *only = NULL, *file = NULL, *name = NULL;
	gboolean unconfined = FALSE, trust = FALSE;
	g_autofree char *timeout = NULL;
	guint deadline_ms = 10000;
	const GOptionEntry entries[] = {
		{"node", 0, 0, G_OPTION_ARG_STRING, &node, "Restart only this node", "NODE"},
		{"timeout", 't', 0, G_OPTION_ARG_STRING, &timeout, "Stop by force after this time (default: 10s)",
			"TIME"},
		{"unconfined", 0, 0, G_OPTION_ARG_NONE, &unconfined, "Run without the sandbox: guests must be trusted",
			NULL},
		LAB_TRUST_OPTION(&trust),
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	if (!cli_timeout("restart", timeout, &deadline_ms, error))
		return STATUS_USAGE;
	guint failed = 0;
	if (node)
		return restart_node(argv[1], node, deadline_ms, error);
	g_autoptr(LabConnection) old = lab_connect(argv[1], error);
	if (!old || !wanted_nodes(old, &only, error))
		return STATUS_FAILED;
	file = g_strdup(netlab_lab1_get_file(old->proxy));
	name = g_strdup(old->name);
	g_autoptr(Lab) checked = lab_read_or_print(file, trust, error);
	if (!checked || !lab_stop(old, deadline_ms, error))
		return 0;
	LabStart options = {.file = file, .name = name, .only = only, .unconfined = unconfined, .lab = checked};
	g_autoptr(LabConnection) lab = lab_start(&options, &failed, error);
	if (!lab || !show_started(lab, FALSE, error))
		return 0;
	return failed ? cli_failed(error, "%u node%s failed; \"netlab logs NODE\" shows the log of a node", failed,
				failed == 1 ? "" : "s")
		      : STATUS_OK;
}
