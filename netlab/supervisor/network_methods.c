/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/network_methods.h"

#include "topologies/diagnostics.h"

#define ERROR_NAME "org.netlab.Error."

typedef struct {
	NetlabLab1 *object;
	GDBusMethodInvocation *invocation;
} Call;

static Call *call_new(NetlabLab1 *object, GDBusMethodInvocation *invocation)
{
	Call *call = g_new(Call, 1);
	*call = (Call){g_object_ref(object), invocation};
	return call;
}

static void call_free(Call *call)
{
	g_object_unref(call->object);
	g_free(call);
}

/* The switch refused, or died meanwhile. TRUE when there is no error. */
static gboolean worked(Call *call, GError *error)
{
	if (!error)
		return TRUE;
	g_dbus_error_strip_remote_error(error);
	g_dbus_method_invocation_return_dbus_error(call->invocation, ERROR_NAME "Failed", error->message);
	return FALSE;
}

/* NULL when it is dead, and then the invocation was answered. */
static SwSwitch1 *switch_or_answer(RunningLab *run, GDBusMethodInvocation *invocation)
{
	SwSwitch1 *network_switch = running_lab_switch(run);
	if (!network_switch)
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "Failed",
			"the lab's switch died; \"netlab restart\" starts the lab anew");
	return network_switch;
}

/* The same when the lab has no such network. */
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
		sw_switch1_call_get_networks(network_switch, NULL, got_networks, call_new(object, invocation));
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

void network_methods_get_table(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network)
{
	SwSwitch1 *network_switch = switch_of_network(run, invocation, network);
	if (network_switch)
		sw_switch1_call_get_forwarding_table(network_switch, network, NULL, got_table, call_new(object, invocation));
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
		sw_switch1_call_flush_forwarding_table(network_switch, network, NULL, flushed, call_new(object, invocation));
}
