/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tree to model: networks and everything that is joined to them or recorded on them: links, uplinks, captures. */
#include <string.h>

#include "topologies/load/loader.h"
#include "topologies/model/values.h"

#define AGEING_MIN_MS 1000u
#define AGEING_MAX_MS 1000000000u /* IEEE 802.1Q, table 8-6: up to 1 000 000 s */
#define TABLE_MAX 65536
#define MAX_FILTER 4000

static void load_mirror(Loader *self, const xmlNode *element, LabNetwork *network)
{
	LabMirror *mirror = lab_mirror_new(lab_tree_pos(element));

	mirror->from_name = g_strdup(lab_tree_attribute(element, "from"));
	mirror->to_name = g_strdup(lab_tree_attribute(element, "to"));
	g_ptr_array_add(network->mirrors, mirror);
}

void loader_network(Loader *self, const xmlNode *element)
{
	LabNetwork *network = lab_network_new(lab_tree_pos(element));
	const char *ageing = lab_tree_attribute(element, "ageing"), *table = lab_tree_attribute(element, "table"),
		   *priority = lab_tree_attribute(element, "priority"), *host = lab_tree_attribute(element, "host");
	GError *error = NULL;
	unsigned index;

	g_ptr_array_add(self->lab->networks, network);
	loader_name(self, element, "name", LAB_NAME_CABLE, &network->name);
	if (loader_choice(self, element, "type", lab_network_type_names, &index))
		network->type = index;
	if (ageing && !value_duration(ageing, AGEING_MIN_MS, AGEING_MAX_MS, &network->ageing_ms, &error))
		loader_complain(self, element, "ageing", g_steal_pointer(&error));
	if (table && !value_number(table, 1, TABLE_MAX, &network->table_size, &error))
		loader_complain(self, element, "table", g_steal_pointer(&error));
	if (loader_choice(self, element, "stp", lab_stp_names, &index))
		network->stp = index;
	if (priority && !(network->priority_written = value_priority(priority, &network->priority, &error)))
		loader_complain(self, element, "priority", g_steal_pointer(&error));
	if (host && !value_host(host, &network->host_kind, &network->host_name, &error))
		loader_complain(self, element, "host", g_steal_pointer(&error));
	network->socket = loader_path(self, element, "socket", self->lab->folder->path, LAB_TOUCH_SOCKET);
	for (const xmlNode *child = element->children; child; child = child->next)
		if (lab_tree_is(child, "mirror"))
			load_mirror(self, child, network);
}

/* The schema cannot say "node and interface, or network". Returns whether the end says enough to be joined. */
/* What loader_settings() reads. */
static gboolean has_settings(const xmlNode *element)
{
	return lab_tree_attribute(element, "address") || lab_tree_attribute(element, "mac") ||
		lab_tree_attribute(element, "mtu") || lab_tree_attribute(element, "offload");
}

static gboolean check_end(Loader *self, const xmlNode *element)
{
	gboolean node = lab_tree_attribute(element, "node") != NULL,
		 interface = lab_tree_attribute(element, "interface") != NULL,
		 network = lab_tree_attribute(element, "network") != NULL;

	if (network && (node || interface))
		loader_complain_of(self, element,
			" has both network= and %s=; an end is either a network or an interface of a node",
			node ? "node" : "interface");
	else if (network && has_settings(element))
		loader_complain_of(self, element,
			": address, mac, mtu and offload belong to interfaces, not to networks; remove them");
	else if (!network &&
		(lab_tree_attribute(element, "vlan") || lab_tree_attribute(element, "trunk") ||
			lab_tree_attribute(element, "native")))
		loader_complain_of(self, element,
			": vlan, trunk and native apply to a port on a network; configure VLANs in the node, or put a "
			"network in between");
	/* An unknown attribute may be the missing one, misspelt; it was reported. */
	if (network || g_hash_table_contains(self->findings->strange, element))
		return network || (node && interface);
	if (!node && !interface)
		loader_complain_of(self, element,
			" is not connected; add node=\"NODE\" interface=\"NAME\", or network=\"NETWORK\"");
	else if (!node || !interface)
		loader_complain_of(self, element, ": attribute \"%s\" is missing", node ? "interface" : "node");
	return node && interface;
}

static void load_end(Loader *self, const xmlNode *element, LabLink *link, unsigned index)
{
	LabPendingEnd *end = g_new0(LabPendingEnd, 1);

	g_ptr_array_add(self->ends, end);
	check_end(self, element);
	end->link = link;
	end->index = index;
	end->network_name = g_strdup(lab_tree_attribute(element, "network"));
	end->node_name = end->network_name ? NULL : g_strdup(lab_tree_attribute(element, "node"));
	end->interface = lab_interface_new(lab_tree_pos(element));
	end->has_settings = has_settings(element);
	loader_name(self, element, "interface", LAB_NAME_INTERFACE, &end->interface->name);
	loader_settings(self, element, end->interface);
	link->ends[index].vlan = loader_vlan(self, element);
	loader_link_settings(self, element, &link->impairments[index]);
}

void loader_link(Loader *self, const xmlNode *element)
{
	LabLink *link = lab_link_new(lab_tree_pos(element));
	const LabPendingEnd *ends[G_N_ELEMENTS(link->ends)];
	unsigned index = 0;

	g_ptr_array_add(self->lab->links, link);
	loader_name(self, element, "name", LAB_NAME_CABLE, &link->name);
	loader_link_settings(self, element, &link->impairments[0]);
	link->impairments[1] = link->impairments[0];
	for (const xmlNode *child = element->children; child; child = child->next)
		if (lab_tree_is(child, "end") && index < G_N_ELEMENTS(ends)) {
			load_end(self, child, link, index);
			ends[index++] = self->ends->pdata[self->ends->len - 1];
		}
	for (unsigned i = 0; index == G_N_ELEMENTS(ends) && i < index; i++) {
		const LabPendingEnd *node = ends[i], *network = ends[1 - i];

		if (node->node_name && network->network_name)
			loader_complain_of(self, element,
				": an interface needs no link to connect to a network; write <interface name=\"%s\" "
				"network=\"%s\"> in node \"%s\"",
				node->interface->name ? node->interface->name : "eth0", network->network_name,
				node->node_name);
	}
}

static void load_forward(Loader *self, const xmlNode *element, LabUplink *uplink)
{
	const char *host = lab_tree_attribute(element, "host"), *to = lab_tree_attribute(element, "to");
	LabForward *forward = lab_forward_new(lab_tree_pos(element));
	GError *error = NULL;
	unsigned index;

	g_ptr_array_add(uplink->forwards, forward);
	if (loader_choice(self, element, "protocol", (const char *const[]){"tcp", "udp", NULL}, &index))
		forward->udp = index == 1;
	if (to && !value_endpoint(to, &forward->to_address, &forward->to_port, &error))
		loader_complain(self, element, "to", g_steal_pointer(&error));
	else if (to && !forward->to_address)
		loader_complain_of(self, element, ": to \"%s\" has no address; write \"ADDRESS:%s\"", to, to);
	if (host && !value_endpoint(host, &forward->host_address, &forward->host_port, &error))
		loader_complain(self, element, "host", g_steal_pointer(&error));
	else if (host && forward->host_address && forward->to_address &&
		g_inet_address_get_family(forward->host_address) == G_SOCKET_FAMILY_IPV6 &&
		g_inet_address_get_family(forward->to_address) == G_SOCKET_FAMILY_IPV4)
		loader_complain_of(self, element,
			": an IPv4 node cannot answer an IPv6 client, so host \"%s\" cannot lead to \"%s\"; use an IPv4 "
			"address of the host, or an IPv6 address of the node",
			host, to);
}

void loader_uplink(Loader *self, const xmlNode *element)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func((GDestroyNotify)lab_address_free);
	LabUplink *uplink = lab_uplink_new(lab_tree_pos(element));

	g_ptr_array_add(self->lab->uplinks, uplink);
	uplink->network_name = g_strdup(lab_tree_attribute(element, "network"));
	loader_name(self, element, "name", LAB_NAME_CABLE, &uplink->name);
	uplink->restricted = loader_yes(self, element, "restrict");
	uplink->loopback = loader_yes(self, element, "loopback");
	uplink->vlan = loader_vlan(self, element);
	loader_addresses(self, element, addresses);
	while (addresses->len) {
		LabAddress *address = g_ptr_array_steal_index(addresses, 0);
		gboolean v4 = g_inet_address_get_family(address->address) == G_SOCKET_FAMILY_IPV4;
		LabAddress **place = v4 ? &uplink->address4 : &uplink->address6;

		if (*place)
			loader_complain_of(self, element, " has more than one %s address; an uplink can have only one",
				v4 ? "IPv4" : "IPv6");
		lab_address_free(*place);
		*place = address;
	}
	for (const xmlNode *child = element->children; child; child = child->next)
		if (lab_tree_is(child, "forward") && uplink->forwards->len <= LAB_MAX_FORWARDS)
			load_forward(self, child, uplink);
}

void loader_capture(Loader *self, const xmlNode *element)
{
	const char *ring = lab_tree_attribute(element, "ring"), *filter = lab_tree_attribute(element, "filter");
	LabCapture *capture = lab_capture_new(lab_tree_pos(element));
	GError *error = NULL;
	unsigned index;

	g_ptr_array_add(self->lab->captures, capture);
	capture->file = loader_path(self, element, "file", self->lab->folder->path, LAB_TOUCH_WRITE);
	capture->link_name = g_strdup(lab_tree_attribute(element, "link"));
	capture->interface_name = g_strdup(lab_tree_attribute(element, "interface"));
	capture->network_name = g_strdup(lab_tree_attribute(element, "network"));
	capture->filter = filter && *filter ? g_strdup(filter) : NULL;
	if (filter && strlen(filter) > MAX_FILTER)
		loader_complain_of(self, element, ": filter is longer than %d bytes", MAX_FILTER);
	if (!!capture->link_name + !!capture->interface_name + !!capture->network_name > 1)
		loader_complain_of(self, element,
			" has more than one of link, interface and network; write a separate <capture> for each");
	capture->format_written = loader_choice(self, element, "format", lab_capture_format_names, &index);
	if (capture->format_written)
		capture->format = index;
	if (ring && !value_ring(ring, &capture->ring_size, &capture->ring_files, &error))
		loader_complain(self, element, "ring", g_steal_pointer(&error));
	else if (ring && capture->file) {
		LabTouch *touch = self->lab->touches->pdata[self->lab->touches->len - 1];

		/* It writes no file of the name itself. */
		g_free(touch->what);
		touch->what = lab_ring_file(capture->file, 1);
	}
}
