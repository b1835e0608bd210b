/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/host/environment.h"
#include "netlab/cmd/lab_start.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER]",
	.summary = "Shows what starting a lab would do: every node's kernel arguments, memory, CPU, MAC\n"
		   "addresses and set-up, and every cable. Starts nothing.",
	.examples = "  netlab plan\n"
		    "  netlab plan ring.xml --name second --json\n",
};

/** netlab plan. */
int cmd_plan(int argc, char **argv, GError **error)
{
	g_autofree char *name = NULL;
	gboolean json = FALSE, trust = FALSE;
	const GOptionEntry entries[] = {
		{"name", 'n', 0, G_OPTION_ARG_STRING, &name, "Plan for this name", "NAME"},
		LAB_TRUST_OPTION(&trust),
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	if (name && !lab_name_is_valid(name))
		return cli_usage(error,
			"\"%s\" is not a valid lab name; use at most 40 letters, digits, \".\", \"_\" and \"-\"", name);
	g_autoptr(Lab) lab = lab_read_or_print(argc > 1 ? argv[1] : ".", trust, error);
	g_autoptr(NetlabEnvironment) environment = lab ? netlab_environment_new(name ? name : lab->name, error) : NULL;
	g_autoptr(Plan) plan = environment ? plan_new(lab, netlab_environment_context(environment), error) : NULL;
	if (!plan)
		return 0;
	g_autofree char *text = json ? plan_to_json(plan) : plan_to_text(plan);
	fputs(text, stdout);
	if (json)
		putchar('\n');
	return cli_flush(error) ? STATUS_OK : STATUS_FAILED;
}
