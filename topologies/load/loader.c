/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tree to model, with loader_networks.c. Reads values; names become pointers later (check/resolve.c). */
#include "topologies/load/loader.h"

#include <string.h>

#include "topologies/model/values.h"

/* It goes to the guest in one message (AGENT_MAX_PAYLOAD), with an environment. */
#define MAX_COMMAND 8000
#define MAX_CHECK_TIMEOUT_MS (60 * 60 * 1000)
#define MAX_CHECK_NAME 200
/* More than a machine can run; keeps what later passes do with pairs of elements short. */
#define MAX_NODES 1024
#define MAX_CABLES 4096
/* Each is a separate process. */
#define MAX_UPLINKS 16

static void read_size(Loader *self, const xmlNode *element, const char *attribute, guint64 *bytes)
{
	const char *text = lab_tree_attribute(element, attribute);
	GError *error = NULL;

	if (text && !value_size(text, LAB_MEMORY_MIN, LAB_MEMORY_MAX, bytes, &error))
		loader_complain(self, element, attribute, error);
}

static void read_isolation(Loader *self, const xmlNode *element, LabIsolation *isolation)
{
	unsigned index;

	if (loader_choice(self, element, "isolation", (const char *const[]){"off", "on", NULL}, &index))
		*isolation = index ? LAB_ISOLATION_ON : LAB_ISOLATION_OFF;
}

static void read_transport(Loader *self, const xmlNode *element, LabTransport *transport)
{
	unsigned index;

	if (loader_choice(self, element, "transport", lab_transport_names, &index))
		*transport = index;
}

static char *read_command(Loader *self, const xmlNode *element)
{
	char *text = loader_block(element);

	if (!text)
		loader_complain_of(self, element, " is empty; write a command");
	else if (strlen(text) > MAX_COMMAND)
		loader_complain_of(self, element,
			" is longer than %d bytes; put the commands in a <file> and run that file", MAX_COMMAND);
	return text ? g_strchomp(text) : g_strdup("");
}

static void load_interface(Loader *self, const xmlNode *element, LabNode *node)
{
	LabInterface *interface;

	/* One too many is enough for lab_check() to refuse the node. */
	if (node->interfaces->len > LAB_MAX_INTERFACES)
		return;
	interface = lab_interface_new(lab_tree_pos(element));
	g_ptr_array_add(node->interfaces, interface);
	interface->node = node;
	loader_name(self, element, "name", LAB_NAME_INTERFACE, &interface->name);
	interface->network_name = g_strdup(lab_tree_attribute(element, "network"));
	loader_settings(self, element, interface);
	loader_link_settings(self, element, &interface->impairment);
	interface->vlan = loader_vlan(self, element);
}

static void load_route(Loader *self, const xmlNode *element, LabNode *node)
{
	const char *to = lab_tree_attribute(element, "to"), *via = lab_tree_attribute(element, "via");
	LabRoute *route = lab_route_new(lab_tree_pos(element));
	GError *error = NULL;

	g_ptr_array_add(node->routes, route);
	route->dev = g_strdup(lab_tree_attribute(element, "dev"));
	route->is_default = !g_strcmp0(to, "default");
	if (to && !route->is_default && !(route->to = value_destination(to, &error)))
		loader_complain(self, element, "to", g_steal_pointer(&error));
	if (via && !(route->via = value_gateway(via, &error)))
		loader_complain(self, element, "via", g_steal_pointer(&error));
	if (!via && !route->dev)
		loader_complain_of(self, element,
			" has neither a gateway nor an interface; add via=\"ADDRESS\" or dev=\"INTERFACE\"");
	if (route->to && route->via &&
		g_inet_address_get_family(route->to->address) != g_inet_address_get_family(route->via))
		loader_complain_of(
			self, element, ": via \"%s\" and the destination must both be IPv4 or both be IPv6", via);
}

static void load_sysctl(Loader *self, const xmlNode *element, LabNode *node)
{
	const char *name = lab_tree_attribute(element, "name"), *value = lab_tree_attribute(element, "value");
	GError *error = NULL;

	if (name && !value_sysctl_name(name, &error))
		loader_complain(self, element, "name", error);
	else if (name && value)
		g_ptr_array_add(node->sysctls, lab_sysctl_new(lab_tree_pos(element), name, value));
}

static void load_file(Loader *self, const xmlNode *element, LabNode *node)
{
	const char *path = lab_tree_attribute(element, "path"), *source = lab_tree_attribute(element, "source"),
		   *mode = lab_tree_attribute(element, "mode");
	LabFile *file = lab_file_new(lab_tree_pos(element));
	g_autofree char *text = loader_block(element), *folder = g_path_get_dirname(file->pos.file);
	GError *error = NULL;

	g_ptr_array_add(node->files, file);
	file->path = g_strdup(path);
	if (path && !value_guest_path(path, &error))
		loader_complain(self, element, "path", g_steal_pointer(&error));
	if (mode && !value_mode(mode, &file->mode, &error))
		loader_complain(self, element, "mode", g_steal_pointer(&error));
	if (source && text)
		loader_complain_of(self, element, " has both a source and text; use only one of them");
	file->source = loader_path(self, element, "source", folder, LAB_TOUCH_READ);
	if (!source)
		file->inline_content = text ? g_bytes_new(text, strlen(text)) : g_bytes_new_static("", 0);
}

static void load_run(Loader *self, const xmlNode *element, LabNode *node)
{
	LabRun *run = lab_run_new(lab_tree_pos(element));

	run->command = read_command(self, element);
	run->background = loader_yes(self, element, "background");
	g_ptr_array_add(node->runs, run);
}

static void load_node(Loader *self, const xmlNode *element)
{
	static const struct {
		const char *name;
		void (*load)(Loader *self, const xmlNode *element, LabNode *node);
	} children[] = {
		{"interface", load_interface},
		{"route", load_route},
		{"sysctl", load_sysctl},
		{"file", load_file},
		{"run", load_run},
	};
	LabNode *node = lab_node_new(lab_tree_pos(element));
	unsigned kind;

	g_ptr_array_add(self->lab->nodes, node);
	loader_name(self, element, "name", LAB_NAME_NODE, &node->name);
	if (loader_choice(self, element, "kind", lab_node_kind_names, &kind))
		node->kind = kind;
	loader_name(self, element, "image", LAB_NAME_IMAGE, &node->image);
	read_size(self, element, "memory", &node->memory);
	node->persistent = loader_yes(self, element, "persistent");
	read_isolation(self, element, &node->isolation);
	read_transport(self, element, &node->transport);
	loader_offload(self, element, &node->offload);
	for (const xmlNode *child = element->children; child; child = child->next)
		for (unsigned i = 0; i < G_N_ELEMENTS(children); i++)
			if (lab_tree_is(child, children[i].name))
				children[i].load(self, child, node);
}

static void load_check(Loader *self, const xmlNode *element)
{
	LabCheck *check = lab_check_new(lab_tree_pos(element));
	const char *name = lab_tree_attribute(element, "name"), *timeout = lab_tree_attribute(element, "timeout");
	GError *error = NULL;

	g_ptr_array_add(self->lab->checks, check);
	check->name = g_strdup(name);
	if (name && strlen(name) > MAX_CHECK_NAME) {
		loader_complain_of(self, element, ": the name of a check can have at most %d bytes", MAX_CHECK_NAME);
		g_free(check->name);
		check->name = lab_excerpt(name);
	}
	/* The name ends a line of the TAP report, where "#" starts a directive (TAP 14, test points). */
	if (name && (!*name || strpbrk(name, "\r\n#")))
		loader_complain_of(self, element,
			name[0] ? ": the name of a check must be one line without \"#\"" : ": name \"\" is empty");
	if (timeout && !value_duration(timeout, 1, MAX_CHECK_TIMEOUT_MS, &check->timeout_ms, &error))
		loader_complain(self, element, "timeout", error);
	for (const xmlNode *child = element->children; child; child = child->next) {
		LabCheckRun *run;
		unsigned expect;

		if (!lab_tree_is(child, "run"))
			continue;
		run = lab_check_run_new(lab_tree_pos(child));
		g_ptr_array_add(check->runs, run);
		run->node_name = g_strdup(lab_tree_attribute(child, "node"));
		run->command = read_command(self, child);
		if (loader_choice(self, child, "expect", (const char *const[]){"success", "fail", NULL}, &expect))
			run->expect_failure = expect == 1;
	}
}

static void load_defaults(Loader *self, const xmlNode *element)
{
	loader_name(self, element, "image", LAB_NAME_IMAGE, &self->lab->default_image);
	read_size(self, element, "memory", &self->lab->default_memory);
	read_isolation(self, element, &self->lab->default_isolation);
	read_transport(self, element, &self->lab->default_transport);
	loader_offload(self, element, &self->lab->default_offload);
}

static void load_title(Loader *self, const xmlNode *element)
{
	char *text = loader_block(element);

	self->lab->title = text ? g_strstrip(g_strdelimit(text, "\n\t", ' ')) : NULL;
}

static void load_description(Loader *self, const xmlNode *element)
{
	char *text = loader_block(element);

	self->lab->description = text ? g_strchomp(text) : NULL;
}

static void load_lab(Loader *self, const xmlNode *root)
{
	static const struct {
		const char *name;
		void (*load)(Loader *self, const xmlNode *element);
		unsigned max;
	} children[] = {
		{"title", load_title, 1},
		{"description", load_description, 1},
		{"defaults", load_defaults, 1},
		{"network", loader_network, MAX_CABLES},
		{"node", load_node, MAX_NODES},
		{"link", loader_link, MAX_CABLES},
		{"uplink", loader_uplink, MAX_UPLINKS},
		{"capture", loader_capture, MAX_CABLES},
		{"check", load_check, MAX_CABLES},
	};
	const char *seed = lab_tree_attribute(root, "seed"), *history = lab_tree_attribute(root, "history");
	unsigned count[G_N_ELEMENTS(children)] = {0};
	GError *error = NULL;

	self->lab->pos = lab_tree_pos(root);
	loader_name(self, root, "name", LAB_NAME_LAB, &self->lab->name);
	if (seed && !(self->lab->seed_written = value_seed(seed, &self->lab->seed, &error)))
		loader_complain(self, root, "seed", g_steal_pointer(&error));
	if (history && !value_history(history, &self->lab->history_bytes, &error))
		loader_complain(self, root, "history", g_steal_pointer(&error));
	for (const xmlNode *child = root->children; child; child = child->next) {
		for (unsigned i = 0; i < G_N_ELEMENTS(children); i++) {
			if (!lab_tree_is(child, children[i].name))
				continue;
			if (++count[i] <= children[i].max)
				children[i].load(self, child);
			else if (count[i] == children[i].max + 1)
				lab_diagnostics_add(self->diagnostics, LAB_ERROR, lab_tree_pos(child),
					"this is <%s> number %u, but a lab can have only %u", children[i].name,
					count[i], children[i].max);
		}
	}
}

/* The loader is as strict as the schema. Should it ever miss something, the value is refused all the same. */
static void report_unexplained(const xmlNode *element, LabFindings *findings, LabDiagnostics *diagnostics)
{
	g_autofree char *text_key = lab_value_key(element, "");
	gboolean found = g_hash_table_remove(findings->values, text_key);

	for (const xmlAttr *a = element->properties; a; a = a->next) {
		g_autofree char *key = lab_value_key(element, (const char *)a->name), *label = lab_tree_label(element);

		if (g_hash_table_remove(findings->values, key))
			lab_diagnostics_add(diagnostics, LAB_ERROR, lab_tree_pos(element), "%s: %s \"%s\" is not valid",
				label, (const char *)a->name, lab_tree_attribute(element, (const char *)a->name));
	}
	if (found)
		lab_diagnostics_add(diagnostics, LAB_ERROR, lab_tree_pos(element), "<%s> is not valid",
			(const char *)element->name);
	for (const xmlNode *child = element->children; child; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			report_unexplained(child, findings, diagnostics);
}

static void pending_end_free(void *data)
{
	LabPendingEnd *self = data;

	g_free(self->node_name);
	g_free(self->network_name);
	lab_interface_free(self->interface);
	g_free(self);
}

/** lab_draft_free() - a draft, and its lab unless somebody took it
 *  @self: may be NULL */
void lab_draft_free(LabDraft *self)
{
	if (!self)
		return;
	lab_free(self->lab);
	g_ptr_array_unref(self->ends);
	g_hash_table_unref(self->dropped);
	g_free(self);
}

LabDraft *lab_load(const char *file, GBytes *text, gboolean trusted, const char *schema, LabDiagnostics *diagnostics)
{
	g_autoptr(LabFolder) folder = lab_folder_new(file, trusted);
	g_autoptr(GPtrArray) touches = lab_touches_new();
	g_autoptr(LabTree) tree = lab_tree_read(file, text, folder, touches, diagnostics);
	g_autoptr(LabFindings) findings = lab_findings_new();
	LabDraft *self;
	const xmlNode *root;

	if (!tree || !lab_schema_check(tree, schema, findings, diagnostics) || lab_diagnostics_are_many(diagnostics))
		return NULL;
	self = g_new0(LabDraft, 1);
	self->lab = lab_new(file, g_steal_pointer(&folder), g_steal_pointer(&touches));
	self->ends = g_ptr_array_new_with_free_func(pending_end_free);
	self->dropped = g_hash_table_ref(findings->names);
	root = xmlDocGetRootElement(tree->doc);
	load_lab(&(Loader){.lab = self->lab, .ends = self->ends, .findings = findings, .diagnostics = diagnostics},
		root);
	if (g_hash_table_size(findings->values))
		report_unexplained(root, findings, diagnostics);
	if (!self->lab->nodes->len && !findings->incomplete)
		lab_diagnostics_add(diagnostics, text ? LAB_WARNING : LAB_ERROR, self->lab->pos,
			"lab \"%s\" has no nodes, so there is nothing to start; add a <node>", self->lab->name);
	return self;
}
