/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlabd: the supervisor of one lab. Started by `netlab start`, gone with the lab. */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/host/disk_owner.h"
#include "netlab/host/environment.h"
#include "netlab/host/limits.h"
#include "netlab/host/paths.h"
#include "netlab/supervisor/sandbox/spawn.h"
#include "netlab/supervisor/service/service.h"
#include "topologies/topology.h"

/* Time for the nodes to stop when nobody waits for the end. */
#define SIGNAL_STOP_MS 10000u

typedef struct {
	char *name, *only, *file;
	gboolean unconfined, trust;
	int ready_fd;
} Arguments;

static gboolean parse(int *argc, char ***argv, Arguments *arguments, GError **error)
{
	gboolean version = FALSE;
	const GOptionEntry entries[] = {
		{"name", 0, 0, G_OPTION_ARG_STRING, &arguments->name, "Run the lab under this name", "NAME"},
		{"only", 0, 0, G_OPTION_ARG_STRING, &arguments->only, "Boot only these nodes", "NODE,..."},
		{"unconfined", 0, 0, G_OPTION_ARG_NONE, &arguments->unconfined, "Run without the sandbox", NULL},
		{"trust", 0, 0, G_OPTION_ARG_NONE, &arguments->trust, "Let the lab's paths leave its folder", NULL},
		{"ready-fd", 0, 0, G_OPTION_ARG_INT, &arguments->ready_fd, "Descriptor for \"ready\" or \"error: ...\"",
			"N"},
		{"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context =
		g_option_context_new("FILE - the supervisor of a lab; started by \"netlab start\"");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, error))
		return FALSE;
	if (version) {
		g_print("netlabd %s\n", NETLAB_VERSION);
		exit(EXIT_SUCCESS);
	}
	if (*argc != 2 || arguments->ready_fd < 0) {
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			"netlabd needs --ready-fd and one lab file; to start a lab, run: netlab start FILE");
		return FALSE;
	}
	arguments->file = (*argv)[1];
	fcntl(arguments->ready_fd, F_SETFD, FD_CLOEXEC);
	return TRUE;
}

/* Writes TEXT as one line. FALSE when nobody reads it. */
static gboolean tell(int fd, const char *prefix, const char *text)
{
	g_autofree char *line = g_strconcat(prefix, text, "\n", NULL);
	g_strdelimit(line, "\n", ' ');
	line[strlen(line) - 1] = '\n';
	return write(fd, line, strlen(line)) > 0;
}

static Lab *read_lab(const char *file, gboolean trusted, GError **error)
{
	g_autofree char *schema = path_share("lab.xsd");
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	Lab *lab = lab_read(file, trusted, schema, diagnostics);
	if (!lab) {
		g_autofree char *text = lab_diagnostics_to_text(diagnostics);
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, g_strchomp(text));
	}
	return lab;
}

/* Into the background: in its own session, without the terminal, with messages to the lab's log. */
static gboolean become_daemon(const Plan *plan, GError **error)
{
	g_autofree char *path = g_build_filename(plan->directory, "netlabd.log", NULL);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (null < 0 || log < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot open \"%s\": %s", path,
			g_strerror(errno));
		return FALSE;
	}
	setsid(); /* fails when this process leads a session already, which is just as good */
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(null);
	close(log);
	return chdir("/") == 0;
}

static const sigset_t *stop_signals(void)
{
	static sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return &set;
}

/* A signal that comes during the start waits for the main loop, so that everything that was started is also ended. */
static gboolean on_signal(gpointer data)
{
	Service **service = data;
	g_message("stopping: received a signal");
	service_stop(*service, SIGNAL_STOP_MS);
	return G_SOURCE_CONTINUE;
}

/* The user logged out everywhere, which removes the runtime folder, or removed the lab's folder. */
static void on_folder_gone(gpointer data)
{
	Service **service = data;
	g_message("stopping: the lab's folder was removed");
	service_stop(*service, SIGNAL_STOP_MS);
}

static void on_over(gpointer loop)
{
	g_main_loop_quit(loop);
}

/* From the lab's folder on; a failure here removes the folder again. */
static gboolean run_in(RunDir *directory, const Arguments *arguments, char *const *only, const Plan *plan,
	const PlanContext *world, pid_t starter, GError **error)
{
	g_autofree char *network_switch = path_libexec("netlab-switch"), *uplink = path_libexec("netlab-uplink");
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	RunningLabOptions options = {
		.plan = plan,
		.directory = directory,
		.only = only,
		.kernel = world->kernel,
		.network_switch = network_switch,
		.uplink = uplink,
		.unconfined = arguments->unconfined,
		.n_cpus = world->n_cpus,
	};
	g_autoptr(Service) service = NULL;
	if (!become_daemon(plan, error)) {
		run_dir_remove(directory);
		return FALSE;
	}
	g_unix_signal_add(SIGTERM, on_signal, &service);
	g_unix_signal_add(SIGINT, on_signal, &service);
	g_unix_signal_add(SIGHUP, on_signal, &service);
	pthread_sigmask(SIG_UNBLOCK, stop_signals(), NULL);
	service = service_new(&options, starter, on_over, loop, error);
	if (!service)
		return FALSE;
	run_dir_watch(directory, on_folder_gone, &service);
	if (!tell(arguments->ready_fd, "", "ready"))
		service_stop(service, SIGNAL_STOP_MS);
	close(arguments->ready_fd);
	g_main_loop_run(loop);
	return TRUE;
}

/* All disks of a lab are in one folder. */
static gboolean claim_disks(const Plan *plan, GError **error)
{
	for (guint i = 0; i < plan->nodes->len; i++) {
		const PlanNode *node = g_ptr_array_index(plan->nodes, i);
		g_autofree char *folder = node->disk ? g_path_get_dirname(node->disk) : NULL;
		if (folder)
			return disk_owner_claim(folder, plan->lab->file, plan->lab->folder->trusted, error);
	}
	return TRUE;
}

static gboolean run(const Arguments *arguments, pid_t starter, GError **error)
{
	g_autoptr(Lab) lab = read_lab(arguments->file, arguments->trust, error);
	if (!lab)
		return FALSE;
	const char *name = arguments->name ? arguments->name : lab->name;
	g_auto(GStrv) only = arguments->only ? g_strsplit(arguments->only, ",", -1) : NULL;
	g_autoptr(NetlabEnvironment) environment = netlab_environment_new(name, error);
	if (!environment)
		return FALSE;
	const PlanContext *world = netlab_environment_context(environment);
	g_autoptr(Plan) plan = plan_new(lab, world, error);
	if (!plan || !netlab_environment_check(environment, plan, only, error) ||
		!limits_check(plan, only, !arguments->unconfined, error) || !claim_disks(plan, error))
		return FALSE;
	/* From here on there is something to undo, so a signal must not end this process directly. */
	pthread_sigmask(SIG_BLOCK, stop_signals(), NULL);
	RunDir *directory = run_dir_new(plan->directory, name, error);
	return directory && run_in(directory, arguments, only, plan, world, starter, error);
}

int main(int argc, char **argv)
{
	Arguments arguments = {.ready_fd = -1};
	pid_t starter = getppid();
	g_autoptr(GError) error = NULL;
	if (!parse(&argc, &argv, &arguments, &error)) {
		g_printerr("netlabd: %s\n", error->message);
		return 2;
	}
	umask(077);
	limits_raise(); /* the switch and guests inherit it */
	child_adopt_orphans();
	/* When a guest or client goes away, the write to it must fail; it must not kill this process. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	gboolean done = run(&arguments, starter, &error);
	if (!done && !tell(arguments.ready_fd, "error: ", error->message))
		g_warning("%s", error->message);
	g_free(arguments.name);
	g_free(arguments.only);
	return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
