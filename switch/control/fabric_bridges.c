/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VLANs, spanning trees, mirrors and forwarding tables of networks. */
#include "switch/control/fabric_private.h"

#include "switch/bridge/network.h"
#include "switch/bridge/spanning_tree.h"
#include "switch/loop/worker.h"

static gboolean refuse(GError **error, GIOErrorEnum code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean refuse(GError **error, GIOErrorEnum code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, G_IO_ERROR, code, message);
	return FALSE;
}

/* The network, which must be a switch. */
static Network *find_switch(Fabric *fabric, const char *name, const char *what, GError **error)
{
	Network *network = fabric_find_network(fabric, name, error);
	if (!network || network->type == NETWORK_SWITCH)
		return network;
	refuse(error, G_IO_ERROR_INVALID_ARGUMENT, "network \"%s\" is a hub; a hub has no %s", name, what);
	return NULL;
}

/* Where the cable enters the network; NULL and error when it does not. */
static BridgePort *find_port(Fabric *fabric, const Network *network, const char *cable_name, GError **error)
{
	Cable *cable = fabric_find_cable(fabric, cable_name, error);
	if (!cable)
		return NULL;
	for (unsigned end = 0; end < 2; end++) {
		BridgePort *port = network_port_at(cable, end);
		if (port && port->network == network)
			return port;
	}
	refuse(error, G_IO_ERROR_INVALID_ARGUMENT, "cable \"%s\" is not on network \"%s\"", cable_name, network->name);
	return NULL;
}

/* -- VLANs -- */

static gboolean is_vlan(unsigned vlan)
{
	return vlan >= 1 && vlan <= VLAN_MAX;
}

/* 64 words, bit V % 64 of word V / 64 for VLAN V. */
static gboolean read_trunk(GVariant *settings, VlanPort *port)
{
	guint16 native = 0;
	gsize n;
	g_autoptr(GVariant) words = g_variant_lookup_value(settings, "trunk", G_VARIANT_TYPE("at"));
	if (!words)
		return FALSE;
	const guint64 *bits = g_variant_get_fixed_array(words, &n, sizeof(*bits));
	g_variant_lookup(settings, "native", "q", &native);
	if (n != VLAN_WORDS || (native && !is_vlan(native)))
		return FALSE;
	*port = (VlanPort){.untagged = native, .trunk = true};
	memcpy(port->carried, bits, sizeof(port->carried));
	port->carried[0] &= ~UINT64_C(1);
	port->carried[VLAN_WORDS - 1] &= ~(UINT64_C(1) << 63);
	if (native)
		port->carried[native / 64] |= UINT64_C(1) << native % 64;
	return TRUE;
}

typedef struct {
	BridgePort *port;
	VlanPort vlan;
} VlanTask;

static void set_vlan(void *data)
{
	VlanTask *task = data;
	network_set_vlan(task->port, &task->vlan);
}

gboolean fabric_set_port_vlan(Fabric *fabric, const char *cable_name, guint end, GVariant *settings, GError **error)
{
	VlanTask task;
	guint16 access;
	Cable *cable = fabric_find_cable(fabric, cable_name, error);
	if (!cable)
		return FALSE;
	task.port = end < 2 ? network_port_at(cable, end) : NULL;
	if (!task.port || task.port->network->type != NETWORK_SWITCH)
		return refuse(error, G_IO_ERROR_INVALID_ARGUMENT, "end %u of cable \"%s\" is not on a switch", end,
			cable_name);
	if (g_variant_lookup(settings, "access", "q", &access) && is_vlan(access))
		vlan_port_access(&task.vlan, access);
	else if (!read_trunk(settings, &task.vlan))
		return refuse(error, G_IO_ERROR_INVALID_ARGUMENT,
			"cable \"%s\": a port of a VLAN-aware switch needs an access VLAN or a "
			"trunk of VLANs, each from 1 to %d",
			cable_name, VLAN_MAX);
	worker_call(task.port->network->worker, set_vlan, &task);
	return TRUE;
}

/* "10 20 30-39", or "all". Caller frees. */
static char *vlans_text(const VlanPort *port)
{
	GString *text = g_string_new(NULL);
	for (unsigned vlan = 1; vlan <= VLAN_MAX; vlan++) {
		unsigned last = vlan;
		if (!vlan_port_carries(port, vlan))
			continue;
		while (last < VLAN_MAX && vlan_port_carries(port, last + 1))
			last++;
		if (vlan == 1 && last == VLAN_MAX)
			g_string_append(text, "all");
		else
			g_string_append_printf(
				text, last > vlan ? "%s%u-%u" : "%s%u", text->len ? " " : "", vlan, last);
		vlan = last;
	}
	return g_string_free(text, FALSE);
}

/* -- spanning tree -- */

typedef struct {
	Network *network;
	guint16 priority;
	Mac address;
} TreeTask;

static void start_tree(void *data)
{
	TreeTask *task = data;
	Worker *worker = task->network->worker;
	spanning_tree_start(task->network, task->priority, task->address, worker_timers(worker),
		worker_pass(worker)->now.monotonic);
}

static gboolean check_priority(const char *name, guint priority, GError **error)
{
	return (priority <= 61440 && priority % 4096 == 0) ||
		refuse(error, G_IO_ERROR_INVALID_ARGUMENT,
			"network \"%s\": the bridge priority must be a multiple of 4096 from 0 to "
			"61440, not %u",
			name, priority);
}

gboolean fabric_set_spanning_tree(Fabric *fabric, const char *name, guint priority, const char *address, GError **error)
{
	TreeTask task = {.network = find_switch(fabric, name, "spanning tree", error), .priority = (guint16)priority};
	uint8_t octets[6];
	if (!task.network)
		return FALSE;
	if (task.network->tree)
		return refuse(error, G_IO_ERROR_EXISTS, "network \"%s\" is already part of a spanning tree", name);
	if (!check_priority(name, priority, error))
		return FALSE;
	if (!mac_parse(address, octets))
		return refuse(error, G_IO_ERROR_INVALID_ARGUMENT, "network \"%s\": \"%s\" is not a unicast MAC address",
			name, address);
	task.address = mac_of(octets);
	worker_call(task.network->worker, start_tree, &task);
	return TRUE;
}

static void set_priority(void *data)
{
	TreeTask *task = data;
	spanning_tree_set_priority(task->network->tree, task->priority);
}

gboolean fabric_set_bridge_priority(Fabric *fabric, const char *name, guint priority, GError **error)
{
	TreeTask task = {.network = fabric_find_network(fabric, name, error), .priority = (guint16)priority};
	if (!task.network || !check_priority(name, priority, error))
		return FALSE;
	if (!task.network->tree)
		return refuse(
			error, G_IO_ERROR_INVALID_ARGUMENT, "network \"%s\" is not part of a spanning tree", name);
	worker_call(task.network->worker, set_priority, &task);
	return TRUE;
}

/* -- mirrors -- */

typedef struct {
	Network *network;
	BridgePort *from, *to;
} MirrorTask;

static void add_mirror(void *data)
{
	MirrorTask *task = data;
	network_add_mirror(task->network, task->from, task->to);
}

gboolean fabric_add_mirror(Fabric *fabric, const char *name, const char *from, const char *to, GError **error)
{
	MirrorTask task = {.network = fabric_find_network(fabric, name, error)};
	if (!task.network || !(task.to = find_port(fabric, task.network, to, error)) ||
		(*from && !(task.from = find_port(fabric, task.network, from, error))))
		return FALSE;
	if (task.from == task.to)
		return refuse(
			error, G_IO_ERROR_INVALID_ARGUMENT, "network \"%s\": \"%s\" cannot mirror itself", name, to);
	worker_call(task.network->worker, add_mirror, &task);
	return TRUE;
}

/* -- what there is -- */

static char *bridge_id_text(guint64 id)
{
	char mac[MAC_TEXT];
	return g_strdup_printf("%u.%s", (guint)(id >> 48), mac_print(id, mac));
}

/* A port is called what is on the far end of its cable; between two networks that is no name, but the cable's is. */
static const char *port_name(const BridgePort *port)
{
	const CableEnd *far = &port->cable->ends[!port->end];
	return far->is_network || !far->name ? port->cable->name : far->name;
}

static void add_text(GVariantBuilder *builder, const char *key, const char *value)
{
	g_variant_builder_add(builder, "{sv}", key, g_variant_new_string(value));
}

static void add_id(GVariantBuilder *builder, const char *key, guint64 id)
{
	g_autofree char *text = bridge_id_text(id);
	add_text(builder, key, text);
}

static void add_flag(GVariantBuilder *builder, const char *key, gboolean value)
{
	g_variant_builder_add(builder, "{sv}", key, g_variant_new_boolean(value));
}

static void add_vlans(GVariantBuilder *builder, const VlanPort *vlan)
{
	g_autofree char *text = vlans_text(vlan);
	if (!vlan->trunk) {
		g_variant_builder_add(builder, "{sv}", "access", g_variant_new_uint16(vlan->untagged));
		return;
	}
	add_text(builder, "trunk", text);
	g_variant_builder_add(builder, "{sv}", "native", g_variant_new_uint16(vlan->untagged));
}

static void add_port(GVariantBuilder *builder, const BridgePort *port)
{
	const Network *network = port->network;
	g_variant_builder_open(builder, G_VARIANT_TYPE_VARDICT);
	add_text(builder, "port", port_name(port));
	add_text(builder, "cable", port->cable->name);
	add_flag(builder, "carrier", port->carrier);
	add_flag(builder, "mirror", port->mirror);
	add_text(builder, "state", port->forwarding ? "forwarding" : port->learning ? "learning" : "discarding");
	if (network->vlan_aware)
		add_vlans(builder, &port->vlan);
	if (port->rstp) {
		add_text(builder, "role", rstp_role_name(rstp_port_role(port->rstp)));
		add_flag(builder, "edge", rstp_port_is_edge(port->rstp));
		add_text(builder, "protocol", rstp_port_is_stp(port->rstp) ? "stp" : "rstp");
		g_variant_builder_add(builder, "{sv}", "cost", g_variant_new_uint32(rstp_port_path_cost(port->rstp)));
	}
	g_variant_builder_close(builder);
}

static GVariant *ports_of(const Network *network)
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < network->ports->len; i++)
		add_port(&builder, network->ports->pdata[i]);
	return g_variant_builder_end(&builder);
}

static void add_tree(GVariantBuilder *builder, const Rstp *rstp)
{
	const BridgePort *root_port = rstp_root_port(rstp);
	add_id(builder, "bridge", rstp_bridge_id(rstp));
	add_id(builder, "root", rstp_root_id(rstp));
	add_text(builder, "root_port", root_port ? port_name(root_port) : "");
	g_variant_builder_add(builder, "{sv}", "root_cost", g_variant_new_uint32(rstp_root_cost(rstp)));
}

typedef struct {
	Network *network;
	GVariantBuilder *builder;
} ReadTask;

static void read_network(void *data)
{
	ReadTask *task = data;
	const Network *network = task->network;
	g_variant_builder_open(task->builder, G_VARIANT_TYPE("{sa{sv}}"));
	g_variant_builder_add(task->builder, "s", network->name);
	g_variant_builder_open(task->builder, G_VARIANT_TYPE_VARDICT);
	add_text(task->builder, "type", network->type == NETWORK_HUB ? "hub" : "switch");
	add_text(task->builder, "stp", network->tree ? "rstp" : "off");
	add_flag(task->builder, "vlan_aware", network->vlan_aware);
	if (network->tree)
		add_tree(task->builder, spanning_tree_rstp(network->tree));
	g_variant_builder_add(task->builder, "{sv}", "ports", ports_of(network));
	g_variant_builder_close(task->builder);
	g_variant_builder_close(task->builder);
}

GVariant *fabric_networks(Fabric *fabric)
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sa{sv}}"));
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, fabric_all_networks(fabric));
	while (g_hash_table_iter_next(&iter, NULL, &value))
		worker_call(((Network *)value)->worker, read_network, &(ReadTask){value, &builder});
	return g_variant_builder_end(&builder);
}

static void add_entry(uint64_t station, BridgePort *port, uint64_t age, void *data)
{
	char text[MAC_TEXT];
	g_variant_builder_add(data, "(sqst)", mac_print(station, text), (guint16)(station >> 48), port_name(port),
		(guint64)age / 1000000);
}

static void read_table(void *data)
{
	ReadTask *task = data;
	if (task->network->fdb)
		fdb_each(task->network->fdb, worker_pass(task->network->worker)->now.monotonic, add_entry,
			task->builder);
}

GVariant *fabric_forwarding_table(Fabric *fabric, const char *name, GError **error)
{
	Network *network = fabric_find_network(fabric, name, error);
	if (!network)
		return NULL;
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sqst)"));
	worker_call(network->worker, read_table, &(ReadTask){network, &builder});
	return g_variant_builder_end(&builder);
}

static void flush_table(void *data)
{
	Network *network = data;
	for (guint i = 0; i < network->ports->len; i++)
		fdb_forget(network->fdb, network->ports->pdata[i]);
}

gboolean fabric_flush_table(Fabric *fabric, const char *name, GError **error)
{
	Network *network = find_switch(fabric, name, "table", error);
	if (network)
		worker_call(network->worker, flush_table, network);
	return network != NULL;
}
