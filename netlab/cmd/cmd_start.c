/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/client/lab_facts.h"
#include "netlab/cmd/lab_start.h"
#include "netlab/cmd/show.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER]",
	.summary =
		"Starts the lab in FILE (default: lab.xml in the working folder) and waits until every node is ready.\n"
		"Ctrl-C before that stops everything again. If a node fails, the others keep running, so that you can\n"
		"look at \"netlab logs NODE\"; the exit status is 1.\n"
		"A lab reads and writes only files in its own folder, unless you trust it (--trust).",
	.examples = "  netlab start                          lab.xml in this folder\n"
		    "  netlab start examples/firewall        lab.xml in another folder\n"
		    "  netlab start ring.xml --only r1,r2    only two of its nodes\n"
		    "  netlab start ring.xml --name second   a second copy of the same lab\n"
		    "  netlab start mine.xml --trust         a lab that uses files outside of its folder\n",
};

/** netlab start. */
int cmd_start(int argc, char **argv, GError **error)
{
	g_autofree char *name = NULL, *only = NULL;
	gboolean no_wait = FALSE, unconfined = FALSE, trust = FALSE, json = FALSE;
	const GOptionEntry entries[] = {
		{"name", 'n', 0, G_OPTION_ARG_STRING, &name, "Run under this name", "NAME"},
		{"only", 'o', 0, G_OPTION_ARG_STRING, &only, "Boot only these nodes", "NODE,..."},
		{"no-wait", 0, 0, G_OPTION_ARG_NONE, &no_wait, "Do not wait until the nodes are ready", NULL},
		{"unconfined", 0, 0, G_OPTION_ARG_NONE, &unconfined, "Run without the sandbox: guests must be trusted",
			NULL},
		LAB_TRUST_OPTION(&trust),
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL},
		{0},
	};
	guint failed = 0;
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	g_auto(GStrv) nodes = only ? cli_names(only) : NULL;
	if (nodes && !*nodes)
		return cli_usage(error, "start: --only does not name a node");
	g_autofree char *listed = nodes ? g_strjoinv(",", nodes) : NULL;
	LabStart options = {.file = argc > 1 ? argv[1] : ".",
		.name = name,
		.only = listed,
		.unconfined = unconfined,
		.trusted = trust,
		.no_wait = no_wait};
	g_autoptr(LabConnection) lab = lab_start(&options, &failed, error);
	if (!lab)
		return 0;
	if (!(json ? show_lab_json(lab, error) : show_started(lab, no_wait, error)))
		return STATUS_FAILED;
	if (failed)
		return cli_failed(error,
			"%u node%s failed; lab \"%s\" keeps running: \"netlab logs NODE\" shows the log of a node, "
			"\"netlab stop %s\" stops the lab",
			failed, failed == 1 ? "" : "s", lab->name, lab->name);
	return STATUS_OK;
}
