/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports on a worker of their own, on one switch, for tests that play their guests. */
#pragma once

#include "switch/bridge/network.h"
#include "switch/port/port.h"
#include "tests/unit/switch/vhost_client.h"

#include <errno.h>
#include <gio/gio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { N_PORTS = 4 };

typedef struct {
	Worker *worker;
	Network *network;
	Port *ports[N_PORTS];
	Cable *cables[N_PORTS];
	int fds[N_PORTS]; /* of a vhost port: its listening socket (borrowed); of a datagram port: the guest's end */
	GAsyncQueue *failures; /* of messages */
} World;

static void world_failed(Port *port, const char *message, void *data)
{
	g_async_queue_push(data, g_strdup(message));
}

/* The time, which a test may stop: so that no deadline passes while it looks. */
static gint world_stopped;

static void world_clock(Moment *now)
{
	static Moment last;
	if (!g_atomic_int_get(&world_stopped))
		clock_host(&last);
	*now = last;
}

static int world_set_up(void **state)
{
	g_autoptr(GError) error = NULL;
	World *world = g_new0(World, 1);
	world->worker = worker_new(world_clock, &error);
	assert_non_null(world->worker);
	world->network = network_new("lan", NETWORK_SWITCH, UINT64_C(300000000000), 64, 1, world->worker);
	world->failures = g_async_queue_new_full(g_free);
	g_atomic_int_set(&world_stopped, 0);
	*state = world;
	return 0;
}

typedef struct {
	World *world;
	unsigned i;
} WorldTask;

static void world_plug(void *data)
{
	WorldTask *task = data;
	Port *port = task->world->ports[task->i];
	port->worker = task->world->worker;
	assert_true(port->ops->attach(port, NULL));
	port_plug(port, task->world->cables[task->i], 0);
}

static void world_unplug(void *data)
{
	WorldTask *task = data;
	Port *port = task->world->ports[task->i];
	port_unplug(port);
	port->ops->detach(port);
}

/* Only the port moves: its cable stays plugged in at the switch. */
static void world_put(World *world, unsigned i, Port *port)
{
	g_autofree char *name = g_strdup_printf("c%u", i);
	assert_non_null(port);
	world->ports[i] = port;
	world->cables[i] = cable_new(name, world->worker);
	cable_name_end(world->cables[i], 0, port->name, false);
	network_add(world->network, world->cables[i], 1);
	worker_call(world->worker, world_plug, &(WorldTask){world, i});
}

static inline int world_listen(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A name that the kernel chooses: unix(7), autobind. */
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static inline void world_add_vhost(World *world, unsigned i, unsigned offloads)
{
	g_autoptr(GError) error = NULL;
	const uint8_t mac[6] = {0x52, 0x54, 0, 0, 0, (uint8_t)(i + 1)};
	g_autofree char *name = g_strdup_printf("n%u", i);
	int fd = world_listen();
	world->fds[i] = fd;
	world_put(world, i, port_vhost_new(name, 1500, mac, offloads, fd, world_failed, world->failures, &error));
}

static inline void world_add_datagram(World *world, unsigned i)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_strdup_printf("n%u", i);
	struct timeval patience = {.tv_sec = VC_PATIENCE / 1000};
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	world->fds[i] = ends[0];
	world_put(world, i, port_datagram_new(name, 1500, ends[1], &error));
}

typedef struct {
	World *world;
	unsigned i;
	uint64_t values[N_COUNTERS];
	bool up;
} WorldCounters;

static void world_count(void *data)
{
	WorldCounters *task = data;
	Port *port = task->world->ports[task->i];
	for (unsigned i = 0; i < N_COUNTERS; i++)
		task->values[i] = port->counters.values[i] + task->world->cables[task->i]->ends[0].counters.values[i];
	task->up = port->up;
}

static inline uint64_t world_counter(World *world, unsigned i, Counter counter)
{
	WorldCounters task = {.world = world, .i = i};
	worker_call(world->worker, world_count, &task);
	return task.values[counter];
}

static inline bool world_is_up(World *world, unsigned i)
{
	WorldCounters task = {.world = world, .i = i};
	worker_call(world->worker, world_count, &task);
	return task.up;
}

/* Waits until the port is up, or not. */
static inline void world_await_up(World *world, unsigned i, bool up)
{
	for (int patience = VC_PATIENCE; patience > 0; patience--) {
		if (world_is_up(world, i) == up)
			return;
		poll(NULL, 0, 1);
	}
	fail_msg("port %u is not %s", i, up ? "up" : "down");
}

/* Waits for a port's failure, whose message must have the words in it. */
static inline void world_await_failure(World *world, const char *words)
{
	g_autofree char *message = g_async_queue_timeout_pop(world->failures, VC_PATIENCE * G_GUINT64_CONSTANT(1000));
	assert_non_null(message);
	if (!strstr(message, words))
		fail_msg("\"%s\" has no \"%s\"", message, words);
}

static int world_tear_down(void **state)
{
	World *world = *state;
	for (unsigned i = 0; i < N_PORTS; i++)
		if (world->ports[i])
			worker_call(world->worker, world_unplug, &(WorldTask){world, i});
	worker_free(world->worker);
	for (unsigned i = 0; i < N_PORTS; i++) {
		if (!world->ports[i])
			continue;
		if (g_str_equal(world->ports[i]->ops->kind, "datagram"))
			close(world->fds[i]);
		port_free(world->ports[i]);
		cable_free(world->cables[i]);
	}
	network_free(world->network);
	assert_null(g_async_queue_try_pop(world->failures)); /* nothing failed that was not expected to */
	g_async_queue_unref(world->failures);
	g_free(world);
	return 0;
}

/* A frame of size bytes from station i to station to, or to all; its bytes are a pattern that begins with number. */
static inline void world_frame(uint8_t *bytes, size_t size, unsigned from, unsigned to, uint8_t number)
{
	for (size_t k = 14; k < size; k++)
		bytes[k] = (uint8_t)(number + k);
	memset(bytes, 0xff, 6);
	if (to < N_PORTS)
		memcpy(bytes, (uint8_t[]){0x52, 0x54, 0, 0, 0, (uint8_t)(to + 1)}, 6);
	memcpy(bytes + 6, (uint8_t[]){0x52, 0x54, 0, 0, 0, (uint8_t)(from + 1)}, 6);
	bytes[12] = 0x88;
	bytes[13] = 0xb5; /* IEEE 802, 9.2.3: for experiments */
	bytes[14] = number;
}
