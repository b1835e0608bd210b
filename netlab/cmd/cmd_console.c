/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include "netlab/cmd/cli.h"
#include "netlab/cmd/terminal_session.h"

static const CliHelp help = {
	.usage = "NODE",
	.summary = "Opens a login shell on a node. Leave it with \"exit\" or Ctrl-]. You can open several at once.",
	.examples = "  netlab console r1\n"
		    "  netlab console r1 -l ospf     when several labs are running\n",
};

/** netlab console. */
int cmd_console(int argc, char **argv, GError **error)
{
	/* bash where the image has it; the guest knows, the host does not. */
	static const char *const shell[] = {
		"/bin/sh", "-c", "cd; for s in /bin/bash /bin/sh; do [ -x \"$s\" ] && exec \"$s\" -l; done", NULL};
	g_autofree char *which = NULL;
	const GOptionEntry entries[] = {
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 1, 1, error))
		return STATUS_USAGE;
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	if (!lab)
		return STATUS_FAILED;
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "connected to node \"%s\" of lab \"%s\"; press Ctrl-] to leave\r\n", argv[1],
			lab->name);
	int status = terminal_session(lab, argv[1], shell, TRUE, error);
	if (isatty(STDIN_FILENO))
		fputc('\n', stderr);
	return status < 0 ? STATUS_FAILED : status;
}
