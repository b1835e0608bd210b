/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/network_methods.h"

#include "netlab/supervisor/service/switch_error.h"
#include "netlab/supervisor/wires/bridges.h"
#include "topologies/model/diagnostics.h"
#include "topologies/model/switch_setting.h"

#define ERROR_NAME "org.netlab.Error."

typedef struct {
	const RunningLab *run;
	NetlabLab1 *object;
	GDBusMethodInvocation *invocation;
} Call;

static Call *call_new(const RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation)
{
	Call *call = g_new(Call, 1);
	*call = (Call){run, g_object_ref(object), invocation};
	return call;
}

static void call_free(Call *call)
{
	g_object_unref(call->object);
	g_free(call);
}

/* The switch refused, died meanwhile, or does not answer. TRUE when there is no error. */
static gboolean worked(Call *call, GError *error)
{
	if (error)
		switch_answer_error(call->run, call->invocation, error);
	return !error;
}

/* NULL when it is dead or silent; then the invocation was answered. */
static SwSwitch1 *switch_or_answer(RunningLab *run, GDBusMethodInvocation *invocation)
{
	SwSwitch1 *network_switch = running_lab_switch(run);
	if (!network_switch)
		switch_answer_error(run, invocation, NULL);
	return network_switch;
}

/* Also NULL when the lab has no such network. */
static SwSwitch1 *switch_of_network(RunningLab *run, GDBusMethodInvocation *invocation, const char *network)
{
	const Plan *plan = running_lab_plan(run);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < plan->networks->len; i++)
		g_ptr_array_add(names, ((const PlanNetwork *)g_ptr_array_index(plan->networks, i))->network->name);
	if (g_ptr_array_find_with_equal_func(names, network, g_str_equal, NULL))
		return switch_or_answer(run, invocation);
	g_ptr_array_add(names, NULL);
	const char *nearest = lab_nearest(network, (const char *const *)names->pdata);
	g_autofree char *message = g_strdup_printf("lab \"%s\" has no network \"%s\"%s%s%s", plan->instance, network,
		nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NoSuchNetwork", message);
	return NULL;
}

static void got_networks(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GVariant) networks = NULL;
	g_autoptr(GError) error = NULL;
	sw_switch1_call_get_networks_finish(SW_SWITCH1(proxy), &networks, result, &error);
	if (worked(call, error))
		netlab_lab1_complete_get_networks(call->object, call->invocation, networks);
	call_free(call);
}

void network_methods_get(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation)
{
	SwSwitch1 *network_switch = switch_or_answer(run, invocation);
	if (network_switch)
		sw_switch1_call_get_networks(network_switch, NULL, got_networks, call_new(run, object, invocation));
}

static void got_table(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GVariant) entries = NULL;
	g_autoptr(GError) error = NULL;
	sw_switch1_call_get_forwarding_table_finish(SW_SWITCH1(proxy), &entries, result, &error);
	if (worked(call, error))
		netlab_lab1_complete_get_forwarding_table(call->object, call->invocation, entries);
	call_free(call);
}

void network_methods_get_table(
	RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network)
{
	SwSwitch1 *network_switch = switch_of_network(run, invocation, network);
	if (network_switch)
		sw_switch1_call_get_forwarding_table(
			network_switch, network, NULL, got_table, call_new(run, object, invocation));
}

static void flushed(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GError) error = NULL;
	sw_switch1_call_flush_forwarding_table_finish(SW_SWITCH1(proxy), result, &error);
	if (worked(call, error))
		netlab_lab1_complete_flush_forwarding_table(call->object, call->invocation);
	call_free(call);
}

void network_methods_flush(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network)
{
	SwSwitch1 *network_switch = switch_of_network(run, invocation, network);
	if (network_switch)
		sw_switch1_call_flush_forwarding_table(
			network_switch, network, NULL, flushed, call_new(run, object, invocation));
}

/* -- SetNetwork -- */

static void set_done(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) nothing = g_dbus_proxy_call_finish(G_DBUS_PROXY(proxy), result, &error);
	if (worked(call, error))
		netlab_lab1_complete_set_network(call->object, call->invocation);
	call_free(call);
}

/* Where a port is: its cable, and which end of that is on the network. */
typedef struct {
	const char *cable; /* borrowed */
	unsigned end;
} Place;

/* Ports of the plan are named after what is at the far end of the cable, as in the switch (between two networks: after the
 * cable). The ports of a socket's clients come and go; only the switch knows whether there is one of this name. */
static gboolean find_place(const Plan *plan, const char *network, const char *port, Place *place, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *client = g_strdup_printf("client:%s:", network);
	for (guint i = 0; i < plan->cables->len; i++) {
		const PlanCable *cable = g_ptr_array_index(plan->cables, i);
		for (unsigned end = 0; end < G_N_ELEMENTS(cable->ends); end++) {
			const char *far = cable->ends[!end].port;
			const char *name = far ? far : cable->name;
			if (g_strcmp0(cable->ends[end].network, network) != 0)
				continue;
			*place = (Place){cable->name, end};
			if (g_str_equal(name, port))
				return TRUE;
			g_ptr_array_add(names, (char *)name);
		}
	}
	g_ptr_array_add(names, NULL);
	*place = (Place){port, 1};
	if (g_str_has_prefix(port, client))
		return TRUE;
	const char *nearest = lab_nearest(port, (const char *const *)names->pdata);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "network \"%s\" has no port \"%s\"%s%s%s", network, port,
		nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	return FALSE;
}

static gboolean refuse_setting(const LabNetwork *network, const char *port, GError **error)
{
	if (network->type == LAB_NETWORK_HUB)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"network \"%s\" is a hub, and a hub has no %s", network->name, *port ? "VLANs" : "priority");
	else if (!*port && network->stp == LAB_STP_OFF)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"network \"%s\" is not part of a spanning tree; add stp=\"rstp\" to it in the lab's file and "
			"restart the lab",
			network->name);
	else
		return FALSE;
	return TRUE;
}

static const LabNetwork *find_network(const Plan *plan, const char *name)
{
	for (guint i = 0; i < plan->networks->len; i++) {
		const LabNetwork *network = ((const PlanNetwork *)g_ptr_array_index(plan->networks, i))->network;
		if (g_str_equal(network->name, name))
			return network;
	}
	return NULL;
}

static void set_priority(
	SwSwitch1 *network_switch, const LabNetwork *network, GVariant *attributes, Call *call, GError **error)
{
	unsigned priority;
	if (!refuse_setting(network, "", error) && lab_network_setting_read(attributes, &priority, error))
		sw_switch1_call_set_bridge_priority(network_switch, network->name, priority, NULL, set_done, call);
}

static void set_vlans(SwSwitch1 *network_switch, const LabNetwork *network, const Place *place, GVariant *attributes,
	Call *call, GError **error)
{
	LabPortVlan vlan;
	if (!refuse_setting(network, place->cable, error) && lab_port_setting_read(attributes, &vlan, error))
		sw_switch1_call_set_port_vlan(
			network_switch, place->cable, place->end, bridges_vlan_settings(&vlan), NULL, set_done, call);
}

void network_methods_set(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network,
	const char *port, GVariant *attributes)
{
	SwSwitch1 *network_switch = switch_of_network(run, invocation, network);
	const Plan *plan = running_lab_plan(run);
	g_autoptr(GError) error = NULL;
	Place place;
	if (!network_switch)
		return;
	Call *call = call_new(run, object, invocation);
	if (!*port)
		set_priority(network_switch, find_network(plan, network), attributes, call, &error);
	else if (find_place(plan, network, port, &place, &error))
		set_vlans(network_switch, find_network(plan, network), &place, attributes, call, &error);
	if (!error)
		return;
	g_dbus_method_invocation_return_dbus_error(invocation,
		g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? ERROR_NAME "NoSuchPort"
									 : ERROR_NAME "Failed",
		error->message);
	call_free(call);
}
