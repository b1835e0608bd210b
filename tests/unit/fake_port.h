/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port without a socket, for tests of what lies between ports: it counts what it was given, and keeps the last frame. */
#pragma once

#include "switch/port.h"

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
