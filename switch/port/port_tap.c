/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each frame is one read(2) or writev(2), because tun(4) has no batches. Frames that the kernel does not accept immediately
 * are dropped: the kernel has a queue of its own behind the interface. */
#include "switch/frame/vnet_header.h"
#include "switch/port/port.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef struct {
	Port port;
	Watch watch;
	bool has_header; /* IFF_VNET_HDR */
} HostTap;

/* Gone, as when somebody deletes the interface. */
static void fail(HostTap *self)
{
	worker_watch(self->port.worker, &self->watch, 0);
	close(self->watch.fd);
	self->watch.fd = -1;
	port_set_up(&self->port, false);
}

static void host_transmit(Port *port, const Frame *frame)
{
	HostTap *self = (HostTap *)port;
	struct virtio_net_hdr header = vnet_header_write(&frame->offload, 0);
	struct iovec parts[FRAME_PARTS + 1] = {{&header, sizeof(header)}};
	unsigned skip = self->has_header ? 0 : 1;
	memcpy(parts + 1, frame->parts, frame->n_parts * sizeof(*parts));
	ssize_t n;
	do
		n = writev(self->watch.fd, parts + skip, (int)(frame->n_parts + 1 - skip));
	while (n < 0 && errno == EINTR);
	if (n >= 0) {
		port_count(port, COUNTER_TX_FRAMES, 1);
		port_count(port, COUNTER_TX_BYTES, frame->length);
	} else {
		/* EIO: the interface is down; EBADF: it failed before, in this batch. */
		port_count(port,
			errno == EAGAIN || errno == ENOBUFS ? COUNTER_DROP_QUEUE_FULL : COUNTER_DROP_PORT_ERROR, 1);
	}
}

static void receive(HostTap *self, uint8_t *bytes, size_t length, Pass *pass)
{
	size_t skip = self->has_header ? sizeof(struct virtio_net_hdr) : 0;
	struct virtio_net_hdr header;
	if (length < skip) {
		port_count(&self->port, COUNTER_DROP_RUNT, 1);
		return;
	}
	struct iovec part = {bytes + skip, length - skip};
	Frame frame = frame_of(&part);
	memcpy(&header, bytes, skip);
	if (skip && !vnet_header_read(&header, &frame.offload)) {
		port_count(&self->port, COUNTER_DROP_BAD_OFFLOAD, 1);
		return;
	}
	port_receive(&self->port, &frame, pass);
}

static void host_ready(Handler *handler, int fd, uint32_t events)
{
	HostTap *self = (HostTap *)handler;
	Batch *batch = worker_batch(self->port.worker);
	Pass *pass = worker_pass(self->port.worker);
	for (unsigned i = 0; i < WORKER_BATCH; i++) {
		ssize_t n = read(fd, batch->vectors[i].iov_base, batch->vectors[i].iov_len);
		if (n > 0) {
			receive(self, batch->vectors[i].iov_base, (size_t)n, pass);
		} else {
			/* EBADFD: the interface was deleted. */
			if (n == 0 || (errno != EAGAIN && errno != EINTR))
				fail(self);
			return;
		}
	}
}

static gboolean host_attach(Port *port, GError **error)
{
	HostTap *self = (HostTap *)port;
	if (self->watch.fd < 0 || worker_watch(port->worker, &self->watch, EPOLLIN))
		return TRUE;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "port \"%s\": cannot watch its interface: %s",
		port->name, g_strerror(errno));
	return FALSE;
}

static void host_detach(Port *port)
{
	HostTap *self = (HostTap *)port;
	if (self->watch.fd >= 0)
		worker_watch(port->worker, &self->watch, 0);
}

static void host_flush(Handler *handler)
{
}

static void host_free(Port *port)
{
	HostTap *self = (HostTap *)port;
	if (self->watch.fd >= 0)
		close(self->watch.fd);
	g_free(self);
}

static const PortOps host_ops = {
	.kind = "tap",
	.handler = {.ready = host_ready, .flush = host_flush},
	.attach = host_attach,
	.detach = host_detach,
	.transmit = host_transmit,
	.free = host_free,
};

Port *port_tap_new(const char *name, unsigned mtu, int fd, GError **error)
{
	struct ifreq request = {0};
	if (ioctl(fd, TUNGETIFF, &request) < 0 || !(request.ifr_flags & IFF_TAP) || !(request.ifr_flags & IFF_NO_PI)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"port \"%s\": the descriptor is not a tap interface with IFF_NO_PI", name);
		return NULL;
	}
	/* read(2) must not wait. */
	if (!g_unix_set_fd_nonblocking(fd, TRUE, error))
		return NULL;
	HostTap *self = g_new0(HostTap, 1);
	port_init(&self->port, &host_ops, name, mtu);
	self->watch = (Watch){.handler = &self->port.handler, .fd = fd};
	self->has_header = request.ifr_flags & IFF_VNET_HDR;
	if (self->has_header)
		self->port.offloads = PORT_CHECKSUM | PORT_TCP4 | PORT_TCP6;
	return &self->port;
}
