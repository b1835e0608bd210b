/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/cmd/facts_json.h"
#include "netlab/cmd/lab_start.h"
#include "netlab/cmd/touches_table.h"
#include "netlab/host/images.h"
#include "netlab/host/paths.h"
#include "topologies/topology.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER]",
	.summary = "Checks a lab file (default: lab.xml in the working folder) and prints all errors and\n"
		   "warnings with their locations. The exit status is 2 when there are errors, 0 when there are\n"
		   "only warnings. It also lists what the lab uses of this computer: files, sockets, ports,\n"
		   "network devices. See netlab-lab(5) for what a lab may use unless you trust it (--trust).",
	.examples = "  netlab check\n"
		    "  netlab check ring.xml\n"
		    "  netlab check ring.xml --json     an array of {severity, file, line, column, message}\n"
		    "  netlab check ring.xml --touches --trust --json\n"
		    "                                   an array of {use, what, file, line, outside, note}\n",
};

static void print_summary(const char *file, const Lab *lab, const char *warnings)
{
	g_autofree char *in_folder = g_build_filename(g_str_equal(file, ".") ? "" : file, "lab.xml", NULL);
	g_autofree char *nodes = cli_many(lab->nodes->len, "node"), *networks = cli_many(lab->networks->len, "network");
	g_autofree char *links = cli_many(lab->links->len, "link"), *checks = cli_many(lab->checks->len, "check");
	printf("%s: lab \"%s\": %s, %s, %s, %s; %s\n", g_file_test(file, G_FILE_TEST_IS_DIR) ? in_folder : file,
		lab->name, nodes, networks, links, checks, warnings);
}

/* --touches, of a lab without errors. */
static int print_touches(const Lab *lab, gboolean json, LabDiagnostics *diagnostics, GError **error)
{
	g_autofree char *text = json ? touches_json(lab) : touches_table(lab);
	g_autofree char *warnings = lab_diagnostics_to_text(diagnostics);
	fputs(warnings, stderr);
	fputs(text, stdout);
	if (json)
		putchar('\n');
	return cli_flush(error) ? STATUS_OK : STATUS_FAILED;
}

/** netlab check. */
int cmd_check(int argc, char **argv, GError **error)
{
	gboolean json = FALSE, touches = FALSE, trust = FALSE;
	const GOptionEntry entries[] = {
		{"touches", 0, 0, G_OPTION_ARG_NONE, &touches, "List only what the lab uses of this computer", NULL},
		LAB_TRUST_OPTION(&trust),
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	const char *file = argc > 1 ? argv[1] : ".";
	g_autofree char *schema = path_share("lab.xsd");
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autoptr(Lab) lab = lab_read(file, trust, schema, diagnostics);
	if (lab)
		images_check(lab, diagnostics);
	g_autofree char *errors = cli_many(lab_diagnostics_count(diagnostics, LAB_ERROR), "error");
	g_autofree char *warnings = cli_many(lab_diagnostics_count(diagnostics, LAB_WARNING), "warning");
	if (touches && lab)
		return print_touches(lab, json, diagnostics, error);
	g_autofree char *text = json ? lab_diagnostics_to_json(diagnostics) : lab_diagnostics_to_text(diagnostics);
	fputs(text, json ? stdout : stderr);
	if (json)
		putchar('\n');
	else if (lab) {
		print_summary(file, lab, warnings);
		if (touches_are_many(lab)) {
			g_autofree char *table = touches_table(lab);
			printf("\n%s", table);
		}
	} else
		fprintf(stderr, "%s, %s\n", errors, warnings);
	return lab ? STATUS_OK : STATUS_USAGE;
}
