/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/service/state_file.h"

#include <json-glib/json-glib.h>
#include <unistd.h>

static void add_string(JsonBuilder *json, const char *name, const char *value)
{
	json_builder_set_member_name(json, name);
	if (value)
		json_builder_add_string_value(json, value);
	else
		json_builder_add_null_value(json);
}

static void add_int(JsonBuilder *json, const char *name, gint64 value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_int_value(json, value);
}

static void add_node(JsonBuilder *json, const Node *node)
{
	json_builder_begin_object(json);
	add_string(json, "name", node_plan(node)->name);
	add_string(json, "state", node_state_name(node_state(node)));
	add_string(json, "message", node_message(node));
	add_int(json, "since", node_since(node));
	add_int(json, "pid", node_pid(node));
	add_int(json, "cpu", node_plan(node)->cpu);
	json_builder_end_object(json);
}

static void add_uplink(JsonBuilder *json, const Uplink *uplink)
{
	json_builder_begin_object(json);
	add_string(json, "network", uplink_plan(uplink)->uplink->network->name);
	add_string(json, "state", uplink_state_name(uplink_state(uplink)));
	add_string(json, "message", uplink_message(uplink));
	add_int(json, "since", uplink_since(uplink));
	add_int(json, "pid", uplink_pid(uplink));
	json_builder_end_object(json);
}

/* The files that are outside of the lab's folder: who removes what a crash left removes them too (client/lab_directory.c). */
static void add_sockets(JsonBuilder *json, const GPtrArray *sockets)
{
	json_builder_set_member_name(json, "sockets");
	json_builder_begin_array(json);
	for (guint i = 0; i < sockets->len; i++) {
		g_autofree char *path =
			g_canonicalize_filename(uml_socket_network(g_ptr_array_index(sockets, i))->socket, NULL);
		json_builder_add_string_value(json, path);
	}
	json_builder_end_array(json);
}

/** The text of state.json. */
char *state_file_text(const RunningLab *run)
{
	g_autoptr(JsonBuilder) json = json_builder_new();
	const Plan *plan = running_lab_plan(run);
	const GPtrArray *nodes = running_lab_nodes(run), *uplinks = running_lab_uplinks(run);
	json_builder_begin_object(json);
	add_string(json, "name", plan->instance);
	add_string(json, "title", plan->lab->title);
	add_string(json, "file", plan->lab->file);
	add_int(json, "pid", getpid());
	add_int(json, "started", running_lab_started(run));
	add_string(json, "state", running_lab_state(run));
	json_builder_set_member_name(json, "nodes");
	json_builder_begin_array(json);
	for (guint i = 0; i < nodes->len; i++)
		add_node(json, g_ptr_array_index(nodes, i));
	json_builder_end_array(json);
	json_builder_set_member_name(json, "uplinks");
	json_builder_begin_array(json);
	for (guint i = 0; i < uplinks->len; i++)
		add_uplink(json, g_ptr_array_index(uplinks, i));
	json_builder_end_array(json);
	add_sockets(json, running_lab_sockets(run));
	json_builder_end_object(json);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	return json_to_string(root, TRUE);
}
