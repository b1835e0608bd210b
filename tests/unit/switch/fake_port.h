/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port without a socket, for tests of what lies between ports: it counts what it was given, and keeps the last frame.
 * And what such tests do with it: on a cable to a network, with a pass of its own. */
#pragma once

#include "switch/bridge/network.h"
#include "switch/port/port.h"

#include <string.h>

typedef struct {
	Port port;
	unsigned n_sent;
	uint8_t last[2048];
	size_t last_length;
} FakePort;

static void fake_transmit(Port *port, const Frame *frame)
{
	FakePort *fake = (FakePort *)port;
	fake->n_sent++;
	fake->last_length = MIN(frame->length, sizeof(fake->last));
	frame_copy(frame, 0, fake->last_length, fake->last);
	port_count(port, COUNTER_TX_FRAMES, 1);
	port_count(port, COUNTER_TX_BYTES, frame->length);
}

static void fake_free(Port *port)
{
	g_free(port);
}

static const PortOps fake_ops = {.kind = "fake", .transmit = fake_transmit, .free = fake_free};

static FakePort *fake_port_new(const char *name, unsigned mtu)
{
	FakePort *fake = g_new0(FakePort, 1);
	port_init(&fake->port, &fake_ops, name, mtu);
	return fake;
}

static void fake_flush(void *data)
{
}

/* A pass with little memory, so that it runs short in a test too. */
static inline void fake_pass_init(Pass *pass)
{
	*pass = (Pass){.memory = g_malloc(16384), .size = 16384, .flush = fake_flush};
}

static inline void fake_pass_clear(Pass *pass)
{
	g_free(pass->memory);
}

/* Port "nI:eth0" on a cable of its name to the network. *at, if it is not NULL, is set to where it is plugged in there. */
static inline FakePort *fake_port_join(Network *network, unsigned i, BridgePort **at)
{
	g_autofree char *name = g_strdup_printf("n%u:eth0", i);
	FakePort *fake = fake_port_new(name, 1500);
	Cable *cable = cable_new(name, NULL);
	cable_name_end(cable, 0, name, false);
	BridgePort *place = network_add(network, cable, 1);
	port_plug(&fake->port, cable, 0);
	if (at)
		*at = place;
	return fake;
}

/* Frees the port and the cable; the network comes after. */
static inline void fake_port_leave(FakePort *fake, Cable *cable)
{
	port_unplug(&fake->port);
	port_free(&fake->port);
	cable_free(cable);
}

/* Which ports got a frame since the last call, as bits; and none got two. */
static inline unsigned fake_ports_reached(FakePort *const *ports, unsigned n)
{
	unsigned bits = 0;
	for (unsigned i = 0; i < n; i++) {
		g_assert_cmpuint(ports[i]->n_sent, <=, 1);
		bits |= ports[i]->n_sent << i;
		ports[i]->n_sent = 0;
	}
	return bits;
}
