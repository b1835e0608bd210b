/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only file that deals with the host's network configuration, through libnl (rtnetlink(7)) and tun(4). */
#include "netlab/supervisor/wires/host_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The kernel puts a number in the place of %d. */
#define BRIDGE_TAP "netlab%d"

typedef struct nl_sock Netlink;
typedef struct rtnl_link Link;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Netlink, nl_socket_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, rtnl_link_put)

/* Says how a user without privileges can get a tap. */
static void refuse_tap(GError **error, const LabNetwork *network, int code)
{
	if (network->host_kind == LAB_HOST_TAP)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
			"network \"%s\": you are not allowed to create the tap interface \"%s\" (%s); as root, run: "
			"ip tuntap add dev %s mode tap user %s && ip link set %s up",
			network->name, network->host_name, g_strerror(code), network->host_name, g_get_user_name(),
			network->host_name);
	else
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
			"network \"%s\": joining the bridge \"%s\" needs CAP_NET_ADMIN (%s); start netlab as root, or "
			"let root create a tap in the bridge for you and write host=\"tap:NAME\" (ip tuntap add dev "
			"NAME mode tap user %s && ip link set NAME master %s up)",
			network->name, network->host_name, g_strerror(code), g_get_user_name(), network->host_name);
}

static gboolean attach(int fd, const LabNetwork *network, struct ifreq *request, GError **error)
{
	/* With a header, so that the host need not cut its TCP into frames that the guest would only join again. */
	*request = (struct ifreq){.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	g_strlcpy(request->ifr_name, network->host_kind == LAB_HOST_TAP ? network->host_name : BRIDGE_TAP,
		sizeof request->ifr_name);
	if (ioctl(fd, TUNSETIFF, request) == 0) {
		/* A kernel that cannot leaves nothing to do. */
		ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
		return TRUE;
	}
	int code = errno;
	if (code == EBUSY)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
			"network \"%s\": another program or another lab uses the tap interface \"%s\"", network->name,
			network->host_name);
	else if (code == EINVAL)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"network \"%s\": \"%s\" exists but is not a tap interface; to join a bridge, write "
			"host=\"bridge:%s\"",
			network->name, network->host_name, network->host_name);
	else
		refuse_tap(error, network, code);
	return FALSE;
}

static gboolean nl_failed(const LabNetwork *network, const char *what, int code, GError **error)
{
	if (code == -NLE_PERM)
		refuse_tap(error, network, EPERM);
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "network \"%s\": cannot %s: %s", network->name, what,
			nl_geterror(code));
	return FALSE;
}

static Link *find_bridge(Netlink *netlink, const LabNetwork *network, GError **error)
{
	g_autoptr(Link) bridge = NULL;
	int code = rtnl_link_get_kernel(netlink, 0, network->host_name, &bridge);
	if (code < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			"network \"%s\": the host has no bridge \"%s\" (%s); to create it, run as root: "
			"ip link add %s type bridge",
			network->name, network->host_name, nl_geterror(code), network->host_name);
		return NULL;
	}
	if (g_strcmp0(rtnl_link_get_type(bridge), "bridge") == 0)
		return g_steal_pointer(&bridge);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		"network \"%s\": the host's interface \"%s\" is not a bridge", network->name, network->host_name);
	return NULL;
}

/* Up, and into the bridge if there is one. */
static gboolean configure(const LabNetwork *network, const char *name, GError **error)
{
	g_autoptr(Netlink) netlink = nl_socket_alloc();
	g_autoptr(Link) bridge = NULL, tap = NULL, change = rtnl_link_alloc();
	int code = nl_connect(netlink, NETLINK_ROUTE);
	if (code < 0)
		return nl_failed(network, "connect to the kernel (netlink)", code, error);
	if (network->host_kind == LAB_HOST_BRIDGE) {
		bridge = find_bridge(netlink, network, error);
		if (!bridge)
			return FALSE;
		rtnl_link_set_master(change, rtnl_link_get_ifindex(bridge));
	}
	code = rtnl_link_get_kernel(netlink, 0, name, &tap);
	if (code < 0)
		return nl_failed(network, "find the tap interface", code, error);
	/* Root may have done it for the user. */
	if (!bridge && rtnl_link_get_flags(tap) & IFF_UP)
		return TRUE;
	rtnl_link_set_flags(change, IFF_UP);
	code = rtnl_link_change(netlink, tap, change, 0);
	return code < 0 ? nl_failed(network, "bring the tap interface up", code, error) : TRUE;
}

int host_tap_open(const LabNetwork *network, char **name, GError **error)
{
	struct ifreq request;
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
			"network \"%s\": cannot open /dev/net/tun: %s%s", network->name, g_strerror(code),
			code == ENOENT           ? "; as root, run: modprobe tun"
				: code == EACCES ? "; to allow it, run as root: chmod 666 /dev/net/tun"
						 : "");
		return -1;
	}
	if (attach(fd, network, &request, error) && configure(network, request.ifr_name, error)) {
		*name = g_strdup(request.ifr_name);
		return fd;
	}
	close(fd);
	return -1;
}
