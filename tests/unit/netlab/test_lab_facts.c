/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/netlab/facts.h"
#include "netlab/cmd/facts_json.h"

static void nodes_are_read(void **state)
{
	g_autoptr(GVariant) variant = facts_answer("a{sa{sv}}",
		"{'r1': {'state': <'ready'>, 'pid': <42>, 'memory': <uint64 33554432>, 'warnings': <['slow']>, "
		"'boot_ms': <uint32 420>, 'interfaces': <[('eth0', 'lan', ['10.0.0.1/24', '2001:db8::1/64'], "
		"'02:00:00:00:00:01')]>}, 'r2': {}}");
	g_autoptr(GPtrArray) nodes = lab_nodes_from_variant(variant);
	assert_int_equal(nodes->len, 2);
	const NodeFacts *r1 = g_ptr_array_index(nodes, 0), *r2 = g_ptr_array_index(nodes, 1);
	assert_string_equal(r1->state, "ready");
	assert_int_equal(r1->pid, 42);
	assert_int_equal(r1->memory, 33554432);
	assert_string_equal(r1->warnings[0], "slow");
	const InterfaceFacts *eth0 = g_ptr_array_index(r1->interfaces, 0);
	assert_string_equal(eth0->attachment, "lan");
	assert_string_equal(eth0->addresses[1], "2001:db8::1/64");
	/* A supervisor that says less is not a reason to crash. */
	assert_string_equal(r2->state, "");
	assert_int_equal(r2->cpu, -1);
	assert_null(r2->warnings[0]);
	assert_int_equal(r2->interfaces->len, 0);
}

static void links_are_read(void **state)
{
	g_autoptr(GVariant) variant = facts_answer("a{sa{sv}}",
		"{'core': {'kind': <'link'>, 'network': <''>, 'ends': <['r1:eth1', 'r2:eth1']>,"
		" 'between': <['r1:eth1', 'r2:eth1']>, 'down': <true>, 'carrier': <{'r1:eth1': false}>,"
		" 'impairment': <{'r1:eth1': {'delay': '20ms'}, 'r2:eth1': @a{ss} {}}>,"
		" 'wire': <{'r1:eth1': {'drop_loss': uint64 3}}>,"
		" 'counters': <{'r1:eth1': {'rx_frames': uint64 7}}>}, 'bare': {}}");
	g_autoptr(GPtrArray) links = lab_links_from_variant(variant);
	const LinkFacts *core = g_ptr_array_index(links, 0), *bare = g_ptr_array_index(links, 1);
	assert_int_equal(link_counter(core, "r1:eth1", "rx_frames"), 7);
	assert_int_equal(link_counter(core, "r2:eth1", "rx_frames"), 0);
	assert_int_equal(link_counter(bare, "x", "rx_frames"), 0);
	assert_null(bare->ends[0]);
	g_autofree char *text = facts_json(lab_links_to_json, links);
	assert_string_equal(text,
		"{\"links\":[{\"name\":\"core\",\"kind\":\"link\",\"network\":null,\"ends\":[\"r1:eth1\",\"r2:eth1\"],"
		"\"between\":[\"r1:eth1\",\"r2:eth1\"],\"down\":true,\"carrier\":{\"r1:eth1\":false},\"impairment\":{"
		"\"r1:eth1\":{\"delay\":\"20ms\"},\"r2:eth1\":{}},\"wire\":{\"r1:eth1\":{\"drop_loss\":3}},"
		"\"counters\":{\"r1:eth1\":{\"rx_frames\":7}}},{\"name\":\"bare\",\"kind\":\"\",\"network\":null,"
		"\"ends\":[],\"between\":[],\"down\":false,\"carrier\":{},\"impairment\":{},\"wire\":{},\"counters\":{}"
		"}]}");
}

static void uplinks_are_read(void **state)
{
	g_autoptr(GVariant) variant = facts_answer("a{sa{sv}}",
		"{'uplink:lan': {'name': <'uplink'>, 'network': <'lan'>, 'state': <'ready'>, 'pid': <7>, 'since': "
		"<int64 5>, 'addresses': <['10.0.2.2/24']>, 'dns': <['10.0.2.3']>, 'dhcp': <'10.0.2.15'>, "
		"'restricted': <true>, 'restarts': <uint32 2>, 'counters': <{'uplink:lan': {'drop_flows': uint64 3}}>, 'forwards': <[('tcp', '127.0.0.1:8080', '10.0.2.10:80')]>}, 'uplink:bare': {}}");
	g_autoptr(GPtrArray) uplinks = lab_uplinks_from_variant(variant);
	assert_int_equal(uplinks->len, 2);
	const UplinkFacts *lan = g_ptr_array_index(uplinks, 0), *bare = g_ptr_array_index(uplinks, 1);
	assert_string_equal(lan->network, "lan");
	assert_true(lan->restricted);
	assert_string_equal(((ForwardFacts *)g_ptr_array_index(lan->forwards, 0))->to, "10.0.2.10:80");
	assert_string_equal(bare->state, "");
	assert_int_equal(bare->forwards->len, 0);
	g_ptr_array_set_size(uplinks, 1);
	g_autofree char *text = facts_json(lab_uplinks_to_json, uplinks);
	assert_string_equal(text,
		"{\"uplinks\":[{\"name\":\"uplink\",\"network\":\"lan\",\"state\":\"ready\",\"message\":\"\","
		"\"warnings\":[],\"since\":5,\"pid\":7,\"addresses\":[\"10.0.2.2/"
		"24\"],\"dns\":[\"10.0.2.3\"],\"dhcp\":\"10.0.2.15\",\"restricted\":true,\"loopback\":false,\"restarts\":2,\"counters\":{\"uplink:lan\":{\"drop_flows\":3}},\"forwards\":[{\"protocol\":"
		"\"tcp\",\"host\":\"127.0.0.1:8080\",\"to\":\"10.0.2.10:80\"}]}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_read), cmocka_unit_test(links_are_read), cmocka_unit_test(uplinks_are_read)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
