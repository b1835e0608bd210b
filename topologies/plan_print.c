/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for readers: text for people (and golden tests), JSON for programs. Both show the same. */
#include "topologies/plan.h"

#include <json-glib/json-glib.h>
#include <string.h>

static char *mac_text(const guint8 mac[6])
{
	return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* In the unit that a lab file would use. */
static char *memory_text(guint64 bytes)
{
	const guint64 mib = 1 << 20;
	return bytes % mib ? g_strdup_printf("%" G_GUINT64_FORMAT "K", bytes / 1024)
			   : g_strdup_printf("%" G_GUINT64_FORMAT "M", bytes / mib);
}

/* Content that is no text (or holds a NUL) is shown by its size, or in base64. */
static gboolean is_text(GBytes *content, const char **data, gsize *size)
{
	*data = g_bytes_get_data(content, size);
	return g_utf8_validate_len(*data ? *data : "", *size, NULL);
}

/* -- Text ---------------------------------------------------------------------------------------------------------- */

/* C escapes for control characters; UTF-8 stays readable. */
static void append_quoted(GString *out, const char *text)
{
	char high[0x80 + 1] = "";
	for (int i = 0; i < 0x80; i++)
		high[i] = (char)(0x80 + i);
	g_autofree char *escaped = g_strescape(text, g_utf8_validate(text, -1, NULL) ? high : NULL);
	g_string_append_printf(out, "\"%s\"", escaped);
}

/* A word as it is where it reads as one word, else in quotes with C escapes: one line whatever it holds. */
static void append_word(GString *out, const char *word)
{
	gboolean plain = *word != '\0';
	for (const char *at = word; *at && plain; at++)
		plain = g_ascii_isgraph(*at) && *at != '"' && *at != '\\';
	if (plain) {
		g_string_append(out, word);
		return;
	}
	append_quoted(out, word);
}

static void append_words(GString *out, char **words)
{
	for (char **word = words; *word; word++) {
		if (word != words)
			g_string_append_c(out, ' ');
		append_word(out, *word);
	}
}

static void append_field(GString *out, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(out, "  %-9s ", name);
	append_word(out, value);
	g_string_append_c(out, '\n');
}

static void append_setup(GString *out, const PlanSetup *step)
{
	g_string_append(out, "    ");
	append_words(out, step->words);
	if (step->source) {
		g_string_append(out, " < ");
		append_word(out, step->source);
	} else if (step->content) {
		const char *data;
		gsize size;
		if (is_text(step->content, &data, &size)) {
			g_autofree char *text = g_strndup(data ? data : "", size);
			g_string_append(out, " = ");
			append_quoted(out, text);
		} else {
			g_string_append_printf(out, " = %" G_GSIZE_FORMAT " bytes", size);
		}
	}
	g_string_append_c(out, '\n');
}

static void append_node(GString *out, const PlanNode *node)
{
	g_autofree char *memory = memory_text(node->memory);
	g_autofree char *cpu = node->cpu < 0 ? g_strdup("any") : g_strdup_printf("%d", node->cpu);
	g_string_append_printf(out, "\nnode %s\n", node->name);
	append_field(out, "kind", lab_node_kind_name(node->node->kind));
	append_field(out, "image", node->node->image);
	append_field(out, "cpu", cpu);
	append_field(out, "memory", memory);
	append_field(out, "boot log", node->boot_log);
	append_field(out, "root", node->root_image);
	append_field(out, "disk", node->disk);
	for (guint i = 0; i < node->interfaces->len; i++) {
		const PlanInterface *interface = node->interfaces->pdata[i];
		g_autofree char *mac = mac_text(interface->mac);
		g_string_append_printf(out, "  interface %s %s mtu %u descriptor %d ", interface->name, mac, interface->mtu,
			interface->fd);
		g_string_append_printf(out, interface->cable ? "cable %s\n" : "unconnected\n", interface->cable);
	}
	g_string_append(out, "  command\n");
	for (char **word = node->argv; *word; word++) {
		g_string_append(out, "    ");
		append_word(out, *word);
		g_string_append_c(out, '\n');
	}
	g_string_append(out, "  set-up\n");
	for (guint i = 0; i < node->setup->len; i++)
		append_setup(out, node->setup->pdata[i]);
}

/** plan_to_text() - the plan as indented lines, the same for the same plan. The caller frees it. */
char *plan_to_text(const Plan *plan)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_string_append_printf(out, "lab %s\n", plan->instance);
	append_field(out, "title", plan->lab->title);
	append_field(out, "directory", plan->directory);
	append_field(out, "control", plan->control_socket);
	g_string_append_c(out, '\n');
	for (guint i = 0; i < plan->lab->networks->len; i++) {
		const LabNetwork *network = plan->lab->networks->pdata[i];
		g_string_append_printf(out, "network %s %s\n", network->name, lab_network_type_name(network->type));
	}
	for (guint i = 0; i < plan->cables->len; i++) {
		const PlanCable *cable = plan->cables->pdata[i];
		if (cable->ends[1].network)
			g_string_append_printf(out, "cable %s: network %s\n", cable->name, cable->ends[1].network);
		else
			g_string_append_printf(out, "cable %s: %s -- %s\n", cable->name, cable->ends[0].port, cable->ends[1].port);
	}
	for (guint i = 0; i < plan->nodes->len; i++)
		append_node(out, plan->nodes->pdata[i]);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* -- JSON ---------------------------------------------------------------------------------------------------------- */

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
		gboolean text = is_text(step->content, &data, &size);
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
	set_string(json, "initramfs", node->initramfs);
	set_string(json, "root_image", node->root_image);
	set_string(json, "disk", node->disk);
	begin_array(json, "interfaces");
	for (guint i = 0; i < node->interfaces->len; i++) {
		const PlanInterface *interface = node->interfaces->pdata[i];
		g_autofree char *mac = mac_text(interface->mac);
		json_builder_begin_object(json);
		set_string(json, "name", interface->name);
		set_string(json, "port", interface->port);
		set_string(json, "mac", mac);
		set_int(json, "mtu", interface->mtu);
		set_int(json, "descriptor", interface->fd);
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

/** plan_to_json() - the same as a JSON object, indented; what a plan does not have is left out. The caller frees it. */
char *plan_to_json(const Plan *plan)
{
	g_autoptr(JsonBuilder) json = json_builder_new();
	json_builder_begin_object(json);
	set_string(json, "lab", plan->instance);
	set_string(json, "title", plan->lab->title);
	set_string(json, "directory", plan->directory);
	set_string(json, "control", plan->control_socket);
	begin_array(json, "networks");
	for (guint i = 0; i < plan->lab->networks->len; i++) {
		const LabNetwork *network = plan->lab->networks->pdata[i];
		json_builder_begin_object(json);
		set_string(json, "name", network->name);
		set_string(json, "type", lab_network_type_name(network->type));
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	begin_array(json, "cables");
	for (guint i = 0; i < plan->cables->len; i++) {
		const PlanCable *cable = plan->cables->pdata[i];
		json_builder_begin_object(json);
		set_string(json, "name", cable->name);
		set_string(json, "a", cable->ends[0].port);
		set_string(json, "b", cable->ends[1].port);
		set_string(json, "network", plan_cable_network(cable));
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	begin_array(json, "nodes");
	for (guint i = 0; i < plan->nodes->len; i++)
		add_json_node(json, plan->nodes->pdata[i]);
	json_builder_end_array(json);
	json_builder_end_object(json);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	return json_to_string(root, TRUE);
}
