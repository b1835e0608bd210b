/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/port/port.h"

#include "switch/frame/offload.h"

void port_init(Port *port, const PortOps *ops, const char *name, unsigned mtu)
{
	port->handler.ops = &ops->handler;
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

/* Why a frame cannot come in, or COUNTER_NONE. */
static Counter find_fault(const Port *port, const Frame *frame)
{
	if (frame->length < FRAME_HEADER)
		return COUNTER_DROP_RUNT;
	if (!offload_is_valid(frame))
		return COUNTER_DROP_BAD_OFFLOAD;
	if (offload_wire_length(frame) > frame_limit(port->mtu))
		return COUNTER_DROP_OVERSIZE;
	return COUNTER_NONE;
}

void port_receive(Port *port, const Frame *frame, Pass *pass)
{
	Counter fault = find_fault(port, frame);
	if (fault != COUNTER_NONE) {
		port_count(port, fault, 1);
		return;
	}
	port_count(port, COUNTER_RX_FRAMES, 1);
	port_count(port, COUNTER_RX_BYTES, frame->length);
	if (port->cable)
		cable_carry(port->cable, port->end, frame, pass);
	else
		port_count(port, COUNTER_DROP_UNPLUGGED, 1);
	pass_settle(pass);
}

static bool can_take(const Port *port, const Offload *offload)
{
	static const unsigned needed[] = {
		[SEGMENT_NONE] = PORT_CHECKSUM,
		[SEGMENT_TCP4] = PORT_CHECKSUM | PORT_TCP4,
		[SEGMENT_TCP6] = PORT_CHECKSUM | PORT_TCP6,
	};
	return !offload->checksum || (port->offloads & needed[offload->segmentation]) == needed[offload->segmentation];
}

static void transmit_resolved(const Frame *frame, Pass *pass, void *data)
{
	Port *port = data;
	/* Measured anew: its sender may have made its headers longer since they were. */
	if (frame->length > frame_limit(port->mtu))
		port_count(port, COUNTER_DROP_OVERSIZE, 1);
	else
		port->ops->transmit(port, frame);
}

void port_transmit(Port *port, const Frame *frame, Pass *pass)
{
	if (offload_wire_length(frame) > frame_limit(port->mtu))
		port_count(port, COUNTER_DROP_OVERSIZE, 1);
	else if (can_take(port, &frame->offload))
		port->ops->transmit(port, frame);
	else if (!offload_resolve(frame, pass, transmit_resolved, port))
		port_count(port, COUNTER_DROP_BAD_OFFLOAD, 1);
}

static Counter deliver(void *owner, const Frame *frame, Pass *pass)
{
	port_transmit(owner, frame, pass);
	return COUNTER_NONE;
}

static void set_carrier(void *owner, bool carrier)
{
	Port *port = owner;
	if (port->ops->set_carrier)
		port->ops->set_carrier(port, carrier);
}

void port_plug(Port *port, Cable *cable, unsigned end)
{
	static const CableEndOps ops = {.deliver = deliver, .set_carrier = set_carrier};
	port->cable = cable;
	port->end = end;
	cable_plug(cable, end, &ops, port, port->up);
}

void port_unplug(Port *port)
{
	Cable *cable = port->cable;
	if (!cable)
		return;
	port->cable = NULL;
	cable_unplug(cable, port->end);
	set_carrier(port, false);
}

void port_set_up(Port *port, bool up)
{
	if (port->up == up)
		return;
	port->up = up;
	if (port->cable)
		cable_set_alive(port->cable, port->end, up);
}
