/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "netlab/host/capture_filter.h"
#include "netlab/client/plain_text.h"
#include "netlab/cmd/cli.h"
#include "netlab/cmd/manual.h"
#include "topologies/topology.h"

static const Command commands[] = {
	{"start", "[FILE|FOLDER]", "start a lab and wait until its nodes are ready", cmd_start},
	{"stop", "[LAB...|--node NODE]", "stop labs, or a node", cmd_stop},
	{"restart", "[LAB] [--node NODE]", "stop a lab and start it again, or one of its nodes", cmd_restart},
	{"pause", "NODE...", "freeze nodes", cmd_pause},
	{"resume", "NODE...", "resume paused nodes", cmd_resume},
	{"list", "", "list running labs", cmd_list},
	{"status", "[LAB]", "show nodes and links of a lab", cmd_status},
	{"console", "NODE", "open a login shell on a node", cmd_console},
	{"exec", "NODE[,NODE...] -- COMMAND", "run a command on nodes", cmd_exec},
	{"cp", "SOURCE... TARGET", "copy files to or from NODE:PATH", cmd_cp},
	{"logs", "NODE", "show a node's kernel and start-up log", cmd_logs},
	{"link", "show|set|reset|clear|down|up [LINK]", "show or change what links do to frames: delay, loss, rate",
		cmd_link},
	{"switch", "show|set|flush [NETWORK]", "show or change switches: ports, VLANs, spanning tree", cmd_switch},
	{"capture", "LINK|NODE:INTERFACE|--all", "capture frames to a file, or show them", cmd_capture},
	{"wireshark", "[LINK|NODE:INTERFACE]", "open Wireshark on a link or the whole lab", cmd_wireshark},
	{"gui", "[FILE|FOLDER|LAB]", "open a lab in the viewer", cmd_gui},
	{"test", "[FILE|FOLDER|LAB]", "run a lab's checks", cmd_test},
	{"check", "[FILE|FOLDER]", "check a lab file for errors", cmd_check},
	{"plan", "[FILE|FOLDER]", "show what starting a lab would do", cmd_plan},
	{"image", "list|build [NAME|RECIPE]", "list or build the images that nodes boot", cmd_image},
	{"kernel", "[status|build]", "show or build the kernel that nodes boot", cmd_kernel},
	{"doctor", "", "check what labs need of this machine", cmd_doctor},
	{"clean", "[LAB...]", "remove what crashed labs left behind", cmd_clean},
	{"__complete", "", NULL, cmd_complete},
	{NULL, NULL, NULL, NULL},
};

/* netlab, netlab help [lab], --help, --version: everything that is not a command. Returns -1 for a command. */
static int general(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	if (!word) {
		cli_print_commands(commands, stderr);
		return STATUS_USAGE;
	}
	if (g_str_equal(word, "--version")) {
		puts("netlab " NETLAB_VERSION);
		return STATUS_OK;
	}
	if (g_str_equal(word, "help") && argc == 3 && g_str_equal(argv[2], "lab"))
		return manual_show("netlab-lab.5");
	if (g_str_equal(word, "--help") || g_str_equal(word, "-h") || (g_str_equal(word, "help") && argc == 2)) {
		cli_print_commands(commands, stdout);
		return STATUS_OK;
	}
	return -1;
}

/* Standard input, output and errors may be closed ("netlab status >&-"). The next file that is opened would take their place: the
 * connection to the supervisor would be written to. What takes it now fails as a closed one does. */
static void fill_closed(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(STATUS_FAILED);
}

int main(int argc, char **argv)
{
	fill_closed();
	cli_locale();
	signal(SIGPIPE, SIG_IGN);
	lab_set_filter_check(capture_filter_check);
	int status = general(argc, argv);
	if (status >= 0)
		return status;
	g_autoptr(GError) error = NULL;
	char *help[] = {argv[1], "--help", NULL};
	gboolean wants_help = g_str_equal(argv[1], "help");
	const Command *command = cli_find(commands, argv[wants_help ? 2 : 1], &error);
	if (command) {
		help[0] = (char *)command->name;
		status = wants_help ? command->run(2, help, &error) : command->run(argc - 1, argv + 1, &error);
		if (!error)
			cli_flush(&error);
	}
	if (!error)
		return status;
	if (g_error_matches(error, CLI_ERROR, CLI_ERROR_READER_GONE))
		return cli_status_of(error);
	/* It may quote a guest. */
	g_autofree char *message = printable_text(error->message);
	fprintf(stderr, "netlab: %s\n", message);
	return status > 0 ? status : cli_status_of(error);
}
