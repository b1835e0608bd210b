/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the elements of a lab by name, and what messages and files call them. */
#include <assert.h>

#include "topologies/model/elements.h"

/* Characters of a name in a message. Names that follow their rules are shorter. */
#define EXCERPT 80

const char *const lab_node_kind_names[] = {
	[LAB_NODE_HOST] = "host",
	[LAB_NODE_ROUTER] = "router",
	[LAB_NODE_FIREWALL] = "firewall",
	[LAB_NODE_SERVER] = "server",
	[LAB_NODE_SWITCH] = "switch",
	NULL,
};
static_assert(G_N_ELEMENTS(lab_node_kind_names) == LAB_NODE_SWITCH + 2, "a name for each kind");

const char *const lab_network_type_names[] = {[LAB_NETWORK_SWITCH] = "switch", [LAB_NETWORK_HUB] = "hub", NULL};
static_assert(G_N_ELEMENTS(lab_network_type_names) == LAB_NETWORK_HUB + 2, "a name for each type");

const char *const lab_transport_names[] = {
	[LAB_TRANSPORT_VHOST_USER] = "vhost-user", [LAB_TRANSPORT_DATAGRAM] = "datagram", NULL};
static_assert(G_N_ELEMENTS(lab_transport_names) == LAB_TRANSPORT_UNSET + 1, "a name for each transport");

const char *const lab_stp_names[] = {[LAB_STP_OFF] = "off", [LAB_STP_RSTP] = "rstp", NULL};
static_assert(G_N_ELEMENTS(lab_stp_names) == LAB_STP_RSTP + 2, "a name for each protocol");

const char *const lab_capture_format_names[] = {[LAB_CAPTURE_PCAPNG] = "pcapng", [LAB_CAPTURE_PCAP] = "pcap", NULL};
static_assert(G_N_ELEMENTS(lab_capture_format_names) == LAB_CAPTURE_PCAP + 2, "a name for each format");

static GHashTable *index_of(const GPtrArray *elements, gsize offset)
{
	GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = elements->len; i-- > 0;) {
		char *name = G_STRUCT_MEMBER(char *, elements->pdata[i], offset);

		if (name)
			g_hash_table_replace(index, name, elements->pdata[i]);
	}
	return index;
}

void lab_index(Lab *lab)
{
	lab->nodes_by_name = index_of(lab->nodes, G_STRUCT_OFFSET(LabNode, name));
	lab->networks_by_name = index_of(lab->networks, G_STRUCT_OFFSET(LabNetwork, name));
}

/** lab_find_node() - the first node called NAME, borrowed; NULL when there is none. */
LabNode *lab_find_node(const Lab *lab, const char *name)
{
	return name && lab->nodes_by_name ? g_hash_table_lookup(lab->nodes_by_name, name) : NULL;
}

/** lab_find_network() - the first network called NAME, borrowed; NULL when there is none. */
LabNetwork *lab_find_network(const Lab *lab, const char *name)
{
	return name && lab->networks_by_name ? g_hash_table_lookup(lab->networks_by_name, name) : NULL;
}

/** lab_find_link() - the first link called NAME, borrowed; NULL when there is none. */
LabLink *lab_find_link(const Lab *lab, const char *name)
{
	for (guint i = 0; i < lab->links->len; i++) {
		LabLink *link = lab->links->pdata[i];

		if (g_strcmp0(link->name, name) == 0)
			return link;
	}
	return NULL;
}

/** lab_node_find_interface() - the node's first interface called NAME, borrowed; NULL when there is none. */
LabInterface *lab_node_find_interface(const LabNode *node, const char *name)
{
	for (guint i = 0; i < node->interfaces->len; i++) {
		LabInterface *interface = node->interfaces->pdata[i];

		if (g_strcmp0(interface->name, name) == 0)
			return interface;
	}
	return NULL;
}

/** lab_node_kind_name() - KIND as it is written in the XML; static. */
const char *lab_node_kind_name(LabNodeKind kind)
{
	return lab_node_kind_names[kind];
}

/** lab_network_type_name() - TYPE as it is written in the XML; static. */
const char *lab_network_type_name(LabNetworkType type)
{
	return lab_network_type_names[type];
}

/** lab_transport_name() - TRANSPORT as it is written in the XML; static. */
const char *lab_transport_name(LabTransport transport)
{
	return lab_transport_names[transport];
}

/** lab_stp_name() - STP as it is written in the XML; static. */
const char *lab_stp_name(LabStp stp)
{
	return lab_stp_names[stp];
}

/** lab_host_kind_name() - the part before the colon of host="tap:NAME"; static. */
const char *lab_host_kind_name(LabHostKind kind)
{
	static const char *const names[] = {
		[LAB_HOST_NONE] = "none", [LAB_HOST_TAP] = "tap", [LAB_HOST_BRIDGE] = "bridge"};

	return names[kind];
}

/** lab_capture_format_name() - FORMAT as it is written in the XML; static. */
const char *lab_capture_format_name(LabCaptureFormat format)
{
	return lab_capture_format_names[format];
}

/** lab_touch_kind_name() - KIND in a word; static. */
const char *lab_touch_kind_name(LabTouchKind kind)
{
	static const char *const names[] = {
		[LAB_TOUCH_READ] = "read",
		[LAB_TOUCH_WRITE] = "write",
		[LAB_TOUCH_SOCKET] = "socket",
		[LAB_TOUCH_DISK] = "disk",
		[LAB_TOUCH_DEVICE] = "device",
		[LAB_TOUCH_PORT] = "port",
		[LAB_TOUCH_NETWORK] = "network",
		[LAB_TOUCH_LOOPBACK] = "loopback",
	};

	return names[kind];
}

char *lab_ring_file(const char *path, unsigned n)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');

	/* The dot of a hidden file begins no extension. */
	if (!dot || (slash && dot < slash) || dot == (slash ? slash + 1 : path))
		dot = path + strlen(path);
	return g_strdup_printf("%.*s_%05u%s", (int)(dot - path), path, n, dot);
}

char *lab_excerpt(const char *text)
{
	const char *end = text;

	/* A character has at most four bytes: the excerpt ends between two of them. */
	for (unsigned i = 0; i < EXCERPT && *end; i++)
		end = g_utf8_next_char(end);
	return *end ? g_strdup_printf("%.*s...", (int)(end - text), text) : g_strdup(text);
}

/** lab_label() - how messages call an element
 *  @kind: its element name
 *  @name: its name, or NULL
 *  Returns 'KIND "NAME"' or 'KIND'; the caller frees it. */
char *lab_label(const char *kind, const char *name)
{
	g_autofree char *shown = name ? lab_excerpt(name) : NULL;

	return shown ? g_strdup_printf("%s \"%s\"", kind, shown) : g_strdup(kind);
}

/** lab_interface_label() - how messages call an interface
 *  @interface: one that has its node
 *  Returns 'node "N": interface "I"'; the caller frees it. */
char *lab_interface_label(const LabInterface *interface)
{
	g_autofree char *node = lab_label("node", interface->node->name);
	g_autofree char *own = lab_label("interface", interface->name);

	return g_strdup_printf("%s: %s", node, own);
}
