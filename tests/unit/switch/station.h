/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A station that sends and receives as fast as it can, on a vhost-user or a datagram port of a netlab-switch: a guest
 * without the guest, for tests under load and for benchmarks. Every frame is a copy of one, unless its owner changes it. */
#pragma once

#include "tests/unit/switch/switch_driver.h"
#include "tests/unit/switch/vhost_client.h"

#include <poll.h>
#include <sys/socket.h>

enum { STATION_BATCH = 64, STATION_RING = 256 };

typedef struct Station Station;
struct Station {
	uint8_t mac[6];
	int listener; /* of a vhost-user port; -1: a datagram port */
	VhostClient vhost;
	int fd; /* of a datagram port */
	uint8_t *memory;
	struct mmsghdr messages[STATION_BATCH];
	struct iovec vectors[STATION_BATCH];

	size_t size; /* of the frames that it sends, and that its transmit buffers hold */
	/* Changes a frame that is about to be sent; or NULL. */
	void (*change)(Station *station, uint8_t *frame);
	void *data;
	/* What has come: from the partner, and from others. */
	const uint8_t *partner; /* its address */
	uint64_t received, foreign;
};

/** Adds a port to the network, named so, and connects to it; its address tells the number. */
void station_join(
	Station *station, SwitchDriver *driver, const char *network, const char *name, unsigned number, bool vhost);
void station_leave(Station *station);

/** The frames that it sends from now on, header and zeroes. */
void station_aim(Station *station, const uint8_t to[6], size_t size);
/** Makes the switch learn where it is, without anybody else seeing it: says something to itself. */
void station_announce(Station *station);

/** Sends what goes at once, at most max frames; takes what is there. Return how many. */
unsigned station_send(Station *station, unsigned max);
unsigned station_receive(Station *station);

/** Prepares to sleep until something comes (or can be sent): fills in poll_fd. False when that is so already. */
bool station_arm_receive(Station *station, struct pollfd *poll_fd);
bool station_arm_send(Station *station, struct pollfd *poll_fd);
/** After the sleep. */
void station_wake(Station *station);

/** Who sends to whom. */
typedef struct {
	Station *from, *to;
} Pair;

/** Lets the pairs send as fast as they can, one thread for all, until *stop. */
void pairs_run(Pair *pairs, unsigned n, gint *stop);
/** Everybody sends and receives what goes at once; sleeps, not for long, when nothing does. */
void pairs_turn(Pair *pairs, unsigned n);
/** One frame after the other, each pair in turn: fills in the microseconds that each was under way. */
void pairs_measure_latency(Pair *pairs, unsigned n, double *microseconds, unsigned samples);
