/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/host/guest_kernel.h"
#include "netlab/cmd/helper.h"

static const CliHelp help = {
	.usage = "[status|build]",
	.summary = "Shows the kernel that nodes boot, or builds it from the newest linux-source package of\n"
		   "Debian's suites. Set the environment variable NETLAB_KERNEL_SOURCE=FOLDER|TARBALL to use\n"
		   "another source.",
	.examples = "  netlab kernel\n"
		    "  netlab kernel build              unless it is up to date\n"
		    "  netlab kernel build --update     check for a newer source\n",
};

static int show_status(gboolean as_json, GError **error)
{
	g_auto(GuestKernel) kernel = guest_kernel_look();
	if (as_json) {
		g_autoptr(JsonBuilder) json = json_builder_new();
		json_builder_begin_object(json);
		cli_json_bool(json, "built", kernel.version != NULL);
		cli_json_string(json, "path", kernel.path);
		cli_json_string(json, "version", kernel.version);
		cli_json_string(json, "source", kernel.source);
		cli_json_string(json, "modules", kernel.modules);
		json_builder_end_object(json);
		cli_json_print(json, error);
		return kernel.version ? STATUS_OK : STATUS_FAILED;
	}
	if (!kernel.version)
		return cli_failed(error,
			"there is no working guest kernel at \"%s\"; \"netlab kernel build\" builds one", kernel.path);
	printf("Linux %s\n%s\n", kernel.version, kernel.path);
	if (kernel.source)
		printf("built from %s\n", kernel.source);
	return STATUS_OK;
}

/** netlab kernel. */
int cmd_kernel(int argc, char **argv, GError **error)
{
	gboolean json = FALSE, update = FALSE, force = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "status: print JSON", NULL},
		{"update", 0, 0, G_OPTION_ARG_NONE, &update, "build: check for a newer source", NULL},
		{"force", 0, 0, G_OPTION_ARG_NONE, &force, "build: also if nothing changed", NULL},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 0, 1, error))
		return STATUS_USAGE;
	const char *action = argc > 1 ? argv[1] : "status";
	if (g_str_equal(action, "status"))
		return show_status(json, error);
	if (!g_str_equal(action, "build"))
		return cli_usage(error, "kernel: unknown action \"%s\"; use \"status\" or \"build\"", action);
	const char *arguments[3] = {NULL};
	guint n = 0;
	if (update)
		arguments[n++] = "--update";
	if (force)
		arguments[n++] = "--force";
	int status = helper_run("kernel/build", arguments, error);
	return status < 0 ? STATUS_FAILED : status;
}
