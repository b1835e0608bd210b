/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/link_methods.h"

#include "netlab/supervisor/service/facts.h"
#include "netlab/supervisor/service/switch_error.h"

#define ERROR_NAME "org.netlab.Error."

typedef struct {
	RunningLab *run;
	NetlabLab1 *object;
	GDBusMethodInvocation *invocation;
	GVariant *counters;     /* GetLinks, GetSockets */
	const PlanCable *cable; /* SetLink */
} Call;

static Call *call_new(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation)
{
	Call *call = g_new0(Call, 1);
	*call = (Call){.run = run, .object = g_object_ref(object), .invocation = invocation};
	return call;
}

static void call_free(Call *call)
{
	g_object_unref(call->object);
	g_clear_pointer(&call->counters, g_variant_unref);
	g_free(call);
}

/* -- GetLinks. Without an answer from the switch there are no counters; the property Switch says why. -- */

static void got_cables(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GVariant) cables = NULL;
	g_autoptr(GError) error = NULL;
	if (!sw_switch1_call_get_cables_finish(SW_SWITCH1(proxy), &cables, result, &error))
		g_message("switch: %s", error->message);
	netlab_lab1_complete_get_links(
		call->object, call->invocation, facts_of_links(call->run, call->counters, cables));
	call_free(call);
}

static void got_counters(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GError) error = NULL;
	if (sw_switch1_call_get_counters_finish(SW_SWITCH1(proxy), &call->counters, result, &error)) {
		sw_switch1_call_get_cables(SW_SWITCH1(proxy), NULL, got_cables, call);
		return;
	}
	g_message("switch: %s", error->message);
	netlab_lab1_complete_get_links(call->object, call->invocation, facts_of_links(call->run, NULL, NULL));
	call_free(call);
}

void link_methods_get(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation)
{
	SwSwitch1 *network_switch = running_lab_switch(run);
	if (network_switch)
		sw_switch1_call_get_counters(network_switch, NULL, got_counters, call_new(run, object, invocation));
	else
		netlab_lab1_complete_get_links(object, invocation, facts_of_links(run, NULL, NULL));
}

/* -- GetSockets -- */

static void got_client_counters(GObject *proxy, GAsyncResult *result, gpointer data)
{
	Call *call = data;
	g_autoptr(GError) error = NULL;
	if (!sw_switch1_call_get_counters_finish(SW_SWITCH1(proxy), &call->counters, result, &error))
		g_message("switch: %s", error->message);
	netlab_lab1_complete_get_sockets(call->object, call->invocation, facts_of_sockets(call->run, call->counters));
	call_free(call);
}

void link_methods_get_sockets(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation)
{
	SwSwitch1 *network_switch = running_lab_sockets(run)->len ? running_lab_switch(run) : NULL;
	if (network_switch)
		sw_switch1_call_get_counters(
			network_switch, NULL, got_client_counters, call_new(run, object, invocation));
	else
		netlab_lab1_complete_get_sockets(object, invocation, facts_of_sockets(run, NULL));
}

/* -- SetLink -- */

static gboolean read_base(const char *word, LinkBase *base)
{
	static const char *const words[] = {
		[LINK_AS_IT_IS] = "", [LINK_AS_DECLARED] = "declared", [LINK_PERFECT] = "perfect"};
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_equal(words[i], word)) {
			*base = (LinkBase)i;
			return TRUE;
		}
	return FALSE;
}

/* Cards take in a new speed with their carrier, which is not lost for it. */
static void tell_speed(const Call *call, unsigned speed)
{
	for (gsize i = 0; i < G_N_ELEMENTS(call->cable->ends); i++) {
		const char *port = call->cable->ends[i].port, *colon = port ? strchr(port, ':') : NULL;
		g_autofree char *name = colon ? g_strndup(port, (gsize)(colon - port)) : NULL;
		Node *node = name ? running_lab_find_node(call->run, name) : NULL;
		if (node)
			node_set_speed(node, colon + 1, speed);
	}
}

static void on_set(const GError *error, unsigned speed, gpointer data)
{
	Call *call = data;
	if (speed)
		tell_speed(call, speed);
	if (error) {
		switch_answer_error(call->run, call->invocation, error);
	} else {
		netlab_lab1_emit_link_changed(call->object, call->cable->name);
		netlab_lab1_complete_set_link(call->object, call->invocation);
	}
	call_free(call);
}

void link_methods_set(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *link,
	const char *from, const char *base_word, GVariant *attributes)
{
	SwSwitch1 *network_switch = running_lab_switch(run);
	g_autoptr(GError) error = NULL;
	LinkChange change = {.from = from, .attributes = attributes};
	change.cable = links_find(running_lab_plan(run), link, &error);
	if (!change.cable) {
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "NoSuchLink", error->message);
	} else if (!network_switch) {
		switch_answer_error(run, invocation, NULL);
	} else if (!read_base(base_word, &change.base)) {
		g_dbus_method_invocation_return_dbus_error(invocation, ERROR_NAME "Failed",
			"the base of a change must be \"\", \"declared\" or \"perfect\"");
	} else {
		Call *call = call_new(run, object, invocation);
		call->cable = change.cable;
		link_changes_add(running_lab_link_changes(run), network_switch, &change, on_set, call);
	}
}
