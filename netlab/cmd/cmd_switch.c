/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "netlab/cmd/cli.h"
#include "netlab/client/text.h"
#include "netlab/client/lab_connection.h"
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

/* A network, with the answers it was read from. */
typedef struct {
	const char *name;
	GVariantDict *facts;
	GVariant *table; /* a(sqst) */
} NetworkFacts;

static const char *text_of(GVariantDict *facts, const char *key)
{
	const char *text = NULL;
	g_variant_dict_lookup(facts, key, "&s", &text);
	return text ? text : "";
}

static gboolean flag_of(GVariantDict *facts, const char *key)
{
	gboolean flag = FALSE;
	g_variant_dict_lookup(facts, key, "b", &flag);
	return flag;
}

static gint64 number_of(GVariantDict *facts, const char *key)
{
	guint32 number = 0;
	guint16 small = 0;
	return g_variant_dict_lookup(facts, key, "u", &number)   ? number
		: g_variant_dict_lookup(facts, key, "q", &small) ? small
								 : 0;
}

static gboolean has_tree(GVariantDict *facts)
{
	return g_variant_dict_contains(facts, "bridge");
}

/* "10", "10 20 30-39, native 1" */
static char *vlans_text(GVariantDict *port)
{
	gint64 native = number_of(port, "native");
	if (g_variant_dict_contains(port, "access"))
		return g_strdup_printf("%d", (int)number_of(port, "access"));
	if (!g_variant_dict_contains(port, "trunk"))
		return g_strdup("");
	if (native)
		return g_strdup_printf("trunk %s, native %d", text_of(port, "trunk"), (int)native);
	return g_strdup_printf("trunk %s, no native", text_of(port, "trunk"));
}

/* "forwarding, edge"; what is unplugged does nothing. */
static char *state_text(GVariantDict *port)
{
	if (!flag_of(port, "carrier"))
		return g_strdup("no carrier");
	if (flag_of(port, "mirror"))
		return g_strdup("mirror");
	return g_strconcat(text_of(port, "state"), flag_of(port, "edge") ? ", edge" : "",
		g_str_equal(text_of(port, "protocol"), "stp") ? ", neighbor uses STP" : "", NULL);
}

static void print_ports(const NetworkFacts *network)
{
	g_autoptr(GVariant) ports = g_variant_dict_lookup_value(network->facts, "ports", G_VARIANT_TYPE("aa{sv}"));
	gboolean vlans = flag_of(network->facts, "vlan_aware"), tree = has_tree(network->facts);
	g_autoptr(Table) table = vlans && tree ? table_new("PORT", "VLANS", "ROLE", ">COST", "STATE", NULL)
		: vlans                        ? table_new("PORT", "VLANS", "STATE", NULL)
		: tree                         ? table_new("PORT", "ROLE", ">COST", "STATE", NULL)
					       : table_new("PORT", "STATE", NULL);
	for (gsize i = 0; ports && i < g_variant_n_children(ports); i++) {
		g_autoptr(GVariant) facts = g_variant_get_child_value(ports, i);
		g_autoptr(GVariantDict) port = g_variant_dict_new(facts);
		g_autofree char *carried = vlans_text(port), *state = state_text(port);
		g_autofree char *cost = g_strdup_printf("%d", (int)number_of(port, "cost"));
		const char *cells[5] = {text_of(port, "port")};
		unsigned n = 1;
		if (vlans)
			cells[n++] = carried;
		if (tree) {
			cells[n++] = text_of(port, "role");
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
	guint64 first, second;
	g_variant_get_child(*(GVariant **)a, 3, "t", &first);
	g_variant_get_child(*(GVariant **)b, 3, "t", &second);
	return (first > second) - (first < second);
}

/* The youngest first. */
static GPtrArray *stations(GVariant *table)
{
	GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	for (gsize i = 0; i < g_variant_n_children(table); i++)
		g_ptr_array_add(entries, g_variant_get_child_value(table, i));
	g_ptr_array_sort(entries, by_age);
	return entries;
}

static void print_stations(const NetworkFacts *network)
{
	gboolean vlans = flag_of(network->facts, "vlan_aware");
	g_autoptr(GPtrArray) entries = stations(network->table);
	g_autoptr(Table) table = vlans ? table_new("ADDRESS", ">VLAN", "PORT", ">HEARD", NULL)
				       : table_new("ADDRESS", "PORT", ">HEARD", NULL);
	if (!entries->len) {
		puts("no stations learnt");
		return;
	}
	for (guint i = 0; i < entries->len; i++) {
		const char *address, *port;
		guint16 vlan;
		guint64 age;
		g_variant_get(g_ptr_array_index(entries, i), "(&sq&st)", &address, &vlan, &port, &age);
		g_autofree char *number = g_strdup_printf("%u", vlan), *duration = cli_duration((gint64)age * 1000);
		g_autofree char *heard = g_strconcat(duration, " ago", NULL);
		if (vlans)
			table_row(table, address, number, port, heard);
		else
			table_row(table, address, port, heard);
	}
	g_autofree char *text = table_text(table);
	fputs(text, stdout);
}

static void print_network(const NetworkFacts *network)
{
	const char *root_port = text_of(network->facts, "root_port");
	printf("%s: %s%s", network->name, text_of(network->facts, "type"),
		flag_of(network->facts, "vlan_aware") ? ", VLAN-aware" : "");
	if (has_tree(network->facts)) {
		printf(", RSTP bridge %s\n", text_of(network->facts, "bridge"));
		if (*root_port)
			printf("root bridge %s behind %s, cost %d", text_of(network->facts, "root"), root_port,
				(int)number_of(network->facts, "root_cost"));
		else
			fputs("this is the root bridge", stdout);
	}
	fputs("\n\n", stdout);
	print_ports(network);
	if (g_str_equal(text_of(network->facts, "type"), "switch")) {
		fputs("\n", stdout);
		print_stations(network);
	}
}

/* A member of the dictionary as what it is; those that are not there are left out. */
static void json_member(JsonBuilder *json, GVariantDict *facts, const char *key)
{
	g_autoptr(GVariant) value = g_variant_dict_lookup_value(facts, key, NULL);
	if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
		cli_json_string(json, key, g_variant_get_string(value, NULL));
	else if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
		cli_json_bool(json, key, g_variant_get_boolean(value));
	else if (value)
		cli_json_int(json, key, number_of(facts, key));
}

static void json_members(JsonBuilder *json, GVariantDict *facts, const char *const *keys)
{
	for (; *keys; keys++)
		json_member(json, facts, *keys);
}

static void add_json(JsonBuilder *json, const NetworkFacts *network)
{
	static const char *const keys[] = {
		"type", "vlan_aware", "stp", "bridge", "root", "root_cost", "root_port", NULL};
	static const char *const port_keys[] = {"port", "cable", "carrier", "mirror", "state", "access", "trunk",
		"native", "role", "edge", "protocol", "cost", NULL};
	g_autoptr(GVariant) ports = g_variant_dict_lookup_value(network->facts, "ports", G_VARIANT_TYPE("aa{sv}"));
	g_autoptr(GPtrArray) entries = stations(network->table);
	json_builder_begin_object(json);
	cli_json_string(json, "name", network->name);
	json_members(json, network->facts, keys);
	json_builder_set_member_name(json, "ports");
	json_builder_begin_array(json);
	for (gsize i = 0; ports && i < g_variant_n_children(ports); i++) {
		g_autoptr(GVariant) facts = g_variant_get_child_value(ports, i);
		g_autoptr(GVariantDict) port = g_variant_dict_new(facts);
		json_builder_begin_object(json);
		json_members(json, port, port_keys);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	json_builder_set_member_name(json, "stations");
	json_builder_begin_array(json);
	for (guint i = 0; i < entries->len; i++) {
		const char *address, *port;
		guint16 vlan;
		guint64 age;
		g_variant_get(g_ptr_array_index(entries, i), "(&sq&st)", &address, &vlan, &port, &age);
		json_builder_begin_object(json);
		cli_json_string(json, "address", address);
		cli_json_int(json, "vlan", vlan);
		cli_json_string(json, "port", port);
		cli_json_int(json, "age_ms", (gint64)age);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	json_builder_end_object(json);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

/* The names of all networks, or the one; NULL and error when the lab has no such. Caller frees the array. */
static GPtrArray *choose(LabConnection *lab, GVariant *networks, const char *only, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new(), chosen = g_ptr_array_new();
	GVariantIter each;
	const char *name;
	g_variant_iter_init(&each, networks);
	while (g_variant_iter_next(&each, "{&s@a{sv}}", &name, NULL)) {
		g_ptr_array_add(names, (char *)name);
		if (!only || g_str_equal(only, name))
			g_ptr_array_add(chosen, (char *)name);
	}
	if (only && !chosen->len) {
		g_autofree char *hint = did_you_mean(only, names);
		cli_failed(error, "lab \"%s\" has no network \"%s\"%s", lab->name, only, hint);
		return NULL;
	}
	g_ptr_array_sort(chosen, by_name);
	return g_steal_pointer(&chosen);
}

static int show(LabConnection *lab, const char *only, gboolean as_json, GError **error)
{
	g_autoptr(GVariant) networks = NULL;
	if (!netlab_lab1_call_get_networks_sync(lab->proxy, &networks, NULL, error))
		return lab_remote_failed(error), STATUS_FAILED;
	g_autoptr(GPtrArray) names = choose(lab, networks, only, error);
	g_autoptr(JsonBuilder) json = json_builder_new();
	if (!names)
		return STATUS_FAILED;
	json_builder_begin_array(json);
	for (guint i = 0; i < names->len; i++) {
		NetworkFacts network = {.name = g_ptr_array_index(names, i)};
		g_autoptr(GVariant) table = NULL,
				    facts = g_variant_lookup_value(networks, network.name, G_VARIANT_TYPE_VARDICT);
		g_autoptr(GVariantDict) dict = g_variant_dict_new(facts);
		if (!netlab_lab1_call_get_forwarding_table_sync(lab->proxy, network.name, &table, NULL, error))
			return lab_remote_failed(error), STATUS_FAILED;
		network.facts = dict;
		network.table = table;
		if (as_json)
			add_json(json, &network);
		else
			print_network(&network);
		if (!as_json && i + 1 < names->len)
			fputs("\n", stdout);
	}
	json_builder_end_array(json);
	if (!as_json && !names->len)
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
