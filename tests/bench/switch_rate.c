/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames per second through netlab-switch, from one datagram client to another, as fast as they go. Prints JSON. HISTORY in
 * the environment: bytes of memory for the last frames.
 *
 *   bench-switch [SECONDS [FRAME-BYTES [switch|hub|link [capture]]]] */
#include "tests/unit/switch/switch_driver.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

static int add_port(SwitchDriver *driver, const char *name)
{
	const struct timeval patience = {.tv_usec = 100000}; /* to look at stop now and then */
	int fd = driver_add_datagram_port(driver, name);
	if (fcntl(fd, F_SETFL, 0) < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		die(name, strerror(errno));
	return fd;
}

/* Returns the capture's id. */
static guint start_capture(SwitchDriver *driver, const char *cable)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	char path[] = "/tmp/bench-switch-XXXXXX";
	guint id = 0;
	int output = mkstemp(path);
	unlink(path);
	if (output < 0 || g_unix_fd_list_append(list, output, &error) < 0 ||
		!sw_switch1_call_start_capture_sync(driver->client, (const char *const[]){cable, NULL},
			g_variant_new("a{sv}", NULL), g_variant_new_handle(0), list, &id, NULL, NULL, NULL, &error))
		die("StartCapture", error ? error->message : strerror(errno));
	close(output);
	return id;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 5;
	unsigned size = argc > 2 ? (unsigned)atoi(argv[2]) : 64;
	const char *type = argc > 3 ? argv[3] : "switch";
	gboolean capture = argc > 4;
	const char *history = g_getenv("HISTORY");
	g_autoptr(GError) error = NULL;
	SwitchDriver driver;

	driver_start(&driver, SWITCH_PROGRAM, 1, history ? g_ascii_strtoull(history, NULL, 10) : 0);
	driver_join(&driver, type, "a", "b");
	gint stop = 0;
	Client from = {.fd = add_port(&driver, "a"), .size = size, .sends = TRUE, .stop = &stop};
	Client to = {.fd = add_port(&driver, "b"), .size = size, .stop = &stop};
	guint id = capture ? start_capture(&driver, "a") : 0;
	double cpu = driver_cpu_seconds(&driver);
	gint64 begin = g_get_monotonic_time();
	GThread *receiver = g_thread_new("receiver", run_client, &to);
	GThread *sender = g_thread_new("sender", run_client, &from);
	g_usleep((gulong)(seconds * G_USEC_PER_SEC));
	g_atomic_int_set(&stop, 1);
	g_thread_join(sender);
	double elapsed = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
	g_thread_join(receiver);
	cpu = driver_cpu_seconds(&driver) - cpu;

	guint64 captured = 0, dropped = 0;
	if (capture && !sw_switch1_call_stop_capture_sync(driver.client, id, &captured, &dropped, NULL, &error))
		die("StopCapture", error->message);
	guint64 in = driver_counter(&driver, "a", "rx_frames"), out = driver_counter(&driver, "b", "tx_frames");
	printf("{\"type\": \"%s\", \"frame_bytes\": %u, \"seconds\": %.2f, \"frames_in_per_second\": %.0f, "
	       "\"frames_per_second\": %.0f, \"switch_cpu_share\": %.2f, \"switch_ns_per_frame\": %.0f, "
	       "\"megabits_per_second\": %.0f, \"drop_queue_full\": %" G_GUINT64_FORMAT
	       ", \"captured\": %" G_GUINT64_FORMAT ", \"capture_dropped\": %" G_GUINT64_FORMAT "}\n",
		type, size, elapsed, (double)in / elapsed, (double)to.frames / elapsed, cpu / elapsed,
		cpu / (double)(in ? in : 1) * 1e9, (double)to.frames * size * 8 / elapsed / 1e6,
		driver_counter(&driver, "b", "drop_queue_full"), captured, dropped);
	return driver_stop(&driver) != 0 || out == 0;
}
