/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/cable.h"

#include "switch/network.h"
#include "switch/offload.h"

Cable *cable_new(const char *name, Worker *worker)
{
	Cable *cable = g_new0(Cable, 1);
	cable->name = g_strdup(name);
	cable->taps = g_ptr_array_new();
	cable->worker = worker;
	return cable;
}

void cable_free(Cable *cable)
{
	g_free(cable->name);
	g_free(cable->ends[0].name);
	g_free(cable->ends[1].name);
	g_ptr_array_unref(cable->taps);
	g_free(cable);
}

void cable_set_port(Cable *cable, unsigned end, const char *port)
{
	cable->ends[end].name = g_strdup(port);
}

void cable_plug(Cable *cable, unsigned end, Port *port)
{
	cable->ends[end].port = port;
	port->cable = cable;
	port->end = end;
	cable_update(cable);
}

void cable_unplug(Cable *cable, unsigned end)
{
	Port *port = cable->ends[end].port;
	if (!port)
		return;
	port->cable = NULL;
	cable->ends[end].port = NULL;
	cable_update(cable);
	if (port->ops->set_carrier)
		port->ops->set_carrier(port, false);
}

void cable_set_down(Cable *cable, bool down)
{
	cable->down = down;
	cable_update(cable);
}

/* Where a frame that has crossed the wire gets to. */
static Counter reach(Cable *cable, unsigned to, const Frame *frame, Pass *pass)
{
	CableEnd *end = &cable->ends[to];
	if (cable->down || !cable_is_alive(cable, to))
		return COUNTER_DROP_UNPLUGGED;
	if (end->bridge_port)
		return network_forward(end->bridge_port, frame, pass);
	port_transmit(end->port, frame, pass);
	return COUNTER_NONE;
}

void cable_deliver(Cable *cable, unsigned from, const Frame *frame, Pass *pass)
{
	Counter drop = reach(cable, !from, frame, pass);
	if (drop != COUNTER_NONE)
		cable->ends[from].counters.values[drop]++;
}

typedef struct {
	Cable *cable;
	unsigned from;
} Crossing;

/* One that could exist on a wire. */
static void cross(const Frame *frame, Pass *pass, void *data)
{
	Crossing *crossing = data;
	for (guint i = 0; i < crossing->cable->taps->len; i++)
		tap_offer(crossing->cable->taps->pdata[i], frame, &pass->now);
	cable_deliver(crossing->cable, crossing->from, frame, pass);
}

void cable_carry(Cable *cable, unsigned from, const Frame *frame, Pass *pass)
{
	if (cable->taps->len == 0)
		cable_deliver(cable, from, frame, pass);
	/* Somebody is looking. */
	else if (!offload_resolve(frame, pass, cross, &(Crossing){cable, from}))
		cable->ends[from].counters.values[COUNTER_DROP_BAD_OFFLOAD]++;
}

void cable_update(Cable *cable)
{
	for (unsigned end = 0; end < 2; end++) {
		Port *port = cable->ends[end].port;
		bool carrier = cable_has_carrier(cable, end);
		if (cable->ends[end].bridge_port)
			network_set_carrier(cable->ends[end].bridge_port, carrier);
		else if (port && port->ops->set_carrier)
			port->ops->set_carrier(port, carrier);
	}
}
