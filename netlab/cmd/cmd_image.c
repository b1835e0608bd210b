/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/cmd/helper.h"

static const CliHelp help = {
	.usage = "list|build [NAME|RECIPE...]",
	.summary = "Lists the images that nodes boot, or builds them: one of netlab's images by its NAME, or your\n"
		   "own from a RECIPE file; the file's name is then its name. Images that are up to date are not\n"
		   "built again.",
	.examples = "  netlab image list\n"
		    "  netlab image build debian\n"
		    "  netlab image build ./mine.recipe      nodes use it with image=\"mine\"\n",
};

/** netlab image. */
int cmd_image(int argc, char **argv, GError **error)
{
	gboolean json = FALSE, force = FALSE, trust = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "list: print JSON", NULL},
		{"force", 0, 0, G_OPTION_ARG_NONE, &force, "build: also if it is up to date", NULL},
		{"trust", 0, 0, G_OPTION_ARG_NONE, &trust, "build: the recipe may take files from outside its folder",
			NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error))
		return STATUS_USAGE;
	const char *action = argc > 1 ? argv[1] : "list";
	g_autoptr(GPtrArray) arguments = g_ptr_array_new();
	if (g_str_equal(action, "list")) {
		if (!cli_count(argc, argv, 0, 1, error))
			return STATUS_USAGE;
		g_ptr_array_add(arguments, "--list");
		if (json)
			g_ptr_array_add(arguments, "--json");
	} else if (g_str_equal(action, "build")) {
		if (argc < 3)
			return cli_usage(error,
				"image build: name an image or a recipe file; \"netlab image list\" shows the names");
		if (force)
			g_ptr_array_add(arguments, "--force");
		if (trust)
			g_ptr_array_add(arguments, "--trust");
		for (int i = 2; i < argc; i++)
			g_ptr_array_add(arguments, argv[i]);
	} else {
		return cli_usage(error, "image: unknown action \"%s\"; use \"list\" or \"build\"", action);
	}
	g_ptr_array_add(arguments, NULL);
	int status = helper_run("filesystems/build", (const char *const *)arguments->pdata, error);
	return status < 0 ? STATUS_FAILED : status;
}
