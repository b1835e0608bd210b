/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "netlab/client/error.h"
#include "netlab/client/lab_supervisor.h"
#include "netlab/cmd/cli.h"
#include "netlab/cmd/show.h"

static const CliHelp help = {
	.usage = "[LAB]",
	.summary = "Shows the nodes of a lab (state, memory, CPU, addresses), its links with their traffic, its\n"
		   "uplinks with the host ports that are forwarded, and the sockets of its networks with the\n"
		   "programs that are connected. If the supervisor of the lab died, it shows what is known, and\n"
		   "the exit status is 1.",
	.examples = "  netlab status                the lab in this folder, or the only one\n"
		    "  netlab status ospf --watch   again every second, until Ctrl-C\n"
		    "  netlab status --json         for programs\n",
};

/* What is known of a lab without its supervisor: its last state, as it was written down. message: what happened, and the way out. */
static int show_last(const LabDirectory *where, const char *now, const char *message, gboolean as_json, GError **error)
{
	g_autoptr(JsonNode) state = lab_directory_state(where);
	JsonObject *object = state ? json_node_get_object(state) : NULL;
	const char *file = object ? json_object_get_string_member_with_default(object, "file", NULL) : NULL;
	if (as_json) {
		g_autoptr(JsonBuilder) json = json_builder_new();
		json_builder_begin_object(json);
		cli_json_string(json, "name", where->name);
		cli_json_string(json, "state", now);
		cli_json_string(json, "message", message);
		cli_json_string(json, "file", file);
		json_builder_set_member_name(json, "last");
		if (state)
			json_builder_add_value(json, json_node_copy(state));
		else
			json_builder_add_null_value(json);
		json_builder_end_object(json);
		cli_json_print(json, error);
		return STATUS_FAILED;
	}
	g_autofree char *shown = cli_state(now, stdout);
	printf("%s: %s%s%s\n", where->name, shown, file ? ", started from " : "", file ? file : "");
	return cli_failed(error, "%s", message);
}

static int show_dead(const LabDirectory *where, gboolean as_json, GError **error)
{
	g_autofree char *message = g_strdup_printf(
		"the supervisor of lab \"%s\" died, and its nodes with it; the boot logs still exist (\"netlab logs NODE "
		"-l %s\"), \"netlab clean %s\" removes them",
		where->name, where->name, where->name);
	return show_last(where, "crashed", message, as_json, error);
}

typedef struct {
	LabConnection *lab;
	GMainLoop *loop;
	GError *error;
} Watch;

static gboolean redraw(gpointer data)
{
	Watch *watch = data;
	g_autoptr(GString) text = g_string_new(NULL);
	if (!show_status(watch->lab, text, &watch->error)) {
		g_main_loop_quit(watch->loop);
		return G_SOURCE_CONTINUE;
	}
	/* Home, each line cleared to its end, the rest of the screen cleared: does not flicker as a cleared screen
	 * does. */
	if (isatty(STDOUT_FILENO)) {
		g_string_replace(text, "\n", "\033[K\n", 0);
		g_string_prepend(text, "\033[H");
		g_string_append(text, "\033[J");
	} else {
		g_string_append_c(text, '\n');
	}
	fputs(text->str, stdout);
	if (!cli_flush(&watch->error))
		g_main_loop_quit(watch->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean stop_watching(gpointer data)
{
	g_main_loop_quit(((Watch *)data)->loop);
	return G_SOURCE_CONTINUE;
}

/* Until Ctrl-C, which is the way to end it and not a failure. */
static int watch_lab(LabConnection *lab, GError **error)
{
	/* All that it asks for is what the supervisor knows. */
	g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(lab->proxy), LAB_ANSWER_MS);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Watch watch = {lab, loop, NULL};
	guint sources[] = {
		g_timeout_add_seconds(1, redraw, &watch),
		g_unix_signal_add(SIGINT, stop_watching, &watch),
		g_unix_signal_add(SIGTERM, stop_watching, &watch),
	};
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	redraw(&watch);
	if (!watch.error)
		g_main_loop_run(loop);
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	if (!watch.error)
		return STATUS_OK;
	if (g_error_matches(watch.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
		const LabDirectory where = {lab->name, lab->directory, TRUE};
		g_clear_error(&watch.error);
		lab_supervisor_is_silent(&where, error);
		return STATUS_FAILED;
	}
	if (g_dbus_connection_is_closed(lab->connection)) {
		g_clear_error(&watch.error);
		return cli_failed(error, "lab \"%s\" has ended", lab->name);
	}
	g_propagate_error(error, watch.error);
	return STATUS_FAILED;
}

/** netlab status. */
int cmd_status(int argc, char **argv, GError **error)
{
	gboolean json = FALSE, watch = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
		{"watch", 'w', 0, G_OPTION_ARG_NONE, &watch, "Update every second", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	if (json && watch)
		return cli_usage(error, "status: use either --json or --watch, not both");
	g_autoptr(LabDirectory) where = lab_locate(argv[1], TRUE, error);
	if (!where)
		return STATUS_FAILED;
	if (!where->alive)
		return show_dead(where, json, error);
	g_autoptr(GError) failure = NULL;
	g_autoptr(LabConnection) lab = lab_connection_new(where, LAB_ANSWER_MS, &failure);
	if (g_error_matches(failure, CLIENT_ERROR, CLIENT_ERROR_STUCK))
		return show_last(where, "does not answer", failure->message, json, error);
	if (!lab) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return STATUS_FAILED;
	}
	if (json)
		return show_lab_json(lab, error) ? STATUS_OK : STATUS_FAILED;
	if (watch)
		return watch_lab(lab, error);
	g_autoptr(GString) text = g_string_new(NULL);
	if (!show_status(lab, text, error))
		return STATUS_FAILED;
	fputs(text->str, stdout);
	return cli_flush(error) ? STATUS_OK : STATUS_FAILED;
}
