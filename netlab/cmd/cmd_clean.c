/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/client/lab_directory.h"
#include "netlab/host/paths.h"

static const CliHelp help = {
	.usage = "[LAB...]",
	.summary = "Removes what crashed labs left behind (LAB, or all of them): sockets, logs, state. Running\n"
		   "labs are never touched. The disks of persistent nodes are kept, unless you use --disks with\n"
		   "the names of labs or with --all.",
	.examples = "  netlab clean\n"
		    "  netlab clean ospf --disks      also the disks of its persistent nodes\n"
		    "  netlab clean --all --disks     everything of every lab that is not running\n",
};

static gboolean wanted(const char *name, char *const *names)
{
	return !*names || g_strv_contains((const char *const *)names, name);
}

static gboolean clean_crashed(const GPtrArray *labs, char *const *names, guint *cleaned, GError **error)
{
	for (guint i = 0; i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		if (lab->alive || !wanted(lab->name, names))
			continue;
		if (!lab_directory_remove(lab, error))
			return FALSE;
		printf("removed what lab \"%s\" left behind\n", lab->name);
		++*cleaned;
	}
	return TRUE;
}

static gboolean is_alive(const GPtrArray *labs, const char *name)
{
	for (guint i = 0; i < labs->len; i++) {
		const LabDirectory *lab = g_ptr_array_index(labs, i);
		if (g_str_equal(lab->name, name))
			return lab->alive;
	}
	return FALSE;
}

/* The disks of persistent nodes: STATE/LAB/. A lab may have been started while others were cleaned. */
static gboolean clean_disks(char *const *names, guint *cleaned, GError **error)
{
	g_autofree char *state = path_state(), *runtime = path_runtime(error);
	g_autoptr(GDir) dir = runtime ? g_dir_open(state, 0, NULL) : NULL;
	for (const char *name; dir && (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(state, name, NULL),
				*lab = g_build_filename(runtime, name, NULL);
		if (!lab_name_is_valid(name) || !wanted(name, names) || lab_directory_alive(lab))
			continue;
		if (!lab_remove_tree(path, error))
			return FALSE;
		printf("removed the disks of lab \"%s\"\n", name);
		++*cleaned;
	}
	return runtime != NULL;
}

/** netlab clean. */
int cmd_clean(int argc, char **argv, GError **error)
{
	gboolean all = FALSE, disks = FALSE;
	const GOptionEntry entries[] = {
		{"all", 'a', 0, G_OPTION_ARG_NONE, &all, "Clean all labs that are not running", NULL},
		{"disks", 0, 0, G_OPTION_ARG_NONE, &disks, "Also remove the disks of persistent nodes", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error))
		return STATUS_USAGE;
	if (all && argc > 1)
		return cli_usage(error, "clean: use either --all or names, not both");
	if (disks && !all && argc == 1)
		return cli_usage(
			error, "clean: --disks deletes the files of persistent nodes; name the labs, or use --all");
	g_autoptr(GPtrArray) labs = lab_directories(error);
	if (!labs)
		return STATUS_FAILED;
	guint cleaned = 0;
	for (int i = 1; i < argc; i++)
		if (is_alive(labs, argv[i]))
			return cli_failed(
				error, "lab \"%s\" is running; \"netlab stop %s\" stops it", argv[i], argv[i]);
	if (!clean_crashed(labs, argv + 1, &cleaned, error) || (disks && !clean_disks(argv + 1, &cleaned, error)))
		return STATUS_FAILED;
	guint empty = argc == 1 ? lab_directories_remove_empty() : 0;
	if (empty)
		printf("removed %u empty folder%s\n", empty, empty == 1 ? "" : "s");
	if (!cleaned && !empty)
		puts("nothing to clean");
	return STATUS_OK;
}
