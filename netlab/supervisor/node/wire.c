/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/node/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A queue of frames from the guest to the switch; the host's net.core.wmem_max bounds it, and less is only slower. */
#define SOCKET_BUFFER (1 << 20)

static gboolean os_failed(GError **error, const PlanInterface *interface)
{
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot open a socket for interface \"%s\"%s%s: %s",
		interface->port, interface->socket ? " at " : "", interface->socket ? interface->socket : "",
		g_strerror(code));
	return FALSE;
}

static gboolean open_pair(const PlanInterface *interface, int *guest, int *ours, GError **error)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return os_failed(error, interface);
	*ours = pair[0];
	*guest = pair[1];
	setsockopt(*guest, SOL_SOCKET, SO_SNDBUF, &(int){SOCKET_BUFFER}, sizeof(int));
	return TRUE;
}

/* The plan has checked that the path is short enough. */
static gboolean listen_at(const PlanInterface *interface, int *ours, GError **error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	g_strlcpy(address.sun_path, interface->socket, sizeof address.sun_path);
	unlink(address.sun_path); /* of the boot before */
	*ours = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*ours < 0 || bind(*ours, (struct sockaddr *)&address, sizeof address) < 0 || listen(*ours, 1) < 0)
		return os_failed(error, interface);
	return TRUE;
}

gboolean wire_open(const PlanInterface *interface, int *guest, int *ours, GError **error)
{
	*guest = *ours = -1;
	return interface->socket ? listen_at(interface, ours, error) : open_pair(interface, guest, ours, error);
}
