/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port: where frames enter and leave the switch. Forwarding never asks which kind it has; a kind is a PortOps.
 *
 * After birth a port belongs to its worker's thread, but for name, mtu and worker, which only the control thread
 * writes, while the port is on no worker. */
#pragma once

#include "switch/counters.h"
#include "switch/frame.h"
#include "switch/moment.h"

#include <glib.h>

typedef struct Cable Cable;
typedef struct Port Port;
typedef struct Worker Worker;

/* The smallest that IPv4 knows (RFC 791, 3.2), and the largest that its packets can fill. */
enum { PORT_MTU_MIN = 68, PORT_MTU_MAX = 65535 };

typedef struct {
	const char *kind;
	/* Starts to watch for frames on port->worker. */
	gboolean (*attach)(Port *port, GError **error);
	/* The opposite; harmless on a port that has gone down. */
	void (*detach)(Port *port);
	/* epoll(7) said so: read a batch, each frame to port_receive(); write what waits. */
	void (*ready)(Port *port, uint32_t events);
	/* Takes a frame that fits the MTU. May keep frame->data until flush, never longer. Counts tx or the drop. */
	void (*transmit)(Port *port, const Frame *frame);
	/* The batch is over: send what transmit took, or copy it. */
	void (*flush)(Port *port);
	void (*free)(Port *port);
} PortOps;

struct Port {
	const PortOps *ops;
	char *name;
	unsigned mtu;
	Worker *worker;
	Cable *cable; /* NULL: unplugged */
	unsigned end; /* which end of the cable it is */
	bool up;      /* false once its socket failed: it never comes back, a new port takes its place */
	bool touched; /* on the worker's list of ports to flush */
	Port *next_touched;
	Counters counters;
};

/** Fills the common part of a port; name is copied. */
void port_init(Port *port, const PortOps *ops, const char *name, unsigned mtu);
/** Frees a port of any kind; it must be on no worker. */
void port_free(Port *port);
/** A frame came in by the port: checks its size, sends it along the cable, counts it and why it went nowhere. */
void port_receive(Port *port, const Frame *frame, const Moment *now);
/** A frame leaves by the port: checks that it fits, and gives it to the port's kind. */
void port_transmit(Port *port, const Frame *frame);
/** The port's socket failed: no frame will pass again. Stations behind it are forgotten. */
void port_down(Port *port);

static inline void port_count(Port *port, Counter counter, uint64_t amount)
{
	port->counters.values[counter] += amount;
}

/** A port on one end of a pair of Unix datagram sockets, one datagram a frame without FCS: what UML's vector driver
 *  speaks with transport=fd (arch/um/drivers/vector_user.c). SOCK_SEQPACKET will do as well, and tells of a dead peer
 *  at once. Owns the descriptor when it succeeds. Fails (G_IO_ERROR_INVALID_ARGUMENT) when it is no such socket. */
Port *port_datagram_new(const char *name, unsigned mtu, int fd, GError **error);
