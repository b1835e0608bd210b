/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames per second through netlab-switch, from one datagram client to another, as fast as they go. Prints JSON. HISTORY in the
 * environment: bytes of memory for the last frames.
 *
 *   bench-switch [SECONDS [FRAME-BYTES [switch|hub|link [capture]]]] */
#include "switch/client.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64

typedef struct {
	int fd;
	unsigned size;
	guint64 frames;
	gboolean sends;
	gint *stop;
} Client;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench-switch: %s: %s\n", what, why);
	exit(1);
}

static gpointer run_client(gpointer data)
{
	Client *client = data;
	static const guint8 sender[] = {0x52, 0x54, 0, 0, 0, 1}, receiver[] = {0x52, 0x54, 0, 0, 0, 2};
	g_autofree guint8 *bytes = g_malloc0((gsize)BATCH * client->size);
	struct mmsghdr messages[BATCH] = {0};
	struct iovec vectors[BATCH];
	for (unsigned i = 0; i < BATCH; i++) {
		guint8 *frame = bytes + (gsize)i * client->size;
		memcpy(frame, receiver, 6);
		memcpy(frame + 6, sender, 6);
		frame[12] = 8;
		vectors[i] = (struct iovec){frame, client->size};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
	}
	while (!g_atomic_int_get(client->stop)) {
		int n = client->sends ? sendmmsg(client->fd, messages, BATCH, 0)
				      : recvmmsg(client->fd, messages, BATCH, MSG_WAITFORONE, NULL);
		if (n > 0)
			client->frames += (guint64)n;
	}
	return NULL;
}

static int add_port(SwSwitch1 *client, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	struct timeval patience = {.tv_usec = 100000}; /* to look at stop now and then */
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0)
		die("socketpair", strerror(errno));
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (g_unix_fd_list_append(list, ends[1], &error) < 0 ||
	    !sw_switch1_call_add_datagram_port_sync(client, name, 1500, g_variant_new_handle(0), list, NULL, NULL, &error))
		die(name, error->message);
	close(ends[1]);
	return ends[0];
}

/* Seconds of CPU that a process has used. */
static double cpu_time(GSubprocess *process)
{
	clockid_t clock;
	struct timespec time;
	int failure = clock_getcpuclockid((pid_t)atoi(g_subprocess_get_identifier(process)), &clock);
	if (failure || clock_gettime(clock, &time) < 0)
		die("the switch's CPU clock", strerror(failure ? failure : errno));
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* rx or tx or a drop counter of a port, from GetCounters. */
static guint64 counter(GVariant *counters, const char *port, const char *name)
{
	guint64 value = 0;
	g_autoptr(GVariant) of_port = g_variant_lookup_value(counters, port, G_VARIANT_TYPE("a{st}"));
	if (of_port)
		g_variant_lookup(of_port, name, "t", &value);
	return value;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 5;
	unsigned size = argc > 2 ? (unsigned)atoi(argv[2]) : 64;
	const char *type = argc > 3 ? argv[3] : "switch";
	gboolean capture = argc > 4, link = g_str_equal(type, "link");
	g_autofree char *history = g_strconcat("--history=", g_getenv("HISTORY") ? g_getenv("HISTORY") : "0", NULL);
	g_autoptr(GError) error = NULL;
	int control[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0)
		die("socketpair", strerror(errno));
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_subprocess_launcher_take_fd(launcher, control[1], 3);
	g_autoptr(GSubprocess) process =
		g_subprocess_launcher_spawn(launcher, &error, SWITCH_PROGRAM, "--control-fd=3", "--workers=1", history, NULL);
	if (!process)
		die(SWITCH_PROGRAM, error->message);
	g_clear_object(&launcher);
	g_autoptr(SwSwitch1) client = switch_client_new(control[0], &error);
	if (!client)
		die("connect", error->message);

	if (!link && !sw_switch1_call_add_network_sync(client, "lan", type, 0, 0, 0, NULL, &error))
		die("AddNetwork", error->message);
	if (!sw_switch1_call_add_cable_sync(client, "a", switch_end("port", "a"), link ? switch_end("port", "b") : switch_end("network", "lan"), NULL, &error) ||
	    (!link && !sw_switch1_call_add_cable_sync(client, "b", switch_end("port", "b"), switch_end("network", "lan"), NULL, &error)))
		die("AddCable", error->message);

	gint stop = 0;
	Client from = {.fd = add_port(client, "a"), .size = size, .sends = TRUE, .stop = &stop};
	Client to = {.fd = add_port(client, "b"), .size = size, .stop = &stop};
	guint id = 0;
	char path[] = "/tmp/bench-switch-XXXXXX";
	if (capture) {
		g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
		int output = mkstemp(path);
		unlink(path);
		if (output < 0 || g_unix_fd_list_append(list, output, &error) < 0 ||
		    !sw_switch1_call_start_capture_sync(client, (const char *const[]){"a", NULL}, g_variant_new("a{sv}", NULL),
							g_variant_new_handle(0), list, &id, NULL, NULL, NULL, &error))
			die("StartCapture", error ? error->message : strerror(errno));
		close(output);
	}
	double cpu = cpu_time(process);
	gint64 begin = g_get_monotonic_time();
	GThread *receiver = g_thread_new("receiver", run_client, &to);
	GThread *sender = g_thread_new("sender", run_client, &from);
	g_usleep((gulong)(seconds * G_USEC_PER_SEC));
	g_atomic_int_set(&stop, 1);
	g_thread_join(sender);
	double elapsed = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
	g_thread_join(receiver);
	cpu = cpu_time(process) - cpu;

	guint64 captured = 0, dropped = 0;
	if (capture && !sw_switch1_call_stop_capture_sync(client, id, &captured, &dropped, NULL, &error))
		die("StopCapture", error->message);
	g_autoptr(GVariant) counters = NULL;
	if (!sw_switch1_call_get_counters_sync(client, &counters, NULL, &error))
		die("GetCounters", error->message);
	guint64 in = counter(counters, "a", "rx_frames"), out = counter(counters, "b", "tx_frames");
	printf("{\"type\": \"%s\", \"frame_bytes\": %u, \"seconds\": %.2f, \"frames_in_per_second\": %.0f, "
	       "\"frames_per_second\": %.0f, \"switch_cpu_share\": %.2f, \"switch_ns_per_frame\": %.0f, \"megabits_per_second\": %.0f, \"drop_queue_full\": %" G_GUINT64_FORMAT
	       ", \"captured\": %" G_GUINT64_FORMAT ", \"capture_dropped\": %" G_GUINT64_FORMAT "}\n",
	       type, size, elapsed, (double)in / elapsed, (double)to.frames / elapsed, cpu / elapsed,
	       cpu / (double)(in ? in : 1) * 1e9,
	       (double)to.frames * size * 8 / elapsed / 1e6, counter(counters, "b", "drop_queue_full"), captured, dropped);
	return out == 0;
}
