/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cli.h"
#include "netlab/paths.h"
#include "topologies/topology.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER]",
	.summary = "Looks for errors and doubtful things in a lab file (default: lab.xml in the working folder),\n"
		   "and prints all of them with their places. The exit status is 2 when there are errors;\n"
		   "warnings alone leave it 0.",
	.examples = "  netlab check\n"
		    "  netlab check ring.xml\n"
		    "  netlab check ring.xml --json     an array of {severity, file, line, column, message}\n",
};

/** netlab check. */
int cmd_check(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	const char *file = argc > 1 ? argv[1] : ".";
	g_autofree char *schema = path_share("lab.xsd");
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autoptr(Lab) lab = lab_read(file, schema, diagnostics);
	unsigned errors = lab_diagnostics_count(diagnostics, LAB_ERROR);
	unsigned warnings = lab_diagnostics_count(diagnostics, LAB_WARNING);
	g_autofree char *text = json ? lab_diagnostics_to_json(diagnostics) : lab_diagnostics_to_text(diagnostics);
	fputs(text, json ? stdout : stderr);
	if (json)
		putchar('\n');
	else if (lab)
		printf("%s: lab \"%s\": %u nodes, %u networks, %u links, %u checks; %u warning%s\n", file, lab->name,
			lab->nodes->len, lab->networks->len, lab->links->len, lab->checks->len, warnings,
			warnings == 1 ? "" : "s");
	else
		fprintf(stderr, "%u error%s, %u warning%s\n", errors, errors == 1 ? "" : "s", warnings,
			warnings == 1 ? "" : "s");
	return lab ? STATUS_OK : STATUS_USAGE;
}
