/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_networks.h"

#include "netlab/client/lab_facts.h"

static void port_facts_free(gpointer data)
{
	PortFacts *self = data;
	g_free(self->name);
	g_free(self->cable);
	g_free(self->state);
	g_free(self->trunk);
	g_free(self->role);
	g_free(self->protocol);
	g_free(self);
}

static void network_facts_free(gpointer data)
{
	NetworkFacts *self = data;
	g_free(self->name);
	g_free(self->type);
	g_free(self->stp);
	g_free(self->bridge);
	g_free(self->root);
	g_free(self->root_port);
	g_ptr_array_unref(self->ports);
	g_free(self);
}

static void station_facts_free(gpointer data)
{
	StationFacts *self = data;
	g_free(self->address);
	g_free(self->port);
	g_free(self);
}

static PortFacts *port_from_variant(GVariant *facts)
{
	PortFacts *port = g_new0(PortFacts, 1);
	port->name = lab_text(facts, "port");
	port->cable = lab_text(facts, "cable");
	port->state = lab_text(facts, "state");
	port->role = lab_text(facts, "role");
	port->protocol = lab_text(facts, "protocol");
	g_variant_lookup(facts, "trunk", "s", &port->trunk);
	g_variant_lookup(facts, "access", "q", &port->access);
	g_variant_lookup(facts, "native", "q", &port->native);
	g_variant_lookup(facts, "carrier", "b", &port->carrier);
	g_variant_lookup(facts, "mirror", "b", &port->mirror);
	g_variant_lookup(facts, "edge", "b", &port->edge);
	g_variant_lookup(facts, "cost", "u", &port->cost);
	return port;
}

static NetworkFacts *network_from_variant(const char *name, GVariant *facts)
{
	NetworkFacts *network = g_new0(NetworkFacts, 1);
	g_autoptr(GVariant) ports = g_variant_lookup_value(facts, "ports", G_VARIANT_TYPE("aa{sv}"));
	network->name = g_strdup(name);
	network->type = lab_text(facts, "type");
	network->stp = lab_text(facts, "stp");
	network->bridge = lab_text(facts, "bridge");
	network->root = lab_text(facts, "root");
	network->root_port = lab_text(facts, "root_port");
	g_variant_lookup(facts, "vlan_aware", "b", &network->vlan_aware);
	g_variant_lookup(facts, "root_cost", "u", &network->root_cost);
	network->ports = g_ptr_array_new_with_free_func(port_facts_free);
	for (gsize i = 0; ports && i < g_variant_n_children(ports); i++) {
		g_autoptr(GVariant) port = g_variant_get_child_value(ports, i);
		g_ptr_array_add(network->ports, port_from_variant(port));
	}
	return network;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0((*(const NetworkFacts *const *)a)->name, (*(const NetworkFacts *const *)b)->name);
}

GPtrArray *lab_networks_from_variant(GVariant *variant)
{
	GPtrArray *networks = g_ptr_array_new_with_free_func(network_facts_free);
	GVariantIter iter;
	const char *name;
	GVariant *facts;
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_loop(&iter, "{&s@a{sv}}", &name, &facts))
		g_ptr_array_add(networks, network_from_variant(name, facts));
	g_ptr_array_sort(networks, by_name);
	return networks;
}

GPtrArray *lab_stations_from_variant(GVariant *variant)
{
	GPtrArray *stations = g_ptr_array_new_with_free_func(station_facts_free);
	GVariantIter iter;
	StationFacts one;
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_next(&iter, "(sqst)", &one.address, &one.vlan, &one.port, &one.age_ms))
		g_ptr_array_add(stations, g_memdup2(&one, sizeof one));
	return stations;
}

const NetworkFacts *lab_networks_find(const GPtrArray *networks, const char *name)
{
	for (guint i = 0; i < networks->len; i++) {
		const NetworkFacts *network = g_ptr_array_index(networks, i);
		if (g_str_equal(network->name, name))
			return network;
	}
	return NULL;
}

GPtrArray *lab_networks(LabConnection *lab, GError **error)
{
	g_autoptr(GVariant) networks = NULL;
	if (netlab_lab1_call_get_networks_sync(lab->proxy, &networks, NULL, error))
		return lab_networks_from_variant(networks);
	lab_remote_failed(error);
	return NULL;
}

GPtrArray *lab_stations(LabConnection *lab, const char *network, GError **error)
{
	g_autoptr(GVariant) entries = NULL;
	if (netlab_lab1_call_get_forwarding_table_sync(lab->proxy, network, &entries, NULL, error))
		return lab_stations_from_variant(entries);
	lab_remote_failed(error);
	return NULL;
}
