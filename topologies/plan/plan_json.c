/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for programs. It shows the same as the text. */
#include <json-glib/json-glib.h>

#include "topologies/plan/plan_print.h"
#include "topologies/model/values.h"

/* A member that is NULL is left out. */
static void set_string(JsonBuilder *json, const char *name, const char *value)
{
	if (!value)
		return;
	json_builder_set_member_name(json, name);
	json_builder_add_string_value(json, value);
}

static void set_int(JsonBuilder *json, const char *name, gint64 value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_int_value(json, value);
}

static void set_boolean(JsonBuilder *json, const char *name, gboolean value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_boolean_value(json, value);
}

static void begin_array(JsonBuilder *json, const char *name)
{
	json_builder_set_member_name(json, name);
	json_builder_begin_array(json);
}

static void set_strings(JsonBuilder *json, const char *name, char **values)
{
	begin_array(json, name);
	for (; *values; values++)
		json_builder_add_string_value(json, *values);
	json_builder_end_array(json);
}

static void add_json_setup(JsonBuilder *json, const PlanSetup *step)
{
	json_builder_begin_object(json);
	set_strings(json, "words", step->words);
	set_string(json, "source", step->source);
	if (step->content) {
		const char *data;
		gsize size;
		gboolean text = plan_content_is_text(step->content, &data, &size);
		g_autofree char *content =
			text ? g_strndup(data ? data : "", size) : g_base64_encode((const guchar *)data, size);
		set_string(json, text ? "content" : "content_base64", content);
	}
	json_builder_end_object(json);
}

static void add_json_node(JsonBuilder *json, const PlanNode *node)
{
	json_builder_begin_object(json);
	set_string(json, "name", node->name);
	set_string(json, "kind", lab_node_kind_name(node->node->kind));
	set_string(json, "image", node->node->image);
	if (node->cpu >= 0)
		set_int(json, "cpu", node->cpu);
	set_int(json, "memory", (gint64)node->memory);
	set_string(json, "directory", node->directory);
	set_string(json, "boot_log", node->boot_log);
	set_string(json, "kernel", node->kernel);
	set_string(json, "modules", node->modules);
	set_string(json, "initramfs", node->initramfs);
	set_string(json, "root_image", node->root_image);
	set_string(json, "disk", node->disk);
	begin_array(json, "interfaces");
	for (guint i = 0; i < node->interfaces->len; i++) {
		const PlanInterface *interface = node->interfaces->pdata[i];
		g_autofree char *mac = plan_mac_text(interface->mac);
		json_builder_begin_object(json);
		set_string(json, "name", interface->name);
		set_string(json, "port", interface->port);
		set_string(json, "mac", mac);
		set_int(json, "mtu", interface->mtu);
		set_int(json, "mtu_max", interface->mtu_max);
		set_boolean(json, "offload", interface->offload);
		set_string(json, "transport", lab_transport_name(interface->transport));
		if (interface->fd >= 0)
			set_int(json, "descriptor", interface->fd);
		set_string(json, "socket", interface->socket);
		set_string(json, "guest_socket", interface->guest_socket);
		set_string(json, "cable", interface->cable);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	set_strings(json, "command", node->argv);
	begin_array(json, "setup");
	for (guint i = 0; i < node->setup->len; i++)
		add_json_setup(json, node->setup->pdata[i]);
	json_builder_end_array(json);
	json_builder_end_object(json);
}

static void add_json_network(JsonBuilder *json, const PlanNetwork *plan)
{
	const LabNetwork *network = plan->network;
	json_builder_begin_object(json);
	set_string(json, "name", network->name);
	set_string(json, "type", lab_network_type_name(network->type));
	set_int(json, "group", network->group);
	if (network->type == LAB_NETWORK_SWITCH) {
		set_int(json, "ageing_ms", network->ageing_ms);
		set_int(json, "table", network->table_size);
		set_string(json, "stp", lab_stp_name(network->stp));
		set_int(json, "priority", network->priority);
		set_boolean(json, "vlan_aware", network->vlan_aware);
	}
	if (network->host_name) {
		set_string(json, "host_kind", lab_host_kind_name(network->host_kind));
		set_string(json, "host", network->host_name);
	}
	set_string(json, "socket", network->socket);
	begin_array(json, "mirrors");
	for (guint i = 0; i < plan->mirrors->len; i++) {
		const PlanMirror *mirror = plan->mirrors->pdata[i];
		json_builder_begin_object(json);
		set_string(json, "from", mirror->from ? mirror->from : "all");
		set_string(json, "to", mirror->to);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	json_builder_end_object(json);
}

static void add_json_end(JsonBuilder *json, const PlanCableEnd *end, const LinkSettings *impairment)
{
	g_auto(GStrv) words = link_settings_to_strings(impairment);
	json_builder_begin_object(json);
	set_string(json, "port", end->port);
	set_string(json, "network", end->network);
	if (end->vlan && end->vlan->access) {
		set_int(json, "vlan", end->vlan->access);
	} else if (end->vlan) {
		g_autofree char *trunk = lab_port_vlan_trunk_to_text(end->vlan);
		set_string(json, "trunk", trunk);
		if (end->vlan->native)
			set_int(json, "native", end->vlan->native);
	}
	/* of what comes from this end */
	json_builder_set_member_name(json, "impairment");
	json_builder_begin_object(json);
	for (char **word = words; *word; word += 2)
		set_string(json, word[0], word[1]);
	json_builder_end_object(json);
	json_builder_end_object(json);
}

static void add_json_cable(JsonBuilder *json, const PlanCable *cable)
{
	json_builder_begin_object(json);
	set_string(json, "name", cable->name);
	begin_array(json, "ends");
	for (unsigned i = 0; i < G_N_ELEMENTS(cable->ends); i++)
		add_json_end(json, &cable->ends[i], &cable->impairments[i]);
	json_builder_end_array(json);
	json_builder_end_object(json);
}

static void set_address(JsonBuilder *json, const char *name, GInetAddress *address)
{
	g_autofree char *text = g_inet_address_to_string(address);
	set_string(json, name, text);
}

static void add_json_uplink(JsonBuilder *json, const PlanUplink *plan)
{
	const LabUplink *uplink = plan->uplink;
	g_autofree char *gateway4 = lab_address_to_text(uplink->address4),
			*gateway6 = lab_address_to_text(uplink->address6);
	json_builder_begin_object(json);
	set_string(json, "name", uplink->name);
	set_string(json, "network", uplink->network->name);
	set_string(json, "port", plan->port);
	set_string(json, "gateway4", gateway4);
	set_string(json, "gateway6", gateway6);
	set_address(json, "dns4", uplink->dns4);
	set_address(json, "dns6", uplink->dns6);
	set_address(json, "dhcp_start", uplink->dhcp_start);
	set_boolean(json, "restricted", uplink->restricted);
	set_boolean(json, "loopback", uplink->loopback);
	begin_array(json, "forwards");
	for (guint i = 0; i < uplink->forwards->len; i++) {
		const LabForward *forward = uplink->forwards->pdata[i];
		g_autofree char *host = plan_endpoint_text(forward->host_address, forward->host_port);
		g_autofree char *to = plan_endpoint_text(forward->to_address, forward->to_port);
		json_builder_begin_object(json);
		set_string(json, "protocol", forward->udp ? "udp" : "tcp");
		set_string(json, "host", host);
		set_string(json, "to", to);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	json_builder_end_object(json);
}

static void add_json_capture(JsonBuilder *json, const PlanCapture *plan)
{
	const LabCapture *capture = plan->capture;
	json_builder_begin_object(json);
	set_string(json, "file", capture->file);
	set_string(json, "format", lab_capture_format_name(capture->format));
	set_string(json, "filter", capture->filter);
	if (capture->ring_size) {
		set_int(json, "ring_size", (gint64)capture->ring_size);
		set_int(json, "ring_files", capture->ring_files);
	}
	set_strings(json, "cables", plan->cables);
	json_builder_end_object(json);
}

/** plan_to_json() - the same as a JSON object, indented; what a plan does not have is left out. The caller frees it. */
char *plan_to_json(const Plan *plan)
{
	g_autoptr(JsonBuilder) json = json_builder_new();
	json_builder_begin_object(json);
	set_string(json, "lab", plan->instance);
	set_string(json, "title", plan->lab->title);
	set_string(json, "directory", plan->directory);
	set_string(json, "control", plan->control_socket);
	set_int(json, "seed", (gint64)plan->lab->seed);
	set_int(json, "history", (gint64)plan->lab->history_bytes);
	begin_array(json, "networks");
	for (guint i = 0; i < plan->networks->len; i++)
		add_json_network(json, plan->networks->pdata[i]);
	json_builder_end_array(json);
	begin_array(json, "cables");
	for (guint i = 0; i < plan->cables->len; i++)
		add_json_cable(json, plan->cables->pdata[i]);
	json_builder_end_array(json);
	begin_array(json, "uplinks");
	for (guint i = 0; i < plan->uplinks->len; i++)
		add_json_uplink(json, plan->uplinks->pdata[i]);
	json_builder_end_array(json);
	begin_array(json, "captures");
	for (guint i = 0; i < plan->captures->len; i++)
		add_json_capture(json, plan->captures->pdata[i]);
	json_builder_end_array(json);
	begin_array(json, "nodes");
	for (guint i = 0; i < plan->nodes->len; i++)
		add_json_node(json, plan->nodes->pdata[i]);
	json_builder_end_array(json);
	json_builder_end_object(json);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	return json_to_string(root, TRUE);
}
