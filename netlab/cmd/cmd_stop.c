/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/client/error.h"
#include "netlab/client/lab_facts.h"
#include "netlab/client/lab_supervisor.h"

static const CliHelp help = {
	.usage = "[LAB...]",
	.summary = "Stops labs: every node powers off; nodes that are still running after the timeout are killed.\n"
		   "Without LAB, it is the lab in the working folder, or the only running one. A lab whose\n"
		   "supervisor does not answer is an error; with --force, all its processes are killed.",
	.examples = "  netlab stop                    the lab in this folder\n"
		    "  netlab stop firewall ospf      two labs\n"
		    "  netlab stop --all --timeout 2  all labs, quickly\n"
		    "  netlab stop --force ospf       a lab that does not answer\n"
		    "  netlab stop --node r1          one node; \"netlab restart --node r1\" boots it again\n",
};

typedef struct {
	guint deadline_ms; /* by force after that */
	gboolean force;    /* kill the supervisor when it does not do it */
} Stop;

/* Stops one node of the lab that WHICH names. */
static int stop_node(const char *which, const char *node, guint deadline_ms, GError **error)
{
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	g_autoptr(NodeFacts) facts = lab ? lab_node(lab, node, error) : NULL;
	if (!facts)
		return STATUS_FAILED;
	g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(lab->proxy), (int)deadline_ms + 30000);
	if (!netlab_lab1_call_stop_node_sync(lab->proxy, node, deadline_ms, NULL, error))
		return lab_remote_failed(error), STATUS_FAILED;
	printf("node \"%s\" of lab \"%s\" stopped\n", node, lab->name);
	return STATUS_OK;
}

/* Whether a lab that no longer listens is just ending, as one does whose start was interrupted. One that listens and does not
 * answer has been waited for. */
static gboolean is_ending(const LabDirectory *where, const GError *failure)
{
	gboolean stuck = g_error_matches(failure, CLIENT_ERROR, CLIENT_ERROR_STUCK);
	int lock = lab_lock_open(where->directory);
	if (lock >= 0 && !lab_lock_wait(lock, stuck ? 0 : 3000))
		return FALSE;
	/* One that ends in order removes its folder; a crash leaves it. */
	g_autoptr(LabDirectory) left = lab_directory_find(where->name, NULL);
	return !left;
}

static gboolean stop_lab(const LabDirectory *where, const Stop *options, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(LabConnection) lab = lab_connection_new(where, LAB_ANSWER_MS, &failure);
	if ((lab && lab_stop(lab, options->deadline_ms, &failure)) || is_ending(where, failure)) {
		printf("lab \"%s\" stopped\n", where->name);
		return TRUE;
	}
	if (!options->force) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (!lab_supervisor_kill(where, error))
		return FALSE;
	printf("lab \"%s\" was killed: %s\n", where->name, lab ? "it did not stop" : "it did not answer");
	return TRUE;
}

/* All running labs. When one fails, the others are stopped nevertheless. */
static int stop_all(const Stop *options, GError **error)
{
	g_autoptr(GPtrArray) labs = lab_directories(error);
	guint failed = 0;
	for (guint i = 0; labs && i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		g_autoptr(GError) failure = NULL;
		if (lab->alive && !stop_lab(lab, options, &failure)) {
			fprintf(stderr, "netlab: %s\n", failure->message);
			failed++;
		}
	}
	if (failed)
		return cli_failed(error, "%u lab%s could not be stopped", failed, failed == 1 ? "" : "s");
	return labs ? STATUS_OK : STATUS_FAILED;
}

/** netlab stop. */
int cmd_stop(int argc, char **argv, GError **error)
{
	g_autofree char *node = NULL;
	gboolean all = FALSE;
	g_autofree char *timeout = NULL;
	Stop options = {.deadline_ms = 10000};
	const GOptionEntry entries[] = {
		{"all", 'a', 0, G_OPTION_ARG_NONE, &all, "Stop all your labs", NULL},
		{"timeout", 't', 0, G_OPTION_ARG_STRING, &timeout, "Stop by force after this time (default: 10s)",
			"TIME"},
		{"force", 'f', 0, G_OPTION_ARG_NONE, &options.force, "Kill a lab that does not answer or stop", NULL},
		{"node", 0, 0, G_OPTION_ARG_STRING, &node, "Stop only this node", "NODE"},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error))
		return STATUS_USAGE;
	if (!cli_timeout("stop", timeout, &options.deadline_ms, error))
		return STATUS_USAGE;
	if (all && (argc > 1 || node))
		return cli_usage(error, "stop: --all cannot be used with a lab or --node");
	if (node && options.force)
		return cli_usage(error, "stop: --force is for whole labs; --timeout 0 stops a node by force");
	if (node)
		return cli_count(argc, argv, 0, 1, error) ? stop_node(argv[1], node, options.deadline_ms, error)
							  : STATUS_USAGE;
	if (all)
		return stop_all(&options, error);
	for (int i = 1; i == 1 || i < argc; i++) {
		g_autoptr(LabDirectory) lab = lab_locate(argv[i], FALSE, error);
		if (!lab || !stop_lab(lab, &options, error))
			return STATUS_FAILED;
	}
	return STATUS_OK;
}
