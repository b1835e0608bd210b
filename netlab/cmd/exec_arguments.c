/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/exec_arguments.h"

#include <glib.h>
#include <string.h>

/* Whether the option takes the next argument as its value. */
static gboolean takes_value(const char *argument)
{
	return g_str_equal(argument, "-l") || g_str_equal(argument, "--lab");
}

/** Splits the arguments of exec: see exec_arguments.h. */
int exec_arguments_split(int argc, char *const *argv, int *command)
{
	gboolean all = FALSE;
	for (int i = 1; i < argc; i++) {
		if (g_str_equal(argv[i], "--")) {
			*command = i + 1;
			return i;
		}
		if (argv[i][0] == '-' && argv[i][1]) {
			all |= g_str_equal(argv[i], "--all") || g_str_equal(argv[i], "-a");
			i += takes_value(argv[i]);
			continue;
		}
		/* NODES, or with --all the command itself. Options may follow NODES when a "--" comes later. */
		int dashes = i;
		while (!all && dashes < argc && !g_str_equal(argv[dashes], "--"))
			dashes++;
		gboolean options = TRUE;
		for (int j = i + 1; j < dashes && options; j++) {
			options = argv[j][0] == '-';
			j += options && takes_value(argv[j]);
		}
		if (!all && dashes < argc && options) {
			*command = dashes + 1;
			return dashes;
		}
		*command = all ? i : i + 1;
		return *command;
	}
	*command = argc;
	return argc;
}
