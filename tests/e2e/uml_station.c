/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host on a network that is joined by uml_switch's protocol: answers ARP (RFC 826) and pings (RFC 792) for its address
 * until its input ends, and first pings one itself.
 *
 *   uml_station CONTROL-SOCKET OWN-IPV4 [PEER-IPV4]
 *
 * Prints "reached PEER" once the peer has answered, else "joined". */
#include "tests/unit/switch/uml_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ETHER = 14,
	ARP = ETHER + 28,
	IP = ETHER + 20,
	PING = IP + 8 + 56,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	ICMP_REQUEST = 8,
	ICMP_REPLY = 0,
};

static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};

typedef struct {
	UmlClient client;
	uint8_t ip[4], mac[6], peer[4], peer_mac[6];
	bool asked, reached;
} Station;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* RFC 1071. */
static uint16_t checksum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | (i + 1 < size ? bytes[i + 1] : 0));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_checksum(uint8_t *at, const uint8_t *bytes, size_t size)
{
	at[0] = at[1] = 0;
	uint16_t sum = checksum(bytes, size);
	at[0] = (uint8_t)(sum >> 8);
	at[1] = (uint8_t)sum;
}

static void send_frame(Station *self, uint8_t *frame, size_t size, const uint8_t *to, uint16_t type)
{
	memcpy(frame, to, 6);
	memcpy(frame + 6, self->mac, 6);
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
	if (uml_client_send(&self->client, frame, size) < 0)
		die("send");
}

static void send_arp(Station *self, uint8_t operation, const uint8_t *mac, const uint8_t *ip)
{
	uint8_t frame[60] = {0};
	const uint8_t head[] = {0, 1, 8, 0, 6, 4, 0, operation};
	memcpy(frame + ETHER, head, 8);
	memcpy(frame + ETHER + 8, self->mac, 6);
	memcpy(frame + ETHER + 14, self->ip, 4);
	memcpy(frame + ETHER + 18, operation == ARP_REPLY ? mac : (const uint8_t[6]){0}, 6);
	memcpy(frame + ETHER + 24, ip, 4);
	send_frame(self, frame, sizeof(frame), mac, 0x0806);
}

static void send_ping(Station *self)
{
	uint8_t frame[PING] = {0}, *ip = frame + ETHER, *icmp = frame + IP;
	const uint8_t head[] = {0x45, 0, 0, PING - ETHER, 0, 1, 0, 0, 64, IPPROTO_ICMP};
	memcpy(ip, head, sizeof(head));
	memcpy(ip + 12, self->ip, 4);
	memcpy(ip + 16, self->peer, 4);
	put_checksum(ip + 10, ip, 20);
	icmp[0] = ICMP_REQUEST;
	icmp[7] = 1; /* sequence */
	put_checksum(icmp + 2, icmp, PING - IP);
	send_frame(self, frame, sizeof(frame), self->peer_mac, 0x0800);
}

static void take_arp(Station *self, const uint8_t *frame)
{
	if (frame[ETHER + 7] == ARP_REQUEST && !memcmp(frame + ETHER + 24, self->ip, 4))
		send_arp(self, ARP_REPLY, frame + ETHER + 8, frame + ETHER + 14);
	if (frame[ETHER + 7] == ARP_REPLY && !memcmp(frame + ETHER + 14, self->peer, 4) && !self->asked) {
		memcpy(self->peer_mac, frame + ETHER + 8, 6);
		self->asked = true;
		send_ping(self);
	}
}

static void take_ip(Station *self, uint8_t *frame, size_t size)
{
	uint8_t *ip = frame + ETHER, *icmp = frame + IP, from[6];
	size_t length = (size_t)(ip[2] << 8 | ip[3]);
	if (ip[0] != 0x45 || ip[9] != IPPROTO_ICMP || memcmp(ip + 16, self->ip, 4) || ETHER + length > size ||
		length < 28)
		return;
	/* What a wire carries is complete: nothing is left to be done by whoever receives it. */
	if (checksum(ip, 20) || checksum(icmp, length - 20)) {
		fprintf(stderr, "a packet's checksum is wrong\n");
		exit(1);
	}
	if (icmp[0] == ICMP_REPLY && !self->reached) {
		self->reached = true;
		printf("reached %u.%u.%u.%u\n", ip[12], ip[13], ip[14], ip[15]);
		fflush(stdout);
	} else if (icmp[0] == ICMP_REQUEST) {
		icmp[0] = ICMP_REPLY;
		put_checksum(icmp + 2, icmp, length - 20);
		memcpy(ip + 16, ip + 12, 4);
		memcpy(ip + 12, self->ip, 4);
		put_checksum(ip + 10, ip, 20);
		memcpy(from, frame + 6, 6);
		send_frame(self, frame, size, from, 0x0800);
	}
}

int main(int argc, char **argv)
{
	Station self = {.client.control = -1};
	if (argc < 3 || inet_pton(AF_INET, argv[2], self.ip) != 1 ||
		(argc > 3 && inet_pton(AF_INET, argv[3], self.peer) != 1)) {
		fprintf(stderr, "usage: uml_station CONTROL-SOCKET OWN-IPV4 [PEER-IPV4]\n");
		return 2;
	}
	memcpy(self.mac, (const uint8_t[]){0x52, 0x54, self.ip[0], self.ip[1], self.ip[2], self.ip[3]}, 6);
	if (uml_client_join(&self.client, argv[1], 3, UML_SENDTO, NULL) < 0)
		die(argv[1]);
	if (argc > 3)
		send_arp(&self, ARP_REQUEST, everybody, self.peer);
	else
		puts("joined");
	fflush(stdout);
	struct pollfd ready[] = {
		{.fd = self.client.data, .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = self.client.control, .events = POLLIN},
	};
	/* Said again until it is answered: the guest may not be up yet. */
	for (int n; (n = poll(ready, 3, argc > 3 && !self.asked ? 500 : -1)) >= 0;) {
		uint8_t frame[2048];
		if (n == 0)
			send_arp(&self, ARP_REQUEST, everybody, self.peer);
		if (ready[0].revents) {
			ssize_t size = uml_client_receive(&self.client, frame, sizeof(frame));
			unsigned type = size >= ARP ? (unsigned)(frame[12] << 8 | frame[13]) : 0;
			if (type == 0x0806)
				take_arp(&self, frame);
			else if (type == 0x0800)
				take_ip(&self, frame, (size_t)size);
		}
		if (ready[1].revents && read(STDIN_FILENO, frame, sizeof(frame)) <= 0)
			return 0;
		if (ready[2].revents) {
			puts("hung up");
			return 0;
		}
	}
	die("poll");
}
