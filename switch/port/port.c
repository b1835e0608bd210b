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

static void carry(const Frame *frame, Pass *pass, void *data)
{
	Port *port = data;
	cable_carry(port->cable, port->end, frame, pass);
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
	if (!port->cable)
		fault = COUNTER_DROP_UNPLUGGED;
	else if (frame->offload.segmentation == SEGMENT_NONE)
		/* Whoever sees it, on the way or in the guest that gets it, sees its checksum. */
		fault = offload_resolve(frame, pass, carry, port);
	else
		carry(frame, pass, port);
	if (fault != COUNTER_NONE)
		port_count(port, fault, 1);
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

static void transmit(Port *port, const Frame *frame)
{
	Frame plain = *frame;
	plain.offload.valid = false;
	port->ops->transmit(port, port->offloads & PORT_CHECKSUM ? frame : &plain);
}

static void transmit_resolved(const Frame *frame, Pass *pass, void *data)
{
	Port *port = data;
	/* Measured anew: its sender may have made its headers longer since they were, and not all can be cut. */
	if (frame->length > frame_limit(port->mtu))
		port_count(port, COUNTER_DROP_OVERSIZE, 1);
	else
		transmit(port, frame);
}

/* For a port that cannot take it as it is. What nobody can cut may still fit as a whole. */
static Counter resolve(Port *port, const Frame *frame, Pass *pass)
{
	Counter fault = offload_resolve(frame, pass, transmit_resolved, port);
	if (fault != COUNTER_DROP_BAD_OFFLOAD || frame->offload.segmentation == SEGMENT_NONE)
		return fault;
	if (frame->length > frame_limit(port->mtu))
		return COUNTER_DROP_OVERSIZE;
	Frame whole = *frame;
	whole.offload.segmentation = SEGMENT_NONE;
	return offload_resolve(&whole, pass, transmit_resolved, port);
}

void port_transmit(Port *port, const Frame *frame, Pass *pass)
{
	Counter fault = COUNTER_NONE;
	if (offload_wire_length(frame) > frame_limit(port->mtu))
		fault = COUNTER_DROP_OVERSIZE;
	else if (can_take(port, &frame->offload))
		transmit(port, frame);
	else
		fault = resolve(port, frame, pass);
	if (fault != COUNTER_NONE)
		port_count(port, fault, 1);
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

static void rate_changed(void *owner)
{
	Port *port = owner;
	if (port->ops->set_speed)
		port->ops->set_speed(port, cable_speed(port->cable));
}

void port_plug(Port *port, Cable *cable, unsigned end)
{
	static const CableEndOps ops = {.deliver = deliver, .set_carrier = set_carrier, .rate_changed = rate_changed};
	port->cable = cable;
	port->end = end;
	/* Before the carrier, with which guests take it in. */
	rate_changed(port);
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
