/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/cmd/facts_json.h"
#include "netlab/host/images.h"
#include "netlab/host/paths.h"
#include "topologies/topology.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER]",
	.summary = "Checks a lab file (default: lab.xml in the working folder) and prints all errors and\n"
		   "warnings with their locations. The exit status is 2 when there are errors, 0 when there are\n"
		   "only warnings.",
	.examples = "  netlab check\n"
		    "  netlab check ring.xml\n"
		    "  netlab check ring.xml --json     an array of {severity, file, line, column, message}\n",
};

static void print_summary(const char *file, const Lab *lab, const char *warnings)
{
	g_autofree char *in_folder = g_build_filename(g_str_equal(file, ".") ? "" : file, "lab.xml", NULL);
	g_autofree char *nodes = cli_many(lab->nodes->len, "node"), *networks = cli_many(lab->networks->len, "network");
	g_autofree char *links = cli_many(lab->links->len, "link"), *checks = cli_many(lab->checks->len, "check");
	printf("%s: lab \"%s\": %s, %s, %s, %s; %s\n", g_file_test(file, G_FILE_TEST_IS_DIR) ? in_folder : file,
		lab->name, nodes, networks, links, checks, warnings);
}

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
	if (lab)
		images_check(lab, diagnostics);
	g_autofree char *errors = cli_many(lab_diagnostics_count(diagnostics, LAB_ERROR), "error");
	g_autofree char *warnings = cli_many(lab_diagnostics_count(diagnostics, LAB_WARNING), "warning");
	g_autofree char *text = json ? lab_diagnostics_to_json(diagnostics) : lab_diagnostics_to_text(diagnostics);
	fputs(text, json ? stdout : stderr);
	if (json)
		putchar('\n');
	else if (lab)
		print_summary(file, lab, warnings);
	else
		fprintf(stderr, "%s, %s\n", errors, warnings);
	return lab ? STATUS_OK : STATUS_USAGE;
}
