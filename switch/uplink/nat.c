/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/nat.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of libslirp's interface: what Debian 12 has. Later ones only add to it. */
#define SLIRP_INTERFACE 4

typedef struct {
	SlirpTimerCb fire;
	void *argument;
	gint64 at_ms; /* G_MAXINT64: not set */
	GPtrArray *among;
} Timer;

typedef struct {
	int fd;
	const Forward *forward;
} Served;

struct Nat {
	Slirp *slirp;
	const NatOwner *owner;
	GPtrArray *timers; /* of Timer; before libslirp, which frees its own */
	GArray *served;    /* of Served */
	GArray *fds;       /* while it prepares */
	const GArray *results;
	int asked; /* the descriptor whose events it asked for last: the one that it handles */
};

static gint64 now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

/* -- what libslirp asks for -- */

static ssize_t send_packet(const void *frame, size_t length, void *opaque)
{
	Nat *self = opaque;
	self->owner->send(self, frame, length, self->owner->data);
	return (ssize_t)length;
}

/* Guests' mistakes are theirs to find; a hostile one could fill the log with them. */
static void guest_error(const char *message, void *opaque)
{
}

static int64_t clock_get_ns(void *opaque)
{
	return g_get_monotonic_time() * 1000;
}

static void *timer_new(SlirpTimerCb fire, void *argument, void *opaque)
{
	Nat *self = opaque;
	Timer *timer = g_new(Timer, 1);
	*timer = (Timer){fire, argument, G_MAXINT64, self->timers};
	g_ptr_array_add(self->timers, timer);
	return timer;
}

static void timer_free(void *data, void *opaque)
{
	Timer *timer = data;
	g_ptr_array_remove_fast(timer->among, timer);
	g_free(timer);
}

static void timer_mod(void *data, int64_t at_ms, void *opaque)
{
	((Timer *)data)->at_ms = at_ms;
}

static const Forward *served_by(const Nat *self, int fd)
{
	for (guint i = 0; i < self->served->len; i++)
		if (g_array_index(self->served, Served, i).fd == fd)
			return g_array_index(self->served, Served, i).forward;
	return NULL;
}

static void register_fd(int fd, void *opaque)
{
	Nat *self = opaque;
	self->owner->opened(self, fd, served_by(self, self->asked), self->owner->data);
}

static void unregister_fd(int fd, void *opaque)
{
	Nat *self = opaque;
	self->owner->closed(self, fd, self->owner->data);
}

static void notify(void *opaque)
{
}

static const SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_get_ns,
	.timer_new = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = register_fd,
	.unregister_poll_fd = unregister_fd,
	.notify = notify,
};

/* -- start and end -- */

/** Makes a NAT: see nat.h. */
Nat *nat_new(const UplinkOptions *options, gboolean for_forwards, const NatOwner *owner, GError **error)
{
	SlirpConfig config = {
		.version = SLIRP_INTERFACE,
		.restricted = options->restrict_out && !for_forwards,
		.disable_host_loopback = !options->loopback && !for_forwards,
		.in_enabled = true,
		.vnetwork.s_addr = options->gateway.s_addr & options->mask.s_addr,
		.vnetmask = options->mask,
		.vhost = options->gateway,
		.vdhcp_start = options->dhcp,
		.vnameserver = options->dns,
		.in6_enabled = options->has_v6,
		.vprefix_len = options->prefix6,
		.vhost6 = options->gateway6,
		.vnameserver6 = options->dns6,
	};
	config.vprefix_addr6 = in6_network(&options->gateway6, options->prefix6);
	Nat *self = g_new0(Nat, 1);
	self->owner = owner;
	self->asked = -1;
	self->timers = g_ptr_array_new();
	self->served = g_array_new(FALSE, FALSE, sizeof(Served));
	self->slirp = slirp_new(&config, &callbacks, self);
	if (self->slirp)
		return self;
	g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_SYSTEM, "libslirp %s rejected these addresses",
		slirp_version_string());
	nat_free(self);
	return NULL;
}

void nat_free(Nat *self)
{
	if (self->slirp)
		slirp_cleanup(self->slirp);
	g_ptr_array_unref(self->timers);
	g_array_unref(self->served);
	g_free(self);
}

gboolean nat_has_echo6(void)
{
	unsigned major = 0, minor = 0;
	return sscanf(slirp_version_string(), "%u.%u", &major, &minor) == 2 &&
		(major > 4 || (major == 4 && minor >= 8));
}

/* -- forwards -- */

static int collect(int fd, int events, void *opaque)
{
	g_array_append_val((GArray *)opaque, fd);
	return 0;
}

static GArray *waited_for(Nat *self)
{
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
	slirp_pollfds_fill(self->slirp, &(uint32_t){0}, collect, fds);
	return fds;
}

/* The descriptor that it waits for now and did not before; -1 if there is none. */
static int new_one(const GArray *before, const GArray *after)
{
	for (guint i = 0; i < after->len; i++) {
		gboolean known = FALSE;
		for (guint k = 0; k < before->len; k++)
			known |= g_array_index(before, int, k) == g_array_index(after, int, i);
		if (!known)
			return g_array_index(after, int, i);
	}
	return -1;
}

/* libslirp binds sockets itself and takes none. So it gets a port of the loopback that nobody knows, and the socket that is
 * bound to the right one takes that descriptor's place. */
static int bind_placeholder(Nat *self, const Forward *forward)
{
	gboolean v6 = forward->guest.any.sa_family == AF_INET6;
	Endpoint host = {0};
	host.any.sa_family = forward->guest.any.sa_family;
	if (v6)
		host.v6.sin6_addr = in6addr_loopback;
	else
		host.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t size = v6 ? sizeof host.v6 : sizeof host.v4;
	int flags = (forward->udp ? SLIRP_HOSTFWD_UDP : 0) | (v6 ? SLIRP_HOSTFWD_V6ONLY : 0);
	g_autoptr(GArray) before = waited_for(self);
	if (slirp_add_hostxfwd(self->slirp, &host.any, size, &forward->guest.any, size, flags) < 0)
		return -1;
	g_autoptr(GArray) after = waited_for(self);
	return new_one(before, after);
}

/** Serves a forward: see nat.h. */
gboolean nat_serve(Nat *self, const Forward *forward, int fd, GError **error)
{
	int place = bind_placeholder(self, forward);
	/* as libslirp sets them, and accepted connections inherit them */
	setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &(int){1}, sizeof(int));
	if (!forward->udp)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (place >= 0 && dup3(fd, place, O_CLOEXEC) >= 0) {
		close(fd);
		g_array_append_val(self->served, ((Served){place, forward}));
		if (forward->udp)
			self->owner->opened(self, place, forward, self->owner->data);
		return TRUE;
	}
	g_autofree char *guest = endpoint_text(&forward->guest);
	g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_SYSTEM, "libslirp %s does not forward to %s",
		slirp_version_string(), guest);
	close(fd);
	return FALSE;
}

void nat_input(Nat *self, const guint8 *frame, gsize length)
{
	self->asked = -1;
	slirp_input(self->slirp, frame, (int)length);
}

/* -- the loop -- */

static int add_poll(int fd, int events, void *opaque)
{
	Nat *self = opaque;
	const Forward *forward = served_by(self, fd);
	if (forward && !forward->udp && !self->owner->has_room(self->owner->data))
		events = 0; /* clients wait in the host's queue */
	struct pollfd one = {.fd = fd};
	one.events = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
		(events & SLIRP_POLL_PRI ? POLLPRI : 0));
	g_array_append_val(self->fds, one);
	return (int)self->fds->len - 1;
}

static int get_events(int index, void *opaque)
{
	Nat *self = opaque;
	const struct pollfd *one = &g_array_index(self->results, struct pollfd, (guint)index);
	short events = one->revents;
	self->asked = one->fd;
	return (events & POLLIN ? SLIRP_POLL_IN : 0) | (events & POLLOUT ? SLIRP_POLL_OUT : 0) |
		(events & POLLPRI ? SLIRP_POLL_PRI : 0) | (events & POLLERR ? SLIRP_POLL_ERR : 0) |
		(events & POLLHUP ? SLIRP_POLL_HUP : 0);
}

/** Says what it waits for: see nat.h. */
void nat_prepare(Nat *self, GArray *fds, guint32 *timeout_ms)
{
	gint64 now = now_ms();
	self->fds = fds;
	slirp_pollfds_fill(self->slirp, timeout_ms, add_poll, self);
	for (guint i = 0; i < self->timers->len; i++)
		*timeout_ms =
			(guint32)MIN(*timeout_ms, MAX(((Timer *)g_ptr_array_index(self->timers, i))->at_ms - now, 0));
}

static void fire_timers(Nat *self)
{
	gint64 now = now_ms();
	for (guint i = 0; i < self->timers->len; i++) {
		Timer *timer = g_ptr_array_index(self->timers, i);
		if (timer->at_ms > now)
			continue;
		timer->at_ms = G_MAXINT64; /* before it fires, for it may set itself anew */
		timer->fire(timer->argument);
	}
}

void nat_dispatch(Nat *self, const GArray *fds, gboolean failed)
{
	self->results = fds;
	slirp_pollfds_poll(self->slirp, failed, get_events, self);
	self->asked = -1;
	fire_timers(self);
}
