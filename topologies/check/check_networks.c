/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Third pass, networks, links, uplinks and captures: errors that only show when the whole lab is there. */
#include <string.h>
#include <unistd.h>

#include "topologies/check/passes.h"
#include "topologies/topology.h"

typedef struct {
	const Lab *lab;
	LabDiagnostics *diagnostics;
} Checker;

static void error_at(Checker *self, LabPos pos, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void error_at(Checker *self, LabPos pos, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	lab_diagnostics_add(self->diagnostics, LAB_ERROR, pos, "%s", message);
}

/* Notes KEY (taken), which is POS's; returns in words where it was first, or NULL. The caller frees it. */
static char *first_use(GHashTable *seen, char *key, const LabPos *pos)
{
	const LabPos *first = g_hash_table_lookup(seen, key);

	if (first)
		g_free(key);
	else
		g_hash_table_insert(seen, key, (void *)pos);
	return first ? lab_pos_to_text(*first, *pos) : NULL;
}

static void check_hub(Checker *self, const LabNetwork *network)
{
	const char *what = network->stp != LAB_STP_OFF ? "stp"
		: network->priority_written            ? "priority"
		: network->vlan_aware                  ? "VLANs"
						       : NULL;

	if (network->type == LAB_NETWORK_HUB && what)
		error_at(self, network->pos, "network \"%s\" is a hub, which has no %s; make it type=\"switch\"",
			network->name, what);
}

static void check_mirror(Checker *self, const LabNetwork *network, const LabMirror *mirror)
{
	const LabInterface *ports[] = {mirror->from, mirror->to};

	for (unsigned i = 0; i < G_N_ELEMENTS(ports); i++)
		if (ports[i] && ports[i]->network != network)
			error_at(self, mirror->pos, "network \"%s\": mirror: %s \"%s\" is not on this network",
				network->name, i ? "to" : "from", i ? mirror->to_name : mirror->from_name);
	if (mirror->from && mirror->from == mirror->to)
		error_at(self, mirror->pos, "network \"%s\": mirror: from and to are both \"%s\"", network->name,
			mirror->to_name);
}

/* A port of the switch's own is called KIND:NETWORK; a node of that name could have one that is called the same. */
static void check_port_name(Checker *self, LabPos pos, const char *kind, const LabNetwork *network)
{
	const LabNode *node = lab_find_node(self->lab, kind);

	if (node && network && lab_node_find_interface(node, network->name))
		error_at(self, pos,
			"\"%s:%s\" is the port of network \"%s\" to the %s, and node \"%s\" has an interface \"%s\"; "
			"rename one",
			kind, network->name, network->name, strcmp(kind, "host") ? "host's network" : "host", kind,
			network->name);
}

static void check_networks(Checker *self)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < self->lab->networks->len; i++) {
		const LabNetwork *network = self->lab->networks->pdata[i];
		g_autofree char *first = NULL, *listens = NULL;

		check_hub(self, network);
		for (guint k = 0; k < network->mirrors->len; k++)
			check_mirror(self, network, network->mirrors->pdata[k]);
		if (network->host_name) {
			check_port_name(self, network->pos, "host", network);
			first = first_use(seen, g_strdup(network->host_name), &network->pos);
			if (first)
				error_at(self, network->pos,
					"network \"%s\": host \"%s:%s\" is taken by another network (%s)",
					network->name, lab_host_kind_name(network->host_kind), network->host_name,
					first);
		}
		listens = network->socket ? first_use(seen, g_strdup(network->socket), &network->pos) : NULL;
		if (listens)
			error_at(self, network->pos, "network \"%s\": socket %s is another network's too (%s)",
				network->name, network->socket, listens);
	}
}

static void check_interface(Checker *self, const LabInterface *interface)
{
	static const LabImpairment none;
	g_autofree char *label = lab_interface_label(interface);

	/* Networks that do not exist were reported. */
	if (interface->network_name)
		return;
	if (interface->vlan)
		error_at(self, interface->pos, "%s: vlan and trunk are of a port on a network; write network= too",
			label);
	if (lab_impairment_equal(&interface->impairment, &none))
		return;
	if (interface->link) {
		g_autofree char *there = lab_pos_to_text(interface->link->pos, interface->pos);

		error_at(self, interface->pos,
			"%s: its cable is link \"%s\" (%s); write delay, loss and the like there", label,
			interface->link->name ? interface->link->name : "", there);
	} else
		error_at(self, interface->pos, "%s has no cable that could be impaired; write network= too", label);
}

/* -- Uplinks ------------------------------------------------------------------------------------------------------- */

static gboolean overlap(const LabForward *a, const LabForward *b)
{
	return a->udp == b->udp && a->host_port == b->host_port &&
		g_inet_address_get_family(a->host_address) == g_inet_address_get_family(b->host_address) &&
		(g_inet_address_equal(a->host_address, b->host_address) || g_inet_address_get_is_any(a->host_address) ||
			g_inet_address_get_is_any(b->host_address));
}

/* Forwards of all uplinks: the host's ports are the same for all. */
static void check_forwards(Checker *self)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (guint i = 0; i < self->lab->uplinks->len; i++) {
		const LabUplink *uplink = self->lab->uplinks->pdata[i];

		for (guint k = 0; k < uplink->forwards->len; k++)
			if (((const LabForward *)uplink->forwards->pdata[k])->host_port)
				g_ptr_array_add(all, uplink->forwards->pdata[k]);
	}
	for (guint i = 0; i < all->len; i++)
		for (guint k = 0; k < i; k++) {
			const LabForward *forward = all->pdata[i], *other = all->pdata[k];
			g_autofree char *there = NULL;

			if (!overlap(forward, other))
				continue;
			there = lab_pos_to_text(other->pos, forward->pos);
			error_at(self, forward->pos,
				"forward: %s port %u of the host is forwarded already (%s); choose another",
				forward->udp ? "UDP" : "TCP", forward->host_port, there);
			break;
		}
}

static void check_uplink(Checker *self, const LabUplink *uplink)
{
	g_autofree char *label = lab_label("uplink", uplink->network_name);

	check_port_name(self, uplink->pos, "uplink", uplink->network);
	if (!uplink->dns4 || !uplink->dhcp_start)
		error_at(self, uplink->pos,
			"%s: there is no room in its subnet for DNS (the address after the gateway's) and DHCP (the "
			"13th to the 28th after it); "
			"write a lower address or a shorter prefix, such as \"10.0.2.2/24\"",
			label);
	/* One too many is what the loader leaves. */
	if (uplink->forwards->len > LAB_MAX_FORWARDS)
		error_at(self, uplink->pos, "%s has more than %d forwards", label, LAB_MAX_FORWARDS);
	if (!uplink->dns6)
		error_at(self, uplink->pos,
			"%s: there is no room in its IPv6 subnet for DNS, the address after the gateway's", label);
}

static void check_uplinks(Checker *self)
{
	g_autoptr(GHashTable) networks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < self->lab->uplinks->len; i++) {
		const LabUplink *uplink = self->lab->uplinks->pdata[i];
		g_autofree char *first = NULL, *named = NULL;

		check_uplink(self, uplink);
		first = uplink->network ? first_use(networks, g_strdup(uplink->network_name), &uplink->pos) : NULL;
		if (first) {
			error_at(self, uplink->pos, "network \"%s\" has an uplink already (%s); it takes one",
				uplink->network_name, first);
			continue;
		}
		named = first_use(names, g_strdup(uplink->name), &uplink->pos);
		if (named)
			error_at(self, uplink->pos, "uplink \"%s\" is defined twice; the first is in %s", uplink->name,
				named);
	}
	check_forwards(self);
}

/* -- Captures ------------------------------------------------------------------------------------------------------ */

static void check_capture_file(Checker *self, const LabCapture *capture)
{
	g_autofree char *folder = g_path_get_dirname(capture->file);

	if (g_file_test(capture->file, G_FILE_TEST_IS_DIR))
		error_at(self, capture->pos, "capture: %s is a folder; name a file in it", capture->file);
	else if (g_str_equal(capture->file, self->lab->file))
		error_at(self, capture->pos, "capture: %s is the lab's own file; choose another", capture->file);
	else if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
		error_at(self, capture->pos, "capture: the folder %s does not exist; make it", folder);
}

static LabFilterCheck filter_check;

void lab_set_filter_check(LabFilterCheck check)
{
	filter_check = check;
}

static void check_filter(Checker *self, const LabCapture *capture)
{
	g_autoptr(GError) error = NULL;

	if (filter_check && capture->filter && !filter_check(capture->filter, &error))
		error_at(self, capture->pos, "%s", error->message);
}

static void check_captures(Checker *self)
{
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < self->lab->captures->len; i++) {
		const LabCapture *capture = self->lab->captures->pdata[i];
		g_autofree char *first =
			capture->file ? first_use(files, g_strdup(capture->file), &capture->pos) : NULL;

		if (first)
			error_at(self, capture->pos,
				"capture: %s is written by another capture (%s); choose another file", capture->file,
				first);
		else if (capture->file)
			check_capture_file(self, capture);
		if (capture->interface && !capture->interface->network && !capture->interface->link)
			error_at(self, capture->pos, "capture: interface \"%s\" is connected to nothing",
				capture->interface_name);
		/* A pcap file has no names of interfaces: frames of several cables could not be told apart. */
		if (capture->format == LAB_CAPTURE_PCAP && !capture->link_name && !capture->interface_name)
			error_at(self, capture->pos,
				"capture: a pcap file takes one link= or interface=; for more write format=\"pcapng\"");
		check_filter(self, capture);
	}
}

/** lab_check_wires() - reports what is wrong with networks, cables, uplinks and captures
 *  @lab: with defaults applied; names may be missing where errors were reported
 *  @diagnostics: gets the errors */
void lab_check_wires(const Lab *lab, LabDiagnostics *diagnostics)
{
	Checker self = {lab, diagnostics};

	check_networks(&self);
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];

		for (guint k = 0; k < node->interfaces->len; k++)
			check_interface(&self, node->interfaces->pdata[k]);
	}
	check_uplinks(&self);
	check_captures(&self);
}
