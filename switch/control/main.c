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
		{"control-fd", 0, 0, G_OPTION_ARG_INT, &control_fd, "Stream socket to the supervisor", "N"},
		{"workers", 0, 0, G_OPTION_ARG_INT, &workers,
			"Forwarding threads (default: one for each two CPUs, at most 8)", "N"},
		{"history", 0, 0, G_OPTION_ARG_INT64, &history,
			"Memory for the last frames of all cables (default: 0, none)", "BYTES"},
		{"check-filter", 0, 0, G_OPTION_ARG_FILENAME, &filter,
			"Say what is wrong with a capture filter, and end: 1 if it is "
			"wrong",
			"FILTER"},
		{"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- the switch of a lab; started by netlabd");
	g_option_context_set_summary(context,
		"Alone, in the place of uml_switch: netlab-switch --unix SOCKET (netlab-switch --unix "
		"x --help shows its options)");
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
		g_printerr("netlab-switch: --control-fd=N is needed, --workers is 1 to 64, and nothing else is "
			   "understood; "
			   "to start a lab, use \"netlab start\", for a switch alone netlab-switch --unix SOCKET\n");
		return 2;
	}
	if (!workers)
		workers = CLAMP((int)g_get_num_processors() / 2, 1, 8);
	/* A reader of a capture that goes away, and a file that may not grow, are errors to report and not to die of. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!control_run(control_fd, (unsigned)workers, (guint64)history, &error)) {
		g_printerr("netlab-switch: %s\n", error->message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
