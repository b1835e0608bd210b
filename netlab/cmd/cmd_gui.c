/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/host/paths.h"

static const CliHelp help = {
	.usage = "[FILE|FOLDER|LAB]...",
	.summary =
		"Opens labs in the viewer (program netlab-gui): the lab in FILE, running or not, or a LAB that runs.",
	.examples = "  netlab gui                       lab.xml of this folder, or else an empty window\n"
		    "  netlab gui examples/firewall     the lab of another\n"
		    "  netlab gui ospf                  a lab that runs\n",
};

static const char *set_variable(const char *name)
{
	const char *value = g_getenv(name);
	return value && *value ? value : NULL;
}

/** netlab gui. Becomes the viewer; what it is about is for the viewer to judge. */
int cmd_gui(int argc, char **argv, GError **error)
{
	if (!cli_parse(&help, NULL, &argc, &argv, error))
		return STATUS_USAGE;
	g_autofree char *program = path_program("netlab-gui");
	if (!g_file_test(program, G_FILE_TEST_IS_EXECUTABLE))
		return cli_failed(error,
			"the viewer is not installed: there is no \"%s\"; build and install netlab on a machine with "
			"the "
			"development files of GTK 3 (\"./setup install\" does both)",
			program);
	if (!set_variable("DISPLAY") && !set_variable("WAYLAND_DISPLAY"))
		return cli_failed(error,
			"the viewer needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set; from another "
			"machine: "
			"\"ssh -X\"; without one, \"netlab status --watch\" shows a lab in a terminal");
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
