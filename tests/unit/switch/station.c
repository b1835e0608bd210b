/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switch/station.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = sizeof(struct virtio_net_hdr_v1) };

static void die(const char *what)
{
	fprintf(stderr, "station: %s: %s\n", what, g_strerror(errno));
	abort();
}

void station_join(
	Station *station, SwitchDriver *driver, const char *network, const char *name, unsigned number, bool vhost)
{
	memset(station, 0, sizeof(*station));
	memcpy(station->mac, (uint8_t[]){0x52, 0x54, 0, 0, (uint8_t)(number >> 8), (uint8_t)number}, 6);
	driver_add_cable(driver, name, network);
	station->listener = station->fd = -1;
	if (vhost) {
		station->listener = driver_add_vhost_port(driver, name, station->mac);
		vc_connect(&station->vhost, station->listener);
		vc_start(&station->vhost, VC_FEATURES | VC_OFFLOADS, STATION_RING);
		return;
	}
	station->fd = driver_add_datagram_port(driver, name);
	station->memory = g_malloc0(2 * STATION_BATCH * VC_BUFFER); /* for sending, then for receiving */
	for (unsigned i = 0; i < STATION_BATCH; i++)
		station->messages[i].msg_hdr = (struct msghdr){.msg_iov = &station->vectors[i], .msg_iovlen = 1};
}

void station_leave(Station *station)
{
	if (station->listener >= 0) {
		vc_close(&station->vhost);
		close(station->listener);
		return;
	}
	close(station->fd);
	g_free(station->memory);
}

/* The frame in a transmit buffer. */
static uint8_t *frame_at(Station *station, unsigned i)
{
	if (station->listener < 0)
		return station->memory + i * VC_BUFFER;
	return station->vhost.memory + station->vhost.rings[VC_TX].buffers + i * VC_BUFFER + HEADER;
}

void station_aim(Station *station, const uint8_t to[6], size_t size)
{
	VcRing *ring = &station->vhost.rings[VC_TX];
	unsigned n = station->listener < 0 ? STATION_BATCH : ring->size;
	station->size = size;
	for (unsigned i = 0; i < n; i++) {
		uint8_t *frame = frame_at(station, i);
		memset(frame, 0, size);
		memcpy(frame, to, 6);
		memcpy(frame + 6, station->mac, 6);
		frame[12] = 0x88;
		frame[13] = 0xb5; /* IEEE 802, 9.2.3: for experiments */
		if (station->listener < 0)
			continue;
		memset(frame - HEADER, 0, HEADER);
		ring->descs[i] =
			(struct vring_desc){.addr = VC_GUEST + (uint64_t)(frame - HEADER - station->vhost.memory),
				.len = (uint32_t)(HEADER + size)};
	}
}

void station_announce(Station *station)
{
	uint8_t frame[60] = {0};
	memcpy(frame, station->mac, 6);
	memcpy(frame + 6, station->mac, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	if (station->listener >= 0)
		vc_send_frame(&station->vhost, NULL, frame, sizeof(frame), VC_BUFFER, true);
	else if (send(station->fd, frame, sizeof(frame), 0) < 0)
		die("send");
}

/* Makes available what was written behind the available index. */
static void publish(VhostClient *client, unsigned index, unsigned n)
{
	VcRing *ring = &client->rings[index];
	uint16_t old = ring->avail->idx, new = (uint16_t)(old + n);
	if (n == 0)
		return;
	__atomic_store_n(&ring->avail->idx, new, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (vring_need_event(*(volatile uint16_t *)&ring->used->ring[ring->size], new, old))
		vc_kick(client, index);
}

static uint16_t used_index(const VcRing *ring)
{
	return __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE);
}

static unsigned send_vhost(Station *station, unsigned max)
{
	VcRing *ring = &station->vhost.rings[VC_TX];
	ring->last_used = used_index(ring); /* they come back in the order that they went */
	unsigned n = MIN(ring->size - (uint16_t)(ring->avail->idx - ring->last_used), max);
	for (unsigned i = 0; i < n; i++) {
		unsigned at = (uint16_t)(ring->avail->idx + i) % ring->size;
		ring->avail->ring[at] = (uint16_t)at;
		if (station->change)
			station->change(station, frame_at(station, at));
	}
	publish(&station->vhost, VC_TX, n);
	return n;
}

unsigned station_send(Station *station, unsigned max)
{
	unsigned n = MIN(max, STATION_BATCH);
	if (station->listener >= 0)
		return send_vhost(station, max);
	for (unsigned i = 0; i < n; i++) {
		station->vectors[i] = (struct iovec){frame_at(station, i), station->size};
		if (station->change)
			station->change(station, frame_at(station, i));
	}
	int sent = sendmmsg(station->fd, station->messages, n, 0);
	return sent > 0 ? (unsigned)sent : 0;
}

static void count(Station *station, const uint8_t *frame)
{
	if (station->partner && memcmp(frame + 6, station->partner, 6) == 0)
		station->received++;
	else
		station->foreign++;
}

unsigned station_receive(Station *station)
{
	if (station->listener < 0) {
		for (unsigned i = 0; i < STATION_BATCH; i++)
			station->vectors[i] = (struct iovec){frame_at(station, STATION_BATCH + i), VC_BUFFER};
		int n = recvmmsg(station->fd, station->messages, STATION_BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			count(station, frame_at(station, STATION_BATCH + (unsigned)i));
		return n > 0 ? (unsigned)n : 0;
	}
	VcRing *ring = &station->vhost.rings[VC_RX];
	unsigned n = (uint16_t)(used_index(ring) - ring->last_used);
	for (unsigned i = 0; i < n; i++) {
		uint16_t id = (uint16_t)ring->used->ring[ring->last_used++ % ring->size].id;
		count(station, station->vhost.memory + ring->buffers + id * VC_BUFFER + HEADER);
		ring->avail->ring[(uint16_t)(ring->avail->idx + i) % ring->size] = id;
	}
	publish(&station->vhost, VC_RX, n);
	return n;
}

/* Asks to be told when the port has used so many more. */
static bool arm(Station *station, unsigned index, unsigned ahead, struct pollfd *poll_fd)
{
	VcRing *ring = &station->vhost.rings[index];
	*poll_fd = (struct pollfd){.fd = ring->call, .events = POLLIN};
	ring->avail->ring[ring->size] = (uint16_t)(ring->last_used + ahead);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return (uint16_t)(used_index(ring) - ring->last_used) <= ahead;
}

bool station_arm_receive(Station *station, struct pollfd *poll_fd)
{
	*poll_fd = (struct pollfd){.fd = station->fd, .events = POLLIN};
	return station->listener < 0 || arm(station, VC_RX, 0, poll_fd);
}

bool station_arm_send(Station *station, struct pollfd *poll_fd)
{
	*poll_fd = (struct pollfd){.fd = station->fd, .events = POLLOUT};
	return station->listener < 0 || arm(station, VC_TX, station->vhost.rings[VC_TX].size / 2, poll_fd);
}

void station_wake(Station *station)
{
	uint64_t ignored;
	if (station->listener < 0)
		return;
	for (unsigned i = 0; i < VC_RINGS; i++)
		while (read(station->vhost.rings[i].call, &ignored, sizeof(ignored)) > 0)
			;
}

void pairs_turn(Pair *pairs, unsigned n)
{
	unsigned progress = 0;
	bool idle = true;
	for (unsigned i = 0; i < n; i++)
		progress += station_receive(pairs[i].to) + station_send(pairs[i].from, G_MAXUINT);
	if (progress > 0)
		return;
	g_autofree struct pollfd *fds = g_new(struct pollfd, 2 * n);
	for (unsigned i = 0; i < n; i++) {
		idle &= station_arm_receive(pairs[i].to, &fds[2 * i]);
		idle &= station_arm_send(pairs[i].from, &fds[2 * i + 1]);
	}
	if (idle)
		poll(fds, 2 * n, 100); /* and looks at the time now and then */
	for (unsigned i = 0; i < n; i++) {
		station_wake(pairs[i].from);
		station_wake(pairs[i].to);
	}
}

void pairs_run(Pair *pairs, unsigned n, gint *stop)
{
	while (!g_atomic_int_get(stop))
		pairs_turn(pairs, n);
}

void pairs_measure_latency(Pair *pairs, unsigned n, double *microseconds, unsigned samples)
{
	for (unsigned i = 0; i < samples; i++) {
		Pair *pair = &pairs[i % n];
		struct pollfd fd;
		struct timespec begin, end;
		clock_gettime(CLOCK_MONOTONIC, &begin);
		if (station_send(pair->from, 1) != 1)
			die("a frame cannot be sent");
		while (station_receive(pair->to) == 0)
			if (station_arm_receive(pair->to, &fd) && poll(&fd, 1, VC_PATIENCE) == 0)
				die("a frame was lost");
		clock_gettime(CLOCK_MONOTONIC, &end);
		station_wake(pair->to);
		microseconds[i] =
			(double)(end.tv_sec - begin.tv_sec) * 1e6 + (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
	}
}
