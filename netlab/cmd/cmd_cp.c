/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "netlab/cmd/cli.h"
#include "netlab/cmd/copy.h"
#include "netlab/cmd/place.h"

static const CliHelp help = {
	.usage = "SOURCE... TARGET",
	.summary = "Copies files and folders between this machine and a node. Write paths on the node as\n"
		   "NODE:PATH. As with cp(1), if TARGET is a folder, the sources are copied into it. \"-\" is\n"
		   "standard input or output. Copies on the node belong to root, copies from a node to you.",
	.examples = "  netlab cp nftables.conf fw:/etc/\n"
		    "  netlab cp site web:/srv/www              a folder\n"
		    "  netlab cp r1:/etc/frr/frr.conf .\n"
		    "  netlab cp r1:/var/log - | tar -tf -      a folder as a tar archive\n"
		    "  echo hello | netlab cp - pc:/tmp/greeting\n",
};

/* Where SOURCE goes: into TARGET when that is a folder, else it becomes TARGET. */
static char *destination(const Place *target, gboolean is_folder, const char *source)
{
	g_autofree char *name = g_path_get_basename(source);
	return is_folder ? g_build_filename(target->path, name, NULL) : g_strdup(target->path);
}

/* Whether the target is a folder, on its side. */
static gboolean look_at_target(LabConnection *lab, const Place *target, gboolean *is_folder, GError **error)
{
	CopyKind kind = COPY_NOTHING;
	unsigned mode;
	if (target->node && !copy_look(lab, target->node, target->path, &kind, &mode, error))
		return FALSE;
	*is_folder = target->node ? kind == COPY_FOLDER : g_file_test(target->path, G_FILE_TEST_IS_DIR);
	if (!*is_folder && g_str_has_suffix(target->path, "/") && kind == COPY_FILE)
		return cli_failed(error, "\"%s\" is not a folder", target->path), FALSE;
	return TRUE;
}

static gboolean copy(LabConnection *lab, const Place *source, const Place *target, gboolean into, GError **error)
{
	gboolean is_stream = g_str_equal(source->path, "-") && !source->node;
	if (is_stream && into)
		return cli_failed(error, "\"%s\" is a folder; name a file for standard input", target->path), FALSE;
	g_autofree char *path = destination(target, into, source->path);
	return target->node ? copy_up(lab, source->path, target->node, path, error)
			    : copy_down(lab, source->node, source->path, path, error);
}

/** netlab cp. */
int cmd_cp(int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL;
	const GOptionEntry entries[] = {
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 2, -1, error))
		return STATUS_USAGE;
	g_auto(Place) target = place_parse(argv[argc - 1]);
	for (int i = 1; i < argc - 1; i++) {
		g_auto(Place) source = place_parse(argv[i]);
		if (!source.node == !target.node)
			return cli_usage(error, "cp: \"%s\" and \"%s\": exactly one side must be NODE:PATH", argv[i],
				argv[argc - 1]);
	}
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	gboolean into;
	if (!lab || !look_at_target(lab, &target, &into, error))
		return 0;
	if (argc > 3 && !into && !g_str_equal(target.path, "-"))
		return cli_failed(error, "\"%s\" is not a folder; %d sources need a folder", argv[argc - 1], argc - 2);
	for (int i = 1; i < argc - 1; i++) {
		g_auto(Place) source = place_parse(argv[i]);
		if (!copy(lab, &source, &target, into, error)) {
			g_prefix_error(error, "%s: ", argv[i]);
			return 0;
		}
	}
	return STATUS_OK;
}
