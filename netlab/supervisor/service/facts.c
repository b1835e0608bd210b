/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/facts.h"

#include "netlab/supervisor/sandbox/processes.h"

static GVariant *addresses_of(const LabInterface *interface)
{
	GVariantBuilder builder;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
	for (guint i = 0; i < interface->addresses->len; i++) {
		const LabAddress *address = g_ptr_array_index(interface->addresses, i);
		g_autofree char *text = g_inet_address_to_string(address->address);
		g_variant_builder_add_value(
			&builder, g_variant_new_take_string(g_strdup_printf("%s/%u", text, address->prefix)));
	}
	return g_variant_builder_end(&builder);
}

static GVariant *interfaces_of(const LabNode *node)
{
	GVariantBuilder builder;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(ssass)"));
	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = g_ptr_array_index(node->interfaces, i);
		const guint8 *m = interface->mac;
		g_autofree char *mac =
			g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
		const char *on = interface->network ? interface->network->name
			: interface->link           ? interface->link->name
						    : "";
		g_variant_builder_add(&builder, "(ss@ass)", interface->name, on, addresses_of(interface), mac);
	}
	return g_variant_builder_end(&builder);
}

/* What happened to it, and what is wrong with it now. */
static GVariant *warnings_of_node(const Node *node)
{
	const GPtrArray *warnings = node_warnings(node);
	char *silence = node_silence(node);
	GVariantBuilder builder;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
	for (guint i = 0; i < warnings->len; i++)
		g_variant_builder_add(&builder, "s", g_ptr_array_index(warnings, i));
	if (silence)
		g_variant_builder_add_value(&builder, g_variant_new_take_string(silence));
	return g_variant_builder_end(&builder);
}

static GVariant *facts_of_node(const Node *node)
{
	const PlanNode *plan = node_plan(node);
	pid_t pid = node_pid(node);
	GVariantDict facts;
	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "state", "s", node_state_name(node_state(node)));
	g_variant_dict_insert(&facts, "message", "s", node_message(node));
	g_variant_dict_insert_value(&facts, "warnings", warnings_of_node(node));
	g_variant_dict_insert(&facts, "since", "x", node_since(node));
	g_variant_dict_insert(&facts, "pid", "i", (gint32)pid);
	g_variant_dict_insert(&facts, "cpu", "i", (gint32)plan->cpu);
	g_variant_dict_insert(&facts, "memory", "t", plan->memory);
	g_variant_dict_insert(&facts, "resident", "t", pid ? processes_resident(pid) : (guint64)0);
	g_variant_dict_insert(&facts, "image", "s", plan->node->image);
	g_variant_dict_insert(&facts, "kind", "s", lab_node_kind_name(plan->node->kind));
	g_variant_dict_insert(&facts, "boot_ms", "u", node_boot_ms(node));
	g_variant_dict_insert_value(&facts, "interfaces", interfaces_of(plan->node));
	return g_variant_dict_end(&facts);
}

GVariant *facts_of_nodes(const RunningLab *run)
{
	GVariantBuilder builder;
	const GPtrArray *nodes = running_lab_nodes(run);
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sa{sv}}"));
	for (guint i = 0; i < nodes->len; i++) {
		const Node *node = g_ptr_array_index(nodes, i);
		g_variant_builder_add(&builder, "{s@a{sv}}", node_plan(node)->name, facts_of_node(node));
	}
	return g_variant_builder_end(&builder);
}

static char *endpoint_text(GInetAddress *address, guint16 port)
{
	g_autofree char *text = g_inet_address_to_string(address);
	gboolean v6 = g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
	return g_strdup_printf(v6 ? "[%s]:%u" : "%s:%u", text, port);
}

static GVariant *forwards_of(const LabUplink *uplink)
{
	GVariantBuilder builder;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
	for (guint i = 0; i < uplink->forwards->len; i++) {
		const LabForward *forward = g_ptr_array_index(uplink->forwards, i);
		g_autofree char *host = endpoint_text(forward->host_address, forward->host_port);
		g_autofree char *to = endpoint_text(forward->to_address, forward->to_port);
		g_variant_builder_add(&builder, "(sss)", forward->udp ? "udp" : "tcp", host, to);
	}
	return g_variant_builder_end(&builder);
}

static void add_text(GVariantBuilder *builder, char *text)
{
	g_variant_builder_add_value(builder, g_variant_new_take_string(text));
}

/* In the form of those of cables, by port. */
static GVariant *counters_of_uplink(const Uplink *uplink)
{
	UplinkCounters counters;
	GVariantBuilder ports, values;
	uplink_counters(uplink, &counters);
	g_variant_builder_init(&ports, G_VARIANT_TYPE("a{sa{st}}"));
	g_variant_builder_init(&values, G_VARIANT_TYPE("a{st}"));
	for (UplinkCounter i = 0; i < UPLINK_N_COUNTERS; i++)
		if (counters.values[i])
			g_variant_builder_add(&values, "{st}", uplink_counter_name(i), counters.values[i]);
	g_variant_builder_add(&ports, "{sa{st}}", uplink_plan(uplink)->port, &values);
	return g_variant_builder_end(&ports);
}

static GVariant *facts_of_uplink(const Uplink *uplink)
{
	const LabUplink *lab = uplink_plan(uplink)->uplink;
	const GPtrArray *warnings = uplink_warnings(uplink);
	const LabAddress *addresses[] = {lab->address4, lab->address6};
	GInetAddress *dns[] = {lab->dns4, lab->dns6};
	GVariantBuilder gateways, servers;
	GVariantDict facts;
	g_variant_builder_init(&gateways, G_VARIANT_TYPE("as"));
	g_variant_builder_init(&servers, G_VARIANT_TYPE("as"));
	for (guint i = 0; i < G_N_ELEMENTS(addresses); i++) {
		if (!addresses[i])
			continue;
		g_autofree char *text = g_inet_address_to_string(addresses[i]->address);
		add_text(&gateways, g_strdup_printf("%s/%u", text, addresses[i]->prefix));
		add_text(&servers, g_inet_address_to_string(dns[i]));
	}
	g_autofree char *dhcp = lab->dhcp_start ? g_inet_address_to_string(lab->dhcp_start) : g_strdup("");
	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "name", "s", lab->name);
	g_variant_dict_insert(&facts, "network", "s", lab->network->name);
	g_variant_dict_insert(&facts, "state", "s", uplink_state_name(uplink_state(uplink)));
	g_variant_dict_insert(&facts, "message", "s", uplink_message(uplink));
	g_variant_dict_insert_value(
		&facts, "warnings", g_variant_new_strv((const char *const *)warnings->pdata, (gssize)warnings->len));
	g_variant_dict_insert(&facts, "since", "x", uplink_since(uplink));
	g_variant_dict_insert(&facts, "pid", "i", (gint32)uplink_pid(uplink));
	g_variant_dict_insert_value(&facts, "addresses", g_variant_builder_end(&gateways));
	g_variant_dict_insert_value(&facts, "dns", g_variant_builder_end(&servers));
	g_variant_dict_insert(&facts, "dhcp", "s", dhcp);
	g_variant_dict_insert(&facts, "restricted", "b", lab->restricted);
	g_variant_dict_insert(&facts, "loopback", "b", lab->loopback);
	g_variant_dict_insert(&facts, "restarts", "u", uplink_restarts(uplink));
	g_variant_dict_insert_value(&facts, "counters", counters_of_uplink(uplink));
	g_variant_dict_insert_value(&facts, "forwards", forwards_of(lab));
	return g_variant_dict_end(&facts);
}

GVariant *facts_of_uplinks(const RunningLab *run)
{
	GVariantBuilder builder;
	const GPtrArray *uplinks = running_lab_uplinks(run);
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sa{sv}}"));
	for (guint i = 0; i < uplinks->len; i++) {
		const Uplink *uplink = g_ptr_array_index(uplinks, i);
		g_variant_builder_add(&builder, "{s@a{sv}}", uplink_plan(uplink)->port, facts_of_uplink(uplink));
	}
	return g_variant_builder_end(&builder);
}

static void add_counters(GVariantBuilder *builder, GVariant *counters, const char *port)
{
	g_autoptr(GVariant) values = counters ? g_variant_lookup_value(counters, port, G_VARIANT_TYPE("a{st}")) : NULL;
	if (values)
		g_variant_builder_add(builder, "{s@a{st}}", port, values);
}

/* A client's port exists as long as the client. */
static GVariant *counters_of_clients(const LabNetwork *network, GVariant *counters)
{
	GVariantBuilder builder;
	GVariantIter iter;
	const char *port;
	GVariant *values;
	g_autofree char *prefix = g_strdup_printf("client:%s:", network->name);
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sa{st}}"));
	if (counters) {
		g_variant_iter_init(&iter, counters);
		while (g_variant_iter_loop(&iter, "{&s@a{st}}", &port, &values))
			if (g_str_has_prefix(port, prefix))
				g_variant_builder_add(&builder, "{s@a{st}}", port, values);
	}
	return g_variant_builder_end(&builder);
}

GVariant *facts_of_sockets(const RunningLab *run, GVariant *counters)
{
	GVariantBuilder builder;
	const GPtrArray *sockets = running_lab_sockets(run);
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sa{sv}}"));
	for (guint i = 0; i < sockets->len; i++) {
		const UmlSocket *socket = g_ptr_array_index(sockets, i);
		const LabNetwork *network = uml_socket_network(socket);
		GVariantDict facts;
		g_variant_dict_init(&facts, NULL);
		g_variant_dict_insert(&facts, "path", "s", network->socket);
		g_variant_dict_insert(&facts, "clients", "u", uml_socket_clients(socket));
		g_variant_dict_insert_value(&facts, "counters", counters_of_clients(network, counters));
		g_variant_builder_add(&builder, "{s@a{sv}}", network->name, g_variant_dict_end(&facts));
	}
	return g_variant_builder_end(&builder);
}

GVariant *facts_of_links(const RunningLab *run, GVariant *counters, GVariant *cables)
{
	const Plan *plan = running_lab_plan(run);
	GVariantBuilder builder, of_ports;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sa{sv}}"));
	for (guint i = 0; i < plan->cables->len; i++) {
		const PlanCable *cable = g_ptr_array_index(plan->cables, i);
		const char *ends[3] = {NULL}, *network = plan_cable_network(cable);
		const char *between[] = {links_end_name(cable, 0), links_end_name(cable, 1)};
		for (guint k = 0, n = 0; k < G_N_ELEMENTS(cable->ends); k++)
			if (cable->ends[k].port)
				ends[n++] = cable->ends[k].port;
		GVariantDict facts;
		g_variant_dict_init(&facts, NULL);
		g_variant_dict_insert(&facts, "kind", "s", network && ends[0] ? "network" : "link");
		g_variant_dict_insert(&facts, "network", "s", network ? network : "");
		g_variant_dict_insert_value(&facts, "ends", g_variant_new_strv(ends, -1));
		g_variant_dict_insert_value(&facts, "between", g_variant_new_strv(between, G_N_ELEMENTS(between)));
		links_report(&facts, cables, cable);
		g_variant_builder_init(&of_ports, G_VARIANT_TYPE("a{sa{st}}"));
		for (const char *const *port = ends; *port; port++)
			add_counters(&of_ports, counters, *port);
		g_variant_dict_insert_value(&facts, "counters", g_variant_builder_end(&of_ports));
		g_variant_builder_add(&builder, "{s@a{sv}}", cable->name, g_variant_dict_end(&facts));
	}
	return g_variant_builder_end(&builder);
}
