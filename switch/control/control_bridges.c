/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/control_bridges.h"

static gboolean fail(GDBusMethodInvocation *invocation, GError *error)
{
	g_dbus_method_invocation_take_error(invocation, error);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_set_port_vlan(SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *cable, guint end,
	GVariant *settings, Fabric *fabric)
{
	GError *error = NULL;
	if (!fabric_set_port_vlan(fabric, cable, end, settings, &error))
		return fail(invocation, error);
	sw_switch1_complete_set_port_vlan(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_set_spanning_tree(SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *network,
	guint priority, const char *address, Fabric *fabric)
{
	GError *error = NULL;
	if (!fabric_set_spanning_tree(fabric, network, priority, address, &error))
		return fail(invocation, error);
	sw_switch1_complete_set_spanning_tree(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_set_bridge_priority(
	SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *network, guint priority, Fabric *fabric)
{
	GError *error = NULL;
	if (!fabric_set_bridge_priority(fabric, network, priority, &error))
		return fail(invocation, error);
	sw_switch1_complete_set_bridge_priority(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_add_mirror(SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *network,
	const char *from, const char *to, Fabric *fabric)
{
	GError *error = NULL;
	if (!fabric_add_mirror(fabric, network, from, to, &error))
		return fail(invocation, error);
	sw_switch1_complete_add_mirror(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_networks(SwSwitch1 *object, GDBusMethodInvocation *invocation, Fabric *fabric)
{
	sw_switch1_complete_get_networks(object, invocation, fabric_networks(fabric));
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_get_forwarding_table(
	SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *network, Fabric *fabric)
{
	GError *error = NULL;
	GVariant *table = fabric_forwarding_table(fabric, network, &error);
	if (!table)
		return fail(invocation, error);
	sw_switch1_complete_get_forwarding_table(object, invocation, table);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean on_flush_forwarding_table(
	SwSwitch1 *object, GDBusMethodInvocation *invocation, const char *network, Fabric *fabric)
{
	GError *error = NULL;
	if (!fabric_flush_table(fabric, network, &error))
		return fail(invocation, error);
	sw_switch1_complete_flush_forwarding_table(object, invocation);
	return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void control_bridges_connect(SwSwitch1 *object, Fabric *fabric)
{
	g_signal_connect(object, "handle-set-port-vlan", G_CALLBACK(on_set_port_vlan), fabric);
	g_signal_connect(object, "handle-set-spanning-tree", G_CALLBACK(on_set_spanning_tree), fabric);
	g_signal_connect(object, "handle-set-bridge-priority", G_CALLBACK(on_set_bridge_priority), fabric);
	g_signal_connect(object, "handle-add-mirror", G_CALLBACK(on_add_mirror), fabric);
	g_signal_connect(object, "handle-get-networks", G_CALLBACK(on_get_networks), fabric);
	g_signal_connect(object, "handle-get-forwarding-table", G_CALLBACK(on_get_forwarding_table), fabric);
	g_signal_connect(object, "handle-flush-forwarding-table", G_CALLBACK(on_flush_forwarding_table), fabric);
}
