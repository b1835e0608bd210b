/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab pause and netlab resume. */
#include "netlab/cmd/cli.h"
#include "netlab/client/lab_facts.h"

typedef gboolean (*Call)(NetlabLab1 *proxy, const char *node, GCancellable *cancellable, GError **error);

static const CliHelp pause_help = {
	.usage = "NODE...",
	.summary = "Freezes nodes: they use no CPU time and do not answer until \"netlab resume\". Their clocks keep\n"
		   "running, as in a laptop that sleeps.",
	.examples = "  netlab pause r1                to see how its neighbours react\n"
		    "  netlab pause --all             the whole lab\n",
};

static const CliHelp resume_help = {
	.usage = "NODE...",
	.summary = "Resumes nodes that \"netlab pause\" has frozen.",
	.examples = "  netlab resume r1\n"
		    "  netlab resume --all            every paused node\n",
};

/* The names of all nodes in this state. Caller frees. */
static char **nodes_in(LabConnection *lab, const char *state, GError **error)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	for (guint i = 0; nodes && i < nodes->len; i++) {
		const NodeFacts *node = g_ptr_array_index(nodes, i);
		if (g_str_equal(node->state, state))
			g_strv_builder_add(names, node->name);
	}
	return nodes ? g_strv_builder_end(names) : NULL;
}

static int change(
	const CliHelp *help, const char *from, const char *done, Call call, int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL;
	gboolean all = FALSE;
	const GOptionEntry entries[] = {
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{"all", 'a', 0, G_OPTION_ARG_NONE, &all, "Every node", NULL},
		{0},
	};
	if (!cli_parse(help, entries, &argc, &argv, error) ||
		!cli_count(argc, argv, all ? 0 : 1, all ? 0 : G_MAXINT, error))
		return STATUS_USAGE;
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	if (!lab)
		return STATUS_FAILED;
	g_auto(GStrv) names = all ? nodes_in(lab, from, error) : g_strdupv(argv + 1);
	if (!names)
		return STATUS_FAILED;
	for (char **name = names; *name; name++) {
		g_autoptr(NodeFacts) facts = lab_node(lab, *name, error);
		if (!facts)
			return STATUS_FAILED;
		if (!call(lab->proxy, *name, NULL, error))
			return lab_remote_failed(error), STATUS_FAILED;
		printf("node \"%s\" of lab \"%s\" %s\n", *name, lab->name, done);
	}
	return STATUS_OK;
}

/** netlab pause. */
int cmd_pause(int argc, char **argv, GError **error)
{
	return change(&pause_help, "ready", "paused", netlab_lab1_call_pause_node_sync, argc, argv, error);
}

/** netlab resume. */
int cmd_resume(int argc, char **argv, GError **error)
{
	return change(&resume_help, "paused", "resumed", netlab_lab1_call_resume_node_sync, argc, argv, error);
}
