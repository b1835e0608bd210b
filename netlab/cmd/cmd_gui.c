/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/host/paths.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER|LAB]...",
	.summary = "Opens labs in the viewer (netlab-gui): the lab in FILE, running or not, or the running LAB.",
	.examples = "  netlab gui                       lab.xml in this folder, or an empty window\n"
		    "  netlab gui examples/firewall     the lab in another folder\n"
		    "  netlab gui ospf                  a running lab\n",
};

static const char *set_variable(const char *name)
{
	const char *value = g_getenv(name);
	return value && *value ? value : NULL;
}

/** netlab gui. Becomes the viewer; the viewer checks the arguments. */
int cmd_gui(int argc, char **argv, GError **error)
{
	if (!cli_parse(&help, NULL, &argc, &argv, error))
		return STATUS_USAGE;
	g_autofree char *program = path_program("netlab-gui");
	if (!g_file_test(program, G_FILE_TEST_IS_EXECUTABLE))
		return cli_failed(error,
			"the viewer is not installed: \"%s\" does not exist; install the GTK 3 development files, then "
			"build and install netlab again (\"./setup install\" does all of it)",
			program);
	if (!set_variable("DISPLAY") && !set_variable("WAYLAND_DISPLAY"))
		return cli_failed(error,
			"the viewer needs a display, but neither DISPLAY nor WAYLAND_DISPLAY is set; from another "
			"machine, use \"ssh -X\"; in a terminal, use \"netlab status --watch\"");
	g_autoptr(GPtrArray) arguments = g_ptr_array_new();
	g_ptr_array_add(arguments, program);
	g_ptr_array_add(arguments, (gpointer) "--");
	for (int i = 1; i < argc; i++)
		g_ptr_array_add(arguments, argv[i]);
	if (argc == 1 && g_file_test("lab.xml", G_FILE_TEST_IS_REGULAR))
		g_ptr_array_add(arguments, (gpointer) "lab.xml");
	g_ptr_array_add(arguments, NULL);
	execv(program, (char **)arguments->pdata);
	return cli_failed(error, "cannot run \"%s\": %s", program, g_strerror(errno));
}
