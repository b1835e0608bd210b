/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces, addresses and routes, through libnl. */
#include "filesystems/guest/network.h"

#include "filesystems/guest/fail.h"
#include "filesystems/guest/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int out_of_memory(char *why, size_t size)
{
	return fail(why, size, "out of memory");
}

/* Without a family nl_addr_parse() accepts almost anything as an address of some protocol. */
static int parse_address(const char *text, struct nl_addr **address)
{
	return nl_addr_parse(text, strchr(text, ':') ? AF_INET6 : AF_INET, address);
}

/* Applies CHANGES to the interface INDEX; frees CHANGES. */
static int change_link(int index, struct rtnl_link *changes, char *why, size_t size)
{
	struct rtnl_link *link = rtnl_link_alloc();
	struct nl_msg *message = NULL;
	int built;

	if (!link) {
		rtnl_link_put(changes);
		return out_of_memory(why, size);
	}
	rtnl_link_set_ifindex(link, index);
	built = rtnl_link_build_change_request(link, changes, 0, &message);
	rtnl_link_put(link);
	rtnl_link_put(changes);
	return netlink_transact(built, message, why, size);
}

static int rename_link(int index, const char *name, char *why, size_t size)
{
	struct rtnl_link *changes = rtnl_link_alloc();

	if (!changes)
		return out_of_memory(why, size);
	rtnl_link_set_name(changes, name);
	return change_link(index, changes, why, size);
}

int network_up(const char *name, char *why, size_t size)
{
	struct rtnl_link *changes = rtnl_link_alloc();

	if (!changes)
		return out_of_memory(why, size);
	rtnl_link_set_flags(changes, IFF_UP);
	return change_link((int)if_nametoindex(name), changes, why, size);
}

/* Index of the interface with this MAC; 0 when there is none. */
static int index_of_mac(const char *mac, char *why, size_t size)
{
	struct nl_cache *links;
	struct nl_addr *wanted;
	int index = 0, error = nl_addr_parse(mac, AF_LLC, &wanted);

	if (error < 0)
		return fail(why, size, "\"%s\" is not a MAC address", mac), 0;
	error = rtnl_link_alloc_cache(netlink, AF_UNSPEC, &links);
	if (error < 0) {
		nl_addr_put(wanted);
		return fail(why, size, "cannot list interfaces: %s", nl_geterror(error)), 0;
	}
	for (struct nl_object *o = nl_cache_get_first(links); o && !index; o = nl_cache_get_next(o)) {
		struct nl_addr *own = rtnl_link_get_addr((struct rtnl_link *)o);

		/* families differ (AF_LLC here, by device type there): only the bytes count */
		if (own && nl_addr_get_len(own) == nl_addr_get_len(wanted) &&
			memcmp(nl_addr_get_binary_addr(own), nl_addr_get_binary_addr(wanted), nl_addr_get_len(own)) ==
				0)
			index = rtnl_link_get_ifindex((struct rtnl_link *)o);
	}
	nl_cache_free(links);
	nl_addr_put(wanted);
	if (!index)
		fail(why, size, "this machine has no interface with MAC address %s", mac);
	return index;
}

int network_interface(const char *mac, const char *name, unsigned mtu, char *why, size_t size)
{
	struct rtnl_link *changes;
	char aside[IFNAMSIZ];
	int index = index_of_mac(mac, why, size), holder = (int)if_nametoindex(name);

	if (!index)
		return -1;
	/* The kernel may have given the same names in another order: the interface that has this name gets another one until
	 * its turn comes. */
	if (holder && holder != index) {
		snprintf(aside, sizeof aside, "netlab%d", holder);
		if (rename_link(holder, aside, why, size) < 0)
			return -1;
	}
	if (holder != index && rename_link(index, name, why, size) < 0)
		return -1;
	changes = rtnl_link_alloc();
	if (!changes)
		return out_of_memory(why, size);
	if (mtu)
		rtnl_link_set_mtu(changes, mtu);
	rtnl_link_set_flags(changes, IFF_UP);
	/* an interface without a carrier to watch (vec0) is in state UNKNOWN until somebody says this; no other changes */
	rtnl_link_set_operstate(changes, (uint8_t)rtnl_link_str2operstate("up"));
	return change_link(index, changes, why, size);
}

int network_address(const char *name, const char *address, char *why, size_t size)
{
	struct rtnl_addr *entry;
	struct nl_addr *local;
	struct nl_msg *message = NULL;
	int index = (int)if_nametoindex(name), error = parse_address(address, &local);

	if (error < 0)
		return fail(why, size, "\"%s\" is not an address", address);
	if (!index) {
		nl_addr_put(local);
		return fail(why, size, "there is no such interface");
	}
	entry = rtnl_addr_alloc();
	if (!entry) {
		nl_addr_put(local);
		return out_of_memory(why, size);
	}
	rtnl_addr_set_ifindex(entry, index);
	rtnl_addr_set_local(entry, local);
	/* usable at once, without duplicate address detection: the lab's author chose it */
	if (nl_addr_get_family(local) == AF_INET6)
		rtnl_addr_set_flags(entry, IFA_F_NODAD);
	nl_addr_put(local);
	error = rtnl_addr_build_add_request(entry, 0, &message);
	rtnl_addr_put(entry);
	return netlink_transact(error, message, why, size);
}

static int parse_destination(const char *to, struct nl_addr **destination)
{
	int family = strcmp(to, "default4") == 0 ? AF_INET : strcmp(to, "default6") == 0 ? AF_INET6 : AF_UNSPEC;
	static const uint8_t zero[16];

	if (family == AF_UNSPEC)
		return parse_address(to, destination);
	*destination = nl_addr_build(family, zero, family == AF_INET ? 4 : 16);
	if (!*destination)
		return -NLE_NOMEM;
	nl_addr_set_prefixlen(*destination, 0);
	return 0;
}

int network_route(const char *to, const char *via, const char *device, char *why, size_t size)
{
	struct rtnl_nexthop *hop;
	struct rtnl_route *route;
	struct nl_addr *destination = NULL, *gateway = NULL;
	struct nl_msg *message = NULL;
	int index = *device ? (int)if_nametoindex(device) : 0, error;

	if (*device && !index)
		return fail(why, size, "there is no interface %s", device);
	error = parse_destination(to, &destination);
	if (error == -NLE_NOMEM)
		return out_of_memory(why, size);
	if (error < 0)
		return fail(why, size, "\"%s\" is not a prefix", to);
	if (*via && parse_address(via, &gateway) < 0) {
		nl_addr_put(destination);
		return fail(why, size, "gateway \"%s\" is not an address", via);
	}
	route = rtnl_route_alloc();
	hop = route ? rtnl_route_nh_alloc() : NULL;
	if (!hop) {
		rtnl_route_put(route);
		nl_addr_put(destination);
		nl_addr_put(gateway);
		return out_of_memory(why, size);
	}
	rtnl_route_set_family(route, (uint8_t)nl_addr_get_family(destination));
	rtnl_route_set_dst(route, destination);
	nl_addr_put(destination);
	if (index)
		rtnl_route_nh_set_ifindex(hop, index);
	if (gateway) {
		rtnl_route_nh_set_gateway(hop, gateway);
		nl_addr_put(gateway);
	}
	rtnl_route_add_nexthop(route, hop);
	error = rtnl_route_build_add_request(route, 0, &message);
	rtnl_route_put(route);
	return netlink_transact(error, message, why, size);
}
