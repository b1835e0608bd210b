/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/client/error.h"
#include "netlab/client/lab_facts.h"
#include "netlab/cmd/table.h"

static const CliHelp help = {
	.usage = "",
	.summary = "Lists your running labs, those that crashed, and those that do not answer.",
	.examples = "  netlab list\n"
		    "  netlab list --json\n",
};

/* One lab, as far as it can be had. */
typedef struct {
	char *state, *file, *title;
	gint64 started; /* microseconds since the epoch; 0 unknown */
	guint nodes, ready;
} Row;

static void row_clear(Row *row)
{
	g_free(row->state);
	g_free(row->file);
	g_free(row->title);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Row, row_clear)

/* Why there is no connection to a lab that is alive: it hangs, or its supervisor does not listen yet, or no longer. */
static const char *state_without(const GError *error)
{
	return g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_STUCK) ? "does not answer" : "starting";
}

/* A lab whose supervisor does not answer is still listed, from its state file. */
static void read_row(const LabDirectory *where, LabConnection *lab, const GError *error, Row *row)
{
	g_autoptr(GPtrArray) nodes = lab ? lab_nodes(lab, NULL) : NULL;
	for (guint i = 0; nodes && i < nodes->len; i++)
		row->ready += g_str_equal(((NodeFacts *)g_ptr_array_index(nodes, i))->state, "ready");
	row->nodes = nodes ? nodes->len : 0;
	row->state = g_strdup(!where->alive ? "crashed"
			: lab               ? netlab_lab1_get_state(lab->proxy)
					    : state_without(error));
	row->file = lab ? g_strdup(netlab_lab1_get_file(lab->proxy)) : lab_file_of(where);
	row->title = lab ? g_strdup(netlab_lab1_get_title(lab->proxy)) : NULL;
	row->started = lab ? netlab_lab1_get_started(lab->proxy) : 0;
}

/** netlab list. */
int cmd_list(int argc, char **argv, GError **error)
{
	gboolean as_json = FALSE, crashed = FALSE, silent = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 0, error))
		return STATUS_USAGE;
	g_autoptr(GPtrArray) labs = lab_directories(error);
	if (!labs)
		return STATUS_FAILED;
	g_autofree LabConnection **connections = g_new0(LabConnection *, labs->len);
	g_autofree GError **failures = g_new0(GError *, labs->len);
	lab_connection_new_all(labs, LAB_ANSWER_MS, connections, failures);
	g_autoptr(Table) table = table_new("LAB", "STATE", ">NODES", "UP", "FILE", NULL);
	g_autoptr(JsonBuilder) json = json_builder_new();
	json_builder_begin_array(json);
	for (guint i = 0; i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		g_auto(Row) row = {0};
		read_row(lab, connections[i], failures[i], &row);
		crashed |= !lab->alive;
		silent |= g_error_matches(failures[i], CLIENT_ERROR, CLIENT_ERROR_STUCK);
		g_clear_pointer(&connections[i], lab_connection_free);
		g_clear_error(&failures[i]);
		g_autofree char *state = cli_state(row.state, stdout);
		g_autofree char *nodes = row.nodes ? g_strdup_printf("%u/%u", row.ready, row.nodes) : NULL;
		g_autofree char *up = row.started ? cli_duration(g_get_real_time() - row.started) : NULL;
		table_row(table, lab->name, state, nodes, up, row.file);
		json_builder_begin_object(json);
		cli_json_string(json, "name", lab->name);
		cli_json_string(json, "state", row.state);
		cli_json_string(json, "title", row.title);
		cli_json_string(json, "file", row.file);
		cli_json_int(json, "started", row.started);
		cli_json_int(json, "nodes", row.nodes);
		cli_json_int(json, "ready", row.ready);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	if (as_json)
		return cli_json_print(json, error) ? STATUS_OK : STATUS_FAILED;
	g_autofree char *text = table_text(table);
	if (labs->len)
		fputs(text, stdout);
	else
		fputs("no lab is running; \"netlab start FILE\" starts one\n", stderr);
	if (crashed)
		fputs("\"netlab clean\" removes what crashed labs left behind\n", stderr);
	if (silent)
		fputs("\"netlab stop --force LAB\" ends a lab that does not answer\n", stderr);
	return cli_flush(error) ? STATUS_OK : STATUS_FAILED;
}
