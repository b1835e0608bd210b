/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A netlab-switch of one's own, for tests and benchmarks that play its supervisor and its guests. Dies with a message
 * when something fails that should not. */
#pragma once

#include "switch/control/switch_calls.h"

#include <stdint.h>

typedef struct {
	GSubprocess *process;
	SwSwitch1 *client;
} SwitchDriver;

/** Starts the program with so many workers and so many bytes for the last frames of all cables (0: none), and waits until
 *  it answers. */
void driver_start(SwitchDriver *driver, const char *program, unsigned workers, guint64 history);
/** Hangs up, waits for the switch to end, and returns its exit status; -1 when a signal killed it. */
int driver_stop(SwitchDriver *driver);

/** type: "switch" or "hub". The group says on which worker it is: group modulo workers (switch/control/fabric.h). */
void driver_add_network(SwitchDriver *driver, const char *name, const char *type, unsigned group);
/** A cable of the port's name from it to the network. */
void driver_add_cable(SwitchDriver *driver, const char *port, const char *network);
/** A cable of the first port's name from it to the other. */
void driver_add_link(SwitchDriver *driver, const char *port, const char *other);
/** Joins the two ports, by a network of that type, or type "link": by a cable. */
void driver_join(SwitchDriver *driver, const char *type, const char *port, const char *other);
/** Adds a port on a pair of datagram sockets; returns the guest's end, which does not block. Caller owns it. */
int driver_add_datagram_port(SwitchDriver *driver, const char *name);
/** Adds a vhost-user port; returns a copy of the socket that it listens on, for vc_connect(). Caller owns it. */
int driver_add_vhost_port(SwitchDriver *driver, const char *name, const uint8_t mac[6]);
/** SetLink. a, b: for frames that enter at that end, as GVariant text: "{'delay': <uint64 1000000>}". */
void driver_set_link(SwitchDriver *driver, const char *cable, const char *a, const char *b);

/** A counter of a port's; 0 when there is none of that name. */
guint64 driver_counter(SwitchDriver *driver, const char *port, const char *name);
/** How many stations the network knows. */
unsigned driver_count_stations(SwitchDriver *driver, const char *network);
/** Seconds of CPU that the switch has used. */
double driver_cpu_seconds(SwitchDriver *driver);
/** Bytes of memory that the switch has in use. */
gsize driver_resident_bytes(SwitchDriver *driver);
/** Binds the forwarding thread with that number to a CPU. */
void driver_bind_worker(SwitchDriver *driver, unsigned worker, int cpu);
