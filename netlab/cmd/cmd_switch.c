/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/text.h"
#include "netlab/client/lab_networks.h"
#include "netlab/cmd/facts_json.h"
#include "netlab/cmd/table.h"
#include "topologies/model/switch_setting.h"

static const CliHelp help = {
	.usage = "show [NETWORK] | set NETWORK [PORT] NAME=VALUE... | flush NETWORK",
	.summary = "Shows the switches of a running lab: the ports with their VLANs and their role in the\n"
		   "spanning tree, the root bridge, and the learned MAC addresses with VLAN, port and age.\n"
		   "\"flush\" clears the learned addresses of a switch; it learns them again from new frames.\n\n"
		   "\"set\" changes a switch until the lab ends; names and values are those of the lab file.\n"
		   "PORT is a name that \"show\" lists.\n\n"
		   "  priority=4096     in the spanning tree: the switch with the lowest becomes root\n"
		   "  vlan=10           PORT is an access port of this VLAN\n"
		   "  trunk=\"10 20-29\" PORT is a trunk of these VLANs, or of \"all\"\n"
		   "  native=1          the untagged VLAN on that trunk, or \"none\"",
	.examples = "  netlab switch show             every network\n"
		    "  netlab switch show lan\n"
		    "  netlab switch show lan --json  for programs\n"
		    "  netlab switch set lan priority=4096\n"
		    "  netlab switch set lan pc:eth0 vlan=10\n"
		    "  netlab switch set lan r1:eth0 trunk=\"10 20\" native=none\n"
		    "  netlab switch flush lan\n",
};

static gboolean has_tree(const NetworkFacts *network)
{
	return *network->bridge != '\0';
}

/* "10", "trunk 10 20 30-39, native 1" */
static char *vlans_text(const PortFacts *port)
{
	if (port->access)
		return g_strdup_printf("%u", port->access);
	if (!port->trunk)
		return g_strdup("");
	return port->native ? g_strdup_printf("trunk %s, native %u", port->trunk, port->native)
			    : g_strdup_printf("trunk %s, no native", port->trunk);
}

/* "forwarding, edge"; what is unplugged does nothing. */
static char *state_text(const PortFacts *port)
{
	if (!port->carrier)
		return g_strdup("no carrier");
	if (port->mirror)
		return g_strdup("mirror");
	return g_strconcat(port->state, port->edge ? ", edge" : "",
		g_str_equal(port->protocol, "stp") ? ", neighbor uses STP" : "", NULL);
}

static void print_ports(const NetworkFacts *network)
{
	gboolean vlans = network->vlan_aware, tree = has_tree(network);
	g_autoptr(Table) table = vlans && tree ? table_new("PORT", "VLANS", "ROLE", ">COST", "STATE", NULL)
		: vlans                        ? table_new("PORT", "VLANS", "STATE", NULL)
		: tree                         ? table_new("PORT", "ROLE", ">COST", "STATE", NULL)
					       : table_new("PORT", "STATE", NULL);
	for (guint i = 0; i < network->ports->len; i++) {
		const PortFacts *port = g_ptr_array_index(network->ports, i);
		g_autofree char *carried = vlans_text(port), *state = state_text(port);
		g_autofree char *cost = g_strdup_printf("%u", port->cost);
		const char *cells[5] = {port->name};
		unsigned n = 1;
		if (vlans)
			cells[n++] = carried;
		if (tree) {
			cells[n++] = port->role;
			cells[n++] = cost;
		}
		cells[n] = state;
		table_row(table, cells[0], cells[1], cells[2], cells[3], cells[4]);
	}
	g_autofree char *text = table_text(table);
	fputs(text, stdout);
}

static int by_age(gconstpointer a, gconstpointer b)
{
	guint64 first = (*(const StationFacts *const *)a)->age_ms, second = (*(const StationFacts *const *)b)->age_ms;
	return (first > second) - (first < second);
}

static void print_stations(const GPtrArray *stations, gboolean vlans)
{
	g_autoptr(Table) table = vlans ? table_new("ADDRESS", ">VLAN", "PORT", ">HEARD", NULL)
				       : table_new("ADDRESS", "PORT", ">HEARD", NULL);
	if (!stations->len) {
		puts("no stations learnt");
		return;
	}
	for (guint i = 0; i < stations->len; i++) {
		const StationFacts *station = g_ptr_array_index(stations, i);
		g_autofree char *vlan = g_strdup_printf("%u", station->vlan);
		g_autofree char *age = cli_duration((gint64)station->age_ms * 1000);
		g_autofree char *heard = g_strconcat(age, " ago", NULL);
		if (vlans)
			table_row(table, station->address, vlan, station->port, heard);
		else
			table_row(table, station->address, station->port, heard);
	}
	g_autofree char *text = table_text(table);
	fputs(text, stdout);
}

static void print_network(const NetworkFacts *network, const GPtrArray *stations)
{
	printf("%s: %s%s", network->name, network->type, network->vlan_aware ? ", VLAN-aware" : "");
	if (has_tree(network)) {
		printf(", RSTP bridge %s\n", network->bridge);
		if (*network->root_port)
			printf("root bridge %s behind %s, cost %u", network->root, network->root_port,
				network->root_cost);
		else
			fputs("this is the root bridge", stdout);
	}
	fputs("\n\n", stdout);
	print_ports(network);
	if (g_str_equal(network->type, "switch")) {
		fputs("\n", stdout);
		print_stations(stations, network->vlan_aware);
	}
}

/* Keeps only the network of this name, or all of them if it is NULL. */
static gboolean choose(LabConnection *lab, GPtrArray *networks, const char *only, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	if (!only)
		return TRUE;
	if (!lab_networks_find(networks, only)) {
		for (guint i = 0; i < networks->len; i++)
			g_ptr_array_add(names, ((NetworkFacts *)g_ptr_array_index(networks, i))->name);
		g_autofree char *hint = did_you_mean(only, names);
		return cli_failed(error, "lab \"%s\" has no network \"%s\"%s", lab->name, only, hint), FALSE;
	}
	for (guint i = networks->len; i-- > 0;)
		if (!g_str_equal(((NetworkFacts *)g_ptr_array_index(networks, i))->name, only))
			g_ptr_array_remove_index(networks, i);
	return TRUE;
}

static int show(LabConnection *lab, const char *only, gboolean as_json, GError **error)
{
	g_autoptr(GPtrArray) networks = lab_networks(lab, error);
	g_autoptr(JsonBuilder) json = json_builder_new();
	if (!networks || !choose(lab, networks, only, error))
		return STATUS_FAILED;
	json_builder_begin_array(json);
	for (guint i = 0; i < networks->len; i++) {
		const NetworkFacts *network = g_ptr_array_index(networks, i);
		g_autoptr(GPtrArray) stations = lab_stations(lab, network->name, error);
		if (!stations)
			return STATUS_FAILED;
		g_ptr_array_sort(stations, by_age); /* the youngest first */
		if (as_json)
			lab_network_to_json(json, network, stations);
		else
			print_network(network, stations);
		if (!as_json && i + 1 < networks->len)
			fputs("\n", stdout);
	}
	json_builder_end_array(json);
	if (!as_json && !networks->len)
		printf("lab \"%s\" has no networks, only links\n", lab->name);
	return (as_json ? cli_json_print(json, error) : cli_flush(error)) ? STATUS_OK : STATUS_FAILED;
}

static int flush(LabConnection *lab, const char *network, GError **error)
{
	if (netlab_lab1_call_flush_forwarding_table_sync(lab->proxy, network, NULL, error))
		return STATUS_OK;
	return lab_remote_failed(error), STATUS_FAILED;
}

/* "set" and its words: NETWORK [PORT] NAME=VALUE... */
typedef struct {
	const char *network, *port;
	GVariant *attributes; /* a{ss} */
} Setting;

/* The lab checks the values too, but knows nothing of the command line. */
static gboolean read_setting(char **words, Setting *setting, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	unsigned priority;
	LabPortVlan vlan;
	if (!*words)
		return cli_usage(error, "switch set: name a network; \"netlab switch show\" lists them"), FALSE;
	setting->network = *words++;
	setting->port = *words && !strchr(*words, '=') ? *words++ : "";
	setting->attributes = cli_pairs("switch set", *setting->port ? "vlan=10" : "priority=4096", words, error);
	if (!setting->attributes)
		return FALSE;
	if (*setting->port ? lab_port_setting_read(setting->attributes, &vlan, &wrong)
			   : lab_network_setting_read(setting->attributes, &priority, &wrong))
		return TRUE;
	gboolean of_port = FALSE;
	for (const char *const *name = lab_port_setting_names; *name && !*setting->port; name++)
		of_port |= g_variant_lookup(setting->attributes, *name, "&s", NULL);
	cli_usage(error, "switch set: %s%s", wrong->message,
		of_port ? "; VLANs belong to a port: write its name after the network" : "");
	return FALSE;
}

static int set(LabConnection *lab, const Setting *setting, GError **error)
{
	if (netlab_lab1_call_set_network_sync(
		    lab->proxy, setting->network, setting->port, setting->attributes, NULL, error))
		return STATUS_OK;
	return lab_remote_failed(error), STATUS_FAILED;
}

/** netlab switch. */
int cmd_switch(int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL;
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "show: print JSON", NULL},
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{0},
	};
	g_autoptr(GVariant) attributes = NULL;
	Setting setting = {0};
	if (!cli_parse(&help, entries, &argc, &argv, error))
		return STATUS_USAGE;
	gboolean is_set = argc > 1 && g_str_equal(argv[1], "set");
	if (is_set ? !read_setting(argv + 2, &setting, error) : !cli_count(argc, argv, 0, 2, error))
		return STATUS_USAGE;
	attributes = setting.attributes;
	const char *action = argc > 1 ? argv[1] : "show", *network = argc > 2 ? argv[2] : NULL;
	gboolean is_flush = g_str_equal(action, "flush");
	if (!is_flush && !is_set && !g_str_equal(action, "show"))
		return cli_usage(error, "switch: unknown action \"%s\"; use show, set or flush", action);
	if (is_flush && !network)
		return cli_usage(error, "switch flush: name a network; \"netlab switch show\" lists them");
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	if (!lab)
		return STATUS_FAILED;
	if (is_set)
		return set(lab, &setting, error);
	return is_flush ? flush(lab, network, error) : show(lab, network, json, error);
}
