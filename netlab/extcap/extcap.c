/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab-extcap: the links of running labs in the interface list of Wireshark and tshark (doc/extcap.4 of Wireshark).
 * Wireshark runs it to ask for interfaces, then for one's options, and at last to capture into a FIFO. */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netlab/client/capture_session.h"
#include "netlab/client/error.h"
#include "netlab/client/lab_facts.h"

/* An interface is "netlab:LAB" or "netlab:LAB/LINK". */
#define PREFIX "netlab:"
#define LAST_MAX_S 3600
/* Seconds of history; "netlab wireshark --last" sets it, as Wireshark's command line cannot. */
#define LAST_VARIABLE "NETLAB_LAST"

enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

typedef struct {
	gboolean interfaces, dlts, config, capture, version;
	char *interface, *fifo, *filter;
	int last;
} Arguments;

/* Braces and line ends would end a value. */
static char *sentence(const char *text)
{
	return g_strdelimit(g_strdup(text), "{}\n", ' ');
}

static void print_interface(const char *value, const char *display)
{
	g_autofree char *safe = sentence(display);
	printf("interface {value=%s}{display=%s}\n", value, safe);
}

static void print_links(const LabDirectory *where, LabConnection *lab)
{
	g_autoptr(GPtrArray) links = lab ? lab_links(lab, NULL) : NULL;
	g_autofree char *all = g_strconcat(PREFIX, where->name, NULL);
	g_autofree char *everything = g_strdup_printf("lab %s: every link", where->name);
	if (!links)
		return; /* it has just ended, or does not answer */
	print_interface(all, everything);
	for (guint i = 0; i < links->len; i++) {
		const LinkFacts *link = g_ptr_array_index(links, i);
		g_autofree char *value = g_strconcat(PREFIX, where->name, "/", link->name, NULL);
		g_autofree char *ends = g_strjoinv(" - ", link->ends);
		g_autofree char *display = *link->network && *link->ends
			? g_strdup_printf("lab %s: %s on network %s", where->name, ends, link->network)
			: g_strdup_printf("lab %s: link %s%s%s", where->name, link->name, *ends ? ", " : "", ends);
		print_interface(value, display);
	}
}

static void print_interfaces(void)
{
	g_autoptr(GPtrArray) labs = lab_directories(NULL);
	guint n = labs ? labs->len : 0;
	g_autofree LabConnection **connections = g_new0(LabConnection *, n);
	g_autofree GError **failures = g_new0(GError *, n);
	puts("extcap {version=" NETLAB_VERSION "}{display=netlab}");
	if (labs)
		lab_connection_new_all(labs, LAB_ANSWER_MS, connections, failures);
	for (guint i = 0; i < n; i++) {
		print_links(g_ptr_array_index(labs, i), connections[i]);
		g_clear_pointer(&connections[i], lab_connection_free);
		g_clear_error(&failures[i]);
	}
}

static int default_last(void)
{
	const char *text = g_getenv(LAST_VARIABLE);
	return text ? CLAMP(atoi(text), 0, LAST_MAX_S) : 0;
}

static void print_config(void)
{
	printf("arg {number=0}{call=--last}{display=Include the last seconds}{tooltip=Frames of the past, as far as "
	       "the lab keeps them in memory}{type=integer}{range=0,%d}{default=%d}{group=Past}\n",
		LAST_MAX_S, default_last());
}

static LabConnection *connect_to(const char *interface, char **place, GError **error)
{
	if (!interface || !g_str_has_prefix(interface, PREFIX)) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			"\"%s\" is not a netlab interface; their names are " PREFIX "LAB or " PREFIX "LAB/LINK",
			interface ? interface : "");
		return NULL;
	}
	const char *name = interface + strlen(PREFIX), *slash = strchr(name, '/');
	g_autofree char *lab = slash ? g_strndup(name, (gsize)(slash - name)) : g_strdup(name);
	*place = slash ? g_strdup(slash + 1) : NULL;
	return lab_connect(lab, error);
}

static int failed(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static int failed(GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_propagate_error(error, g_error_new_valist(CLIENT_ERROR, CLIENT_ERROR_FAILED, format, args));
	va_end(args);
	return STATUS_FAILED;
}

static gboolean on_signal(gpointer cancel)
{
	g_cancellable_cancel(cancel);
	return G_SOURCE_CONTINUE;
}

static int capture(const Arguments *arguments, GError **error)
{
	g_autofree char *place = NULL;
	g_autoptr(LabConnection) lab = connect_to(arguments->interface, &place, error);
	if (!lab)
		return STATUS_FAILED;
	const char *where[] = {place, NULL};
	CaptureRequest request = {.where = where,
		.filter = arguments->filter,
		.format = "pcapng",
		.last_ms = (guint)CLAMP(arguments->last, 0, LAST_MAX_S) * 1000};
	/* Its interface being gone, Wireshark learns it from our exit and shows what we say. */
	if (!arguments->capture)
		return capture_try(lab, &request, error) ? STATUS_OK : STATUS_FAILED;
	int fifo = open(arguments->fifo, O_WRONLY | O_CLOEXEC);
	if (fifo < 0)
		return failed(error, "cannot write to \"%s\": %s", arguments->fifo, g_strerror(errno));
	CaptureOutcome outcome;
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	const CaptureWatch watch = {.cancel = cancel};
	g_unix_signal_add(SIGINT, on_signal, cancel);
	g_unix_signal_add(SIGTERM, on_signal, cancel);
	g_unix_signal_add(SIGHUP, on_signal, cancel);
	if (!capture_run(lab, &request, fifo, &watch, &outcome, error))
		return STATUS_FAILED;
	g_autofree char *reason = outcome.reason;
	return capture_ended_well(&outcome, TRUE) ? STATUS_OK : failed(error, "the capture ended early: %s", reason);
}

static int usage(GError **error, const char *message)
{
	g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, message);
	return STATUS_USAGE;
}

static int run(const Arguments *arguments, GError **error)
{
	if (arguments->version)
		puts("netlab-extcap " NETLAB_VERSION);
	else if (arguments->interfaces)
		print_interfaces();
	else if (arguments->dlts)
		puts("dlt {number=1}{name=EN10MB}{display=Ethernet}");
	else if (arguments->config)
		print_config();
	else if (arguments->capture && !arguments->fifo)
		return usage(error, "--capture needs --fifo");
	else if (arguments->capture || arguments->filter)
		return capture(arguments, error);
	else
		return usage(error,
			"this program is for Wireshark and tshark, which run it to list the links of running labs: "
			"\"tshark -D\" shows them; \"netlab wireshark LINK\" opens one");
	return STATUS_OK;
}

/* All versions get the same. */
static gboolean ignore(const char *name, const char *value, gpointer data, GError **error)
{
	return TRUE;
}

int main(int argc, char **argv)
{
	Arguments arguments = {.last = default_last()};
	const GOptionEntry entries[] = {
		{"extcap-interfaces", 0, 0, G_OPTION_ARG_NONE, &arguments.interfaces, "List the links of running labs",
			NULL},
		{"extcap-dlts", 0, 0, G_OPTION_ARG_NONE, &arguments.dlts, "List the link types of an interface", NULL},
		{"extcap-config", 0, 0, G_OPTION_ARG_NONE, &arguments.config, "List the options of an interface", NULL},
		{"extcap-interface", 0, 0, G_OPTION_ARG_STRING, &arguments.interface, "The interface",
			PREFIX "LAB/LINK"},
		{"extcap-capture-filter", 0, 0, G_OPTION_ARG_STRING, &arguments.filter,
			"Capture filter; without --capture: report what is wrong with it", "FILTER"},
		{"extcap-version", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (gpointer)ignore,
			"Wireshark's version", "VERSION"},
		{"capture", 0, 0, G_OPTION_ARG_NONE, &arguments.capture, "Capture", NULL},
		{"fifo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.fifo, "Write the frames to FIFO", "FIFO"},
		{"last", 0, 0, G_OPTION_ARG_INT, &arguments.last, "Begin with the frames of the last seconds",
			"SECONDS"},
		{"version", 0, 0, G_OPTION_ARG_NONE, &arguments.version, "Print the version", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- netlab's links for Wireshark and tshark");
	g_autoptr(GError) error = NULL;
	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_description(context,
		"Examples:\n  tshark -D                     lists what this says\n"
		"  tshark -i netlab:ospf/core    captures by it\n  netlab-extcap --extcap-interfaces\n");
	int status = g_option_context_parse(context, &argc, &argv, &error) ? run(&arguments, &error) : STATUS_USAGE;
	g_free(arguments.interface);
	g_free(arguments.fifo);
	g_autofree char *filter = arguments.filter;
	if (!error)
		return status;
	gboolean wrong = error->domain == G_OPTION_ERROR || g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_INVALID);
	/* When Wireshark asks whether a filter is right, it expects the answer on standard output. */
	gboolean asked = wrong && filter && !arguments.capture;
	fprintf(asked ? stdout : stderr, "%s%s\n", asked ? "" : "netlab-extcap: ", error->message);
	return asked ? STATUS_OK : wrong ? STATUS_USAGE : STATUS_FAILED;
}
