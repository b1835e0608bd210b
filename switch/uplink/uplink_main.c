/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "switch/uplink/uplink.h"

/* A socket of the host for each conversation, and datagrams keep theirs for minutes. */
#define DESCRIPTORS 8192

static int ready_fd = -1;

/* To whoever started us, and for whoever reads the log. A line each: "warning: ...", "error: ...", last "ready". */
static void tell(const char *kind, const char *text)
{
	g_autofree char *line = g_strconcat(kind, *text ? ": " : "", text, "\n", NULL);
	if (*text)
		g_printerr("netlab-uplink: %s", line);
	if (ready_fd >= 0 && write(ready_fd, line, strlen(line)) < 0)
		ready_fd = -1; /* nobody asks any more */
}

static gboolean add_forwards(UplinkOptions *options, char **forwards, GError **error)
{
	for (; forwards && *forwards; forwards++)
		if (!uplink_options_add_forward(options, *forwards, error))
			return FALSE;
	return TRUE;
}

static void allow_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = MAX(limit.rlim_cur, MIN(limit.rlim_max, DESCRIPTORS));
	setrlimit(RLIMIT_NOFILE, &limit);
}

static gboolean serve(int fd, const UplinkOptions *options, GError **error)
{
	g_autoptr(Uplink) uplink = uplink_new(fd, options, error);
	if (!uplink)
		return FALSE;
	g_autoptr(GPtrArray) warnings = uplink_warnings(options);
	for (guint i = 0; i < warnings->len; i++)
		tell("warning", g_ptr_array_index(warnings, i));
	tell("ready", "");
	if (ready_fd >= 0)
		close(ready_fd);
	ready_fd = -1;
	return uplink_run(uplink, error);
}

int main(int argc, char **argv)
{
	g_autofree char *address = NULL, *address6 = NULL;
	g_auto(GStrv) forwards = NULL;
	gboolean restricted = FALSE, loopback = FALSE, version = FALSE;
	int fd = -1, sockets = -1, counters = -1;
	const GOptionEntry entries[] = {
		{"fd", 0, 0, G_OPTION_ARG_INT, &fd,
			"Unix datagram socket for the frames of the network, one frame per datagram", "N"},
		{"address", 0, 0, G_OPTION_ARG_STRING, &address,
			"IPv4 address of the gateway (default: 10.0.2.2/24); DNS answers at "
			"the next address, DHCP assigns 16 addresses from gateway + 13",
			"ADDRESS/PREFIX"},
		{"address6", 0, 0, G_OPTION_ARG_STRING, &address6,
			"IPv6 address of the gateway; DNS answers at the next address", "ADDRESS/PREFIX"},
		{"forward", 0, 0, G_OPTION_ARG_STRING_ARRAY, &forwards,
			"Forward a port of the host to a port of a guest", "tcp|udp:HOST:PORT:GUEST:PORT"},
		{"restrict", 0, 0, G_OPTION_ARG_NONE, &restricted,
			"Allow forwarded connections to guests, but none from guests", NULL},
		{"loopback", 0, 0, G_OPTION_ARG_NONE, &loopback,
			"Let guests reach 127.0.0.1 and ::1 of the host, at the gateway's address", NULL},
		{"sockets", 0, 0, G_OPTION_ARG_INT, &sockets,
			"Descriptor of the first forward's socket, bound; those of the others follow (default: bind them)",
			"N"},
		{"counters", 0, 0, G_OPTION_ARG_INT, &counters,
			"Descriptor of a file where the numbers of refused frames are kept", "N"},
		{"ready-fd", 0, 0, G_OPTION_ARG_INT, &ready_fd,
			"Descriptor for status: \"warning: ...\" lines, then \"ready\" or \"error: ...\"", "N"},
		{"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context =
		g_option_context_new("- connects a lab to the network of the host; netlabd starts it");
	g_autoptr(UplinkOptions) options = uplink_options_new();
	g_autoptr(GError) error = NULL;

	g_option_context_set_description(context,
		"Example, with the guests' network on descriptor 3:\n"
		"  netlab-uplink --fd 3 --address 10.0.2.2/24 --forward tcp:127.0.0.1:8080:10.0.2.10:80\n");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		tell("error", error->message);
		return 2;
	}
	if (version) {
		g_print("netlab-uplink %s\n", NETLAB_VERSION);
		return EXIT_SUCCESS;
	}
	if (fd < 0 || argc > 1) {
		tell("error",
			"invalid arguments: --fd=N is required, and only options are allowed; to start a lab with an "
			"uplink, run \"netlab start\"");
		return 2;
	}
	/* A reader of the other end that goes away is an error to see; a log that may not grow is none at all. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	allow_descriptors();
	options->restrict_out = restricted;
	options->loopback = loopback;
	options->first_socket = sockets;
	options->counters = counters;
	if (!uplink_options_set_address(options, address ? address : "10.0.2.2/24", &error) ||
		(address6 && !uplink_options_set_address6(options, address6, &error)) ||
		!add_forwards(options, forwards, &error)) {
		tell("error", error->message);
		return 2;
	}
	if (!serve(fd, options, &error)) {
		tell("error", error->message);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
