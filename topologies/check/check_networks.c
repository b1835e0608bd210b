/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors about networks and what interfaces say about their cables. */
#include "topologies/check/checker.h"

static void check_hub(Checker *self, const LabNetwork *network)
{
	const char *what = network->stp != LAB_STP_OFF ? "stp"
		: network->priority_written            ? "priority"
		: network->vlan_aware                  ? "VLANs"
						       : NULL;

	if (network->type == LAB_NETWORK_HUB && what)
		checker_error(self, network->pos,
			"network \"%s\" is a hub, and hubs do not support %s; set type=\"switch\"", network->name,
			what);
}

static void check_mirror(Checker *self, const LabNetwork *network, const LabMirror *mirror)
{
	const LabInterface *ports[] = {mirror->from, mirror->to};

	for (unsigned i = 0; i < G_N_ELEMENTS(ports); i++)
		if (ports[i] && ports[i]->network != network)
			checker_error(self, mirror->pos, "network \"%s\": mirror: %s \"%s\" is not on this network",
				network->name, i ? "to" : "from", i ? mirror->to_name : mirror->from_name);
	if (mirror->from && mirror->from == mirror->to)
		checker_error(self, mirror->pos, "network \"%s\": mirror: from and to are the same port, \"%s\"",
			network->name, mirror->to_name);
}

static void check_socket(Checker *self, const LabNetwork *network)
{
	g_autoptr(GError) reason = NULL;

	if (network->socket && !lab_folder_check(self->lab->folder, network->socket, LAB_OPEN_PARENT, &reason) &&
		reason->domain == LAB_FOLDER_ERROR)
		checker_error(self, network->pos, "network \"%s\": cannot listen on %s: %s", network->name,
			network->socket, reason->message);
}

static void check_each_network(Checker *self)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < self->lab->networks->len; i++) {
		const LabNetwork *network = self->lab->networks->pdata[i];
		g_autofree char *first = NULL, *listens = NULL;

		check_hub(self, network);
		for (guint k = 0; k < network->mirrors->len; k++)
			check_mirror(self, network, network->mirrors->pdata[k]);
		if (network->host_name) {
			checker_port_name(self, network->pos, "host", network);
			first = checker_first_use(seen, g_strdup(network->host_name), &network->pos);
			if (first)
				checker_error(self, network->pos,
					"network \"%s\": host \"%s:%s\" is already used by another network (%s); use a "
					"different device",
					network->name, lab_host_kind_name(network->host_kind), network->host_name,
					first);
		}
		check_socket(self, network);
		listens = network->socket ? checker_first_use(seen, g_strdup(network->socket), &network->pos) : NULL;
		if (listens)
			checker_error(self, network->pos,
				"network \"%s\": socket %s is already used by another network (%s); "
				"use a different path",
				network->name, network->socket, listens);
	}
}

static void check_interface(Checker *self, const LabInterface *interface)
{
	static const LinkSettings none;
	g_autofree char *label = lab_interface_label(interface);

	/* Networks that do not exist were reported. */
	if (interface->network_name)
		return;
	if (interface->vlan)
		checker_error(
			self, interface->pos, "%s: vlan and trunk apply to a port on a network; add network=", label);
	if (link_settings_equal(&interface->impairment, &none))
		return;
	if (interface->link) {
		g_autofree char *there = lab_pos_to_text(interface->link->pos, interface->pos);

		checker_error(self, interface->pos,
			"%s is connected by link \"%s\" (%s); set delay, loss and similar attributes there", label,
			interface->link->name ? interface->link->name : "", there);
	} else
		checker_error(self, interface->pos,
			"%s has delay, loss or a similar attribute but is not connected; add network=", label);
}

/** check_networks() - reports what is wrong with networks, and with the cables that interfaces write for themselves. */
void check_networks(Checker *self)
{
	check_each_network(self);
	for (guint i = 0; i < self->lab->nodes->len; i++) {
		const LabNode *node = self->lab->nodes->pdata[i];

		for (guint k = 0; k < node->interfaces->len; k++)
			check_interface(self, node->interfaces->pdata[k]);
	}
}
