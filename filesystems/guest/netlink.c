/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "filesystems/guest/fail.h"

struct nl_sock *netlink;
/* The kernel's last answer: libnl knows fewer errors than the kernel has, and drops its explanation. */
static int kernel_error;
static char kernel_text[128];

/* Source of the layout: Documentation/userspace-api/netlink/intro.rst, "Extended ACK". */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *data)
{
	struct nlmsghdr *header = (struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	struct nlattr *text;
	int offset = sizeof *error;

	kernel_error = -error->error;
	kernel_text[0] = '\0';
	if (header->nlmsg_flags & NLM_F_ACK_TLVS) {
		if (!(header->nlmsg_flags & NLM_F_CAPPED))
			offset += (int)error->msg.nlmsg_len - (int)sizeof error->msg;
		text = nlmsg_find_attr(header, offset, NLMSGERR_ATTR_MSG);
		if (text)
			snprintf(kernel_text, sizeof kernel_text, "%s", nla_get_string(text));
	}
	return NL_STOP;
}

int netlink_open(char *why, size_t size)
{
	int on = 1, error;

	netlink = nl_socket_alloc();
	if (!netlink)
		return fail(why, size, "out of memory");
	error = nl_connect(netlink, NETLINK_ROUTE);
	if (error < 0)
		return fail(why, size, "cannot connect to netlink: %s", nl_geterror(error));
	setsockopt(nl_socket_get_fd(netlink), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	nl_socket_modify_err_cb(netlink, NL_CB_CUSTOM, on_error, NULL);
	return 0;
}

int netlink_transact(int built, struct nl_msg *message, char *why, size_t size)
{
	int error = built;

	kernel_error = 0;
	if (error >= 0) {
		error = nl_send_auto(netlink, message);
		nlmsg_free(message);
	}
	if (error >= 0)
		error = nl_wait_for_ack(netlink);
	if (kernel_error)
		return fail(why, size, "%s%s%s%s", strerror(kernel_error), kernel_text[0] ? " (" : "", kernel_text,
			kernel_text[0] ? ")" : "");
	return error < 0 ? fail(why, size, "%s", nl_geterror(error)) : 0;
}
