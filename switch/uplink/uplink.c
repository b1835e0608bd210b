/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One poll(2) loop: NAT says for which sockets it waits, and gets the events. */
#include "switch/uplink/uplink.h"

#include <errno.h>
#include <net/ethernet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switch/uplink/forward_socket.h"
#include "switch/uplink/nat.h"
#include "switch/uplink/uplink_gate.h"

/* What the kernel may hold of frames on their way to the switch, if the host allows. */
#define SOCKET_BUFFER (1 << 20)
/* Frames taken from the lab before the host's sockets get their turn. */
#define BURST 64
#define FRAME_MAX 65536

struct Uplink {
	int fd;
	gboolean ended;
	UplinkGate *gate;
	GArray *forwards; /* of Forward */
	GArray *fds;      /* of struct pollfd; the first is the lab's socket */
	NatOwner owner;
	Nat *nats[2]; /* the second only for datagram forwards that need one of their own: see uplink_gate.h */
	unsigned n_nats;
	int counters_fd;
	UplinkCounters published;
	guint8 frame[FRAME_MAX];
};

static gint64 now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

/* -- what NAT does -- */

/* The switch always reads, so waiting for it is short, and better than a loss that TCP takes for congestion. */
static void send_frame(Nat *nat, const guint8 *frame, gsize length, gpointer data)
{
	Uplink *self = data;
	struct iovec parts[GATE_PARTS];
	if (length < ETH_HLEN)
		return;
	uplink_gate_sends(self->gate, frame, length);
	if (nat == self->nats[1] && !uplink_gate_note_forwarded(self->gate, frame, length, now_ms()))
		return;
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = uplink_gate_parts(self->gate, frame, length, parts)};
	while (!self->ended && sendmsg(self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EAGAIN || errno == EINTR)
			poll(&(struct pollfd){.fd = self->fd, .events = POLLOUT}, 1, -1);
		else if (errno == ENOBUFS || errno == ENOMEM || errno == EMSGSIZE)
			break; /* the trouble of this frame, or of the moment */
		else
			self->ended = TRUE;
	}
}

static void socket_opened(Nat *nat, int fd, const Forward *forward, gpointer data)
{
	Uplink *self = data;
	Endpoint client = {0};
	socklen_t size = sizeof client;
	gboolean connected = forward && !forward->udp && getpeername(fd, &client.any, &size) == 0;
	if (!forward || forward->udp || connected)
		uplink_gate_opened(self->gate, fd, forward, connected ? &client : NULL);
}

static void socket_closed(Nat *nat, int fd, gpointer data)
{
	uplink_gate_closed(((Uplink *)data)->gate, fd);
}

static gboolean has_room(gpointer data)
{
	return uplink_gate_has_room(((Uplink *)data)->gate);
}

/* -- start -- */

static gboolean add_nat(Uplink *self, const UplinkOptions *options, gboolean for_forwards, GError **error)
{
	self->nats[self->n_nats] = nat_new(options, for_forwards, &self->owner, error);
	return self->nats[self->n_nats] && ++self->n_nats;
}

static gboolean add_forward(Uplink *self, const UplinkOptions *options, guint i, GError **error)
{
	const Forward *forward = &g_array_index(options->forwards, Forward, i);
	if (forward->guest.any.sa_family == AF_INET6 && !options->has_v6) {
		g_autofree char *host = endpoint_text(&forward->host), *guest = endpoint_text(&forward->guest);
		g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_OPTION,
			"cannot forward port %s to %s: the uplink has no IPv6 "
			"address; set one with --address6",
			host, guest);
		return FALSE;
	}
	int fd = options->first_socket >= 0 ? options->first_socket + (int)i : forward_socket_open(forward, error);
	/* For datagrams the last NAT is theirs. */
	return fd >= 0 && nat_serve(self->nats[forward->udp ? self->n_nats - 1 : 0], forward, fd, error);
}

/* Whether datagrams of forwards need what guests may not do: to answer at all, to answer the host's loopback, to answer by an
 * address that stands for an IPv4 one. */
static gboolean needs_second(const UplinkOptions *options)
{
	for (guint i = 0; i < options->forwards->len; i++) {
		const Forward *forward = &g_array_index(options->forwards, Forward, i);
		if (forward->udp &&
			(options->restrict_out || !options->loopback ||
				forward->host.any.sa_family != forward->guest.any.sa_family))
			return TRUE;
	}
	return FALSE;
}

/* Goes on with the numbers of the process before it. */
static void take_counters(Uplink *self, int fd)
{
	self->counters_fd = fd;
	if (fd >= 0 && pread(fd, &self->published, sizeof self->published, 0) == sizeof self->published)
		*uplink_gate_counters(self->gate) = self->published;
}

static void publish_counters(Uplink *self)
{
	const UplinkCounters *counters = uplink_gate_counters(self->gate);
	if (self->counters_fd < 0 || !memcmp(&self->published, counters, sizeof *counters))
		return;
	self->published = *counters;
	if (pwrite(self->counters_fd, counters, sizeof *counters, 0) < 0)
		self->counters_fd = -1;
}

/** Makes an uplink: see uplink.h. */
Uplink *uplink_new(int fd, const UplinkOptions *options, GError **error)
{
	g_autoptr(Uplink) self = g_new0(Uplink, 1);
	int domain = 0, size = SOCKET_BUFFER;
	self->fd = fd;
	self->owner = (NatOwner){send_frame, socket_opened, socket_closed, has_room, self};
	self->fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	self->forwards = g_array_ref(options->forwards);
	self->gate = uplink_gate_new(options, nat_has_echo6());
	take_counters(self, options->counters);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){sizeof domain}) < 0 || domain != AF_UNIX) {
		g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_OPTION,
			"descriptor %d is not a Unix socket; pass one end of a "
			"socketpair",
			fd);
		return NULL;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (!add_nat(self, options, FALSE, error) || (needs_second(options) && !add_nat(self, options, TRUE, error)))
		return NULL;
	for (guint i = 0; i < options->forwards->len; i++)
		if (!add_forward(self, options, i, error))
			return NULL;
	return g_steal_pointer(&self);
}

void uplink_free(Uplink *self)
{
	self->ended = TRUE; /* libslirp says goodbye to its connections; nobody listens */
	for (unsigned i = 0; i < self->n_nats; i++)
		nat_free(self->nats[i]);
	g_array_unref(self->fds);
	g_array_unref(self->forwards);
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

const UplinkCounters *uplink_counters(Uplink *self)
{
	return uplink_gate_counters(self->gate);
}

/* -- the loop -- */

static void take_frame(Uplink *self, gsize length)
{
	GatePass pass;
	guint8 introduction[GATE_INTRODUCTION_MAX];
	if (!uplink_gate_admit(self->gate, self->frame, length, self->n_nats > 1, now_ms(), &pass))
		return;
	for (unsigned i = 0; i < self->n_nats; i++) {
		if (!(pass.way & (i ? GATE_TO_FORWARDS : GATE_TO_NAT)))
			continue;
		nat_input(self->nats[i], pass.frame, pass.length);
		gsize n = uplink_gate_handled(self->gate, introduction);
		if (n)
			nat_input(self->nats[i], introduction, n);
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
		take_frame(self, (gsize)n);
	}
}

/** Handles what there is: see uplink.h. */
gboolean uplink_turn(Uplink *self, guint32 max_ms, gboolean *ended, GError **error)
{
	guint32 timeout = max_ms;
	struct pollfd ours = {.fd = self->fd, .events = POLLIN};
	g_array_set_size(self->fds, 0);
	g_array_append_val(self->fds, ours);
	for (unsigned i = 0; i < self->n_nats; i++)
		nat_prepare(self->nats[i], self->fds, &timeout);
	int n = poll((struct pollfd *)self->fds->data, self->fds->len, timeout == G_MAXINT ? -1 : (int)timeout);
	if (n < 0 && errno != EINTR) {
		g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_SYSTEM, "cannot wait for %u sockets: %s", self->fds->len,
			g_strerror(errno));
		return FALSE;
	}
	/* The lab's frames first: what waited for a guest's ARP reply goes out when NAT dispatches. */
	short events = n > 0 ? g_array_index(self->fds, struct pollfd, 0).revents : 0;
	if (events)
		take_frames(self, events);
	for (unsigned i = 0; i < self->n_nats; i++)
		nat_dispatch(self->nats[i], self->fds, n < 0);
	publish_counters(self);
	*ended = self->ended;
	return TRUE;
}

/** Serves until the socket's other end closes. */
gboolean uplink_run(Uplink *self, GError **error)
{
	gboolean ended = self->ended;
	while (!ended)
		if (!uplink_turn(self, G_MAXINT, &ended, error))
			return FALSE;
	return TRUE;
}
