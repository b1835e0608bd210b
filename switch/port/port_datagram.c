/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames go directly from the receive buffer to the guest's socket, one system call per batch. Only frames that the socket
 * does not accept are copied to a queue until the guest reads. When the queue grows, ports that send more must wait
 * (switch/loop/worker.h), unless the guest has read nothing for some milliseconds. A frame is dropped only if the queue is
 * full.
 *
 * net.unix.max_dgram_qlen (10 on many hosts) does not limit a pair of connected sockets, only senders that are not the peer of
 * their receiver (net/unix/af_unix.c, unix_dgram_sendmsg()). Only the send buffer limits a pair. */
#include "switch/port/port.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define QUEUE_FRAMES 1024
#define QUEUE_BYTES (4u << 20) /* bounds the queue of a port with a large MTU */
/* What the kernel may hold for the guest, if the host allows: some hundred full frames, so that a guest that reads in
 * bursts costs no copy. The queue is on top. */
#define SOCKET_BUFFER (1 << 20)
#define STALL UINT64_C(5000000) /* ns that a guest may keep others waiting without reading */

typedef struct {
	Port port;
	Watch watch;

	/* This batch's frames, still in the receive buffer. */
	unsigned n_pending;
	struct mmsghdr messages[WORKER_BATCH];
	struct iovec parts[WORKER_BATCH][FRAME_PARTS];
	uint32_t sizes[WORKER_BATCH];

	/* The frames that wait, a ring of slots. Back to the first slot whenever it runs empty, so that only as much
	 * memory is touched as was ever needed. */
	uint8_t *slots;
	uint32_t *lengths;
	unsigned n_slots;
	size_t slot_size;
	unsigned head, n_queued;

	Timer stall;
	bool stalled;   /* it is not waited for */
	bool congested; /* others wait, or would */
	bool has_read;  /* in this batch, frames for others */
	bool blocked;   /* it waits for others */
} Datagram;

/* What epoll is to report. When there is nothing to read for, its end all the same. */
static bool watch(Datagram *self)
{
	uint32_t events = self->blocked ? EPOLLPRI : EPOLLIN;
	/* Reported only while something waits: else each frame that the guest reads would wake us. */
	return worker_watch(self->port.worker, &self->watch, self->n_queued ? events | EPOLLOUT : events);
}

/* Nobody waits for this guest any more. */
static void end_congestion(Datagram *self)
{
	if (self->congested)
		worker_unblock(self->port.worker);
	self->congested = false;
}

static void on_stall(Timer *timer, Pass *pass)
{
	Datagram *self = G_STRUCT_MEMBER_P(timer, -(glong)G_STRUCT_OFFSET(Datagram, stall));
	self->stalled = true;
	end_congestion(self);
}

static void await_reading(Datagram *self, uint64_t now)
{
	timers_set(worker_timers(self->port.worker), &self->stall, now + STALL);
}

/* The socket failed: the guest is gone. */
static void fail(Datagram *self)
{
	port_count(&self->port, COUNTER_DROP_PORT_ERROR, self->n_pending + self->n_queued);
	self->n_pending = self->n_queued = 0;
	timers_cancel(worker_timers(self->port.worker), &self->stall);
	end_congestion(self);
	worker_watch(self->port.worker, &self->watch, 0);
	close(self->watch.fd);
	self->watch.fd = -1;
	port_set_up(&self->port, false);
}

/* Copies a message of this batch. */
static void enqueue(Datagram *self, unsigned message)
{
	if (self->n_queued == self->n_slots) {
		port_count(&self->port, COUNTER_DROP_QUEUE_FULL, 1);
		return;
	}
	unsigned slot = (self->head + self->n_queued++) % self->n_slots;
	if (self->n_queued == 1) {
		if (!watch(self)) {
			self->n_queued = 0;
			port_count(&self->port, COUNTER_DROP_QUEUE_FULL, 1);
			return;
		}
		await_reading(self, worker_now(self->port.worker)->monotonic);
	}
	if (self->n_queued > self->n_slots / 4 && !self->stalled) {
		self->congested = true;
		worker_congest(self->port.worker);
	}
	uint8_t *to = self->slots + slot * self->slot_size;
	for (size_t i = 0; i < self->messages[message].msg_hdr.msg_iovlen; i++) {
		const struct iovec *part = &self->parts[message][i];
		memcpy(to, part->iov_base, part->iov_len);
		to += part->iov_len;
	}
	self->lengths[slot] = self->sizes[message];
}

/* Sends the first count messages. Sets done to how many are done with, sent or dropped: fewer when the socket is full.
 * False when the socket has failed. */
static bool send_some(Datagram *self, unsigned count, unsigned *done)
{
	for (*done = 0; *done < count;) {
		int n = sendmmsg(self->watch.fd, self->messages + *done, count - *done, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			for (; n > 0; n--) {
				port_count(&self->port, COUNTER_TX_FRAMES, 1);
				port_count(&self->port, COUNTER_TX_BYTES, self->sizes[(*done)++]);
			}
		} else if (errno == EAGAIN) {
			return true;
		} else if (errno == EMSGSIZE || errno == ENOBUFS || errno == ENOMEM || errno == EFAULT) {
			/* The trouble of this frame (EFAULT: its sender has taken its memory away), or of the moment; the
			 * next may pass. */
			port_count(&self->port, COUNTER_DROP_PORT_ERROR, 1);
			(*done)++;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

static void datagram_flush(Handler *handler)
{
	Datagram *self = (Datagram *)handler;
	unsigned done = 0;
	/* What waits already goes first. */
	if (self->n_queued == 0 && !send_some(self, self->n_pending, &done)) {
		self->n_pending -= done;
		fail(self);
		return;
	}
	for (; done < self->n_pending; done++)
		enqueue(self, done);
	self->n_pending = 0;
}

static void datagram_transmit(Port *port, const Frame *frame)
{
	Datagram *self = (Datagram *)port;
	if (self->n_pending == WORKER_BATCH)
		datagram_flush(&port->handler);
	if (self->watch.fd < 0) {
		port_count(port, COUNTER_DROP_PORT_ERROR, 1);
		return;
	}
	memcpy(self->parts[self->n_pending], frame->parts, frame->n_parts * sizeof(*frame->parts));
	self->messages[self->n_pending].msg_hdr.msg_iovlen = frame->n_parts;
	self->sizes[self->n_pending++] = (uint32_t)frame->length;
	worker_touch(port->worker, &port->handler);
}

/* The guest has read: send what waits. False when the socket has failed. */
static bool drain(Datagram *self)
{
	while (self->n_queued > 0) {
		unsigned done, count = MIN(self->n_queued, WORKER_BATCH);
		for (unsigned i = 0; i < count; i++) {
			unsigned slot = (self->head + i) % self->n_slots;
			self->parts[i][0] = (struct iovec){self->slots + slot * self->slot_size, self->lengths[slot]};
			self->messages[i].msg_hdr.msg_iovlen = 1;
			self->sizes[i] = self->lengths[slot];
		}
		bool alive = send_some(self, count, &done);
		self->head = (self->head + done) % self->n_slots;
		self->n_queued -= done;
		self->stalled = self->stalled && done == 0;
		if (self->n_queued < self->n_slots / 8)
			end_congestion(self);
		if (!alive)
			return false;
		if (done < count) {
			if (done > 0)
				await_reading(self, worker_pass(self->port.worker)->now.monotonic);
			return true;
		}
	}
	self->head = 0;
	timers_cancel(worker_timers(self->port.worker), &self->stall);
	return watch(self);
}

/* Reads one batch. False when the socket has failed. */
static bool receive(Datagram *self, bool hung_up)
{
	Batch *batch = worker_batch(self->port.worker);
	int n = recvmmsg(self->watch.fd, batch->messages, WORKER_BATCH, MSG_DONTWAIT, NULL);
	if (n < 0)
		return errno == EINTR || (errno == EAGAIN && !hung_up);
	/* After the end of a SOCK_SEQPACKET come empty messages for ever. */
	bool end = hung_up && (n == 0 || batch->messages[n - 1].msg_len == 0);
	while (end && n > 0 && batch->messages[n - 1].msg_len == 0)
		n--;
	Pass *pass = worker_pass(self->port.worker);
	for (int i = 0; i < n; i++) {
		/* A truncated datagram filled all the room, which is more than any MTU allows. */
		struct iovec bytes = {batch->vectors[i].iov_base, batch->messages[i].msg_len};
		Frame frame = frame_of(&bytes);
		port_receive(&self->port, &frame, pass);
	}
	self->has_read = true;
	return !end;
}

static void datagram_ready(Handler *handler, int fd, uint32_t events)
{
	Datagram *self = (Datagram *)handler;
	bool alive = true;
	self->has_read = false;
	if (events == 0) { /* room has been made elsewhere */
		self->blocked = false;
		alive = watch(self);
	}
	if (events & EPOLLOUT)
		alive = drain(self);
	if (alive && events != EPOLLOUT)
		alive = receive(self, events & (EPOLLHUP | EPOLLERR));
	if (!alive)
		fail(self);
}

/* What it sent has been put into others' queues, where there may be too much by now. */
static void datagram_done(Handler *handler)
{
	Datagram *self = (Datagram *)handler;
	Worker *worker = self->port.worker;
	if (!self->has_read || self->watch.fd < 0 || !worker_is_congested(worker))
		return;
	self->blocked = true;
	watch(self);
	worker_block(worker, &self->watch);
}

static gboolean datagram_attach(Port *port, GError **error)
{
	Datagram *self = (Datagram *)port;
	if (self->watch.fd < 0 || watch(self)) {
		if (self->n_queued)
			await_reading(self, worker_pass(port->worker)->now.monotonic);
		return TRUE;
	}
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "port \"%s\": cannot watch its socket: %s",
		port->name, g_strerror(errno));
	return FALSE;
}

static void datagram_detach(Port *port)
{
	Datagram *self = (Datagram *)port;
	timers_cancel(worker_timers(port->worker), &self->stall);
	end_congestion(self);
	self->blocked = false;
	if (self->watch.fd >= 0)
		worker_watch(port->worker, &self->watch, 0);
}

static void datagram_free(Port *port)
{
	Datagram *self = (Datagram *)port;
	if (self->watch.fd >= 0)
		close(self->watch.fd);
	g_free(self->slots);
	g_free(self->lengths);
	g_free(self);
}

static const PortOps datagram_ops = {
	.kind = "datagram",
	.handler = {.ready = datagram_ready, .flush = datagram_flush, .done = datagram_done},
	.attach = datagram_attach,
	.detach = datagram_detach,
	.transmit = datagram_transmit,
	.free = datagram_free,
};

Port *port_datagram_new(const char *name, unsigned mtu, int fd, GError **error)
{
	int domain = 0, type = 0, size = SOCKET_BUFFER;
	socklen_t length = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 || domain != AF_UNIX ||
		(type != SOCK_DGRAM && type != SOCK_SEQPACKET)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"port \"%s\": the descriptor is not a Unix datagram socket; pass one end of a socketpair",
			name);
		return NULL;
	}
	/* The host's limit (net.core.wmem_max) applies silently; less is only slower. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));

	Datagram *self = g_new0(Datagram, 1);
	port_init(&self->port, &datagram_ops, name, mtu);
	self->watch = (Watch){.handler = &self->port.handler, .fd = fd};
	self->stall.fire = on_stall;
	for (unsigned i = 0; i < WORKER_BATCH; i++)
		self->messages[i].msg_hdr.msg_iov = self->parts[i];
	self->slot_size = frame_limit(mtu);
	self->n_slots = (unsigned)CLAMP(QUEUE_BYTES / self->slot_size, 64, QUEUE_FRAMES);
	self->slots = g_malloc(self->n_slots * self->slot_size);
	self->lengths = g_new(uint32_t, self->n_slots);
	return &self->port;
}
