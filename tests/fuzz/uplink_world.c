/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink_world.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 256
#define CLIENT_MS 20

typedef struct {
	struct pollfd poll;
	int port; /* of the server; 0: a client of a forward */
} Peer;

static Peer peers[CONNECTIONS];
static unsigned n_peers;

static gboolean write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	gboolean done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return done;
}

static int open_server(int type, int port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((guint16)port)};
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int)) < 0 ||
		bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || (type == SOCK_STREAM && listen(fd, 512) < 0))
		abort();
	return fd;
}

static void add_peer(int fd, int port)
{
	if (fd >= 0 && n_peers < CONNECTIONS)
		peers[n_peers++] = (Peer){{.fd = fd, .events = POLLIN}, port};
	else if (fd >= 0)
		close(fd);
}

static void call_forward(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	to.sin_port = htons(WORLD_FORWARD);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
		close(fd);
		fd = -1;
	}
	add_peer(fd, 0);
	to.sin_port = htons(WORLD_FORWARD_UDP);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	sendto(fd, "knock", 5, 0, (struct sockaddr *)&to, sizeof to);
	close(fd);
}

/* FALSE: it is over. */
static gboolean serve(Peer *peer)
{
	static char bytes[16384];
	ssize_t n = recv(peer->poll.fd, bytes, sizeof bytes, 0);
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	gsize answer = peer->port == WORLD_ECHO ? (gsize)n : peer->port == WORLD_SENDS ? sizeof bytes : 3;
	if (peer->port != WORLD_DISCARD && send(peer->poll.fd, bytes, answer, MSG_NOSIGNAL) < 0)
		return errno == EAGAIN;
	return g_random_int() % 64 != 0;
}

static void echo_datagrams(int fd)
{
	char bytes[4096];
	struct sockaddr_in6 from;
	socklen_t size = sizeof from;
	ssize_t n;
	while ((n = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size)) >= 0)
		sendto(fd, bytes, (gsize)n, 0, (struct sockaddr *)&from, size);
}

static void run(void)
{
	static const int ports[] = {WORLD_ECHO, WORLD_DISCARD, WORLD_SENDS};
	struct pollfd fds[G_N_ELEMENTS(ports) + 1 + CONNECTIONS];
	unsigned n_servers = G_N_ELEMENTS(ports), first = n_servers + 1;
	for (unsigned i = 0; i < n_servers; i++)
		fds[i] = (struct pollfd){.fd = open_server(SOCK_STREAM, ports[i]), .events = POLLIN};
	fds[n_servers] = (struct pollfd){.fd = open_server(SOCK_DGRAM, WORLD_ECHO), .events = POLLIN};
	for (;;) {
		for (unsigned i = 0; i < n_peers; i++)
			fds[first + i] = peers[i].poll;
		unsigned known = n_peers;
		if (poll(fds, first + known, CLIENT_MS) == 0)
			call_forward();
		for (unsigned i = known; i-- > 0;)
			if (fds[first + i].revents && !serve(&peers[i])) {
				close(peers[i].poll.fd);
				peers[i] = peers[--n_peers];
			}
		for (unsigned i = 0; i < n_servers; i++)
			if (fds[i].revents)
				add_peer(accept4(fds[i].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), ports[i]);
		if (fds[n_servers].revents)
			echo_datagrams(fds[n_servers].fd);
	}
}

/** Moves this process into such a network: see uplink_world.h. */
gboolean world_enter(void)
{
	g_autofree char *uids = g_strdup_printf("0 %u 1", getuid()), *gids = g_strdup_printf("0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || !write_file("/proc/self/setgroups", "deny") ||
		!write_file("/proc/self/uid_map", uids) || !write_file("/proc/self/gid_map", gids))
		return FALSE;
	if (system("ip link set lo up && ip route add local 0.0.0.0/0 dev lo && "
		   "ip -6 route add local ::/0 dev lo") != 0)
		return FALSE;
	write_file("/proc/sys/net/ipv4/ping_group_range", "0 0");
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		run();
	}
	return child > 0;
}
