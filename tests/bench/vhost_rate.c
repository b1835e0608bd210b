/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames per second through netlab-switch, from one vhost-user client to another, as fast as they go. Prints JSON. HISTORY in the
 * environment: bytes of memory for the last frames.
 *
 *   bench-vhost [SECONDS [FRAME-BYTES [switch|hub|link [RING-SIZE]]]] */
#include "switch/client.h"
#include "tests/unit/vhost_client.h"

#include <gio/gunixfdlist.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

typedef struct {
	VhostClient client;
	unsigned ring; /* VC_TX or VC_RX: the one that it turns as fast as it can */
	guint64 frames, waits, kicks;
	gint *stop;
} Player;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench-vhost: %s: %s\n", what, why);
	exit(1);
}

/* Waits until the port has used something, with the event index that many ahead. */
static void await(Player *player, VcRing *ring, unsigned ahead)
{
	uint64_t ignored;
	struct pollfd call = {.fd = ring->call, .events = POLLIN};
	ring->avail->ring[ring->size] = (uint16_t)(ring->last_used + ahead);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if ((uint16_t)(__atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE) - ring->last_used) > ahead)
		return;
	player->waits++;
	poll(&call, 1, 100); /* looks at stop now and then */
	while (read(ring->call, &ignored, sizeof(ignored)) > 0)
		;
}

/* A driver in full swing: what comes back is offered again, as a whole. */
static gpointer play(gpointer data)
{
	Player *player = data;
	VcRing *ring = &player->client.rings[player->ring];
	while (!g_atomic_int_get(player->stop)) {
		uint16_t used = __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE), old = ring->avail->idx;
		uint16_t n = (uint16_t)(used - ring->last_used);
		for (uint16_t i = 0; i < n; i++)
			ring->avail->ring[(uint16_t)(old + i) % ring->size] =
				(uint16_t)ring->used->ring[(uint16_t)(ring->last_used + i) % ring->size].id;
		ring->last_used = used;
		player->frames += n;
		if (n == 0) {
			await(player, ring, player->ring == VC_TX ? ring->size / 2 : 0);
			continue;
		}
		__atomic_store_n(&ring->avail->idx, (uint16_t)(old + n), __ATOMIC_RELEASE);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (vring_need_event(*(volatile uint16_t *)&ring->used->ring[ring->size], (uint16_t)(old + n), old)) {
			player->kicks++;
			vc_kick(&player->client, player->ring);
		}
	}
	return NULL;
}

static void add_port(SwSwitch1 *client, const char *name, const char *mac, unsigned ring_size, Player *player)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)) < 0 || listen(listener, 1) < 0)
		die("socket", strerror(errno));
	if (g_unix_fd_list_append(list, listener, &error) < 0 ||
	    !sw_switch1_call_add_vhost_port_sync(client, name, 1500, mac, g_variant_new_handle(0), list, NULL, NULL, &error))
		die(name, error->message);
	vc_connect(&player->client, listener);
	close(listener);
	vc_start(&player->client, VC_FEATURES | VC_OFFLOADS, ring_size);
}

/* Fills the transmit ring, all at once, with frames from a to b. */
static void load(VhostClient *client, unsigned size)
{
	static const guint8 header[] = {0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1, 8, 0};
	VcRing *ring = &client->rings[VC_TX];
	size_t before = sizeof(struct virtio_net_hdr_v1);
	for (unsigned i = 0; i < ring->size; i++) {
		uint8_t *data = client->memory + ring->buffers + i * VC_BUFFER;
		memset(data, 0, before + size);
		memcpy(data + before, header, sizeof(header));
		ring->descs[i] = (struct vring_desc){.addr = VC_GUEST + (uint64_t)(data - client->memory),
						     .len = (uint32_t)(before + size)};
		vc_offer(client, VC_TX, (uint16_t)i);
	}
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
	unsigned size = argc > 2 ? (unsigned)atoi(argv[2]) : 64, ring_size = argc > 4 ? (unsigned)atoi(argv[4]) : 256;
	const char *type = argc > 3 ? argv[3] : "switch";
	gboolean link = g_str_equal(type, "link");
	g_autofree char *history = g_strconcat("--history=", g_getenv("HISTORY") ? g_getenv("HISTORY") : "0", NULL);
	g_autoptr(GError) error = NULL;
	int control[2];

	if (size < 14 || size > 1514)
		die("FRAME-BYTES", "from 14 to 1514");
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

	gint stop = 0;
	Player from = {.ring = VC_TX, .stop = &stop}, to = {.ring = VC_RX, .stop = &stop};
	if (!link && !sw_switch1_call_add_network_sync(client, "lan", type, 0, 0, 0, NULL, &error))
		die("AddNetwork", error->message);
	if (!sw_switch1_call_add_cable_sync(client, "a", switch_end("port", "a"),
					    link ? switch_end("port", "b") : switch_end("network", "lan"), NULL, &error) ||
	    (!link && !sw_switch1_call_add_cable_sync(client, "b", switch_end("port", "b"), switch_end("network", "lan"),
						      NULL, &error)))
		die("AddCable", error->message);
	add_port(client, "a", "52:54:00:00:00:01", ring_size, &from);
	add_port(client, "b", "52:54:00:00:00:02", ring_size, &to);

	/* The switch learns where b is. */
	uint8_t hello[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0, 0, 2, 8};
	vc_send_frame(&to.client, NULL, hello, sizeof(hello), sizeof(hello) * 2, true);

	double cpu = cpu_time(process);
	gint64 begin = g_get_monotonic_time();
	load(&from.client, size);
	GThread *receiver = g_thread_new("receiver", play, &to), *sender = g_thread_new("sender", play, &from);
	g_usleep((gulong)(seconds * G_USEC_PER_SEC));
	g_atomic_int_set(&stop, 1);
	g_thread_join(sender);
	double elapsed = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
	g_thread_join(receiver);
	cpu = cpu_time(process) - cpu;

	g_autoptr(GVariant) counters = NULL;
	if (!sw_switch1_call_get_counters_sync(client, &counters, NULL, &error))
		die("GetCounters", error->message);
	guint64 in = counter(counters, "a", "rx_frames");
	printf("{\"type\": \"%s\", \"frame_bytes\": %u, \"seconds\": %.2f, \"frames_in_per_second\": %.0f, "
	       "\"frames_per_second\": %.0f, \"switch_cpu_share\": %.2f, \"switch_ns_per_frame\": %.0f, "
	       "\"megabits_per_second\": %.0f, \"drop_queue_full\": %" G_GUINT64_FORMAT ", \"sender_waits\": %" G_GUINT64_FORMAT
	       ", \"sender_kicks\": %" G_GUINT64_FORMAT ", \"receiver_waits\": %" G_GUINT64_FORMAT ", \"receiver_kicks\": %"
	       G_GUINT64_FORMAT "}\n", type, size, elapsed, (double)in / elapsed, (double)to.frames / elapsed, cpu / elapsed,
	       cpu / (double)(in ? in : 1) * 1e9, (double)to.frames * size * 8 / elapsed / 1e6,
	       counter(counters, "b", "drop_queue_full"), from.waits, from.kicks, to.waits, to.kicks);
	return to.frames == 0;
}
