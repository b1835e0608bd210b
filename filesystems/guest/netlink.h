/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's requests to the kernel's network configuration, by rtnetlink. libnl is used here, in network.c and in links.c. */
#pragma once

#include <netlink/netlink.h>
#include <stddef.h>

/* Each returns 0, or -1 after writing the reason to WHY (SIZE bytes). */

/** The socket for requests; netlink_open() creates it. */
extern struct nl_sock *netlink;
/** Connects to the kernel; call it before all else of the network. */
int netlink_open(char *why, size_t size);
/** Sends MESSAGE, which is freed, and waits for the answer. BUILT is what the function that made it returned. */
int netlink_transact(int built, struct nl_msg *message, char *why, size_t size);
