/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The switch that students write: relay IFACE IFACE copies frames from one interface to the other with packet sockets, in a
 * guest. It knows nothing of checksums and segments that are left to do; what it cannot send it says. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
	struct packet_mreq all = {.mr_ifindex = address.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0) {
		fprintf(stderr, "relay: %s: %s\n", name, strerror(errno));
		return -1;
	}
	return fd;
}

static void copy(int from, int to)
{
	static char frame[70000];
	struct sockaddr_ll sender;
	socklen_t size = sizeof(sender);
	ssize_t n = recvfrom(from, frame, sizeof(frame), 0, (struct sockaddr *)&sender, &size);
	if (n > 0 && sender.sll_pkttype != PACKET_OUTGOING && send(to, frame, (size_t)n, 0) < 0)
		fprintf(stderr, "relay: %zd bytes: %s\n", n, strerror(errno));
}

int main(int argc, char **argv)
{
	struct pollfd fds[2];
	for (int i = 0; i < 2; i++) {
		fds[i] = (struct pollfd){argc == 3 ? open_interface(argv[i + 1]) : -1, POLLIN, 0};
		if (fds[i].fd < 0)
			return 1;
	}
	while (poll(fds, 2, -1) > 0 || errno == EINTR)
		for (int i = 0; i < 2; i++)
			if (fds[i].revents & POLLIN)
				copy(fds[i].fd, fds[!i].fd);
	return 1;
}
