/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/cable.h"

#include "switch/network.h"

Cable *cable_new(const char *name, const char *a, const char *b, Network *network, Worker *worker)
{
	Cable *cable = g_new0(Cable, 1);
	cable->name = g_strdup(name);
	cable->end_names[0] = g_strdup(a);
	cable->end_names[1] = g_strdup(b);
	cable->network = network;
	cable->taps = g_ptr_array_new();
	cable->worker = worker;
	return cable;
}

void cable_free(Cable *cable)
{
	g_free(cable->name);
	g_free(cable->end_names[0]);
	g_free(cable->end_names[1]);
	g_ptr_array_unref(cable->taps);
	g_free(cable);
}

int cable_end_of(const Cable *cable, const char *port)
{
	for (int end = 0; end < 2; end++)
		if (g_strcmp0(cable->end_names[end], port) == 0)
			return end;
	return -1;
}

void cable_plug(Cable *cable, unsigned end, Port *port)
{
	cable->ends[end] = port;
	port->cable = cable;
	port->end = end;
}

void cable_unplug(Cable *cable, unsigned end)
{
	if (!cable->ends[end])
		return;
	cable->ends[end]->cable = NULL;
	cable->ends[end] = NULL;
	cable_lost_carrier(cable);
}

Counter cable_carry(Cable *cable, unsigned from, const Frame *frame, const Moment *now)
{
	unsigned to = !from;

	for (guint i = 0; i < cable->taps->len; i++)
		tap_offer(cable->taps->pdata[i], frame, now);
	if (to == 1 && cable->network)
		return network_forward(cable->network, cable, frame, now);
	if (!cable_has_carrier(cable, to))
		return COUNTER_DROP_UNPLUGGED;
	port_transmit(cable->ends[to], frame);
	return COUNTER_NONE;
}

void cable_lost_carrier(Cable *cable)
{
	if (cable->network)
		network_forget(cable->network, cable);
}
