/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame from a guest is not copied: port_receive() gets the buffers of its chain in the guest's memory, and the chain
 * returns to the guest when the batch has been flushed. A frame to a guest is copied once, directly into the buffers of the
 * guest's receive ring.
 *
 * When that ring is full, the frame is copied to a queue, and the port that it came from waits (switch/loop/worker.h) until
 * the guest has read. So nothing is lost between guests of different speeds, and the queue stays short. A guest that does not
 * read at all counts as stalled after some milliseconds: until it reads again, no port waits for it, the queue fills, and
 * frames that do not fit are dropped. */
#include "switch/capture/ring.h"
#include "switch/port/vhost/vhost_device.h"
#include "switch/port/vhost/vhost_frame.h"
#include "switch/port/port.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64                   /* frames */
#define BATCH_BYTES (128u << 10)   /* or so many: so that who receives begins while the next are copied */
#define QUEUE_SIZE (1u << 20)      /* bytes; untouched pages cost nothing */
#define STALL UINT64_C(5000000)    /* ns that a guest may keep others waiting */
#define RETRY UINT64_C(1000000000) /* ns until a guest that was cut off may come again */

typedef struct {
	Port port;
	VhostDevice device;
	Watch listener, connection, kicks[VHOST_RINGS];
	bool attached; /* to a worker */
	PortFailed failed;
	void *data;
	Timer retry;
	const char *problem; /* of the guest's making, found among frames; seen to when they have gone. Static */

	/* The batch that is being read. */
	bool reading, more, blocked;

	/* Frames that wait for the guest: Waiting, then the bytes. */
	Ring queue;
	unsigned n_queued;
	Timer stall;
	bool stalled; /* it is not waited for */
	bool silent;  /* it has offered no buffer yet, as when its interface was never up: nothing is kept for it */
} Vhost;

typedef struct {
	uint32_t length;
	Offload offload;
} Waiting;

static Vring *vring_of(Vhost *self, unsigned ring)
{
	return &self->device.rings[ring].vring;
}

/* What is wrong comes to light while frames of anybody's are under way: they end first. */
static void put_off_failure(Vhost *self, const char *problem)
{
	if (self->problem)
		return;
	self->problem = problem;
	worker_again(self->port.worker, &self->connection);
}

/* From the switch to the guest. */

/* Copies a frame into the receive ring. */
static VhostPut put(Vhost *self, const Frame *frame)
{
	Vring *ring = vring_of(self, VHOST_RX);
	VhostPut result = vhost_frame_put(ring, vhost_device_has(&self->device, VIRTIO_NET_F_MRG_RXBUF), frame);
	if (ring->problem)
		put_off_failure(self, ring->problem);
	if (result != VHOST_PUT_DONE)
		return result;
	port_count(&self->port, COUNTER_TX_FRAMES, 1);
	port_count(&self->port, COUNTER_TX_BYTES, frame->length);
	worker_touch(self->port.worker, &self->port.handler);
	return VHOST_PUT_DONE;
}

/* The guest reads, or is not waited for any longer. */
static void end_congestion(Vhost *self)
{
	timers_cancel(worker_timers(self->port.worker), &self->stall);
	worker_unblock(self->port.worker);
}

static void on_stall(Timer *timer, Pass *pass)
{
	Vhost *self = G_STRUCT_MEMBER_P(timer, -(glong)G_STRUCT_OFFSET(Vhost, stall));
	self->stalled = true;
	end_congestion(self);
}

/* Keeps a frame that finds no room. */
static void enqueue(Vhost *self, const Frame *frame)
{
	Waiting waiting = {(uint32_t)frame->length, frame->offload};
	if (self->silent || sizeof(waiting) + frame->length > ring_space(&self->queue)) {
		port_count(&self->port, COUNTER_DROP_QUEUE_FULL, 1);
		return;
	}
	ring_put(&self->queue, &waiting, sizeof(waiting));
	for (unsigned i = 0; i < frame->n_parts; i++)
		ring_put(&self->queue, frame->parts[i].iov_base, frame->parts[i].iov_len);
	ring_publish(&self->queue);
	if (!self->stalled)
		worker_congest(self->port.worker);
	if (self->n_queued++ > 0)
		return;
	timers_set(worker_timers(self->port.worker), &self->stall, worker_now(self->port.worker)->monotonic + STALL);
	if (vring_ask(vring_of(self, VHOST_RX)))
		worker_again(self->port.worker, &self->kicks[VHOST_RX]);
}

static void vhost_transmit(Port *port, const Frame *frame)
{
	Vhost *self = (Vhost *)port;
	VhostPut result = VHOST_PUT_NEVER;
	if (vring_is_running(vring_of(self, VHOST_RX)))
		result = self->n_queued > 0 ? VHOST_PUT_FULL : put(self, frame);
	if (result == VHOST_PUT_DONE)
		self->silent = false;
	else if (result == VHOST_PUT_FULL)
		enqueue(self, frame);
	else
		port_count(port, COUNTER_DROP_PORT_ERROR, 1);
}

/* Takes the first frame out of the queue into the ring. False when there is no room. */
static bool put_first(Vhost *self)
{
	Waiting waiting;
	struct iovec parts[2];
	uint64_t at = self->queue.consumed;
	size_t size = self->queue.size;
	ring_copy(&self->queue, at, &waiting, sizeof(waiting));
	at = (at + sizeof(waiting)) & (size - 1);
	parts[0] = (struct iovec){self->queue.memory + at, MIN(waiting.length, size - at)};
	parts[1] = (struct iovec){self->queue.memory, waiting.length - parts[0].iov_len};
	Frame frame = {.parts = parts, .n_parts = 2, .length = waiting.length, .offload = waiting.offload};
	VhostPut result = put(self, &frame);
	if (result == VHOST_PUT_FULL)
		return false;
	if (result == VHOST_PUT_NEVER)
		port_count(&self->port, COUNTER_DROP_PORT_ERROR, 1);
	ring_consume(&self->queue, sizeof(waiting) + waiting.length);
	self->n_queued--;
	return true;
}

/* The guest may have made room. */
static void drain(Vhost *self)
{
	if (self->n_queued == 0)
		return;
	while (self->n_queued > 0 && (put_first(self) || vring_ask(vring_of(self, VHOST_RX))))
		;
	if (self->n_queued > 0)
		return;
	vring_hush(vring_of(self, VHOST_RX));
	ring_rewind(&self->queue);
	self->stalled = false;
	end_congestion(self);
}

static void vhost_flush(Handler *handler)
{
	Vhost *self = (Vhost *)handler;
	if (vring_is_running(vring_of(self, VHOST_RX)) && vring_publish(vring_of(self, VHOST_RX)))
		vhost_device_call(&self->device, VHOST_RX);
	if (self->device.memory.lost)
		put_off_failure(self, "it removed its memory");
}

/* From the guest to the switch. */

static void receive(Vhost *self)
{
	Vring *ring = vring_of(self, VHOST_TX);
	Pass *pass = worker_pass(self->port.worker);
	unsigned n = 0;
	size_t bytes = 0;
	if (!vring_is_running(ring))
		return;
	vring_hush(ring);
	self->reading = true;
	self->blocked = false;
	for (; n < BATCH && bytes < BATCH_BYTES && !self->blocked && !self->device.memory.lost; n++) {
		VringChain chain;
		struct iovec parts[VRING_CHAIN];
		if (!vring_take(ring, false, &chain, parts))
			break;
		vring_give(ring, chain.head, 0); /* seen by the guest in finish_reading() */
		Frame frame;
		Counter drop = vhost_frame_read(&chain, parts, &frame);
		if (drop == COUNTER_NONE)
			port_receive(&self->port, &frame, pass);
		else
			port_count(&self->port, drop, 1);
		self->blocked = worker_is_congested(self->port.worker);
		bytes += chain.length;
	}
	self->more = n == BATCH || bytes >= BATCH_BYTES;
}

static void finish_reading(Vhost *self)
{
	Vring *ring = vring_of(self, VHOST_TX);
	Watch *watch = &self->kicks[VHOST_TX];
	self->reading = false;
	if (vring_publish(ring))
		vhost_device_call(&self->device, VHOST_TX);
	if (ring->problem)
		self->problem = ring->problem;
	else if (self->blocked)
		worker_block(self->port.worker, watch);
	else if (self->more || vring_ask(ring))
		worker_again(self->port.worker, watch);
}

/* The guest comes and goes. */

static void on_ring_changed(VhostDevice *device, unsigned ring, bool runs)
{
	Vhost *self = G_STRUCT_MEMBER_P(device, -(glong)G_STRUCT_OFFSET(Vhost, device));
	Watch *watch = &self->kicks[ring];
	if (!self->attached)
		return;
	if (runs) {
		watch->fd = device->rings[ring].kick;
		if (!worker_watch(self->port.worker, watch, EPOLLIN | EPOLLET))
			put_off_failure(self, "cannot watch for its kicks");
		vring_hush(&device->rings[ring].vring);
		worker_again(self->port.worker, watch);
	} else {
		worker_watch(self->port.worker, watch, 0);
		watch->fd = -1;
	}
	if (ring == VHOST_RX && !runs) {
		port_count(&self->port, COUNTER_DROP_PORT_ERROR, self->n_queued);
		self->n_queued = 0;
		ring_rewind(&self->queue);
		self->silent = true;
		self->stalled = false;
		end_congestion(self);
	}
	self->port.offloads = (vhost_device_has(device, VIRTIO_NET_F_GUEST_CSUM) ? PORT_CHECKSUM : 0) |
		(vhost_device_has(device, VIRTIO_NET_F_GUEST_TSO4) ? PORT_TCP4 : 0) |
		(vhost_device_has(device, VIRTIO_NET_F_GUEST_TSO6) ? PORT_TCP6 : 0);
	port_set_up(
		&self->port, vring_is_running(vring_of(self, VHOST_RX)) && vring_is_running(vring_of(self, VHOST_TX)));
}

static void on_retry(Timer *timer, Pass *pass)
{
	Vhost *self = G_STRUCT_MEMBER_P(timer, -(glong)G_STRUCT_OFFSET(Vhost, retry));
	worker_watch(self->port.worker, &self->listener, EPOLLIN);
}

static void listen_later(Vhost *self)
{
	worker_watch(self->port.worker, &self->listener, 0);
	timers_set(
		worker_timers(self->port.worker), &self->retry, worker_pass(self->port.worker)->now.monotonic + RETRY);
}

static void disconnect(Vhost *self)
{
	worker_watch(self->port.worker, &self->connection, 0);
	self->connection.fd = -1;
	self->reading = false;
	self->problem = NULL;
	vhost_device_close(&self->device);
}

static void fail(Vhost *self, const char *problem)
{
	g_autofree char *message = g_strdup_printf("the guest at port \"%s\" is disconnected from its network until it "
						   "restarts, because its network driver broke the rules: %s",
		self->port.name, problem);
	disconnect(self);
	listen_later(self);
	self->failed(&self->port, message, self->data);
}

static void accept_guest(Vhost *self)
{
	int fd = accept4(self->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			listen_later(self);
		return;
	}
	/* One guest at a time: the next waits in the socket's queue. */
	worker_watch(self->port.worker, &self->listener, 0);
	vhost_device_open(&self->device, fd);
	self->connection.fd = fd;
	if (!worker_watch(self->port.worker, &self->connection, EPOLLIN)) {
		disconnect(self);
		listen_later(self);
	}
}

static void obey(Vhost *self)
{
	const char *problem;
	switch (vhost_device_read(&self->device, &problem)) {
	case VHOST_CLOSED:
		disconnect(self);
		worker_watch(self->port.worker, &self->listener, EPOLLIN);
		break;
	case VHOST_BAD:
		fail(self, problem);
		break;
	default:
		break;
	}
}

static void vhost_ready(Handler *handler, int fd, uint32_t events)
{
	Vhost *self = (Vhost *)handler;
	if (fd == self->listener.fd)
		accept_guest(self);
	else if (fd == self->connection.fd)
		obey(self);
	else if (fd == self->kicks[VHOST_TX].fd)
		receive(self);
	else if (fd == self->kicks[VHOST_RX].fd)
		drain(self);
}

static void vhost_done(Handler *handler)
{
	Vhost *self = (Vhost *)handler;
	if (self->reading)
		finish_reading(self);
	if (self->device.memory.lost)
		self->problem = "it removed its memory";
	if (self->problem)
		fail(self, self->problem);
}

static void vhost_set_carrier(Port *port, bool carrier)
{
	vhost_device_set_carrier(&((Vhost *)port)->device, carrier);
}

static void vhost_set_speed(Port *port, unsigned speed)
{
	vhost_device_set_speed(&((Vhost *)port)->device, speed);
}

static gboolean vhost_attach(Port *port, GError **error)
{
	Vhost *self = (Vhost *)port;
	bool connected = self->connection.fd >= 0;
	self->attached = true;
	guest_memory_guard(&self->device.memory);
	for (unsigned i = 0; i < VHOST_RINGS; i++)
		if (vring_is_running(vring_of(self, i)))
			on_ring_changed(&self->device, i, true);
	if (worker_watch(port->worker, connected ? &self->connection : &self->listener, EPOLLIN))
		return TRUE;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "port \"%s\": cannot watch its socket: %s",
		port->name, g_strerror(errno));
	return FALSE;
}

static void vhost_detach(Port *port)
{
	Vhost *self = (Vhost *)port;
	if (!self->attached)
		return;
	for (unsigned i = 0; i < VHOST_RINGS; i++)
		if (self->kicks[i].fd >= 0)
			worker_watch(port->worker, &self->kicks[i], 0);
	if (self->connection.fd >= 0)
		worker_watch(port->worker, &self->connection, 0);
	worker_watch(port->worker, &self->listener, 0);
	timers_cancel(worker_timers(port->worker), &self->retry);
	end_congestion(self);
	guest_memory_unguard(&self->device.memory);
	self->attached = false;
}

static void vhost_free(Port *port)
{
	Vhost *self = (Vhost *)port;
	vhost_device_close(&self->device);
	close(self->listener.fd);
	ring_clear(&self->queue);
	g_free(self);
}

static const PortOps vhost_ops = {
	.kind = "vhost-user",
	.handler = {.ready = vhost_ready, .flush = vhost_flush, .done = vhost_done},
	.attach = vhost_attach,
	.detach = vhost_detach,
	.transmit = vhost_transmit,
	.set_carrier = vhost_set_carrier,
	.set_speed = vhost_set_speed,
	.free = vhost_free,
};

/* The features that stand for what a port may take and give, the same in both directions. */
static uint64_t features_for(unsigned offloads)
{
	static const struct {
		unsigned offload, features[2];
	} table[] = {
		{PORT_CHECKSUM, {VIRTIO_NET_F_CSUM, VIRTIO_NET_F_GUEST_CSUM}},
		{PORT_TCP4, {VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_GUEST_TSO4}},
		{PORT_TCP6, {VIRTIO_NET_F_HOST_TSO6, VIRTIO_NET_F_GUEST_TSO6}},
	};
	uint64_t features = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
		if (offloads & table[i].offload)
			features |= UINT64_C(1) << table[i].features[0] | UINT64_C(1) << table[i].features[1];
	return features;
}

Port *port_vhost_new(const char *name, unsigned mtu, const uint8_t mac[6], unsigned offloads, int fd, PortFailed failed,
	void *data, GError **error)
{
	int domain = 0, type = 0, listens = 0;
	socklen_t length = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) < 0 || domain != AF_UNIX ||
		type != SOCK_STREAM || !listens || !g_unix_set_fd_nonblocking(fd, TRUE, NULL)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"port \"%s\": the descriptor is not a listening Unix stream socket", name);
		return NULL;
	}
	Vhost *self = g_new0(Vhost, 1);
	port_init(&self->port, &vhost_ops, name, mtu);
	self->port.up = false;
	self->listener = (Watch){.handler = &self->port.handler, .fd = fd};
	self->connection = (Watch){.handler = &self->port.handler, .fd = -1};
	for (unsigned i = 0; i < VHOST_RINGS; i++)
		self->kicks[i] = (Watch){.handler = &self->port.handler, .fd = -1};
	self->failed = failed;
	self->data = data;
	self->retry.fire = on_retry;
	self->stall.fire = on_stall;
	self->silent = true;
	ring_init(&self->queue, QUEUE_SIZE);
	memcpy(self->device.config.mac, mac, 6);
	vhost_device_init(&self->device);
	self->device.config.max_virtqueue_pairs = 1;
	self->device.config.mtu = (uint16_t)mtu;
	self->device.offered = features_for(offloads);
	self->device.ring_changed = on_ring_changed;
	return &self->port;
}
