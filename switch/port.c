/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/port.h"

#include "switch/cable.h"

void port_init(Port *port, const PortOps *ops, const char *name, unsigned mtu)
{
	port->ops = ops;
	port->name = g_strdup(name);
	port->mtu = mtu;
	port->up = true;
}

void port_free(Port *port)
{
	g_clear_pointer(&port->name, g_free);
	port->ops->free(port);
}

void port_receive(Port *port, const Frame *frame, const Moment *now)
{
	if (frame->length < FRAME_HEADER) {
		port_count(port, COUNTER_DROP_RUNT, 1);
		return;
	}
	if (frame->length > frame_limit(port->mtu)) {
		port_count(port, COUNTER_DROP_OVERSIZE, 1);
		return;
	}
	port_count(port, COUNTER_RX_FRAMES, 1);
	port_count(port, COUNTER_RX_BYTES, frame->length);
	Counter drop = port->cable ? cable_carry(port->cable, port->end, frame, now) : COUNTER_DROP_UNPLUGGED;
	if (drop != COUNTER_NONE)
		port_count(port, drop, 1);
}

void port_transmit(Port *port, const Frame *frame)
{
	if (frame->length > frame_limit(port->mtu))
		port_count(port, COUNTER_DROP_OVERSIZE, 1);
	else
		port->ops->transmit(port, frame);
}

void port_down(Port *port)
{
	port->up = false;
	if (port->cable)
		cable_lost_carrier(port->cable);
}
