/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/forward_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Clients that wait until the uplink takes them, for example while it starts again. */
#define BACKLOG 128

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

static Endpoint mapped(const Endpoint *v4)
{
	Endpoint endpoint = {.v6 = {.sin6_family = AF_INET6, .sin6_port = v4->v4.sin_port}};
	endpoint.v6.sin6_addr.s6_addr[10] = endpoint.v6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(endpoint.v6.sin6_addr.s6_addr + 12, &v4->v4.sin_addr, 4);
	return endpoint;
}

/* -1 and errno. */
static int open_socket(const Forward *forward)
{
	gboolean v6 = forward->guest.any.sa_family == AF_INET6,
		 translates = v6 && forward->host.any.sa_family == AF_INET;
	Endpoint host = translates ? mapped(&forward->host) : forward->host;
	int fd = socket(host.any.sa_family, (forward->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if ((!v6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){!translates}, sizeof(int)) == 0) &&
		(forward->udp || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0) &&
		bind(fd, &host.any, v6 ? sizeof host.v6 : sizeof host.v4) == 0 &&
		(forward->udp || (listen(fd, BACKLOG) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)))
		return fd;
	int code = errno;
	close(fd);
	errno = code;
	return -1;
}

/** Binds it: see forward_socket.h. */
int forward_socket_open(const Forward *forward, GError **error)
{
	int fd = open_socket(forward), code = errno;
	if (fd >= 0)
		return fd;
	g_autofree char *host = endpoint_text(&forward->host), *guest = endpoint_text(&forward->guest);
	g_set_error(error, UPLINK_ERROR, UPLINK_ERROR_FORWARD, "cannot forward %s port %s of the host to %s: %s; %s",
		forward->udp ? "UDP" : "TCP", host, guest, g_strerror(code), advice(code));
	return -1;
}
