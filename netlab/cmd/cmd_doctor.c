/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/cmd/findings.h"
#include "netlab/cmd/table.h"

static const CliHelp help = {
	.usage = "",
	.summary = "Checks whether this machine has everything that labs need, and shows how to fix what is\n"
		   "missing. The exit status is 1 when labs cannot run.",
	.examples = "  netlab doctor\n"
		    "  netlab doctor --json\n",
};

static const char *const levels[] = {[FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_MISSING] = "missing"};

/** netlab doctor. */
int cmd_doctor(int argc, char **argv, GError **error)
{
	gboolean as_json = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 0, error))
		return STATUS_USAGE;
	g_autoptr(GPtrArray) findings = findings_gather();
	g_autoptr(Table) table = table_new("WHAT", "", "FOUND", NULL);
	g_autoptr(JsonBuilder) json = json_builder_new();
	guint missing = 0;
	json_builder_begin_object(json);
	json_builder_set_member_name(json, "findings");
	json_builder_begin_array(json);
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = g_ptr_array_index(findings, i);
		g_autofree char *level = cli_state(levels[finding->level], stdout);
		g_autofree char *remedy = finding->remedy ? g_strconcat("→ ", finding->remedy, NULL) : NULL;
		missing += finding->level == FINDING_MISSING;
		table_row(table, finding->subject, level, finding->found);
		if (remedy)
			table_row(table, "", "", remedy);
		json_builder_begin_object(json);
		cli_json_string(json, "subject", finding->subject);
		cli_json_string(json, "level", levels[finding->level]);
		cli_json_string(json, "found", finding->found);
		cli_json_string(json, "remedy", finding->remedy);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	cli_json_bool(json, "ok", missing == 0);
	json_builder_end_object(json);
	if (as_json) {
		cli_json_print(json, error);
	} else {
		g_autofree char *text = table_text(table);
		fputs(text, stdout);
	}
	return missing ? STATUS_FAILED : STATUS_OK;
}
