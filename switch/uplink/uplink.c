/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One poll(2) loop: libslirp says for which sockets it waits, and gets the events. */
#include "switch/uplink/uplink.h"

#include <errno.h>
#include <net/ethernet.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "switch/uplink/uplink_gate.h"

/* What the kernel may hold of frames on their way to the switch, if the host allows. */
#define SOCKET_BUFFER (1 << 20)
/* Frames taken from the lab before the host's sockets get their turn. */
#define BURST 64
#define FRAME_MAX 65536
/* Of libslirp's interface: what Debian 12 has. Later ones only add to it. */
#define SLIRP_INTERFACE 4

typedef struct {
	SlirpTimerCb fire;
	void *argument;
	gint64 at_ms; /* G_MAXINT64: not set */
	GPtrArray *among;
} Timer;

typedef struct {
	Uplink *uplink;
	Slirp *slirp;
	gboolean for_forwards; /* see uplink_gate.h */
} Nat;

struct Uplink {
	int fd;
	gboolean ended;
	UplinkGate *gate;
	GPtrArray *timers; /* of Timer; before the NATs, which free theirs */
	GArray *fds;       /* of struct pollfd; the first is the lab's socket */
	Nat nats[2];       /* the second only for datagram forwards of a restricted uplink */
	unsigned n_nats;
	guint8 frame[FRAME_MAX];
};

static gint64 now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

/* -- what libslirp asks for -- */

/* The switch always reads, so waiting for it is short, and better than a loss that TCP takes for congestion. */
static ssize_t send_packet(const void *frame, size_t length, void *opaque)
{
	Nat *nat = opaque;
	Uplink *self = nat->uplink;
	if (length < ETH_HLEN ||
		(nat->for_forwards && !uplink_gate_note_forwarded(self->gate, frame, length, now_ms())))
		return (ssize_t)length;
	/* destination, source, the rest */
	struct iovec parts[] = {
		{(void *)frame, ETH_ALEN},
		{(void *)uplink_gate_source(self->gate, frame), ETH_ALEN},
		{(guint8 *)frame + 2 * ETH_ALEN, length - 2 * ETH_ALEN},
	};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS(parts)};
	while (!self->ended && sendmsg(self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EAGAIN || errno == EINTR)
			poll(&(struct pollfd){.fd = self->fd, .events = POLLOUT}, 1, -1);
		else if (errno == ENOBUFS || errno == ENOMEM || errno == EMSGSIZE)
			break; /* the trouble of this frame, or of the moment */
		else
			self->ended = TRUE;
	}
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
	Nat *nat = opaque;
	Timer *timer = g_new(Timer, 1);
	*timer = (Timer){fire, argument, G_MAXINT64, nat->uplink->timers};
	g_ptr_array_add(nat->uplink->timers, timer);
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

static void ignore_fd(int fd, void *opaque)
{
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
	.register_poll_fd = ignore_fd,
	.unregister_poll_fd = ignore_fd,
	.notify = notify,
};

/* -- start -- */

static gboolean add_nat(Uplink *self, const UplinkOptions *options, gboolean for_forwards, GError **error)
{
	Nat *nat = &self->nats[self->n_nats];
	SlirpConfig config = {
		.version = SLIRP_INTERFACE,
		.restricted = options->restrict_out && !for_forwards,
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
	*nat = (Nat){.uplink = self, .for_forwards = for_forwards};
	nat->slirp = slirp_new(&config, &callbacks, nat);
	if (nat->slirp) {
		self->n_nats++;
		return TRUE;
	}
	g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_SYSTEM, "libslirp %s rejected these addresses",
		slirp_version_string());
	return FALSE;
}

static const char *advice(int code)
{
	switch (code) {
	case EADDRINUSE:
		return "another program or lab is using it; choose another port, or stop that program (\"ss -lnp\" "
		       "shows which program it is)";
	case EACCES:
		return "only root can use ports this low; choose 1024 or higher";
	case EADDRNOTAVAIL:
		return "the host does not have this address; \"ip address\" lists its addresses";
	default:
		return "choose another";
	}
}

static gboolean add_forward(Uplink *self, const Forward *forward, const UplinkOptions *options, GError **error)
{
	/* For datagrams of a restricted uplink the last NAT is theirs. */
	Nat *nat = &self->nats[forward->udp ? self->n_nats - 1 : 0];
	socklen_t size =
		forward->host.any.sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	int flags =
		(forward->udp ? SLIRP_HOSTFWD_UDP : 0) | (size > sizeof(struct sockaddr_in) ? SLIRP_HOSTFWD_V6ONLY : 0);
	g_autofree char *host = endpoint_text(&forward->host), *guest = endpoint_text(&forward->guest);
	if (forward->host.any.sa_family == AF_INET6 && !options->has_v6) {
		g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_OPTION,
			"cannot forward port %s to %s: the uplink has no IPv6 "
			"address; set one with --address6",
			host, guest);
		return FALSE;
	}
	errno = 0;
	if (slirp_add_hostxfwd(nat->slirp, &forward->host.any, size, &forward->guest.any, size, flags) == 0)
		return TRUE;
	int code = errno;
	g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_FORWARD, "cannot forward %s port %s of the host to %s: %s; %s",
		forward->udp ? "UDP" : "TCP", host, guest, g_strerror(code), advice(code));
	return FALSE;
}

static gboolean has_datagram_forward(const UplinkOptions *options)
{
	for (guint i = 0; i < options->forwards->len; i++)
		if (g_array_index(options->forwards, Forward, i).udp)
			return TRUE;
	return FALSE;
}

/** Makes an uplink: see uplink.h. */
Uplink *uplink_new(int fd, const UplinkOptions *options, GError **error)
{
	g_autoptr(Uplink) self = g_new0(Uplink, 1);
	int domain = 0, size = SOCKET_BUFFER;
	self->fd = fd;
	self->timers = g_ptr_array_new();
	self->fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	self->gate = uplink_gate_new(options);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){sizeof domain}) < 0 || domain != AF_UNIX) {
		g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_OPTION,
			"descriptor %d is not a Unix socket; pass one end of a "
			"socketpair",
			fd);
		return NULL;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (!add_nat(self, options, FALSE, error) ||
		(options->restrict_out && has_datagram_forward(options) && !add_nat(self, options, TRUE, error)))
		return NULL;
	for (guint i = 0; i < options->forwards->len; i++)
		if (!add_forward(self, &g_array_index(options->forwards, Forward, i), options, error))
			return NULL;
	return g_steal_pointer(&self);
}

void uplink_free(Uplink *self)
{
	self->ended = TRUE; /* libslirp says goodbye to its connections; nobody listens */
	for (unsigned i = 0; i < self->n_nats; i++)
		slirp_cleanup(self->nats[i].slirp);
	g_ptr_array_unref(self->timers);
	g_array_unref(self->fds);
	uplink_gate_free(self->gate);
	close(self->fd);
	g_free(self);
}

/* Whether the host lets its users send pings (icmp(7)): the group must be in the range. */
static gboolean has_ping_sockets(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, family == AF_INET ? IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
	gboolean refused = fd < 0 && (errno == EACCES || errno == EPERM);
	if (fd >= 0)
		close(fd);
	return !refused;
}

static gboolean has_name_server(void)
{
	g_autofree char *text = NULL;
	return g_file_get_contents("/etc/resolv.conf", &text, NULL, NULL) &&
		g_regex_match_simple("^nameserver[ \\t]+[0-9a-fA-F.:]+", text, G_REGEX_MULTILINE, 0);
}

/** What does not work on this host: see uplink.h. */
GPtrArray *uplink_warnings(const UplinkOptions *options)
{
	GPtrArray *warnings = g_ptr_array_new();
	if (options->restrict_out)
		return warnings;
	if (!has_ping_sockets(AF_INET))
		g_ptr_array_add(warnings,
			"guests cannot ping hosts beyond the uplink, because this host does not let ordinary programs "
			"send pings; to allow it, run as root: sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"");
	if (!has_name_server())
		g_ptr_array_add(warnings,
			"guests cannot resolve names, because /etc/resolv.conf on the host has no \"nameserver\" "
			"line with an address");
	return warnings;
}

/* -- the loop -- */

static int add_poll(int fd, int events, void *opaque)
{
	Uplink *self = opaque;
	struct pollfd one = {.fd = fd};
	one.events = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
		(events & SLIRP_POLL_PRI ? POLLPRI : 0));
	g_array_append_val(self->fds, one);
	return (int)self->fds->len - 1;
}

static int get_events(int index, void *opaque)
{
	Uplink *self = opaque;
	short events = g_array_index(self->fds, struct pollfd, (guint)index).revents;
	return (events & POLLIN ? SLIRP_POLL_IN : 0) | (events & POLLOUT ? SLIRP_POLL_OUT : 0) |
		(events & POLLPRI ? SLIRP_POLL_PRI : 0) | (events & POLLERR ? SLIRP_POLL_ERR : 0) |
		(events & POLLHUP ? SLIRP_POLL_HUP : 0);
}

/* Milliseconds until the next timer, at most limit. */
static uint32_t until_timer(const Uplink *self, uint32_t limit)
{
	gint64 now = now_ms(), wait = limit;
	for (guint i = 0; i < self->timers->len; i++)
		wait = MIN(wait, MAX(((Timer *)g_ptr_array_index(self->timers, i))->at_ms - now, 0));
	return (uint32_t)wait;
}

static void fire_timers(Uplink *self)
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

/* A message of no bytes is the end of a SOCK_SEQPACKET; from a SOCK_DGRAM it is an error that tells it. */
static void take_frames(Uplink *self, short events)
{
	for (unsigned i = 0; i < BURST && !self->ended; i++) {
		ssize_t n = recv(self->fd, self->frame, sizeof self->frame, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			self->ended = errno == EAGAIN && events & (POLLHUP | POLLERR);
			return;
		}
		if (n < 0 || (n == 0 && events & POLLHUP)) {
			self->ended = TRUE;
			return;
		}
		gsize length = (gsize)n;
		if (!uplink_gate_admits(self->gate, self->frame, length))
			continue;
		unsigned way =
			self->n_nats > 1 ? uplink_gate_way(self->gate, self->frame, length, now_ms()) : GATE_TO_NAT;
		if (way & GATE_TO_NAT)
			slirp_input(self->nats[0].slirp, self->frame, (int)length);
		if (way & GATE_TO_FORWARDS)
			slirp_input(self->nats[1].slirp, self->frame, (int)length);
	}
}

/** Serves until the socket's other end closes. */
gboolean uplink_run(Uplink *self, GError **error)
{
	while (!self->ended) {
		uint32_t timeout = G_MAXINT;
		struct pollfd ours = {.fd = self->fd, .events = POLLIN};
		g_array_set_size(self->fds, 0);
		g_array_append_val(self->fds, ours);
		for (unsigned i = 0; i < self->n_nats; i++)
			slirp_pollfds_fill(self->nats[i].slirp, &timeout, add_poll, self);
		timeout = until_timer(self, timeout);
		int n = poll((struct pollfd *)self->fds->data, self->fds->len, timeout == G_MAXINT ? -1 : (int)timeout);
		if (n < 0 && errno != EINTR) {
			g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_SYSTEM, "cannot wait for %u sockets: %s",
				self->fds->len, g_strerror(errno));
			return FALSE;
		}
		/* The lab's frames first: what waited for a guest's ARP reply goes out in slirp_pollfds_poll(). */
		short events = n > 0 ? g_array_index(self->fds, struct pollfd, 0).revents : 0;
		if (events)
			take_frames(self, events);
		for (unsigned i = 0; i < self->n_nats; i++)
			slirp_pollfds_poll(self->nats[i].slirp, n < 0, get_events, self);
		fire_timers(self);
	}
	return TRUE;
}
