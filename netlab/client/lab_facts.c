/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/lab_facts.h"

#include "netlab/client/error.h"
#include "netlab/client/text.h"

static void interface_facts_free(gpointer data)
{
	InterfaceFacts *self = data;
	g_free(self->name);
	g_free(self->attachment);
	g_strfreev(self->addresses);
	g_free(self->mac);
	g_free(self);
}

void node_facts_free(NodeFacts *self)
{
	g_free(self->name);
	g_free(self->state);
	g_free(self->message);
	g_free(self->image);
	g_free(self->kind);
	g_strfreev(self->warnings);
	g_ptr_array_unref(self->interfaces);
	g_free(self);
}

void link_facts_free(LinkFacts *self)
{
	g_free(self->name);
	g_free(self->kind);
	g_free(self->network);
	g_strfreev(self->ends);
	g_strfreev(self->between);
	g_clear_pointer(&self->counters, g_variant_unref);
	g_clear_pointer(&self->carrier, g_variant_unref);
	g_clear_pointer(&self->impairment, g_variant_unref);
	g_clear_pointer(&self->wire, g_variant_unref);
	g_free(self);
}

static void forward_facts_free(gpointer data)
{
	ForwardFacts *self = data;
	g_free(self->protocol);
	g_free(self->host);
	g_free(self->to);
	g_free(self);
}

void uplink_facts_free(UplinkFacts *self)
{
	g_clear_pointer(&self->counters, g_variant_unref);
	g_free(self->port);
	g_free(self->name);
	g_free(self->network);
	g_free(self->state);
	g_free(self->message);
	g_free(self->dhcp);
	g_strfreev(self->warnings);
	g_strfreev(self->addresses);
	g_strfreev(self->dns);
	g_ptr_array_unref(self->forwards);
	g_free(self);
}

char *lab_text(GVariant *facts, const char *key)
{
	char *value = NULL;
	g_variant_lookup(facts, key, "s", &value);
	return value ? value : g_strdup("");
}

static char **texts(GVariant *facts, const char *key)
{
	char **value = NULL;
	g_variant_lookup(facts, key, "^as", &value);
	return value ? value : g_new0(char *, 1);
}

NodeFacts *node_facts_from_variant(const char *name, GVariant *facts)
{
	NodeFacts *node = g_new0(NodeFacts, 1);
	GVariantIter *interfaces = NULL;
	node->name = g_strdup(name);
	node->state = lab_text(facts, "state");
	node->message = lab_text(facts, "message");
	node->image = lab_text(facts, "image");
	node->kind = lab_text(facts, "kind");
	node->warnings = texts(facts, "warnings");
	node->cpu = -1;
	g_variant_lookup(facts, "since", "x", &node->since);
	g_variant_lookup(facts, "pid", "i", &node->pid);
	g_variant_lookup(facts, "cpu", "i", &node->cpu);
	g_variant_lookup(facts, "memory", "t", &node->memory);
	g_variant_lookup(facts, "resident", "t", &node->resident);
	g_variant_lookup(facts, "boot_ms", "u", &node->boot_ms);
	node->interfaces = g_ptr_array_new_with_free_func(interface_facts_free);
	if (!g_variant_lookup(facts, "interfaces", "a(ssass)", &interfaces))
		return node;
	InterfaceFacts one;
	while (g_variant_iter_next(interfaces, "(ss^ass)", &one.name, &one.attachment, &one.addresses, &one.mac))
		g_ptr_array_add(node->interfaces, g_memdup2(&one, sizeof one));
	g_variant_iter_free(interfaces);
	return node;
}

/** All nodes in an answer of GetNodes. */
GPtrArray *lab_nodes_from_variant(GVariant *variant)
{
	GPtrArray *nodes = g_ptr_array_new_with_free_func((GDestroyNotify)node_facts_free);
	GVariantIter iter;
	const char *name;
	GVariant *facts;
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_loop(&iter, "{&s@a{sv}}", &name, &facts))
		g_ptr_array_add(nodes, node_facts_from_variant(name, facts));
	return nodes;
}

/** All cables in an answer of GetLinks. */
GPtrArray *lab_links_from_variant(GVariant *variant)
{
	GPtrArray *links = g_ptr_array_new_with_free_func((GDestroyNotify)link_facts_free);
	GVariantIter iter;
	const char *name;
	GVariant *facts;
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_loop(&iter, "{&s@a{sv}}", &name, &facts)) {
		LinkFacts *link = g_new0(LinkFacts, 1);
		link->name = g_strdup(name);
		link->kind = lab_text(facts, "kind");
		link->network = lab_text(facts, "network");
		link->ends = texts(facts, "ends");
		link->between = texts(facts, "between");
		g_variant_lookup(facts, "down", "b", &link->down);
		link->counters = g_variant_lookup_value(facts, "counters", G_VARIANT_TYPE("a{sa{st}}"));
		link->carrier = g_variant_lookup_value(facts, "carrier", G_VARIANT_TYPE("a{sb}"));
		link->impairment = g_variant_lookup_value(facts, "impairment", G_VARIANT_TYPE("a{sa{ss}}"));
		link->wire = g_variant_lookup_value(facts, "wire", G_VARIANT_TYPE("a{sa{st}}"));
		g_ptr_array_add(links, link);
	}
	return links;
}

static UplinkFacts *uplink_from_variant(GVariant *facts)
{
	UplinkFacts *uplink = g_new0(UplinkFacts, 1);
	GVariantIter *forwards = NULL;
	uplink->name = lab_text(facts, "name");
	uplink->network = lab_text(facts, "network");
	uplink->state = lab_text(facts, "state");
	uplink->message = lab_text(facts, "message");
	uplink->dhcp = lab_text(facts, "dhcp");
	uplink->warnings = texts(facts, "warnings");
	uplink->addresses = texts(facts, "addresses");
	uplink->dns = texts(facts, "dns");
	g_variant_lookup(facts, "since", "x", &uplink->since);
	g_variant_lookup(facts, "pid", "i", &uplink->pid);
	g_variant_lookup(facts, "restricted", "b", &uplink->restricted);
	g_variant_lookup(facts, "loopback", "b", &uplink->loopback);
	g_variant_lookup(facts, "restarts", "u", &uplink->restarts);
	uplink->counters = g_variant_lookup_value(facts, "counters", G_VARIANT_TYPE("a{sa{st}}"));
	uplink->port = g_strconcat("uplink:", uplink->network, NULL);
	uplink->forwards = g_ptr_array_new_with_free_func(forward_facts_free);
	if (!g_variant_lookup(facts, "forwards", "a(sss)", &forwards))
		return uplink;
	ForwardFacts one;
	while (g_variant_iter_next(forwards, "(sss)", &one.protocol, &one.host, &one.to))
		g_ptr_array_add(uplink->forwards, g_memdup2(&one, sizeof one));
	g_variant_iter_free(forwards);
	return uplink;
}

/** All uplinks in an answer of GetUplinks. */
GPtrArray *lab_uplinks_from_variant(GVariant *variant)
{
	GPtrArray *uplinks = g_ptr_array_new_with_free_func((GDestroyNotify)uplink_facts_free);
	GVariantIter iter;
	GVariant *facts;
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_loop(&iter, "{&s@a{sv}}", NULL, &facts))
		g_ptr_array_add(uplinks, uplink_from_variant(facts));
	return uplinks;
}

static void capture_report_free(gpointer data)
{
	CaptureReport *self = data;
	g_free(self->where);
	g_free(self->filter);
	g_free(self->file);
	g_free(self->reason);
	g_free(self);
}

/** All captures in an answer of GetCaptures. */
GPtrArray *lab_captures_from_variant(GVariant *variant)
{
	GPtrArray *captures = g_ptr_array_new_with_free_func(capture_report_free);
	GVariantIter iter;
	GVariant *facts;
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_loop(&iter, "@a{sv}", &facts)) {
		CaptureReport *capture = g_new0(CaptureReport, 1);
		capture->where = lab_text(facts, "where");
		capture->filter = lab_text(facts, "filter");
		capture->reason = lab_text(facts, "reason");
		g_variant_lookup(facts, "file", "s", &capture->file);
		g_variant_lookup(facts, "id", "u", &capture->id);
		g_variant_lookup(facts, "captured", "t", &capture->captured);
		g_variant_lookup(facts, "dropped", "t", &capture->dropped);
		g_ptr_array_add(captures, capture);
	}
	return captures;
}

/** All nodes of a lab. */
GPtrArray *lab_nodes(LabConnection *lab, GError **error)
{
	g_autoptr(GVariant) nodes = NULL;
	if (netlab_lab1_call_get_nodes_sync(lab->proxy, &nodes, NULL, error))
		return lab_nodes_from_variant(nodes);
	lab_remote_failed(error);
	return NULL;
}

/** All cables of a lab. */
GPtrArray *lab_links(LabConnection *lab, GError **error)
{
	g_autoptr(GVariant) links = NULL;
	if (netlab_lab1_call_get_links_sync(lab->proxy, &links, NULL, error))
		return lab_links_from_variant(links);
	lab_remote_failed(error);
	return NULL;
}

/** All uplinks of a lab. */
GPtrArray *lab_uplinks(LabConnection *lab, GError **error)
{
	g_autoptr(GVariant) uplinks = NULL;
	if (netlab_lab1_call_get_uplinks_sync(lab->proxy, &uplinks, NULL, error))
		return lab_uplinks_from_variant(uplinks);
	lab_remote_failed(error);
	return NULL;
}

/** Borrowed names of nodes. */
GPtrArray *lab_names_of_nodes(const GPtrArray *nodes)
{
	GPtrArray *names = g_ptr_array_new();
	for (guint i = 0; i < nodes->len; i++)
		g_ptr_array_add(names, ((NodeFacts *)g_ptr_array_index(nodes, i))->name);
	return names;
}

/** The node of this name; fails with the nearest name. */
NodeFacts *lab_node(LabConnection *lab, const char *name, GError **error)
{
	g_autoptr(GPtrArray) nodes = lab_nodes(lab, error);
	if (!nodes)
		return NULL;
	for (guint i = 0; i < nodes->len; i++)
		if (g_str_equal(((NodeFacts *)g_ptr_array_index(nodes, i))->name, name))
			return g_ptr_array_steal_index(nodes, i);
	g_autoptr(GPtrArray) names = lab_names_of_nodes(nodes);
	g_autofree char *hint = did_you_mean(name, names);
	g_set_error(
		error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND, "lab \"%s\" has no node \"%s\"%s", lab->name, name, hint);
	return NULL;
}

guint64 lab_counter(GVariant *counters, const char *port, const char *counter)
{
	guint64 value = 0;
	g_autoptr(GVariant) values = counters ? g_variant_lookup_value(counters, port, G_VARIANT_TYPE("a{st}")) : NULL;
	if (values)
		g_variant_lookup(values, counter, "t", &value);
	return value;
}

/** A counter of one port; 0 when it has none of that name. */
guint64 link_counter(const LinkFacts *link, const char *port, const char *counter)
{
	return lab_counter(link->counters, port, counter);
}

char *lab_drops(GVariant *counters, const char *port)
{
	GString *text = g_string_new(NULL);
	GVariantIter each;
	const char *name;
	guint64 value;
	g_autoptr(GVariant) values = counters ? g_variant_lookup_value(counters, port, G_VARIANT_TYPE("a{st}")) : NULL;
	if (values) {
		g_variant_iter_init(&each, values);
		while (g_variant_iter_next(&each, "{&st}", &name, &value))
			if (value && g_str_has_prefix(name, "drop_"))
				g_string_append_printf(
					text, "%s%" G_GUINT64_FORMAT " %s", text->len ? ", " : "", value, name + 5);
	}
	if (!text->len)
		g_string_append_c(text, '0');
	return g_string_free(text, FALSE);
}
