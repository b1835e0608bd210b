/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "netlab/client/capture_session.h"
#include "netlab/cmd/cli.h"
#include "netlab/cmd/live_view.h"
#include "netlab/client/rotation.h"
#include "topologies/model/values.h"

#define DURATION_MAX_MS (7u * 24 * 3600 * 1000)

static const CliHelp help = {
	.usage = "LINK|NODE:INTERFACE|NETWORK...",
	.summary = "Captures the frames of links, interfaces or networks, or of the whole lab (--all), until\n"
		   "Ctrl-C. With --write, they go to a pcapng file that records for each frame the interface,\n"
		   "the direction and what the link did to it; without it, tcpdump shows them live. --last\n"
		   "captures frames of the past, as far as the lab keeps them in memory; in a busy lab only\n"
		   "the first 96 bytes of each frame are kept.",
	.examples = "  netlab capture fw:eth1                     show the frames\n"
		    "  netlab capture core -w core.pcapng         write a file\n"
		    "  netlab capture --all -w lab.pcapng --duration 10s\n"
		    "  netlab capture --last 30s -w before.pcapng the last 30 s, everywhere\n"
		    "  netlab capture lan -w lan.pcapng --ring 10Mx5\n"
		    "  netlab capture core -w - | wireshark -k -i -\n"
		    "  netlab capture pc:eth0 -f 'icmp or arp' -c 10\n",
};

typedef struct {
	gboolean all, unconfined;
	char *which, *write, *filter, *duration, *last, *ring, *format;
	gint64 count;
	int snaplen;
} Options;

/* Where the frames go. */
typedef struct {
	int fd;
	LiveView *viewer;   /* or NULL */
	Rotation *rotation; /* or NULL */
} Target;

/* The line of counts on a terminal. */
typedef struct {
	gboolean shown;
} Counts;

static int open_output(const char *write, GError **error)
{
	if (g_str_equal(write, "-")) {
		if (isatty(STDOUT_FILENO))
			return cli_failed(error,
				       "the capture is binary data and standard output is a terminal; name a "
				       "file, or omit --write to show the frames"),
			       -1;
		return dup(STDOUT_FILENO);
	}
	int fd = open(write, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		cli_failed(error, "cannot write \"%s\": %s", write, g_strerror(errno));
	return fd;
}

static gboolean open_target(const Options *options, Target *target, GError **error)
{
	guint64 size;
	unsigned files;
	target->fd = -1;
	if (options->ring && value_ring(options->ring, &size, &files, NULL))
		target->rotation = rotation_new(NULL, options->write, size, files, &target->fd, error);
	else if (options->write)
		target->fd = open_output(options->write, error);
	else
		target->viewer = live_view_new(options->unconfined, &target->fd, error);
	return target->fd >= 0;
}

/* FALSE when what was captured could not be kept or shown; a better reason than that of the switch, which only lost its
 * reader. */
static gboolean close_target(Target *target, GError **error)
{
	g_autoptr(LiveView) viewer = target->viewer;
	if (viewer)
		return live_view_finish(viewer, error);
	return !target->rotation || rotation_finish(target->rotation, error);
}

static gboolean read_time(const char *option, const char *text, guint *ms, GError **error)
{
	g_autoptr(GError) reason = NULL;
	unsigned value = 0;
	if (!text || value_duration(text, 1, DURATION_MAX_MS, &value, &reason)) {
		*ms = value;
		return TRUE;
	}
	cli_usage(error, "capture: --%s %s", option, reason->message);
	return FALSE;
}

static gboolean check_ring(const Options *options, GError **error)
{
	guint64 size;
	unsigned files;
	g_autoptr(GError) reason = NULL;
	if (!options->ring)
		return TRUE;
	if (!options->write || g_str_equal(options->write, "-"))
		cli_usage(error, "capture: --ring needs --write FILE");
	else if (!value_ring(options->ring, &size, &files, &reason))
		cli_usage(error, "capture: --ring %s", reason->message);
	return options->write && !g_str_equal(options->write, "-") && !reason;
}

/* The options that belong to the capture itself. */
static gboolean read_request(
	const Options *options, char **places, CaptureRequest *request, guint *duration_ms, GError **error)
{
	*request = (CaptureRequest){
		.where = (const char *const *)places,
		.filter = options->filter,
		.format = options->format ? options->format : "pcapng",
		.snaplen = (guint)options->snaplen,
		.count = (guint64)options->count,
		.only_past = options->last != NULL,
	};
	if (options->unconfined && options->write)
		cli_usage(error, "capture: --unconfined is for frames that are shown; --write shows none");
	else if (options->count < 0 || options->snaplen < 0 || options->snaplen > 262144)
		cli_usage(error, "capture: --count must be positive, --snaplen between 1 and 262144");
	else if (!options->all && !places[0] && !options->last)
		cli_usage(error, "capture: name a link, a NODE:INTERFACE or a network, or use --all");
	else if (options->all && places[0])
		cli_usage(error, "capture: use either --all or \"%s\", not both", places[0]);
	else if (!g_str_equal(request->format, "pcapng") && !g_str_equal(request->format, "pcap"))
		cli_usage(error, "capture: --format must be \"pcapng\" or \"pcap\", not \"%s\"", request->format);
	else if (options->last && options->duration)
		cli_usage(error, "capture: --last captures the past, --duration the future; use one of them");
	else if (!check_ring(options, error) || !read_time("last", options->last, &request->last_ms, error) ||
		!read_time("duration", options->duration, duration_ms, error))
		return FALSE;
	else
		return TRUE;
	return FALSE;
}

static void report(const CaptureRequest *request, const CaptureOutcome *outcome)
{
	fprintf(stderr, "%" G_GUINT64_FORMAT " frames captured, %" G_GUINT64_FORMAT " dropped\n", outcome->captured,
		outcome->dropped);
	gint64 span = outcome->since ? g_get_real_time() - outcome->since : 0;
	if (request->last_ms && span < request->last_ms * G_GINT64_CONSTANT(1000)) {
		g_autofree char *text = cli_duration(span);
		fprintf(stderr, "the lab remembers only the last %s; set <lab history=\"64M\"> to keep more\n", text);
	}
}

static void show_counts(guint64 captured, guint64 dropped, gpointer data)
{
	Counts *counts = data;
	counts->shown = TRUE;
	fprintf(stderr, "\r%" G_GUINT64_FORMAT " frames captured, %" G_GUINT64_FORMAT " dropped", captured, dropped);
}

static gboolean on_signal(gpointer cancel)
{
	g_cancellable_cancel(cancel);
	return G_SOURCE_CONTINUE;
}

/* Captures until the end, Ctrl-C, SIGTERM or SIGHUP. */
static gboolean run(LabConnection *lab, const Options *options, const CaptureRequest *request, guint duration_ms,
	int fd, CaptureOutcome *outcome, GError **error)
{
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	Counts counts = {FALSE};
	const CaptureWatch watch = {.duration_ms = duration_ms,
		.cancel = cancel,
		.progress = options->write && isatty(STDERR_FILENO) ? show_counts : NULL,
		.data = &counts};
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_signal, cancel),
		g_unix_signal_add(SIGTERM, on_signal, cancel),
		g_unix_signal_add(SIGHUP, on_signal, cancel),
	};
	gboolean done = capture_run(lab, request, fd, &watch, outcome, error);
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	if (counts.shown)
		fputs("\r\033[K", stderr);
	return done;
}

static int capture(
	LabConnection *lab, const Options *options, const CaptureRequest *request, guint duration_ms, GError **error)
{
	Target target = {0};
	CaptureOutcome outcome;
	if (!open_target(options, &target, error))
		return STATUS_FAILED;
	gboolean done = run(lab, options, request, duration_ms, target.fd, &outcome, error);
	gboolean kept = close_target(&target, done ? error : NULL);
	if (done)
		report(request, &outcome);
	g_autofree char *reason = outcome.reason;
	gboolean to_pipe = !options->write || g_str_equal(options->write, "-");
	if (!done || !kept)
		return 0; /* main() takes the error's */
	if (capture_ended_well(&outcome, to_pipe))
		return STATUS_OK;
	return cli_failed(error, "the capture ended early: %s%s%s", options->write ? options->write : "",
		options->write ? ": " : "", reason);
}

static void options_clear(Options *options)
{
	char **texts[] = {&options->which, &options->write, &options->filter, &options->duration, &options->last,
		&options->ring, &options->format};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(*texts[i]);
}

/** netlab capture. */
int cmd_capture(int argc, char **argv, GError **error)
{
	__attribute__((cleanup(options_clear))) Options options = {0};
	const GOptionEntry entries[] = {
		{"all", 'a', 0, G_OPTION_ARG_NONE, &options.all, "Capture the whole lab", NULL},
		{"write", 'w', 0, G_OPTION_ARG_FILENAME, &options.write, "Write to FILE (\"-\": standard output)",
			"FILE"},
		{"filter", 'f', 0, G_OPTION_ARG_STRING, &options.filter,
			"Capture only matching frames, see pcap-filter(7)", "FILTER"},
		{"count", 'c', 0, G_OPTION_ARG_INT64, &options.count, "Stop after this many frames", "N"},
		{"duration", 'd', 0, G_OPTION_ARG_STRING, &options.duration, "Stop after this time (\"10s\", \"5min\")",
			"TIME"},
		{"last", 0, 0, G_OPTION_ARG_STRING, &options.last, "Capture the frames of the last \"30s\", then stop",
			"TIME"},
		{"ring", 0, 0, G_OPTION_ARG_STRING, &options.ring,
			"Write FILE_00001, FILE_00002, ... of this size; keep the newest N (\"10Mx5\")", "SIZExN"},
		{"format", 0, 0, G_OPTION_ARG_STRING, &options.format, "\"pcapng\" (default), or \"pcap\" for one link",
			"FORMAT"},
		{"snaplen", 's', 0, G_OPTION_ARG_INT, &options.snaplen,
			"Keep this many bytes of each frame (default: all)", "BYTES"},
		{"unconfined", 0, 0, G_OPTION_ARG_NONE, &options.unconfined,
			"Show frames without the sandbox: guests must be trusted", NULL},
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &options.which, "Use this lab", "LAB"},
		{0},
	};
	CaptureRequest request;
	guint duration_ms = 0;
	if (!cli_parse(&help, entries, &argc, &argv, error) ||
		!read_request(&options, argv + 1, &request, &duration_ms, error))
		return STATUS_USAGE;
	g_autoptr(LabConnection) lab = lab_connect(options.which, error);
	if (!lab)
		return STATUS_FAILED;
	/* An existing file is not emptied because of a wrong place or filter. */
	return capture_try(lab, &request, error) ? capture(lab, &options, &request, duration_ms, error) : 0;
}
