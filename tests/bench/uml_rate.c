/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames per second from one client to another through whatever switch listens on a control socket and speaks
 * uml_switch's protocol: netlab-switch, uml_switch, vde_switch. Prints JSON.
 *
 *   bench-uml CONTROL-SOCKET [SECONDS [FRAME-BYTES [sendto|connected]]]
 *
 * The control socket "-" stands for no switch: the sender's frames go to the receiver. No switch can be faster than that.
 *
 * sendto: clients name the switch with each frame, as UML's did, so that the host lets ten frames wait for them
 * (net.unix.max_dgram_qlen); connected: they connect to it, as VDE's do, so that their buffers are the limit. */
#include "tests/unit/switch/uml_client.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, LARGEST = 2048 };

static const uint8_t sender_mac[6] = {0x52, 0x54, 0, 0, 0, 1}, receiver_mac[6] = {0x52, 0x54, 0, 0, 0, 2};

typedef struct {
	UmlClient client;
	unsigned size;
	unsigned long long frames;
	atomic_bool *stop;
} Player;

static void die(const char *what)
{
	fprintf(stderr, "bench-uml: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void build(uint8_t *frame, const uint8_t *to, const uint8_t *from)
{
	memset(frame, 0, LARGEST);
	memcpy(frame, to, 6);
	memcpy(frame + 6, from, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5; /* IEEE 802, 9.2.3: for experiments */
}

static void *play_sender(void *data)
{
	Player *player = data;
	uint8_t frame[LARGEST];
	struct iovec part = {frame, player->size};
	struct mmsghdr messages[BATCH] = {0};
	build(frame, receiver_mac, sender_mac);
	for (unsigned i = 0; i < BATCH; i++) {
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
		if (player->client.manner == UML_SENDTO) {
			messages[i].msg_hdr.msg_name = &player->client.peer;
			messages[i].msg_hdr.msg_namelen = sizeof(player->client.peer);
		}
	}
	while (!atomic_load_explicit(player->stop, memory_order_relaxed)) {
		int n = sendmmsg(player->client.data, messages, BATCH, 0);
		if (n > 0)
			player->frames += (unsigned)n;
		else if (errno != EAGAIN && errno != ENOBUFS)
			die("sendmmsg");
	}
	return NULL;
}

static void *play_receiver(void *data)
{
	Player *player = data;
	static uint8_t frames[BATCH][LARGEST];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH] = {0};
	for (unsigned i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){frames[i], LARGEST};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
	}
	while (!atomic_load_explicit(player->stop, memory_order_relaxed)) {
		int n = recvmmsg(player->client.data, messages, BATCH, MSG_WAITFORONE, NULL);
		if (n > 0)
			player->frames += (unsigned)n;
	}
	return NULL;
}

static void be_impatient(const Player *player)
{
	const struct timeval patience = {.tv_usec = 100000}; /* to look at stop now and then */
	setsockopt(player->client.data, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(player->client.data, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static void join(Player *player, const char *control, UmlManner manner)
{
	if (uml_client_join(&player->client, control, 3, manner, NULL) < 0)
		die(control);
	be_impatient(player);
}

static void join_each_other(Player *sender, Player *receiver, UmlManner manner)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "netlab-bench/%d", (int)getpid());
	for (int i = 0; i < 2; i++) {
		UmlClient *client = i ? &sender->client : &receiver->client;
		*client = (UmlClient){.control = -1,
			.data = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
			.manner = manner,
			.peer = name};
		if (client->data < 0)
			die("socket");
		be_impatient(i ? sender : receiver);
	}
	if (bind(receiver->client.data, (struct sockaddr *)&name, sizeof(name)) < 0 ||
		(manner == UML_CONNECTED && connect(sender->client.data, (struct sockaddr *)&name, sizeof(name)) < 0))
		die("two sockets");
}

/* So that nothing has to be flooded: the switch hears the receiver, and the sender hears of it. */
static void introduce(const Player *receiver, const Player *sender)
{
	static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
	uint8_t frame[LARGEST];
	build(frame, everybody, receiver_mac);
	for (int attempts = 0; attempts < 50; attempts++) {
		if (uml_client_send(&receiver->client, frame, 64) < 0)
			die("send");
		if (uml_client_receive(&sender->client, frame, sizeof(frame)) > 0)
			return;
	}
	errno = ETIMEDOUT;
	die("the switch passes nothing on");
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 5;
	unsigned size = argc > 3 ? (unsigned)atoi(argv[3]) : 64;
	const char *manner = argc > 4 ? argv[4] : "sendto";
	if (argc < 2 || size < 60 || size > LARGEST || (strcmp(manner, "sendto") && strcmp(manner, "connected"))) {
		fprintf(stderr, "usage: bench-uml CONTROL-SOCKET [SECONDS [FRAME-BYTES [sendto|connected]]]\n");
		return 2;
	}
	UmlManner how = strcmp(manner, "sendto") ? UML_CONNECTED : UML_SENDTO;
	atomic_bool stop = false;
	Player sender = {.size = size, .stop = &stop}, receiver = {.size = size, .stop = &stop};
	if (strcmp(argv[1], "-")) {
		join(&sender, argv[1], how);
		join(&receiver, argv[1], how);
		introduce(&receiver, &sender);
	} else {
		join_each_other(&sender, &receiver, how);
	}
	pthread_t sending, receiving;
	double begin = now();
	if (pthread_create(&receiving, NULL, play_receiver, &receiver) ||
		pthread_create(&sending, NULL, play_sender, &sender))
		die("pthread_create");
	struct timespec span = {
		.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
	nanosleep(&span, NULL);
	atomic_store(&stop, true);
	double elapsed = now() - begin;
	pthread_join(sending, NULL);
	pthread_join(receiving, NULL);
	printf("{\"clients\": \"%s\", \"frame_bytes\": %u, \"seconds\": %.2f, \"frames_in_per_second\": %.0f, "
	       "\"frames_per_second\": %.0f}\n",
		manner, size, elapsed, (double)sender.frames / elapsed, (double)receiver.frames / elapsed);
	uml_client_leave(&sender.client);
	uml_client_leave(&receiver.client);
	return receiver.frames == 0;
}
