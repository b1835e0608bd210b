/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux, Documentation/networking/tuntap.rst. */
#include "switch/port/tap_device.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void set_error(const char *name, int code, GError **error)
{
	const char *way_out = "";
	if (code == EPERM || code == EACCES)
		way_out = "; you need CAP_NET_ADMIN, or an interface that an administrator created for you: "
			  "\"sudo ip tuntap add NAME mode tap user $USER && sudo ip link set NAME up\"";
	else if (code == ENOENT || code == ENODEV || code == ENXIO)
		way_out = "; this kernel has no /dev/net/tun; load the driver with \"sudo modprobe tun\"";
	else if (code == EBUSY)
		way_out = "; another program is using it";
	else if (code == EINVAL)
		way_out = "; an interface with this name exists and is not a tap interface";
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot open tap interface \"%s\": %s%s", name,
		g_strerror(code), way_out);
}

int tap_device_open(const char *name, GError **error)
{
	struct ifreq device = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	if (!*name || strlen(name) >= sizeof(device.ifr_name)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"tap interface \"%s\": an interface name must have 1 to %zu characters", name,
			sizeof(device.ifr_name) - 1);
		return -1;
	}
	memcpy(device.ifr_name, name, strlen(name));
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &device) == 0)
		return fd;
	set_error(name, errno, error);
	if (fd >= 0)
		close(fd);
	return -1;
}
