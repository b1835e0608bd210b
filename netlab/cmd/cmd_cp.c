/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib-unix.h>
#include <signal.h>
#include <string.h>

#include "netlab/cmd/cli.h"
#include "netlab/cmd/copy.h"
#include "netlab/cmd/place.h"
#include "netlab/cmd/progress.h"
#include "topologies/model/values.h"

#define LIMIT (G_GUINT64_CONSTANT(4) << 30)

static const CliHelp help = {
	.usage = "SOURCE... TARGET",
	.summary = "Copies files and folders between this machine and a node. Write paths on the node as\n"
		   "NODE:PATH. As with cp(1), if TARGET is a folder, the sources are copied into it. \"-\" is\n"
		   "standard input or output. Copies on the node belong to root, copies from a node to you.\n"
		   "A node is not trusted: its folders are unpacked in a sandbox and moved to their place when\n"
		   "they are complete, no link that is there is followed, and devices and pipes are left out.\n"
		   "A TARGET that is a device or a pipe, or a link to one, is written to.",
	.examples = "  netlab cp nftables.conf fw:/etc/\n"
		    "  netlab cp site web:/srv/www              a folder\n"
		    "  netlab cp r1:/etc/frr/frr.conf .\n"
		    "  netlab cp r1:/var/log - | tar -tf -      a folder as a tar archive\n"
		    "  echo hello | netlab cp - pc:/tmp/greeting\n",
};

/* Where SOURCE goes: into TARGET when that is a folder, else it becomes TARGET. NULL and error: it has no name to have there.
 * Caller frees. */
static char *destination(const Place *target, gboolean is_folder, const char *source, GError **error)
{
	static const char *const nameless[] = {"/", ".", "..", NULL};
	g_autofree char *name = g_path_get_basename(source);
	if (!is_folder)
		return g_strdup(target->path);
	/* What a node has would replace what is in the user's folder. */
	if (!target->node && g_strv_contains(nameless, name)) {
		cli_failed(error, "\"%s\" has no name of its own; say what it is to become: \"%s%sNAME\"", source,
			target->path, g_str_has_suffix(target->path, "/") ? "" : "/");
		return NULL;
	}
	return g_build_filename(target->path, name, NULL);
}

/* Whether the target is a folder, on its side. */
static gboolean look_at_target(const Copy *copy, const Place *target, gboolean *is_folder, GError **error)
{
	CopyKind kind = COPY_NOTHING;
	unsigned mode;
	if (target->node && !copy_look(copy, target->node, target->path, &kind, &mode, error))
		return FALSE;
	*is_folder = target->node ? kind == COPY_FOLDER : g_file_test(target->path, G_FILE_TEST_IS_DIR);
	if (!*is_folder && g_str_has_suffix(target->path, "/") && kind == COPY_FILE)
		return cli_failed(error, "\"%s\" is not a folder", target->path), FALSE;
	return TRUE;
}

static gboolean copy_one(Copy *copy, const Place *source, const Place *target, gboolean into, GError **error)
{
	gboolean is_stream = g_str_equal(source->path, "-") && !source->node;
	if (is_stream && into)
		return cli_failed(error, "\"%s\" is a folder; name a file for standard input", target->path), FALSE;
	if (source->node && g_str_equal(target->path, "-"))
		return copy_out(copy, source->node, source->path, error);
	g_autofree char *path = destination(target, into, source->path, error);
	if (!path)
		return FALSE;
	return target->node ? copy_up(copy, source->path, target->node, path, error)
			    : copy_down(copy, source->node, source->path, path, !into, error);
}

/* Ctrl-C ends it in order; a second one at once, because GLib then leaves the signal to the kernel. */
static gboolean on_interrupt(gpointer cancel)
{
	g_cancellable_cancel(cancel);
	return G_SOURCE_REMOVE;
}

static gboolean copy_all(Copy *copy, char **sources, guint n, const Place *target, gboolean into, GError **error)
{
	for (guint i = 0; i < n; i++) {
		g_auto(Place) source = place_parse(sources[i]);
		if (copy_one(copy, &source, target, into, error))
			continue;
		g_prefix_error(error, "%s: ", sources[i]);
		return FALSE;
	}
	return TRUE;
}

/** netlab cp. */
int cmd_cp(int argc, char **argv, GError **error)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	g_autofree char *which = NULL, *limit = NULL;
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	Copy copy = {.cancel = cancel, .limit = LIMIT};
	const GOptionEntry entries[] = {
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{"limit", 0, 0, G_OPTION_ARG_STRING, &limit,
			"Take no more than SIZE from a node (default 4G); each file counts 4 KiB more", "SIZE"},
		{"unconfined", 0, 0, G_OPTION_ARG_NONE, &copy.unconfined,
			"Unpack folders without the sandbox: guests must be trusted", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 2, -1, error))
		return STATUS_USAGE;
	if (limit && !value_size(limit, 1, G_MAXINT64, &copy.limit, error)) {
		g_prefix_error(error, "cp: --limit: ");
		return STATUS_USAGE;
	}
	g_auto(Place) target = place_parse(argv[argc - 1]);
	for (int i = 1; i < argc - 1; i++) {
		g_auto(Place) source = place_parse(argv[i]);
		if (!source.node == !target.node)
			return cli_usage(error, "cp: \"%s\" and \"%s\": exactly one side must be NODE:PATH", argv[i],
				argv[argc - 1]);
	}
	g_autoptr(LabConnection) lab = copy.lab = lab_connect(which, error);
	gboolean into;
	if (!lab)
		return STATUS_FAILED;
	for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
		g_unix_signal_add(signals[i], on_interrupt, cancel);
	gboolean done = look_at_target(&copy, &target, &into, error);
	if (done && argc > 3 && !into && !g_str_equal(target.path, "-"))
		return cli_failed(error, "\"%s\" is not a folder; %d sources need a folder", argv[argc - 1], argc - 2);
	done = done && copy_all(&copy, argv + 1, (guint)argc - 2, &target, into, error);
	if (copy.left_out)
		progress_line("warning: %u of the node's files are devices, pipes or sockets, and were left out",
			copy.left_out);
	return done ? STATUS_OK : g_cancellable_is_cancelled(cancel) ? STATUS_INTERRUPTED : cli_status_of(*error);
}
