/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlab __complete WHAT [LAB [NETWORK]]: names, one a line, for shell completion. WHAT is labs, nodes, links, networks, ports
 * (of a network), link-settings, network-settings, port-settings or images. Prints nothing when something is wrong: a completion
 * has no place for messages. */
#include <stdio.h>

#include "netlab/cmd/cli.h"
#include "netlab/host/images.h"
#include "netlab/client/lab_facts.h"
#include "netlab/client/lab_networks.h"
#include "topologies/model/link_settings.h"
#include "topologies/model/switch_setting.h"

static void complete_labs(void)
{
	g_autoptr(GPtrArray) labs = lab_directories(NULL);
	for (guint i = 0; labs && i < labs->len; i++)
		puts(((LabDirectory *)g_ptr_array_index(labs, i))->name);
}

static void complete_nodes(const char *which)
{
	g_autoptr(LabConnection) lab = lab_connect(which, NULL);
	g_autoptr(GPtrArray) nodes = lab ? lab_nodes(lab, NULL) : NULL;
	for (guint i = 0; nodes && i < nodes->len; i++)
		puts(((NodeFacts *)g_ptr_array_index(nodes, i))->name);
}

static void complete_links(const char *which)
{
	g_autoptr(LabConnection) lab = lab_connect(which, NULL);
	g_autoptr(GPtrArray) links = lab ? lab_links(lab, NULL) : NULL;
	g_autoptr(GHashTable) networks = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; links && i < links->len; i++) {
		const LinkFacts *link = g_ptr_array_index(links, i);
		gboolean on_network = *link->network != '\0';
		if (on_network && g_hash_table_add(networks, link->network))
			puts(link->network);
		puts(link->name);
		for (char **end = link->ends; !on_network && *end; end++)
			puts(*end);
	}
}

static void complete_networks(const char *which)
{
	g_autoptr(LabConnection) lab = lab_connect(which, NULL);
	g_autoptr(GPtrArray) networks = lab ? lab_networks(lab, NULL) : NULL;
	for (guint i = 0; networks && i < networks->len; i++)
		puts(((NetworkFacts *)g_ptr_array_index(networks, i))->name);
}

/* Of one network, or of all. */
static void complete_ports(const char *which, const char *only)
{
	g_autoptr(LabConnection) lab = lab_connect(which, NULL);
	g_autoptr(GPtrArray) networks = lab ? lab_networks(lab, NULL) : NULL;
	for (guint i = 0; networks && i < networks->len; i++) {
		const NetworkFacts *network = g_ptr_array_index(networks, i);
		for (guint k = 0; k < network->ports->len && (!only || g_str_equal(only, network->name)); k++)
			puts(((PortFacts *)g_ptr_array_index(network->ports, k))->name);
	}
}

static void complete_settings(const char *const *names)
{
	for (; *names; names++)
		printf("%s=\n", *names);
}

static void complete_images(void)
{
	g_autoptr(GPtrArray) names = images_known();
	for (guint i = 0; i < names->len; i++)
		puts(g_ptr_array_index(names, i));
}

/** netlab __complete. */
int cmd_complete(int argc, char **argv, GError **error)
{
	const char *what = argc > 1 ? argv[1] : "";
	const char *which = argc > 2 && *argv[2] ? argv[2] : NULL;
	if (g_str_equal(what, "labs"))
		complete_labs();
	else if (g_str_equal(what, "nodes"))
		complete_nodes(which);
	else if (g_str_equal(what, "links"))
		complete_links(which);
	else if (g_str_equal(what, "networks"))
		complete_networks(which);
	else if (g_str_equal(what, "link-settings"))
		complete_settings(link_setting_names);
	else if (g_str_equal(what, "ports"))
		complete_ports(which, argc > 3 && *argv[3] ? argv[3] : NULL);
	else if (g_str_equal(what, "network-settings"))
		complete_settings(lab_network_setting_names);
	else if (g_str_equal(what, "port-settings"))
		complete_settings(lab_port_setting_names);
	else if (g_str_equal(what, "images"))
		complete_images();
	else
		return cli_usage(error,
			"__complete: labs, nodes, links, networks, ports, link-settings, network-settings, "
			"port-settings or images");
	return STATUS_OK;
}
