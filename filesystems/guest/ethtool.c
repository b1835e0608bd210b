/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio_net reads the speed from its device only when the carrier comes (virtnet_config_changed_work() in virtio_net.c,
 * Linux 7.3): a change after that is told here, so that no carrier need be lost for it. */
#include "filesystems/guest/ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "filesystems/guest/fail.h"

/* Calls SIOCETHTOOL with what begins with its command. Returns 0 or an error number. */
static int call(const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0)
		return errno;
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		error = errno;
	close(fd);
	return error;
}

static int result(int error, char *why, size_t size)
{
	return error && error != EOPNOTSUPP ? fail(why, size, "%s", strerror(error)) : 0;
}

int ethtool_set_speed(const char *name, unsigned mbit, char *why, size_t size)
{
	struct ethtool_cmd settings = {.cmd = ETHTOOL_GSET};
	int error = call(name, &settings);

	if (error)
		return result(error, why, size);
	settings.cmd = ETHTOOL_SSET;
	settings.duplex = DUPLEX_FULL;
	ethtool_cmd_speed_set(&settings, mbit);
	return result(call(name, &settings), why, size);
}

int ethtool_join_nothing(const char *name, char *why, size_t size)
{
	struct ethtool_value off = {.cmd = ETHTOOL_SGRO, .data = 0};

	return result(call(name, &off), why, size);
}
