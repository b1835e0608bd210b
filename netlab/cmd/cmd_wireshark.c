/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "netlab/client/capture_session.h"
#include "netlab/cmd/cli.h"
#include "netlab/host/paths.h"
#include "topologies/model/values.h"

static const CliHelp help = {
	.usage = "[LINK|NODE:INTERFACE|NETWORK] [-- WIRESHARK-OPTION...]",
	.summary = "Opens Wireshark and captures on a link, a node's interface, a network, or the whole lab.\n"
		   "The interface list of Wireshark and tshark has the same links (netlab:LAB/LINK).",
	.examples = "  netlab wireshark core\n"
		    "  netlab wireshark                      the whole lab\n"
		    "  netlab wireshark fw:eth1 --last 30s   with the frames of the last 30 s\n"
		    "  netlab wireshark lan -f 'not arp' -- -Y tcp.analysis.flags\n",
};

/* Where Wireshark may look for external capture programs: for all users, and for one. */
static gboolean is_installed(void)
{
	static const char *const everybody[] = {"/usr/lib/*/wireshark/extcap/netlab-extcap",
		"/usr/lib*/wireshark/extcap/netlab-extcap", "/usr/local/lib*/wireshark/extcap/netlab-extcap"};
	const char *home = g_get_home_dir(), *config = g_get_user_config_dir();
	g_autofree char *own = g_build_filename(home, ".local/lib/wireshark/extcap/netlab-extcap", NULL);
	g_autofree char *older = g_build_filename(config, "wireshark/extcap/netlab-extcap", NULL);
	gboolean found = g_file_test(own, G_FILE_TEST_IS_EXECUTABLE) || g_file_test(older, G_FILE_TEST_IS_EXECUTABLE);
	for (gsize i = 0; !found && i < G_N_ELEMENTS(everybody); i++) {
		glob_t matches;
		if (glob(everybody[i], 0, NULL, &matches) == 0) {
			found = TRUE;
			globfree(&matches);
		}
	}
	return found;
}

/* Between fork and exec: it ends with Wireshark, which takes the place of this process. */
static void end_with_parent(gpointer data)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* The program that Wireshark would run itself, writing into what becomes Wireshark's standard input. */
static gboolean capture_into_stdin(const char *interface, const char *filter, GError **error)
{
	g_autofree char *program = path_libexec("extcap/netlab-extcap");
	const char *argv[] = {program, "--capture", "--extcap-interface", interface, "--fifo", "/dev/stdout",
		filter ? "--extcap-capture-filter" : NULL, filter, NULL};
	int frames;
	if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, end_with_parent, NULL, NULL,
		    NULL, &frames, NULL, error))
		return FALSE;
	if (dup2(frames, STDIN_FILENO) < 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot give Wireshark its input: %s",
			g_strerror(errno));
		return FALSE;
	}
	close(frames);
	return TRUE;
}

static int run_wireshark(const char *interface, const char *filter, unsigned last_ms, char **more, GError **error)
{
	g_autofree char *program = g_find_program_in_path("wireshark");
	g_autofree char *folder = path_libexec("extcap"), *last = g_strdup_printf("%u", (last_ms + 999) / 1000);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	gboolean installed = is_installed();
	/* Started by root, Wireshark looks for programs where nobody else may write, and does not listen to the environment
	 * (started_with_special_privs() of its wsutil/privileges.c). */
	gboolean by_pipe = !installed && geteuid() == 0;
	if (!program)
		return cli_failed(error,
			"Wireshark is not installed (apt-get install wireshark); \"netlab capture\" shows frames "
			"with tcpdump, or writes files for Wireshark on another machine");
	g_ptr_array_add(argv, program);
	g_ptr_array_add(argv, (char *)"-k");
	g_ptr_array_add(argv, (char *)"-i");
	g_ptr_array_add(argv, by_pipe ? (char *)"-" : (char *)interface);
	if (filter && !by_pipe) {
		g_ptr_array_add(argv, (char *)"-f");
		g_ptr_array_add(argv, (char *)filter);
	}
	for (; *more; more++)
		g_ptr_array_add(argv, *more);
	g_ptr_array_add(argv, NULL);
	if (!installed)
		g_setenv("WIRESHARK_EXTCAP_DIR", folder, TRUE);
	if (last_ms)
		g_setenv("NETLAB_LAST", last, TRUE);
	if (by_pipe && !capture_into_stdin(interface, filter, error))
		return STATUS_FAILED;
	execv(program, (char **)argv->pdata);
	return cli_failed(error, "cannot run \"%s\": %s", program, g_strerror(errno));
}

/** netlab wireshark. */
int cmd_wireshark(int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL, *filter = NULL, *last = NULL;
	const GOptionEntry entries[] = {
		{"filter", 'f', 0, G_OPTION_ARG_STRING, &filter, "Capture filter, see pcap-filter(7)", "FILTER"},
		{"last", 0, 0, G_OPTION_ARG_STRING, &last, "Begin with the frames of the last \"30s\"", "TIME"},
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{0},
	};
	unsigned last_ms = 0;
	g_autoptr(GError) reason = NULL;
	/* What follows "--" is for Wireshark. */
	int own = 1;
	while (own < argc && !g_str_equal(argv[own], "--"))
		own++;
	char **more = argv + MIN(own + 1, argc);
	g_autofree char **mine = g_new0(char *, (gsize)own + 1);
	for (int i = 0; i < own; i++)
		mine[i] = argv[i];
	char **words = mine;
	argc = own;
	if (!cli_parse(&help, entries, &argc, &words, error) || !cli_count(argc, words, 0, 1, error))
		return STATUS_USAGE;
	if (last && !value_duration(last, 1, 3600 * 1000, &last_ms, &reason))
		return cli_usage(error, "wireshark: --last %s", reason->message);
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	if (!lab)
		return STATUS_FAILED;
	const char *place = argc > 1 ? words[1] : NULL;
	const char *where[] = {place, NULL};
	CaptureRequest request = {.where = where, .filter = filter, .format = "pcapng", .last_ms = last_ms};
	if (!capture_try(lab, &request, error))
		return 0; /* main() takes the error's */
	g_autofree char *interface = g_strconcat("netlab:", lab->name, place ? "/" : NULL, place, NULL);
	return run_wireshark(interface, filter, last_ms, more, error);
}
