/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors that show only when the whole lab is there: names, nodes, addresses. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topologies/check/checker.h"
#include "topologies/model/values.h"

typedef struct {
	LabPos pos;
	const char *kind;
} First;

/* Notes NAME in SEEN; reports it when it was there before. @where: 'node "r1": ' or "". */
static void unique(GHashTable *seen, const char *where, const char *kind, const char *name, LabPos pos,
	LabDiagnostics *diagnostics)
{
	const First *first;
	First *own;

	if (!name)
		return;
	first = g_hash_table_lookup(seen, name);
	if (first) {
		g_autofree char *there = lab_pos_to_text(first->pos, pos);

		if (!strcmp(first->kind, kind))
			lab_diagnostics_add(diagnostics, LAB_ERROR, pos,
				"%s%s \"%s\" is already defined (%s); rename or remove one", where, kind, name, there);
		else
			lab_diagnostics_add(diagnostics, LAB_ERROR, pos,
				"%s%s \"%s\" has the same name as a %s (%s); use a different name", where, kind, name,
				first->kind, there);
		return;
	}
	own = g_new(First, 1);
	*own = (First){pos, kind};
	g_hash_table_insert(seen, (char *)name, own);
}

static GHashTable *names_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
}

/* Names of hosts are the same in upper and lower case (RFC 4343). */
static void check_host_names(const Lab *lab, LabDiagnostics *diagnostics)
{
	g_autoptr(GHashTable) nodes = names_new(),
			      folded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i], *other;
		g_autofree char *lower = node->name ? g_ascii_strdown(node->name, -1) : NULL;

		unique(nodes, "", "node", node->name, node->pos, diagnostics);
		other = lower ? g_hash_table_lookup(folded, lower) : NULL;
		if (other && strcmp(other->name, node->name) != 0) {
			g_autofree char *there = lab_pos_to_text(other->pos, node->pos);

			lab_diagnostics_add(diagnostics, LAB_ERROR, node->pos,
				"node \"%s\" differs from node \"%s\" (%s) only in upper and lower case, which host names "
				"do not have; rename one",
				node->name, other->name, there);
		} else if (lower && !other)
			g_hash_table_insert(folded, g_steal_pointer(&lower), (void *)node);
	}
}

static void check_names(const Lab *lab, LabDiagnostics *diagnostics)
{
	g_autoptr(GHashTable) cables = names_new(), checks = names_new();

	check_host_names(lab, diagnostics);
	/* Networks and links share their names, because commands take either. */
	for (guint i = 0; i < lab->networks->len; i++) {
		const LabNetwork *network = lab->networks->pdata[i];

		unique(cables, "", "network", network->name, network->pos, diagnostics);
	}
	for (guint i = 0; i < lab->links->len; i++) {
		const LabLink *link = lab->links->pdata[i];

		unique(cables, "", "link", link->name, link->pos, diagnostics);
	}
	for (guint i = 0; i < lab->checks->len; i++) {
		const LabCheck *check = lab->checks->pdata[i];

		unique(checks, "", "check", check->name, check->pos, diagnostics);
	}
}

static void check_addresses(const LabNode *node, LabDiagnostics *diagnostics)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = node->interfaces->pdata[i];

		for (guint j = 0; j < interface->addresses->len; j++) {
			const LabAddress *address = interface->addresses->pdata[j];
			g_autofree char *text = g_inet_address_to_string(address->address),
					*label = lab_interface_label(interface);
			const LabInterface *other = g_hash_table_lookup(seen, text);

			/* Every interface may have the same link-local address: the scope tells them apart. */
			if (other == interface)
				lab_diagnostics_add(diagnostics, LAB_ERROR, interface->pos,
					"%s: address %s is listed twice; remove one", label, text);
			else if (other && !g_inet_address_get_is_link_local(address->address))
				lab_diagnostics_add(diagnostics, LAB_ERROR, interface->pos,
					"%s: address %s is also used by interface \"%s\" of this node; "
					"use a different address",
					label, text, other->name);
			else
				g_hash_table_insert(seen, g_steal_pointer(&text), (void *)interface);
		}
	}
}

static void check_source(Checker *self, const LabFile *file, const char *label)
{
	g_autoptr(GError) reason = NULL;
	int fd = lab_folder_open(self->lab->folder, file->source, LAB_OPEN_READ, &reason);
	struct stat info;

	if (fd < 0)
		checker_error(self, file->pos, "%s: cannot read source %s: %s", label, file->source, reason->message);
	else if (fstat(fd, &info) == 0 && (guint64)info.st_size > LAB_MAX_SOURCE_SIZE)
		checker_error(self, file->pos,
			"%s: source %s has %" G_GUINT64_FORMAT " bytes, but it can have at most %" G_GUINT64_FORMAT,
			label, file->source, (guint64)info.st_size, LAB_MAX_SOURCE_SIZE);
	if (fd >= 0)
		close(fd);
}

/* The defaults have left no other yes than one that was written. */
static void check_offload(const LabNode *node, LabDiagnostics *diagnostics)
{
	static const char *const way_out =
		"offload=\"yes\" has no effect with transport=\"datagram\"; remove it, or use transport=\"vhost-user\"";

	if (node->transport != LAB_TRANSPORT_DATAGRAM)
		return;
	if (node->offload == LAB_OFFLOAD_YES) {
		g_autofree char *label = lab_label("node", node->name);

		lab_diagnostics_add(diagnostics, LAB_ERROR, node->pos, "%s: %s", label, way_out);
		return;
	}
	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = node->interfaces->pdata[i];
		g_autofree char *label = lab_interface_label(interface);

		if (interface->offload == LAB_OFFLOAD_YES)
			lab_diagnostics_add(diagnostics, LAB_ERROR, interface->pos, "%s: %s", label, way_out);
	}
}

static void check_node(Checker *self, const LabNode *node)
{
	LabDiagnostics *diagnostics = self->diagnostics;
	g_autoptr(GHashTable) interfaces = names_new(), files = names_new();
	g_autofree char *label = lab_label("node", node->name), *where = g_strconcat(label, ": ", NULL);

	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = node->interfaces->pdata[i];

		unique(interfaces, where, "interface", interface->name, interface->pos, diagnostics);
	}
	check_addresses(node, diagnostics);
	check_offload(node, diagnostics);
	for (guint i = 0; i < node->files->len; i++) {
		const LabFile *file = node->files->pdata[i];
		g_autofree char *own = lab_label("file", file->path), *file_label = g_strconcat(where, own, NULL);

		unique(files, where, "file", file->path, file->pos, diagnostics);
		if (file->source)
			check_source(self, file, file_label);
	}
}

/* Where an interface meets others: its network with all that are joined to it, or its link; and its machine. The caller frees
 * the key; NULL where there is no such place. */
static char *meeting_place(const LabInterface *interface, const char *mac, unsigned which)
{
	if (which == 1)
		return g_strdup_printf("%s %p", mac, (const void *)interface->node);
	if (interface->network)
		return g_strdup_printf("%s group %u", mac, interface->network->group);
	return interface->link ? g_strdup_printf("%s %p", mac, (const void *)interface->link) : NULL;
}

static void check_mac(const LabInterface *interface, GHashTable *seen, LabDiagnostics *diagnostics)
{
	const guint8 *m = interface->mac;
	g_autofree char *mac = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	const LabInterface *other = NULL;

	for (unsigned which = 0; which < 2; which++) {
		g_autofree char *place = meeting_place(interface, mac, which);
		const LabInterface *first = place ? g_hash_table_lookup(seen, place) : NULL;

		if (place && !first)
			g_hash_table_insert(seen, g_steal_pointer(&place), (void *)interface);
		other = other ? other : first;
	}
	if (other) {
		g_autofree char *label = lab_interface_label(interface), *theirs = lab_interface_label(other);

		lab_diagnostics_add(diagnostics, LAB_ERROR, interface->pos,
			"%s: MAC address %s is also used by %s; interfaces that share a network, link or node need "
			"different MAC addresses",
			label, mac, theirs);
	}
}

/* Equal MAC addresses that never meet are legal, and some lessons need them. */
static void check_macs(const Lab *lab, LabDiagnostics *diagnostics)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];

		for (guint j = 0; j < node->interfaces->len; j++) {
			const LabInterface *interface = node->interfaces->pdata[j];

			/* Neither written nor generated: a separate error. Duplicate names give the same address. */
			if (interface->mac_written ||
				(interface->mac[0] && lab_node_find_interface(node, interface->name) == interface &&
					lab_find_node(lab, node->name) == node))
				check_mac(interface, seen, diagnostics);
		}
	}
}

/** checker_error() - adds an error with its place. */
void checker_error(Checker *self, LabPos pos, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	lab_diagnostics_add(self->diagnostics, LAB_ERROR, pos, "%s", message);
}

/** checker_first_use() - notes that KEY is used at a place
 *  @seen: table of keys (owned) and places (borrowed)
 *  @key: taken
 *  @pos: the place; must outlive SEEN
 *  Returns in words where the key was used first, or NULL when this is the first use. The caller frees it. */
char *checker_first_use(GHashTable *seen, char *key, const LabPos *pos)
{
	const LabPos *first = g_hash_table_lookup(seen, key);

	if (first)
		g_free(key);
	else
		g_hash_table_insert(seen, key, (void *)pos);
	return first ? lab_pos_to_text(*first, *pos) : NULL;
}

/** checker_port_name() - reports a node's interface that has the name of one of the switch's own ports, KIND:NETWORK. */
void checker_port_name(Checker *self, LabPos pos, const char *kind, const LabNetwork *network)
{
	const LabNode *node = lab_find_node(self->lab, kind);

	if (node && network && lab_node_find_interface(node, network->name))
		checker_error(self, pos,
			"the port name \"%s:%s\" is used twice: by network \"%s\" for its connection to the %s, and by "
			"node \"%s\" for its interface \"%s\"; rename the node or the interface",
			kind, network->name, network->name, strcmp(kind, "host") ? "host's network" : "host", kind,
			network->name);
}

/** lab_check() - reports what is wrong with a lab as a whole; looks at the disk for the sources of files
 *  @lab: with defaults applied; names may be missing where errors were reported
 *  @filter_check: tells whether a capture filter is valid; NULL: filters are not checked
 *  @diagnostics: gets the errors */
void lab_check(const Lab *lab, LabFilterCheck filter_check, LabDiagnostics *diagnostics)
{
	Checker self = {lab, filter_check, diagnostics};

	check_names(lab, diagnostics);
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];

		if (node->interfaces->len > LAB_MAX_INTERFACES)
			lab_diagnostics_add(diagnostics, LAB_ERROR, node->pos,
				"node \"%s\" has too many interfaces; the limit is %d", node->name ? node->name : "",
				LAB_MAX_INTERFACES);
		else if (node->transport == LAB_TRANSPORT_DATAGRAM &&
			node->interfaces->len > LAB_MAX_DATAGRAM_INTERFACES)
			lab_diagnostics_add(diagnostics, LAB_ERROR, node->pos,
				"node \"%s\" has too many interfaces; the limit is %d with transport=\"datagram\", and %d "
				"without",
				node->name ? node->name : "", LAB_MAX_DATAGRAM_INTERFACES, LAB_MAX_INTERFACES);
		check_node(&self, node);
	}
	check_macs(lab, diagnostics);
	check_networks(&self);
	check_uplinks(&self);
	check_captures(&self);
}
