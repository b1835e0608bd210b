/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is legal but surely wrong about nodes, addresses, routes and captures. People stop reading warnings that are
 * sometimes mistaken: where a node's own commands or files could make it right, nothing is said. */
#include <string.h>
#include <unistd.h>

#include "topologies/check/subnets.h"
#include "topologies/check/warnings.h"
#include "topologies/model/values.h"

/* About a tenth of a second. */
#define EFFORT 10000000
/* What takes as long as a comparison: searching so many bytes; and how many opening a file takes. */
#define BYTES_A_STEP 16
#define FILE_STEPS 500

/** warn_at() - adds a warning with its place. */
void warn_at(Warner *self, LabPos pos, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	lab_diagnostics_add(self->diagnostics, LAB_WARNING, pos, "%s", message);
}

/** warner_may_spend() - see warnings.h. */
gboolean warner_may_spend(Warner *self, gsize steps)
{
	self->effort -= MIN(steps, self->effort);
	return self->effort > 0;
}

static gboolean contains(Warner *self, const char *text, gsize size, const char *word)
{
	return !warner_may_spend(self, 1 + size / BYTES_A_STEP) || memmem(text, size, word, strlen(word));
}

/** warner_mentions() - see warnings.h. */
gboolean warner_mentions(Warner *self, const LabNode *node, const char *word)
{
	for (guint i = 0; i < node->runs->len; i++) {
		const char *command = ((const LabRun *)node->runs->pdata[i])->command;

		if (contains(self, command, strlen(command), word))
			return TRUE;
	}
	for (guint i = 0; i < node->files->len; i++) {
		const LabFile *file = node->files->pdata[i];

		if (!warner_may_spend(self, FILE_STEPS))
			return TRUE;
		int fd = file->source ? lab_folder_open(self->lab->folder, file->source, LAB_OPEN_READ, NULL) : -1;
		g_autoptr(GMappedFile) mapped = fd >= 0 ? g_mapped_file_new_from_fd(fd, FALSE, NULL) : NULL;
		gsize size = 0;
		const char *text = mapped      ? g_mapped_file_get_contents(mapped)
			: file->inline_content ? g_bytes_get_data(file->inline_content, &size)
					       : NULL;

		if (fd >= 0)
			close(fd);
		if (mapped)
			size = g_mapped_file_get_length(mapped);
		if (text && contains(self, text, size, word))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_family(const LabAddress *address, GSocketFamily family)
{
	return g_inet_address_get_family(address->address) == family;
}

static gboolean has_family(const LabInterface *interface, GSocketFamily family)
{
	for (guint i = 0; i < interface->addresses->len; i++)
		if (is_family(interface->addresses->pdata[i], family))
			return TRUE;
	return FALSE;
}

static gboolean has_address(const LabInterface *interface, GInetAddress *address)
{
	for (guint i = 0; i < interface->addresses->len; i++)
		if (g_inet_address_equal(((const LabAddress *)interface->addresses->pdata[i])->address, address))
			return TRUE;
	return FALSE;
}

static const LabAddress *first_of_family(const LabInterface *interface, GSocketFamily family)
{
	for (guint i = 0; i < interface->addresses->len; i++)
		if (is_family(interface->addresses->pdata[i], family))
			return interface->addresses->pdata[i];
	return NULL;
}

/* Interfaces whose addresses share no subnet with any neighbour's. Of two that differ, only the second is reported. */
static void warn_of_strangers(Warner *self, const Segment *segment, GSocketFamily family)
{
	g_autoptr(GPtrArray) members = g_ptr_array_new();
	g_autoptr(Subnets) subnets = NULL;

	for (guint i = 0; i < segment->interfaces->len; i++)
		if (has_family(segment->interfaces->pdata[i], family))
			g_ptr_array_add(members, segment->interfaces->pdata[i]);
	subnets = subnets_new(members, family);
	for (guint i = members->len == 2 ? 1 : 0; members->len > 1 && i < members->len; i++) {
		const LabInterface *interface = members->pdata[i], *neighbour = members->pdata[i ? 0 : 1];
		g_autofree char *label = NULL, *own = NULL, *other = NULL;

		if (subnets_has_neighbour(subnets, interface))
			continue;
		label = lab_interface_label(interface);
		own = lab_address_to_text(first_of_family(interface, family));
		other = lab_address_network_to_text(first_of_family(neighbour, family));
		warn_at(self, interface->pos, "%s: address %s is outside the subnet of its neighbours on %s (%s)",
			label, own, segment->label, other);
	}
}

static void warn_of_duplicates(Warner *self, const Segment *segment)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < segment->interfaces->len; i++) {
		LabInterface *interface = segment->interfaces->pdata[i];

		for (guint j = 0; j < interface->addresses->len; j++) {
			const LabAddress *address = interface->addresses->pdata[j];
			g_autofree char *text = g_inet_address_to_string(address->address);
			const LabInterface *other = g_hash_table_lookup(seen, text);

			if (other) {
				g_autofree char *label = lab_interface_label(interface),
						*theirs = lab_interface_label(other);

				warn_at(self, interface->pos, "%s: address %s is also used by %s, on the same %s",
					label, text, theirs, segment->label);
			} else {
				g_hash_table_insert(seen, g_steal_pointer(&text), interface);
			}
		}
	}
}

static void warn_of_interface(Warner *self, const LabInterface *interface)
{
	g_autofree char *label = lab_interface_label(interface);

	if (!interface->network && !interface->link)
		warn_at(self, interface->pos, "%s is not connected; add network=, or an <end> for it in a <link>",
			label);
	if (interface->mtu < 1280 && has_family(interface, G_SOCKET_FAMILY_IPV6))
		warn_at(self, interface->pos,
			"%s: IPv6 needs an mtu of at least 1280 (RFC 8200); Linux disables IPv6 at %u", label,
			interface->mtu);
	for (guint i = 0; i < interface->addresses->len; i++) {
		const LabAddress *address = interface->addresses->pdata[i];
		g_autofree char *text = lab_address_to_text(address);

		if (lab_address_is_network_or_broadcast(address))
			warn_at(self, interface->pos,
				"%s: address %s is the first or last address of its subnet, which a host cannot use",
				label, text);
	}
}

/* The buffers of an interface that is up, and what a kernel with the tiny image needs beside them. Measured: 128 interfaces work
 * with 112 MiB and not with 104, 32 with 48 and not with 44, 8 and not 9 with 32: the kernel panics. */
#define MEMORY_BASE (G_GUINT64_CONSTANT(27136) << 10)
#define MEMORY_PER_INTERFACE (G_GUINT64_CONSTANT(676) << 10)

static void warn_of_memory(Warner *self, const LabNode *node)
{
	guint64 needed = MEMORY_BASE + node->interfaces->len * MEMORY_PER_INTERFACE, mib = 1 << 20;

	if (node->transport == LAB_TRANSPORT_VHOST_USER && node->memory < needed)
		warn_at(self, node->pos,
			"node \"%s\": its %u interfaces need at least memory=\"%" G_GUINT64_FORMAT
			"M\"; with less its kernel runs out of memory as it starts",
			node->name, node->interfaces->len, (needed + mib - 1) / mib);
}

/* The value that a sysctl ends up with: the last one written; NULL when none is. */
static const char *sysctl_value(const LabNode *node, const char *name)
{
	const char *value = NULL;

	for (guint i = 0; i < node->sysctls->len; i++) {
		const LabSysctl *sysctl = node->sysctls->pdata[i];
		g_autofree char *dotted = g_strdelimit(g_strdup(sysctl->name), "/", '.');

		if (!strcmp(dotted, name))
			value = sysctl->value;
	}
	return value;
}

static const char *forwarding_sysctl(GSocketFamily family)
{
	return family == G_SOCKET_FAMILY_IPV4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
}

/* FRR's zebra turns forwarding on at its own start. */
static gboolean may_forward(Warner *self, const LabNode *node, GSocketFamily family)
{
	GHashTable *known = self->forwards[family == G_SOCKET_FAMILY_IPV6];
	gpointer found;
	const char *value;
	gboolean forwards;

	if (g_hash_table_lookup_extended(known, node, NULL, &found))
		return GPOINTER_TO_INT(found);
	value = sysctl_value(node, forwarding_sysctl(family));
	forwards = (value && strtol(value, NULL, 10) != 0) || warner_mentions(self, node, "forward") ||
		warner_mentions(self, node, "zebra") || warner_mentions(self, node, "frr");
	g_hash_table_insert(known, (void *)node, GINT_TO_POINTER(forwards));
	return forwards;
}

static void warn_of_router(Warner *self, const LabNode *node, GSocketFamily family)
{
	unsigned count = 0;

	if (node->kind != LAB_NODE_ROUTER && node->kind != LAB_NODE_FIREWALL)
		return;
	for (guint i = 0; i < node->interfaces->len; i++)
		count += has_family(node->interfaces->pdata[i], family);
	if (count >= 2 && !may_forward(self, node, family))
		warn_at(self, node->pos, "node \"%s\" is a %s, but its sysctl %s turns forwarding off", node->name,
			lab_node_kind_name(node->kind), forwarding_sysctl(family));
}

/* Whether the node can send to VIA directly when the routes before ROUTE are there: through the subnet of an address or
 * a route that only names a device. Sets *interface to the way out where that is known. */
static gboolean is_connected(Warner *self, const LabNode *node, const LabRoute *route, const LabInterface **interface)
{
	*interface = NULL;
	if (!warner_may_spend(self, node->routes->len))
		return TRUE;
	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *candidate = node->interfaces->pdata[i];

		if (route->dev && g_strcmp0(route->dev, candidate->name) != 0)
			continue;
		for (guint j = 0; j < candidate->addresses->len; j++)
			if (lab_address_holds(candidate->addresses->pdata[j], route->via)) {
				*interface = candidate;
				return TRUE;
			}
	}
	for (guint i = 0; i < node->routes->len && node->routes->pdata[i] != route; i++) {
		const LabRoute *before = node->routes->pdata[i];

		if (!before->via && before->dev && (!route->dev || !strcmp(route->dev, before->dev)) &&
			(before->is_default || (before->to && lab_address_holds(before->to, route->via))))
			return TRUE;
	}
	return FALSE;
}

/* The neighbour that has ADDRESS. Sets *unsure when somebody else there may have it without the file saying so. */
static const LabInterface *find_neighbour(
	Warner *self, const Segment *segment, const LabInterface *from, GInetAddress *address, gboolean *unsure)
{
	g_autofree char *text = g_inet_address_to_string(address);

	*unsure = segment->open || !warner_may_spend(self, segment->interfaces->len);
	for (guint i = 0; i < segment->interfaces->len && self->effort; i++) {
		const LabInterface *interface = segment->interfaces->pdata[i];

		if (interface != from && has_address(interface, address))
			return interface;
	}
	/* Without an address it may be a bridge's; with a command that names the address, say VRRP's. */
	for (guint i = 0; i < segment->interfaces->len && !*unsure; i++) {
		const LabInterface *interface = segment->interfaces->pdata[i];

		*unsure = interface != from &&
			(!has_family(interface, g_inet_address_get_family(address)) ||
				warner_mentions(self, interface->node, text));
	}
	return NULL;
}

static gboolean is_uplink(const Segment *segment, GInetAddress *address)
{
	for (guint i = 0; i < segment->uplinks->len; i++) {
		const LabUplink *uplink = segment->uplinks->pdata[i];

		if (g_inet_address_equal(uplink->address4->address, address) ||
			g_inet_address_equal(uplink->address6->address, address))
			return TRUE;
	}
	return FALSE;
}

static void warn_of_gateway(Warner *self, const LabNode *node, const LabRoute *route, const char *label,
	const char *via, const LabInterface *out)
{
	const Segment *segment = segments_of_interface(self->segments, out);
	GSocketFamily family = g_inet_address_get_family(route->via);
	const LabInterface *gateway;
	gboolean unsure, to_itself;

	if (!segment || g_inet_address_get_is_link_local(route->via) || is_uplink(segment, route->via))
		return;
	gateway = find_neighbour(self, segment, out, route->via, &unsure);
	if (!gateway) {
		if (!unsure && !warner_mentions(self, node, via))
			warn_at(self, route->pos, "%s: no other node on %s has the gateway address %s", label,
				segment->label, via);
		return;
	}
	to_itself = route->to && route->to->prefix == g_inet_address_get_native_size(route->to->address) * 8;
	if (!to_itself && gateway->node->kind != LAB_NODE_ROUTER && gateway->node->kind != LAB_NODE_FIREWALL &&
		!may_forward(self, gateway->node, family) && g_hash_table_add(self->gateways, gateway->node))
		warn_at(self, gateway->node->pos,
			"node \"%s\" is the gateway of node \"%s\" but does not forward packets; set kind=\"router\" "
			"or the sysctl %s=1",
			gateway->node->name, node->name, forwarding_sysctl(family));
}

static void warn_of_route(Warner *self, const LabNode *node, const LabRoute *route)
{
	g_autofree char *to = route->to ? lab_address_to_text(route->to) : g_strdup("default");
	g_autofree char *via = route->via ? g_inet_address_to_string(route->via) : NULL;
	g_autofree char *label = g_strdup_printf("node \"%s\": route to %s", node->name, to);
	const LabInterface *out;

	if (!route->via)
		return;
	for (guint i = 0; i < node->interfaces->len; i++)
		if (has_address(node->interfaces->pdata[i], route->via)) {
			warn_at(self, route->pos, "%s: the gateway %s is an address of this node itself", label, via);
			return;
		}
	if (g_inet_address_get_is_link_local(route->via) &&
		g_inet_address_get_family(route->via) == G_SOCKET_FAMILY_IPV6) {
		if (!route->dev)
			warn_at(self, route->pos, "%s: the gateway %s is link-local; add dev=\"INTERFACE\"", label,
				via);
		return;
	}
	if (!is_connected(self, node, route, &out))
		warn_at(self, route->pos, "%s: the gateway %s is not in a subnet of %s%s%s, so it cannot be reached",
			label, via, route->dev ? "interface \"" : "this node", route->dev ? route->dev : "",
			route->dev ? "\"" : "");
	else if (out)
		warn_of_gateway(self, node, route, label, via, out);
}

static void warn_of_node(Warner *self, const LabNode *node)
{
	if (!node->interfaces->len && self->lab->nodes->len > 1)
		warn_at(self, node->pos, "node \"%s\" has no interfaces, so no other node can reach it", node->name);
	for (guint i = 0; i < node->interfaces->len; i++)
		warn_of_interface(self, node->interfaces->pdata[i]);
	warn_of_memory(self, node);
	warn_of_router(self, node, G_SOCKET_FAMILY_IPV4);
	warn_of_router(self, node, G_SOCKET_FAMILY_IPV6);
	for (guint i = 0; i < node->routes->len; i++)
		warn_of_route(self, node, node->routes->pdata[i]);
}

static void warn_of_capture(Warner *self, const LabCapture *capture)
{
	if (capture->format == LAB_CAPTURE_PCAPNG && !capture->format_written &&
		g_str_has_suffix(capture->file, ".pcap"))
		warn_at(self, capture->pos,
			"capture: the file name ends in .pcap, but the format is pcapng; rename it to .pcapng or set "
			"format=\"pcap\"");
}

/** lab_warn() - reports what is legal but surely wrong
 *  @lab: without errors, with defaults applied
 *  @diagnostics: gets the warnings */
void lab_warn(const Lab *lab, LabDiagnostics *diagnostics)
{
	g_autoptr(Segments) segments = segments_new(lab);
	g_autoptr(GHashTable) gateways = g_hash_table_new(NULL, NULL), v4 = g_hash_table_new(NULL, NULL),
			      v6 = g_hash_table_new(NULL, NULL);
	Warner self = {lab, segments, gateways, {v4, v6}, EFFORT, diagnostics};
	const GPtrArray *all = segments_all(segments);

	for (guint i = 0; i < all->len; i++) {
		warn_of_strangers(&self, all->pdata[i], G_SOCKET_FAMILY_IPV4);
		warn_of_strangers(&self, all->pdata[i], G_SOCKET_FAMILY_IPV6);
		warn_of_duplicates(&self, all->pdata[i]);
	}
	for (guint i = 0; i < lab->nodes->len; i++)
		warn_of_node(&self, lab->nodes->pdata[i]);
	warn_of_links(&self);
	warn_of_uplinks(&self);
	for (guint i = 0; i < lab->captures->len; i++)
		warn_of_capture(&self, lab->captures->pdata[i]);
}
