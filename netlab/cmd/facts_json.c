/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/facts_json.h"

#include "netlab/cmd/cli.h"

void facts_to_json(JsonBuilder *json, const char *member, const GPtrArray *facts, FactToJson add)
{
	json_builder_set_member_name(json, member);
	json_builder_begin_array(json);
	for (guint i = 0; i < facts->len; i++) {
		json_builder_begin_object(json);
		add(json, g_ptr_array_index(facts, i));
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
}

static void interface_to_json(JsonBuilder *json, gconstpointer fact)
{
	const InterfaceFacts *interface = fact;
	cli_json_string(json, "name", interface->name);
	cli_json_string(json, "attached", interface->attachment);
	cli_json_strings(json, "addresses", interface->addresses);
	cli_json_string(json, "mac", interface->mac);
}

static void node_to_json(JsonBuilder *json, gconstpointer fact)
{
	const NodeFacts *node = fact;
	cli_json_string(json, "name", node->name);
	cli_json_string(json, "state", node->state);
	cli_json_string(json, "message", node->message);
	cli_json_strings(json, "warnings", node->warnings);
	cli_json_string(json, "kind", node->kind);
	cli_json_string(json, "image", node->image);
	cli_json_int(json, "since", node->since);
	cli_json_int(json, "pid", node->pid);
	cli_json_int(json, "cpu", node->cpu);
	cli_json_int(json, "memory", (gint64)node->memory);
	cli_json_int(json, "resident", (gint64)node->resident);
	cli_json_int(json, "boot_ms", node->boot_ms);
	facts_to_json(json, "interfaces", node->interfaces, interface_to_json);
}

/** Writes nodes as the JSON array member "nodes". */
void lab_nodes_to_json(JsonBuilder *json, const GPtrArray *nodes)
{
	facts_to_json(json, "nodes", nodes, node_to_json);
}

static void impairment_to_json(JsonBuilder *json, GVariant *impairment)
{
	GVariantIter ends;
	const char *end, *name, *value;
	GVariant *values;
	json_builder_set_member_name(json, "impairment");
	json_builder_begin_object(json);
	if (impairment) {
		g_variant_iter_init(&ends, impairment);
		while (g_variant_iter_loop(&ends, "{&s@a{ss}}", &end, &values)) {
			GVariantIter each;
			json_builder_set_member_name(json, end);
			json_builder_begin_object(json);
			g_variant_iter_init(&each, values);
			while (g_variant_iter_next(&each, "{&s&s}", &name, &value))
				cli_json_string(json, name, value);
			json_builder_end_object(json);
		}
	}
	json_builder_end_object(json);
}

static void carrier_to_json(JsonBuilder *json, GVariant *carrier)
{
	GVariantIter ends;
	const char *end;
	gboolean value;
	json_builder_set_member_name(json, "carrier");
	json_builder_begin_object(json);
	if (carrier) {
		g_variant_iter_init(&ends, carrier);
		while (g_variant_iter_next(&ends, "{&sb}", &end, &value))
			cli_json_bool(json, end, value);
	}
	json_builder_end_object(json);
}

void lab_counters_to_json(JsonBuilder *json, const char *member, GVariant *counters)
{
	GVariantIter ports;
	const char *port, *name;
	GVariant *values;
	guint64 value;
	json_builder_set_member_name(json, member);
	json_builder_begin_object(json);
	if (counters) {
		g_variant_iter_init(&ports, counters);
		while (g_variant_iter_loop(&ports, "{&s@a{st}}", &port, &values)) {
			GVariantIter each;
			json_builder_set_member_name(json, port);
			json_builder_begin_object(json);
			g_variant_iter_init(&each, values);
			while (g_variant_iter_next(&each, "{&st}", &name, &value))
				cli_json_int(json, name, (gint64)value);
			json_builder_end_object(json);
		}
	}
	json_builder_end_object(json);
}

static void link_to_json(JsonBuilder *json, gconstpointer fact)
{
	const LinkFacts *link = fact;
	cli_json_string(json, "name", link->name);
	cli_json_string(json, "kind", link->kind);
	cli_json_string(json, "network", *link->network ? link->network : NULL);
	cli_json_strings(json, "ends", link->ends);
	cli_json_strings(json, "between", link->between);
	cli_json_bool(json, "down", link->down);
	carrier_to_json(json, link->carrier);
	impairment_to_json(json, link->impairment);
	lab_counters_to_json(json, "wire", link->wire);
	lab_counters_to_json(json, "counters", link->counters);
}

/** Writes cables as the JSON array member "links". */
void lab_links_to_json(JsonBuilder *json, const GPtrArray *links)
{
	facts_to_json(json, "links", links, link_to_json);
}

static void forward_to_json(JsonBuilder *json, gconstpointer fact)
{
	const ForwardFacts *forward = fact;
	cli_json_string(json, "protocol", forward->protocol);
	cli_json_string(json, "host", forward->host);
	cli_json_string(json, "to", forward->to);
}

static void uplink_to_json(JsonBuilder *json, gconstpointer fact)
{
	const UplinkFacts *uplink = fact;
	cli_json_string(json, "name", uplink->name);
	cli_json_string(json, "network", uplink->network);
	cli_json_string(json, "state", uplink->state);
	cli_json_string(json, "message", uplink->message);
	cli_json_strings(json, "warnings", uplink->warnings);
	cli_json_int(json, "since", uplink->since);
	cli_json_int(json, "pid", uplink->pid);
	cli_json_strings(json, "addresses", uplink->addresses);
	cli_json_strings(json, "dns", uplink->dns);
	cli_json_string(json, "dhcp", *uplink->dhcp ? uplink->dhcp : NULL);
	cli_json_bool(json, "restricted", uplink->restricted);
	cli_json_bool(json, "loopback", uplink->loopback);
	cli_json_int(json, "restarts", uplink->restarts);
	lab_counters_to_json(json, "counters", uplink->counters);
	facts_to_json(json, "forwards", uplink->forwards, forward_to_json);
}

/** Writes uplinks as the JSON array member "uplinks". */
void lab_uplinks_to_json(JsonBuilder *json, const GPtrArray *uplinks)
{
	facts_to_json(json, "uplinks", uplinks, uplink_to_json);
}

static void socket_to_json(JsonBuilder *json, gconstpointer fact)
{
	const SocketFacts *one = fact;
	cli_json_string(json, "network", one->network);
	cli_json_string(json, "path", one->path);
	cli_json_int(json, "clients", one->clients);
	lab_counters_to_json(json, "counters", one->counters);
}

void lab_sockets_to_json(JsonBuilder *json, const GPtrArray *sockets)
{
	facts_to_json(json, "sockets", sockets, socket_to_json);
}

/* VLANs and spanning tree: only what the port has. */
static void port_to_json(JsonBuilder *json, gconstpointer fact)
{
	const PortFacts *port = fact;
	cli_json_string(json, "port", port->name);
	cli_json_string(json, "cable", port->cable);
	cli_json_bool(json, "carrier", port->carrier);
	cli_json_bool(json, "mirror", port->mirror);
	cli_json_string(json, "state", port->state);
	if (port->access)
		cli_json_int(json, "access", port->access);
	if (port->trunk) {
		cli_json_string(json, "trunk", port->trunk);
		cli_json_int(json, "native", port->native);
	}
	if (*port->role) {
		cli_json_string(json, "role", port->role);
		cli_json_bool(json, "edge", port->edge);
		cli_json_string(json, "protocol", port->protocol);
		cli_json_int(json, "cost", port->cost);
	}
}

static void station_to_json(JsonBuilder *json, gconstpointer fact)
{
	const StationFacts *station = fact;
	cli_json_string(json, "address", station->address);
	cli_json_int(json, "vlan", station->vlan);
	cli_json_string(json, "port", station->port);
	cli_json_int(json, "age_ms", (gint64)station->age_ms);
}

void lab_network_to_json(JsonBuilder *json, const NetworkFacts *network, const GPtrArray *stations)
{
	json_builder_begin_object(json);
	cli_json_string(json, "name", network->name);
	cli_json_string(json, "type", network->type);
	cli_json_bool(json, "vlan_aware", network->vlan_aware);
	cli_json_string(json, "stp", network->stp);
	if (*network->bridge) {
		cli_json_string(json, "bridge", network->bridge);
		cli_json_string(json, "root", network->root);
		cli_json_int(json, "root_cost", network->root_cost);
		cli_json_string(json, "root_port", network->root_port);
	}
	facts_to_json(json, "ports", network->ports, port_to_json);
	facts_to_json(json, "stations", stations, station_to_json);
	json_builder_end_object(json);
}
