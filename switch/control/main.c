/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/control.h"
#include "switch/control/standalone.h"
#include "switch/capture/recorder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	if (standalone_is_asked(argc, argv))
		return standalone_main(argc, argv);

	int control_fd = -1, workers = 0;
	gint64 history = 0;
	gboolean version = FALSE;
	g_autofree char *filter = NULL;
	const GOptionEntry entries[] = {
		{"control-fd", 0, 0, G_OPTION_ARG_INT, &control_fd, "Stream socket connected to the supervisor", "N"},
		{"workers", 0, 0, G_OPTION_ARG_INT, &workers,
			"Forwarding threads, 1 to 64 (default: one per two CPUs, at most 8)", "N"},
		{"history", 0, 0, G_OPTION_ARG_INT64, &history,
			"Memory for the history of recent frames (default: 0, no history)", "BYTES"},
		{"check-filter", 0, 0, G_OPTION_ARG_FILENAME, &filter,
			"Check a capture filter and exit; the status is 1 if the filter is invalid", "FILTER"},
		{"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- the virtual switch of a lab; netlabd starts it");
	g_option_context_set_summary(context,
		"To run it without a lab, as a replacement for uml_switch: netlab-switch --unix SOCKET\n"
		"(for the options of that mode, run netlab-switch --unix x --help)");
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("netlab-switch: %s\n", error->message);
		return 2;
	}
	if (version) {
		g_print("netlab-switch %s\n", NETLAB_VERSION);
		return EXIT_SUCCESS;
	}
	if (filter) {
		gboolean good = recorder_check_filter(filter, &error);
		if (!good)
			puts(error->message);
		return good ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	if (control_fd < 0 || argc > 1 || workers < 0 || workers > 64 || history < 0) {
		g_printerr("netlab-switch: invalid arguments: --control-fd=N is required, and --workers must be 1 to "
			   "64; to start a lab, run \"netlab start\"; to run a switch without a lab, run netlab-switch "
			   "--unix SOCKET\n");
		return 2;
	}
	if (!workers)
		workers = CLAMP((int)g_get_num_processors() / 2, 1, 8);
	/* When the reader of a capture exits, or a file reaches its size limit, the error is reported; it must not kill the
	 * switch. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!control_run(control_fd, (unsigned)workers, (guint64)history, &error)) {
		g_printerr("netlab-switch: %s\n", error->message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
