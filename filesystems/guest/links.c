/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/links.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "filesystems/guest/loop.h"
#include "filesystems/guest/netlink.h"
#include "filesystems/guest/report.h"

/* Duplicate address detection takes at most 2 s (rtr_solicit_delay and RETRANS_TIME of net/ipv6/addrconf.c), unless a lab
 * changes its settings. */
#define PATIENCE_SECONDS 5

typedef struct {
	int index;
	char name[IFNAMSIZ];
	bool operational;
} Link;

static Link *links;
static size_t n_links;

static void on_news(Watch *watch, uint32_t events);
static void on_patience_over(Watch *watch, uint32_t events);
static struct nl_sock *news_socket;
static Watch news = {.fd = -1, .ready = on_news}, patience = {.fd = -1, .ready = on_patience_over};
static void (*when_done)(void); /* while start-up waits */
static bool over;               /* it has waited */

int links_add(const char *name)
{
	Link *more = realloc(links, (n_links + 1) * sizeof *links);

	if (!more)
		return -1;
	links = more;
	links[n_links] = (Link){.index = (int)if_nametoindex(name)};
	snprintf(links[n_links++].name, IFNAMSIZ, "%s", name);
	return 0;
}

/* -- the link-local address -- */

static bool detects_duplicates_as_usual(const char *name)
{
	char path[96], value[8] = "";
	int fd;

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_dad", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, value, sizeof value - 1) < 0)
		value[0] = '\0';
	close(fd);
	return strcmp(value, "1\n") == 0;
}

/* RFC 4291, appendix A: the identifier of an interface from its MAC address. */
static struct nl_addr *link_local_address(struct rtnl_link *link)
{
	uint8_t bytes[16] = {0xfe, 0x80, [11] = 0xff, [12] = 0xfe};
	struct nl_addr *mac = rtnl_link_get_addr(link), *address;
	const uint8_t *m;

	if (!mac || nl_addr_get_len(mac) != 6)
		return NULL;
	m = nl_addr_get_binary_addr(mac);
	memcpy(bytes + 8, m, 3);
	memcpy(bytes + 13, m + 3, 3);
	bytes[8] ^= 2;
	address = nl_addr_build(AF_INET6, bytes, sizeof bytes);
	if (address)
		nl_addr_set_prefixlen(address, 64);
	return address;
}

/* The address that the kernel made from the MAC address is replaced by the same one without duplicate address detection: on
 * one wire netlab check accepts no MAC address twice. Detection stays on for every other address, also for this one when the
 * interface goes down and up again; and for this one too where the lab has another accept_dad than 1. An interface that has
 * no such address (IPv6 is off, or addr_gen_mode is another one) does not get it. */
static void skip_detection(const Link *self, struct rtnl_link *link)
{
	struct nl_addr *address = detects_duplicates_as_usual(self->name) ? link_local_address(link) : NULL;
	struct rtnl_addr *entry = address ? rtnl_addr_alloc() : NULL;
	struct nl_msg *message = NULL;
	char why[160];
	int built;

	if (!entry) {
		nl_addr_put(address);
		return;
	}
	rtnl_addr_set_ifindex(entry, self->index);
	rtnl_addr_set_local(entry, address);
	rtnl_addr_set_flags(entry, IFA_F_NODAD);
	nl_addr_put(address);
	built = rtnl_addr_build_delete_request(entry, 0, &message);
	if (netlink_transact(built, message, why, sizeof why) == 0) {
		message = NULL;
		built = rtnl_addr_build_add_request(entry, 0, &message);
		if (built >= 0)
			built = nla_put_u8(message, IFA_PROTO, IFAPROT_KERNEL_LL);
		if (netlink_transact(built, message, why, sizeof why) < 0)
			report_warning("interface %s: link-local address: %s", self->name, why);
	}
	rtnl_addr_put(entry);
}

/* -- operational -- */

/* Asks for one interface, which makes the kernel run its link watch for it now (rtnl_getlink() in net/core/rtnetlink.c).
 * The caller releases the answer; NULL when there is no such interface any more. */
static struct rtnl_link *ask_for_link(int index)
{
	struct rtnl_link *link = NULL;

	return rtnl_link_get_kernel(netlink, index, NULL, &link) < 0 ? NULL : link;
}

static void look_at(Link *self)
{
	struct rtnl_link *link = self->operational ? NULL : ask_for_link(self->index);

	if (link && rtnl_link_get_flags(link) & IFF_RUNNING) {
		self->operational = true;
		skip_detection(self, link);
	}
	rtnl_link_put(link);
}

static void look_at_all(void)
{
	for (size_t i = 0; i < n_links; i++)
		look_at(&links[i]);
}

static const Link *link_of(int index)
{
	for (size_t i = 0; i < n_links; i++) {
		if (links[i].index == index)
			return &links[i];
	}
	return NULL;
}

/* Those that start-up commands made: bridges, bonds. */
static void look_at_others(void)
{
	struct nl_cache *all;

	if (rtnl_link_alloc_cache(netlink, AF_UNSPEC, &all) < 0)
		return;
	for (struct nl_object *o = nl_cache_get_first(all); o; o = nl_cache_get_next(o)) {
		struct rtnl_link *link = (struct rtnl_link *)o;

		if ((rtnl_link_get_flags(link) & (IFF_UP | IFF_RUNNING)) == IFF_UP &&
			!link_of(rtnl_link_get_ifindex(link)))
			rtnl_link_put(ask_for_link(rtnl_link_get_ifindex(link)));
	}
	nl_cache_free(all);
}

/* -- waiting -- */

typedef enum {
	ALL_USABLE,
	SOME_DUPLICATE, /* and nothing will change that */
	SOME_TENTATIVE,
} Addresses;

/* Routers that share an address on purpose (VRRP) have to skip detection. */
static void warn_of_duplicate(const char *name, struct nl_addr *address)
{
	char text[80];

	report_warning(
		"interface %s: address %s cannot be used: another machine has it too (duplicate address detection); "
		"if they share it, as with VRRP, add it with \"ip address add ... nodad\"",
		name, nl_addr2str(address, text, sizeof text));
}

/* How it is with the addresses of the lab's operational interfaces. WARN: reports those that cannot be used. */
static Addresses look_at_addresses(bool warn)
{
	struct nl_cache *all;
	Addresses worst = ALL_USABLE;

	if (rtnl_addr_alloc_cache(netlink, &all) < 0)
		return ALL_USABLE;
	for (struct nl_object *o = nl_cache_get_first(all); o; o = nl_cache_get_next(o)) {
		struct rtnl_addr *entry = (struct rtnl_addr *)o;
		unsigned flags = rtnl_addr_get_flags(entry);
		const Link *link = link_of(rtnl_addr_get_ifindex(entry));
		Addresses this = flags & IFA_F_DADFAILED ? SOME_DUPLICATE : SOME_TENTATIVE;
		char text[80];

		if (!link || !link->operational || !(flags & IFA_F_TENTATIVE))
			continue;
		worst = this > worst ? this : worst;
		if (warn && this == SOME_DUPLICATE)
			warn_of_duplicate(link->name, rtnl_addr_get_local(entry));
		else if (warn)
			report_warning(
				"interface %s: address %s cannot be used: duplicate address detection is not over",
				link->name, nl_addr2str(rtnl_addr_get_local(entry), text, sizeof text));
	}
	nl_cache_free(all);
	return worst;
}

static bool is_all_operational(void)
{
	for (size_t i = 0; i < n_links; i++) {
		if (!links[i].operational)
			return false;
	}
	return true;
}

/* When there is nothing left to hear of links, their news would only wake the agent. Those of addresses are rare. */
static void ignore_links_if_over(void)
{
	if (over && news_socket && is_all_operational())
		nl_socket_drop_memberships(news_socket, RTNLGRP_LINK, 0);
}

static void finish(Addresses how)
{
	void (*done)(void) = when_done;

	when_done = NULL;
	over = true;
	watch_close(&patience);
	if (how != ALL_USABLE)
		look_at_addresses(true);
	done();
}

static void on_patience_over(Watch *watch, uint32_t events)
{
	finish(SOME_TENTATIVE);
	ignore_links_if_over();
}

/* Whether start-up can end; then it does. */
static bool finish_if_usable(void)
{
	Addresses how = look_at_addresses(false);

	if (how == SOME_TENTATIVE)
		return false;
	finish(how);
	return true;
}

/* A duplicate that finish() does not report: found later, or on an interface that the lab's commands made. */
static void look_at_address(struct nlmsghdr *header)
{
	struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *local = nlmsg_find_attr(header, sizeof *info, IFA_ADDRESS);
	char name[IFNAMSIZ];

	if (!(info->ifa_flags & IFA_F_DADFAILED) || !local || (!over && link_of((int)info->ifa_index)) ||
		!if_indextoname(info->ifa_index, name))
		return;
	struct nl_addr *address = nl_addr_alloc_attr(local, info->ifa_family);

	warn_of_duplicate(name, address);
	nl_addr_put(address);
}

/* News of links are looked at only for their being there: what they tell may be out of date. */
static int on_message(struct nl_msg *message, void *changed)
{
	struct nlmsghdr *header = nlmsg_hdr(message);

	if (header->nlmsg_type == RTM_NEWADDR) {
		look_at_address(header);
		return NL_OK;
	}
	const struct ifinfomsg *info = nlmsg_data(header);
	const Link *link = header->nlmsg_type == RTM_NEWLINK ? link_of(info->ifi_index) : NULL;

	if (link && !link->operational && info->ifi_flags & IFF_RUNNING)
		*(bool *)changed = true;
	return NL_OK;
}

static void on_news(Watch *watch, uint32_t events)
{
	bool changed = false;
	int error;

	nl_socket_modify_cb(news_socket, NL_CB_VALID, NL_CB_CUSTOM, on_message, &changed);
	error = nl_recvmsgs_default(news_socket);
	/* too many news: some were lost */
	if (changed || error == -NLE_NOMEM)
		look_at_all();
	if (when_done)
		finish_if_usable();
	ignore_links_if_over();
}

static int open_news(void)
{
	news_socket = nl_socket_alloc();
	if (!news_socket || nl_connect(news_socket, NETLINK_ROUTE) < 0 ||
		nl_socket_add_memberships(news_socket, RTNLGRP_LINK, RTNLGRP_IPV6_IFADDR, 0) < 0 ||
		nl_socket_set_nonblocking(news_socket) < 0)
		return -1;
	nl_socket_disable_seq_check(news_socket);
	news.fd = nl_socket_get_fd(news_socket);
	return watch_add(&news, EPOLLIN);
}

void links_settle(void)
{
	if (n_links > 0 && open_news() < 0)
		report_warning("cannot watch interfaces: %m");
	look_at_all();
}

void links_await(void (*done)(void))
{
	const struct itimerspec limit = {.it_value.tv_sec = PATIENCE_SECONDS};

	look_at_others();
	look_at_all();
	when_done = done;
	if (!finish_if_usable()) {
		patience.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		if (patience.fd < 0 || timerfd_settime(patience.fd, 0, &limit, NULL) < 0 ||
			watch_add(&patience, EPOLLIN) < 0)
			finish(SOME_TENTATIVE);
	}
	ignore_links_if_over();
}
