/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First pass: tree to model. Reads values; names become pointers in resolve.c. */
#include "topologies/loader.h"

#include <string.h>

#include "topologies/passes.h"
#include "topologies/values.h"

#define MAX_CHECK_TIMEOUT_MS (60 * 60 * 1000)
/* More than a machine can run; keeps what later passes do with pairs of elements short. */
#define MAX_NODES 1024
#define MAX_CABLES 4096

typedef struct {
	Lab *lab;
	GPtrArray *ends; /* of LabPendingEnd */
	LabFindings *findings;
	LabDiagnostics *diagnostics;
} Loader;

static gboolean is_called(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

/* Reports that ATTRIBUTE of ELEMENT has a value that cannot be read. Takes error. */
static void complain(Loader *self, const xmlNode *element, const char *attribute, GError *error)
{
	g_autofree char *label = lab_tree_label(element), *key = lab_value_key(element, attribute);

	g_hash_table_remove(self->findings->values, key);
	lab_diagnostics_add(self->diagnostics, LAB_ERROR, lab_tree_pos(element), "%s: %s %s", label, attribute, error->message);
	g_error_free(error);
}

static void complain_of(Loader *self, const xmlNode *element, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void complain_of(Loader *self, const xmlNode *element, const char *format, ...)
{
	g_autofree char *label = lab_tree_label(element), *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	lab_diagnostics_add(self->diagnostics, LAB_ERROR, lab_tree_pos(element), "%s%s", label, message);
}

/* The readers below leave the default alone and return FALSE when the attribute is missing or wrong. */

static gboolean read_choice(Loader *self, const xmlNode *element, const char *attribute, const char *const *names,
			    unsigned *index)
{
	const char *text = lab_tree_attribute(element, attribute);
	GError *error = NULL;

	if (!text)
		return FALSE;
	if (!value_choice(text, names, index, &error)) {
		complain(self, element, attribute, error);
		return FALSE;
	}
	return TRUE;
}

static gboolean read_yes(Loader *self, const xmlNode *element, const char *attribute)
{
	unsigned index;

	return read_choice(self, element, attribute, (const char *const[]){"no", "yes", NULL}, &index) && index == 1;
}

/* A name that breaks its rule is kept all the same, so that those who use it are not reported too. */
static void read_name(Loader *self, const xmlNode *element, const char *attribute, LabNameRule rule, char **name)
{
	const char *text = lab_tree_attribute(element, attribute);
	GError *error = NULL;

	if (!text)
		return;
	if (!value_name(text, rule, &error))
		complain(self, element, attribute, error);
	*name = g_strdup(text);
}

static void read_size(Loader *self, const xmlNode *element, const char *attribute, guint64 *bytes)
{
	const char *text = lab_tree_attribute(element, attribute);
	GError *error = NULL;

	if (text && !value_size(text, LAB_MEMORY_MIN, LAB_MEMORY_MAX, bytes, &error))
		complain(self, element, attribute, error);
}

static void read_isolation(Loader *self, const xmlNode *element, LabIsolation *isolation)
{
	unsigned index;

	if (read_choice(self, element, "isolation", (const char *const[]){"off", "on", NULL}, &index))
		*isolation = index ? LAB_ISOLATION_ON : LAB_ISOLATION_OFF;
}

/* The element's text without the XML's indentation; NULL when it is empty. */
static char *read_block(const xmlNode *element)
{
	xmlChar *raw = xmlNodeGetContent(element);
	char *text = value_block(raw ? (const char *)raw : "");

	xmlFree(raw);
	return *text ? text : (g_free(text), NULL);
}

static char *read_command(Loader *self, const xmlNode *element)
{
	char *text = read_block(element);

	if (!text)
		complain_of(self, element, " is empty; write a command");
	return text ? g_strchomp(text) : g_strdup("");
}

/* What an <interface> and an <end> have in common. */
static void read_interface_settings(Loader *self, const xmlNode *element, LabInterface *interface)
{
	const char *address = lab_tree_attribute(element, "address"), *mac = lab_tree_attribute(element, "mac"),
		   *mtu = lab_tree_attribute(element, "mtu");
	g_auto(GStrv) words = address ? g_strsplit_set(address, " \t\r\n", -1) : NULL;
	GError *error = NULL;

	for (guint i = 0; words && words[i]; i++) {
		LabAddress *one;

		if (!*words[i])
			continue;
		one = value_interface_address(words[i], &error);
		if (one)
			g_ptr_array_add(interface->addresses, one);
		else
			complain(self, element, "address", g_steal_pointer(&error));
	}
	if (mac) {
		interface->mac_written = value_mac(mac, interface->mac, &error);
		if (error)
			complain(self, element, "mac", g_steal_pointer(&error));
	}
	if (mtu && !value_number(mtu, 68, 65535, &interface->mtu, &error))
		complain(self, element, "mtu", g_steal_pointer(&error));
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
	read_name(self, element, "name", LAB_NAME_INTERFACE, &interface->name);
	interface->network_name = g_strdup(lab_tree_attribute(element, "network"));
	read_interface_settings(self, element, interface);
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
		complain(self, element, "to", g_steal_pointer(&error));
	if (via && !(route->via = value_gateway(via, &error)))
		complain(self, element, "via", g_steal_pointer(&error));
	if (!via && !route->dev)
		complain_of(self, element, " leads nowhere; write via=\"ADDRESS\" or dev=\"INTERFACE\"");
	if (route->to && route->via &&
		g_inet_address_get_family(route->to->address) != g_inet_address_get_family(route->via))
		complain_of(self, element, ": via \"%s\" is not of the same family (IPv4, IPv6) as the destination", via);
}

static void load_sysctl(Loader *self, const xmlNode *element, LabNode *node)
{
	const char *name = lab_tree_attribute(element, "name"), *value = lab_tree_attribute(element, "value");
	GError *error = NULL;

	if (name && !value_sysctl_name(name, &error))
		complain(self, element, "name", error);
	else if (name && value)
		g_ptr_array_add(node->sysctls, lab_sysctl_new(lab_tree_pos(element), name, value));
}

static void load_file(Loader *self, const xmlNode *element, LabNode *node)
{
	const char *path = lab_tree_attribute(element, "path"), *source = lab_tree_attribute(element, "source"),
		   *mode = lab_tree_attribute(element, "mode");
	LabFile *file = lab_file_new(lab_tree_pos(element));
	g_autofree char *text = read_block(element), *folder = g_path_get_dirname(file->pos.file);
	GError *error = NULL;

	g_ptr_array_add(node->files, file);
	file->path = g_strdup(path);
	if (path && !value_guest_path(path, &error))
		complain(self, element, "path", g_steal_pointer(&error));
	if (mode && !value_mode(mode, &file->mode, &error))
		complain(self, element, "mode", g_steal_pointer(&error));
	if (source && text)
		complain_of(self, element, " has both a source and text of its own; choose one");
	if (source && !*source)
		complain_of(self, element, ": source \"\" is empty");
	else if (source)
		file->source = g_canonicalize_filename(source, folder);
	else
		file->inline_content = text ? g_bytes_new(text, strlen(text)) : g_bytes_new_static("", 0);
}

static void load_run(Loader *self, const xmlNode *element, LabNode *node)
{
	LabRun *run = lab_run_new(lab_tree_pos(element));

	run->command = read_command(self, element);
	run->background = read_yes(self, element, "background");
	g_ptr_array_add(node->runs, run);
}

static void load_node(Loader *self, const xmlNode *element)
{
	static const struct {
		const char *name;
		void (*load)(Loader *self, const xmlNode *element, LabNode *node);
	} children[] = {
		{"interface", load_interface}, {"route", load_route}, {"sysctl", load_sysctl},
		{"file", load_file},           {"run", load_run},
	};
	LabNode *node = lab_node_new(lab_tree_pos(element));
	unsigned kind;

	g_ptr_array_add(self->lab->nodes, node);
	read_name(self, element, "name", LAB_NAME_NODE, &node->name);
	if (read_choice(self, element, "kind", lab_node_kind_names, &kind))
		node->kind = kind;
	read_name(self, element, "image", LAB_NAME_IMAGE, &node->image);
	read_size(self, element, "memory", &node->memory);
	node->persistent = read_yes(self, element, "persistent");
	read_isolation(self, element, &node->isolation);
	for (const xmlNode *child = element->children; child; child = child->next)
		for (unsigned i = 0; i < G_N_ELEMENTS(children); i++)
			if (is_called(child, children[i].name))
				children[i].load(self, child, node);
}

static void load_network(Loader *self, const xmlNode *element)
{
	LabNetwork *network = lab_network_new(lab_tree_pos(element));
	unsigned type;

	g_ptr_array_add(self->lab->networks, network);
	read_name(self, element, "name", LAB_NAME_CABLE, &network->name);
	if (read_choice(self, element, "type", lab_network_type_names, &type))
		network->type = type;
}

static void load_link(Loader *self, const xmlNode *element)
{
	LabLink *link = lab_link_new(lab_tree_pos(element));
	unsigned index = 0;

	g_ptr_array_add(self->lab->links, link);
	read_name(self, element, "name", LAB_NAME_CABLE, &link->name);
	for (const xmlNode *child = element->children; child; child = child->next) {
		LabPendingEnd *end;

		if (!is_called(child, "end") || index == G_N_ELEMENTS(link->ends))
			continue;
		end = g_new0(LabPendingEnd, 1);
		end->link = link;
		end->index = index++;
		end->node_name = g_strdup(lab_tree_attribute(child, "node"));
		end->interface = lab_interface_new(lab_tree_pos(child));
		end->has_settings = lab_tree_attribute(child, "address") || lab_tree_attribute(child, "mac") ||
				    lab_tree_attribute(child, "mtu");
		read_name(self, child, "interface", LAB_NAME_INTERFACE, &end->interface->name);
		read_interface_settings(self, child, end->interface);
		g_ptr_array_add(self->ends, end);
	}
}

static void load_check(Loader *self, const xmlNode *element)
{
	LabCheck *check = lab_check_new(lab_tree_pos(element));
	const char *name = lab_tree_attribute(element, "name"), *timeout = lab_tree_attribute(element, "timeout");
	GError *error = NULL;

	g_ptr_array_add(self->lab->checks, check);
	check->name = g_strdup(name);
	/* The name ends a line of the TAP report, where "#" starts a directive (TAP 14, test points). */
	if (name && (!*name || strpbrk(name, "\r\n#")))
		complain_of(self, element, name[0] ? ": a name is one line without \"#\"" : ": name \"\" is empty");
	if (timeout && !value_duration(timeout, MAX_CHECK_TIMEOUT_MS, &check->timeout_ms, &error))
		complain(self, element, "timeout", error);
	for (const xmlNode *child = element->children; child; child = child->next) {
		LabCheckRun *run;
		unsigned expect;

		if (!is_called(child, "run"))
			continue;
		run = lab_check_run_new(lab_tree_pos(child));
		g_ptr_array_add(check->runs, run);
		run->node_name = g_strdup(lab_tree_attribute(child, "node"));
		run->command = read_command(self, child);
		if (read_choice(self, child, "expect", (const char *const[]){"success", "fail", NULL}, &expect))
			run->expect_failure = expect == 1;
	}
}

static void load_defaults(Loader *self, const xmlNode *element)
{
	read_name(self, element, "image", LAB_NAME_IMAGE, &self->lab->default_image);
	read_size(self, element, "memory", &self->lab->default_memory);
	read_isolation(self, element, &self->lab->default_isolation);
}

static void load_title(Loader *self, const xmlNode *element)
{
	char *text = read_block(element);

	self->lab->title = text ? g_strstrip(g_strdelimit(text, "\n\t", ' ')) : NULL;
}

static void load_description(Loader *self, const xmlNode *element)
{
	char *text = read_block(element);

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
		{"network", load_network, MAX_CABLES},
		{"node", load_node, MAX_NODES},
		{"link", load_link, MAX_CABLES},
		{"check", load_check, MAX_CABLES},
	};
	unsigned count[G_N_ELEMENTS(children)] = {0};

	self->lab->pos = lab_tree_pos(root);
	read_name(self, root, "name", LAB_NAME_LAB, &self->lab->name);
	for (const xmlNode *child = root->children; child; child = child->next) {
		for (unsigned i = 0; i < G_N_ELEMENTS(children); i++) {
			if (!is_called(child, children[i].name))
				continue;
			if (++count[i] <= children[i].max)
				children[i].load(self, child);
			else if (count[i] == children[i].max + 1)
				lab_diagnostics_add(self->diagnostics, LAB_ERROR, lab_tree_pos(child),
					"this is <%s> number %u; a lab takes %u", children[i].name, count[i], children[i].max);
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
			lab_diagnostics_add(diagnostics, LAB_ERROR, lab_tree_pos(element), "%s: %s \"%s\" is not valid", label,
				(const char *)a->name, lab_tree_attribute(element, (const char *)a->name));
	}
	if (found)
		lab_diagnostics_add(diagnostics, LAB_ERROR, lab_tree_pos(element), "<%s> is not valid", (const char *)element->name);
	for (const xmlNode *child = element->children; child; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			report_unexplained(child, findings, diagnostics);
}

static void pending_end_free(void *data)
{
	LabPendingEnd *self = data;

	g_free(self->node_name);
	lab_interface_free(self->interface);
	g_free(self);
}

Lab *lab_load(const char *file, const char *schema, LabDiagnostics *diagnostics)
{
	g_autoptr(LabTree) tree = lab_tree_read(file, diagnostics);
	g_autoptr(LabFindings) findings = lab_findings_new();
	g_autoptr(GPtrArray) ends = g_ptr_array_new_with_free_func(pending_end_free);
	g_autoptr(Lab) lab = NULL;
	const xmlNode *root;

	if (!tree || !lab_schema_check(tree, schema, findings, diagnostics))
		return NULL;
	lab = lab_new(file);
	root = xmlDocGetRootElement(tree->doc);
	load_lab(&(Loader){.lab = lab, .ends = ends, .findings = findings, .diagnostics = diagnostics}, root);
	if (g_hash_table_size(findings->values))
		report_unexplained(root, findings, diagnostics);
	lab_resolve(lab, ends, findings->names, diagnostics);
	if (!lab->nodes->len && !findings->incomplete)
		lab_diagnostics_add(diagnostics, LAB_ERROR, lab->pos, "lab \"%s\" has no <node>; there is nothing to start",
			lab->name);
	return g_steal_pointer(&lab);
}
