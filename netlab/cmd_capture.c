/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/cli.h"
#include "netlab/lab_facts.h"

static const CliHelp help = {
	.usage = "LINK|NODE:INTERFACE",
	.summary = "Captures the frames of a link, both ways, or of a node's interface, until Ctrl-C. With\n"
		   "--write they go to a pcap file that Wireshark and tcpdump read; without, tcpdump shows them\n"
		   "as they come.",
	.examples = "  netlab capture fw:eth1                     look at the frames\n"
		    "  netlab capture core -w core.pcap           into a file\n"
		    "  netlab capture core -w - | wireshark -k -i -\n"
		    "  netlab capture pc:eth0 -f 'icmp or arp' -c 10\n",
};

typedef struct {
	GMainLoop *loop;
	LabConnection *lab;
	guint id;
	gboolean ended, interrupted;
	guint64 captured, dropped;
	char *reason; /* why the switch ended it */
} Capture;

static void on_ended(NetlabLab1 *proxy, guint id, guint64 captured, guint64 dropped, const char *reason, gpointer data)
{
	Capture *self = data;
	if (id != self->id)
		return;
	self->ended = TRUE;
	self->captured = captured;
	self->dropped = dropped;
	self->reason = g_strdup(reason);
	g_main_loop_quit(self->loop);
}

static void on_closed(GDBusConnection *connection, gboolean remote, GError *error, gpointer data)
{
	g_main_loop_quit(((Capture *)data)->loop);
}

static gboolean on_interrupt(gpointer data)
{
	Capture *self = data;
	self->interrupted = TRUE;
	g_main_loop_quit(self->loop);
	return G_SOURCE_CONTINUE;
}

/* tcpdump must not see our Ctrl-C: it shows what is still to come and ends with its input. */
static void in_own_group(gpointer data)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
}

static GSubprocess *show_live(int *fd, GError **error)
{
	g_autofree char *tcpdump = g_find_program_in_path("tcpdump");
	if (!tcpdump)
		tcpdump = g_file_test("/usr/sbin/tcpdump", G_FILE_TEST_IS_EXECUTABLE) ? g_strdup("/usr/sbin/tcpdump")
										      : NULL;
	if (!tcpdump) {
		cli_failed(error, "tcpdump, which would show the frames, is not installed; --write FILE keeps them");
		return NULL;
	}
	const char *argv[] = {tcpdump, "-l", "-n", "-e", "-r", "-", NULL};
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
	g_subprocess_launcher_set_child_setup(launcher, in_own_group, NULL, NULL);
	GSubprocess *process = g_subprocess_launcher_spawnv(launcher, argv, error);
	if (process)
		*fd = dup(g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(g_subprocess_get_stdin_pipe(process))));
	if (process)
		g_output_stream_close(g_subprocess_get_stdin_pipe(process), NULL, NULL);
	return process;
}

static int open_output(const char *write, GError **error)
{
	if (g_str_equal(write, "-")) {
		if (isatty(STDOUT_FILENO))
			return cli_failed(error, "the capture is binary, and standard output is a terminal; name a "
						 "file, or leave --write out to look at the frames"),
			       -1;
		return dup(STDOUT_FILENO);
	}
	int fd = open(write, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		cli_failed(error, "cannot write \"%s\": %s", write, g_strerror(errno));
	return fd;
}

/* A place that does not exist is told with what there is: the nearest name, or the ports of the network it names. */
static void explain(LabConnection *lab, const char *where, GError **error)
{
	g_autoptr(GPtrArray) links = lab_links(lab, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GString) ports = g_string_new(NULL);
	for (guint i = 0; links && i < links->len; i++) {
		const LinkFacts *link = g_ptr_array_index(links, i);
		gboolean known =
			g_str_equal(link->name, where) || g_strv_contains((const char *const *)link->ends, where);
		if (known)
			return;
		g_ptr_array_add(names, link->name);
		for (char **end = link->ends; *end; end++)
			g_ptr_array_add(names, *end);
		if (g_str_equal(link->network, where) && *link->ends)
			g_string_append_printf(ports, "%s%s", ports->len ? ", " : "", *link->ends);
	}
	g_clear_error(error);
	g_autofree char *hint = cli_did_you_mean(where, names);
	if (ports->len)
		cli_failed(error, "\"%s\" is a network; captures are made on its cables: %s", where, ports->str);
	else
		cli_failed(error, "lab \"%s\" has no link or NODE:INTERFACE \"%s\"%s", lab->name, where, hint);
}

static gboolean begin(
	Capture *self, const char *where, const char *filter, int snaplen, gint64 count, int fd, GError **error)
{
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	int handle = g_unix_fd_list_append(list, fd, error);
	if (handle < 0)
		return FALSE;
	if (netlab_lab1_call_start_capture_sync(self->lab->proxy, where, filter, (guint)snaplen, (guint64)count,
		    g_variant_new_handle(handle), list, &self->id, NULL, NULL, error))
		return TRUE;
	lab_remote_failed(error);
	/* So the switch says that the filter is not one; GDBus carries the domain and code of its error across. */
	if (*filter && g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)) {
		(*error)->domain = NETLAB_ERROR;
		(*error)->code = STATUS_USAGE;
		return FALSE;
	}
	explain(self->lab, where, error);
	return FALSE;
}

/* Begins it once to nowhere: a file that is there is not emptied for a place or a filter that is none. */
static gboolean try_out(Capture *self, const char *where, const char *filter, GError **error)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	gboolean good = begin(self, where, filter, 0, 0, fd, error);
	close(fd);
	return good && (netlab_lab1_call_stop_capture_sync(
				self->lab->proxy, self->id, &self->captured, &self->dropped, NULL, error) ||
			       lab_remote_failed(error));
}

/* Waits for the end, and makes one at Ctrl-C; gets the counts either way. */
static gboolean wait_for_end(Capture *self, GError **error)
{
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_interrupt, self),
		g_unix_signal_add(SIGTERM, on_interrupt, self),
		g_unix_signal_add(SIGHUP, on_interrupt, self),
	};
	g_main_loop_run(self->loop);
	gboolean done = TRUE;
	if (!self->ended && g_dbus_connection_is_closed(self->lab->connection)) {
		done = FALSE;
		cli_failed(error, "lab \"%s\" ended during the capture; what came until then is complete",
			self->lab->name);
	} else if (!self->ended) {
		done = netlab_lab1_call_stop_capture_sync(
			self->lab->proxy, self->id, &self->captured, &self->dropped, NULL, error);
	}
	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	return done || lab_remote_failed(error);
}

static gboolean run(
	Capture *self, const char *where, const char *filter, int snaplen, gint64 count, int fd, GError **error)
{
	g_signal_connect(self->lab->proxy, "capture-ended", G_CALLBACK(on_ended), self);
	g_signal_connect(self->lab->connection, "closed", G_CALLBACK(on_closed), self);
	gboolean done = begin(self, where, filter, snaplen, count, fd, error);
	/* Ours goes, so that a reader of the pipe sees its end when the switch closes. */
	close(fd);
	if (done) {
		done = wait_for_end(self, error);
		fprintf(stderr, "%" G_GUINT64_FORMAT " frames captured, %" G_GUINT64_FORMAT " dropped\n",
			self->captured, self->dropped);
	}
	g_signal_handlers_disconnect_by_data(self->lab->proxy, self);
	g_signal_handlers_disconnect_by_data(self->lab->connection, self);
	return done;
}

/* The switch says why it ended: the count was reached, the reader of a pipe left (as "| head" does), or a fault. */
static int verdict(const Capture *self, const char *write, GError **error)
{
	gboolean to_pipe = !write || g_str_equal(write, "-");
	if (!self->ended || g_str_equal(self->reason, "count") ||
		(to_pipe && g_str_equal(self->reason, g_strerror(EPIPE))))
		return STATUS_OK;
	return cli_failed(
		error, "the capture ended early: %s%s%s", write ? write : "", write ? ": " : "", self->reason);
}

/** netlab capture. */
int cmd_capture(int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL, *write = NULL, *filter = NULL;
	gint64 count = 0;
	int snaplen = 0;
	const GOptionEntry entries[] = {
		{"write", 'w', 0, G_OPTION_ARG_FILENAME, &write, "Write pcap to FILE (\"-\": standard output)", "FILE"},
		{"filter", 'f', 0, G_OPTION_ARG_STRING, &filter, "Only frames that match, as pcap-filter(7) has it",
			"FILTER"},
		{"count", 'c', 0, G_OPTION_ARG_INT64, &count, "End after this many frames", "N"},
		{"snaplen", 's', 0, G_OPTION_ARG_INT, &snaplen, "Keep this many bytes of each frame (default: all)",
			"BYTES"},
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "The lab of the link", "LAB"},
		{0},
	};
	if (!cli_parse(&help, entries, &argc, &argv, error) || !cli_count(argc, argv, 1, 1, error))
		return STATUS_USAGE;
	if (count < 0 || snaplen < 0 || snaplen > 262144)
		return cli_usage(error, "capture: --count takes a positive number, --snaplen 1 to 262144");
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	if (!lab)
		return STATUS_FAILED;
	g_autoptr(GSubprocess) viewer = NULL;
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Capture self = {.loop = loop, .lab = lab};
	const char *what = filter ? filter : "";
	int fd = -1;
	if (!try_out(&self, argv[1], what, error))
		return 0; /* main() takes the error's */
	if (write)
		fd = open_output(write, error);
	else
		viewer = show_live(&fd, error);
	if (fd < 0)
		return STATUS_FAILED;
	gboolean done = run(&self, argv[1], what, snaplen ? snaplen : 262144, count, fd, error);
	if (viewer)
		g_subprocess_wait(viewer, NULL, NULL);
	int status = done ? verdict(&self, write, error) : 0;
	g_free(self.reason);
	return status;
}
