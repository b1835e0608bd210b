/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcp_signed md5|ao KEY KEY: connects two signed TCP sockets over the loopback, each with its key. Prints "connected", or "refused"
 * as soon as the kernel has counted a segment with a wrong signature. Runs in a guest. Sources: RFC 2385, RFC 5925,
 * include/uapi/linux/tcp.h of Linux 6.7 and newer. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADD_AO_KEY = 38, TRIES = 400 };

/* struct tcp_ao_add; older headers lack it */
struct ao_key {
	struct sockaddr_storage address;
	char algorithm[64];
	int32_t interface;
	uint32_t flags; /* 1: current key at once; 2: asked of the peer */
	uint16_t reserved;
	uint8_t prefix, send_id, receive_id, mac_length, key_flags, key_length, key[80];
} __attribute__((aligned(8)));

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void add_key(int fd, const char *kind, const char *key, const struct sockaddr_in *peer)
{
	size_t length = strlen(key) < 80 ? strlen(key) : 80;

	if (strcmp(kind, "md5") == 0) {
		struct tcp_md5sig md5 = {.tcpm_keylen = (uint16_t)length};
		memcpy(&md5.tcpm_addr, peer, sizeof *peer);
		memcpy(md5.tcpm_key, key, length);
		if (setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof md5) < 0)
			die("TCP_MD5SIG");
	} else {
		struct ao_key ao = {.algorithm = "hmac(sha1)",
			.prefix = 32,
			.send_id = 100,
			.receive_id = 100,
			.key_length = (uint8_t)length};
		memcpy(&ao.address, peer, sizeof *peer);
		((struct sockaddr_in *)&ao.address)->sin_port = 0;
		memcpy(ao.key, key, length);
		if (setsockopt(fd, IPPROTO_TCP, ADD_AO_KEY, &ao, sizeof ao) < 0)
			die("TCP_AO_ADD_KEY");
	}
}

/* The sum of the counters of /proc/net/netstat with these names. */
static unsigned long counted(const char *const *names)
{
	char heads[8192], values[8192];
	unsigned long sum = 0;
	FILE *file = fopen("/proc/net/netstat", "re");

	if (!file)
		die("/proc/net/netstat");
	while (fgets(heads, sizeof heads, file) && fgets(values, sizeof values, file)) {
		char *head_rest, *value_rest, *head = strtok_r(heads, " \n", &head_rest),
					      *value = strtok_r(values, " \n", &value_rest);
		for (; head && value;
			head = strtok_r(NULL, " \n", &head_rest), value = strtok_r(NULL, " \n", &value_rest))
			for (size_t i = 0; names[i]; i++)
				if (strcmp(head, names[i]) == 0)
					sum += strtoul(value, NULL, 10);
	}
	fclose(file);
	return sum;
}

int main(int argc, char **argv)
{
	static const char *const wrong[] = {"TCPMD5Failure", "TCPAOBad", NULL};
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 4 || server < 0 || client < 0)
		die("usage: tcp_signed md5|ao KEY KEY");
	if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0 ||
		getsockname(server, (struct sockaddr *)&address, &length) < 0)
		die("listen");
	add_key(server, argv[1], argv[2], &address);
	add_key(client, argv[1], argv[3], &address);
	unsigned long before = counted(wrong);
	fcntl(client, F_SETFL, O_NONBLOCK);
	if (connect(client, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
		die("connect");
	for (int i = 0; i < TRIES; i++) {
		struct pollfd wait = {.fd = client, .events = POLLOUT};
		if (poll(&wait, 1, 50) > 0) {
			puts("connected");
			return 0;
		}
		if (counted(wrong) > before) {
			puts("refused");
			return 0;
		}
	}
	puts("nothing happened");
	return 1;
}
