/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/netlab/facts.h"
#include "netlab/cmd/facts_json.h"

#define TREE                                                                                                           \
	"'tree': {'type': <'switch'>, 'stp': <'rstp'>, 'vlan_aware': <true>, 'bridge': <'32768.52:54:00:00:00:02'>,"   \
	" 'root': <'4096.52:54:00:00:00:01'>, 'root_cost': <uint32 20000>, 'root_port': <'up'>,"                       \
	" 'ports': <[{'port': <'up'>, 'cable': <'up'>, 'carrier': <true>, 'mirror': <false>, 'state': <'forwarding'>," \
	" 'trunk': <'1 10-20'>, 'native': <uint16 0>, 'role': <'root'>, 'edge': <false>, 'protocol': <'stp'>,"         \
	" 'cost': <uint32 20000>}, {'port': <'pc:eth0'>, 'cable': <'pc:eth0'>, 'carrier': <true>, 'mirror': <true>,"   \
	" 'state': <'forwarding'>, 'access': <uint16 10>}]>}"
#define STATIONS                                                                                                       \
	"[('52:54:00:00:00:09', uint16 10, 'up', uint64 61000), ('52:54:00:00:00:0a', uint16 0, 'pc:eth0', uint64 5)]"

static GPtrArray *networks(const char *text)
{
	g_autoptr(GVariant) variant = facts_answer("a{sa{sv}}", text);
	return lab_networks_from_variant(variant);
}

static char *json_of(const NetworkFacts *network, const GPtrArray *stations)
{
	g_autoptr(JsonBuilder) json = json_builder_new();
	lab_network_to_json(json, network, stations);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	return json_to_string(root, FALSE);
}

static void networks_are_read(void **state)
{
	g_autoptr(GPtrArray) all = networks("{" TREE ", 'bare': {}}");
	assert_int_equal(all->len, 2);
	/* By name, however the switch sorts them. */
	assert_string_equal(((NetworkFacts *)g_ptr_array_index(all, 0))->name, "bare");
	assert_null(lab_networks_find(all, "lan"));
	const NetworkFacts *tree = lab_networks_find(all, "tree");
	assert_string_equal(tree->type, "switch");
	assert_true(tree->vlan_aware);
	assert_string_equal(tree->root_port, "up");
	assert_int_equal(tree->root_cost, 20000);
	assert_int_equal(tree->ports->len, 2);
	const PortFacts *up = g_ptr_array_index(tree->ports, 0), *pc = g_ptr_array_index(tree->ports, 1);
	assert_string_equal(up->trunk, "1 10-20");
	assert_int_equal(up->access, 0);
	assert_int_equal(up->native, 0);
	assert_int_equal(up->cost, 20000);
	assert_string_equal(up->protocol, "stp");
	assert_null(pc->trunk);
	assert_int_equal(pc->access, 10);
	assert_true(pc->mirror);
	assert_string_equal(pc->role, "");
}

/* A supervisor that says less is not a reason to crash. */
static void what_is_missing_is_empty(void **state)
{
	g_autoptr(GPtrArray) all = networks("{'bare': {}, 'port': {'ports': <[@a{sv} {}]>}}");
	const NetworkFacts *bare = lab_networks_find(all, "bare"), *one = lab_networks_find(all, "port");
	assert_string_equal(bare->type, "");
	assert_string_equal(bare->bridge, "");
	assert_false(bare->vlan_aware);
	assert_int_equal(bare->ports->len, 0);
	const PortFacts *port = g_ptr_array_index(one->ports, 0);
	assert_string_equal(port->name, "");
	assert_null(port->trunk);
	assert_false(port->carrier);
	g_autoptr(GPtrArray) none = networks("{}");
	assert_int_equal(none->len, 0);
}

static void stations_are_read(void **state)
{
	g_autoptr(GVariant) variant = facts_answer("a(sqst)", STATIONS);
	g_autoptr(GPtrArray) stations = lab_stations_from_variant(variant);
	assert_int_equal(stations->len, 2);
	const StationFacts *first = g_ptr_array_index(stations, 0), *second = g_ptr_array_index(stations, 1);
	assert_string_equal(first->address, "52:54:00:00:00:09");
	assert_int_equal(first->vlan, 10);
	assert_string_equal(first->port, "up");
	assert_int_equal(first->age_ms, 61000);
	assert_int_equal(second->vlan, 0);
	assert_string_equal(second->port, "pc:eth0");
}

/* Of VLANs and the spanning tree, only what there is: programs ask whether a member exists. */
static void json_has_what_is_reported(void **state)
{
	g_autoptr(GVariant) variant = facts_answer("a(sqst)", STATIONS);
	g_autoptr(GPtrArray) stations = lab_stations_from_variant(variant);
	g_autoptr(GPtrArray) all = networks("{" TREE ", 'hub': {'type': <'hub'>, 'stp': <'off'>, 'vlan_aware': <false>,"
					    " 'ports': <[{'port': <'a:eth0'>, 'cable': <'a:eth0'>, 'carrier': <false>,"
					    " 'mirror': <false>, 'state': <'forwarding'>}]>}}");
	g_autofree char *tree = json_of(lab_networks_find(all, "tree"), stations);
	assert_string_equal(tree,
		"{\"name\":\"tree\",\"type\":\"switch\",\"vlan_aware\":true,\"stp\":\"rstp\","
		"\"bridge\":\"32768.52:54:00:00:00:02\",\"root\":\"4096.52:54:00:00:00:01\",\"root_cost\":20000,"
		"\"root_port\":\"up\",\"ports\":[{\"port\":\"up\",\"cable\":\"up\",\"carrier\":true,\"mirror\":false,"
		"\"state\":\"forwarding\",\"trunk\":\"1 10-20\",\"native\":0,\"role\":\"root\",\"edge\":false,"
		"\"protocol\":\"stp\",\"cost\":20000},{\"port\":\"pc:eth0\",\"cable\":\"pc:eth0\",\"carrier\":true,"
		"\"mirror\":true,\"state\":\"forwarding\",\"access\":10}],"
		"\"stations\":[{\"address\":\"52:54:00:00:00:09\",\"vlan\":10,\"port\":\"up\",\"age_ms\":61000},"
		"{\"address\":\"52:54:00:00:00:0a\",\"vlan\":0,\"port\":\"pc:eth0\",\"age_ms\":5}]}");
	g_ptr_array_set_size(stations, 0);
	g_autofree char *hub = json_of(lab_networks_find(all, "hub"), stations);
	assert_string_equal(hub,
		"{\"name\":\"hub\",\"type\":\"hub\",\"vlan_aware\":false,\"stp\":\"off\",\"ports\":[{\"port\":\"a:eth0\","
		"\"cable\":\"a:eth0\",\"carrier\":false,\"mirror\":false,\"state\":\"forwarding\"}],\"stations\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(networks_are_read),
		cmocka_unit_test(what_is_missing_is_empty), cmocka_unit_test(stations_are_read),
		cmocka_unit_test(json_has_what_is_reported)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
