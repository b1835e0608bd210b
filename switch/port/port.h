/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port: where frames enter and leave the switch. Forwarding does not depend on the kind of port; a kind is a PortOps.
 *
 * After its creation a port belongs to the thread of its worker, except name, mtu and worker. Only the control thread writes
 * these, while the port is on no worker. */
#pragma once

#include "switch/loop/worker.h"
#include "switch/wire/cable.h"

#include <glib.h>

typedef struct Port Port;

typedef struct {
	const char *kind;
	/* ready() gives each frame that it reads to port_receive(). */
	HandlerOps handler;
	/* Starts to watch for frames on port->worker. */
	gboolean (*attach)(Port *port, GError **error);
	/* The opposite; harmless on a port that has gone down. */
	void (*detach)(Port *port);
	/* Takes a frame that fits the MTU, and that has nothing left to do but what port->offloads allows. May keep what
	 * the parts point to (not the parts themselves) until flush(), never longer. Counts tx or the drop. */
	void (*transmit)(Port *port, const Frame *frame);
	/* The cable has got or lost its other end: tell the guest. Or NULL. Called in attach's place too, after it. */
	void (*set_carrier)(Port *port, bool carrier);
	/* The cable's speed in Mbit/s: tell the guest. Or NULL. Called whenever it may have changed, and for each new cable. */
	void (*set_speed)(Port *port, unsigned speed);
	void (*free)(Port *port);
} PortOps;

/* What a port can take that a wire could not, as bits of Port.offloads. */
enum {
	PORT_CHECKSUM = 1 << 0, /* checksums left to do */
	PORT_TCP4 = 1 << 1,     /* TCP over IPv4 longer than its segments */
	PORT_TCP6 = 1 << 2,
};

struct Port {
	Handler handler;
	const PortOps *ops;
	char *name;
	unsigned mtu;
	unsigned offloads;
	Worker *worker;
	Cable *cable; /* NULL: unplugged */
	unsigned end; /* which end of the cable it is */
	bool up;      /* is there somebody who takes frames? Changed by port_set_up() alone */
	Counters counters;
};

/** Fills the common part of a port, which is up; name is copied. */
void port_init(Port *port, const PortOps *ops, const char *name, unsigned mtu);
/** Frees a port of any kind; it must be on no worker. */
void port_free(Port *port);
/** Plugs it in at the end of a cable on its worker. */
void port_plug(Port *port, Cable *cable, unsigned end);
/** Harmless on a port that is not plugged in. */
void port_unplug(Port *port);
/** A frame came in by the port: checks its size and its offload, counts it and sends it along the cable. */
void port_receive(Port *port, const Frame *frame, Pass *pass);
/** A frame leaves by the port: checks that it fits, does what the port cannot leave to its guest, and gives it to the
 *  port's kind. */
void port_transmit(Port *port, const Frame *frame, Pass *pass);
/** Somebody takes frames at the port from now on, or no longer: the guest has booted or gone, the socket failed. The
 *  other end of the cable learns it as its carrier. */
void port_set_up(Port *port, bool up);

static inline void port_count(Port *port, Counter counter, uint64_t amount)
{
	port->counters.values[counter] += amount;
}

/** A port on one end of a pair of Unix datagram sockets, one datagram a frame without FCS: what UML's vector driver
 *  speaks with transport=fd (arch/um/drivers/vector_user.c). SOCK_SEQPACKET will do as well, and tells of a dead peer
 *  at once. Once its socket fails it never comes back, a new port takes its place. Owns the descriptor when it
 *  succeeds. Fails (G_IO_ERROR_INVALID_ARGUMENT) when it is no such socket. */
Port *port_datagram_new(const char *name, unsigned mtu, int fd, GError **error);

/** A port has cut off its guest, which broke the rules; message says how. In the worker's thread. */
typedef void (*PortFailed)(Port *port, const char *message, void *data);

/** A port that is the back end of virtio-net for a guest (vhost-user). mtu: the largest that the guest may set. fd: a Unix stream socket that listens; the guest
 *  connects to it whenever it boots, and the port is up while its driver runs. offloads: what to offer the guest, as
 *  for Port.offloads. Owns the descriptor when it succeeds. Fails (G_IO_ERROR_INVALID_ARGUMENT) when it is no such
 *  socket. */
Port *port_vhost_new(const char *name, unsigned mtu, const uint8_t mac[6], unsigned offloads, int fd, PortFailed failed,
	void *data, GError **error);

/** A port on a tap interface of the host (tun(4): IFF_TAP, IFF_NO_PI, with or without IFF_VNET_HDR, which lets frames
 *  pass with what is left to do). Once the interface is deleted it never comes back. Owns the descriptor when it
 *  succeeds. Fails (G_IO_ERROR_INVALID_ARGUMENT) when it is no such descriptor. */
Port *port_tap_new(const char *name, unsigned mtu, int fd, GError **error);
