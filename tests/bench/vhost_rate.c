/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames per second through netlab-switch, from one vhost-user client to another, as fast as they go. Prints JSON. HISTORY
 * in the environment: bytes of memory for the last frames.
 *
 *   bench-vhost [SECONDS [FRAME-BYTES [switch|hub|link [RING-SIZE]]]] */
#include "tests/unit/switch/switch_driver.h"
#include "tests/unit/switch/vhost_client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void add_port(SwitchDriver *driver, const char *name, uint8_t number, unsigned ring_size, Player *player)
{
	int listener = driver_add_vhost_port(driver, name, (uint8_t[]){0x52, 0x54, 0, 0, 0, number});
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
		ring->descs[i] = (struct vring_desc){
			.addr = VC_GUEST + (uint64_t)(data - client->memory), .len = (uint32_t)(before + size)};
		vc_offer(client, VC_TX, (uint16_t)i);
	}
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 5;
	unsigned size = argc > 2 ? (unsigned)atoi(argv[2]) : 64, ring_size = argc > 4 ? (unsigned)atoi(argv[4]) : 256;
	const char *type = argc > 3 ? argv[3] : "switch";
	const char *history = g_getenv("HISTORY");
	SwitchDriver driver;

	if (size < 14 || size > 1514)
		die("FRAME-BYTES", "from 14 to 1514");
	driver_start(&driver, SWITCH_PROGRAM, 1, history ? g_ascii_strtoull(history, NULL, 10) : 0);
	driver_join(&driver, type, "a", "b");
	gint stop = 0;
	Player from = {.ring = VC_TX, .stop = &stop}, to = {.ring = VC_RX, .stop = &stop};
	add_port(&driver, "a", 1, ring_size, &from);
	add_port(&driver, "b", 2, ring_size, &to);

	/* The switch learns where b is. */
	uint8_t hello[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0, 0, 2, 8};
	vc_send_frame(&to.client, NULL, hello, sizeof(hello), sizeof(hello) * 2, true);

	double cpu = driver_cpu_seconds(&driver);
	gint64 begin = g_get_monotonic_time();
	load(&from.client, size);
	GThread *receiver = g_thread_new("receiver", play, &to), *sender = g_thread_new("sender", play, &from);
	g_usleep((gulong)(seconds * G_USEC_PER_SEC));
	g_atomic_int_set(&stop, 1);
	g_thread_join(sender);
	double elapsed = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
	g_thread_join(receiver);
	cpu = driver_cpu_seconds(&driver) - cpu;

	guint64 in = driver_counter(&driver, "a", "rx_frames");
	printf("{\"type\": \"%s\", \"frame_bytes\": %u, \"seconds\": %.2f, \"frames_in_per_second\": %.0f, "
	       "\"frames_per_second\": %.0f, \"switch_cpu_share\": %.2f, \"switch_ns_per_frame\": %.0f, "
	       "\"megabits_per_second\": %.0f, \"drop_queue_full\": %" G_GUINT64_FORMAT
	       ", \"sender_waits\": %" G_GUINT64_FORMAT ", \"sender_kicks\": %" G_GUINT64_FORMAT
	       ", \"receiver_waits\": %" G_GUINT64_FORMAT ", \"receiver_kicks\": %" G_GUINT64_FORMAT "}\n",
		type, size, elapsed, (double)in / elapsed, (double)to.frames / elapsed, cpu / elapsed,
		cpu / (double)(in ? in : 1) * 1e9, (double)to.frames * size * 8 / elapsed / 1e6,
		driver_counter(&driver, "b", "drop_queue_full"), from.waits, from.kicks, to.waits, to.kicks);
	return driver_stop(&driver) != 0 || to.frames == 0;
}
