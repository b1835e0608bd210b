/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole program: ports, networks, cables. */
#include "tests/unit/switch/switch_world.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void hub_floods(void **state)
{
	World *world = *state;
	build_network(world, "hub", 3);
	send_frame(world, 1, BROADCAST, STATION(1), 1);
	expect_frame(world, 0, 1);
	expect_frame(world, 2, 1);
	send_frame(world, 0, STATION(1), STATION(0), 2);
	expect_frame(world, 1, 2);
	expect_frame(world, 2, 2);
}

static void switch_learns(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	build_network(world, "switch", 3);
	send_frame(world, 1, BROADCAST, STATION(1), 1);
	expect_frame(world, 0, 1);
	expect_frame(world, 2, 1);
	send_frame(world, 0, STATION(1), STATION(0), 2);
	expect_frame(world, 1, 2);
	send_frame(world, 0, BROADCAST, STATION(0), 3);
	expect_frame(world, 2, 3); /* and not 2 */
	expect_frame(world, 1, 3);
	assert_int_equal(counter(world, 0, "rx_frames"), 2);
	assert_int_equal(counter(world, 0, "rx_bytes"), 128);
	assert_int_equal(counter(world, 2, "tx_frames"), 2);

	g_autoptr(GVariant) table = NULL;
	sw_switch1_call_get_forwarding_table_sync(world->client, "lan", &table, NULL, &error);
	no_error(error);
	assert_int_equal(g_variant_n_children(table), 2);
	for (gsize i = 0; i < 2; i++) {
		const char *mac, *port;
		guint16 vlan;
		guint64 age;
		g_variant_get_child(table, i, "(&sq&st)", &mac, &vlan, &port, &age);
		assert_int_equal(vlan, 0);
		assert_string_equal(port, g_str_equal(mac, "52:54:00:00:00:01") ? "n0" : "n1");
		assert_true(age < 60000);
	}
}

/* The answer to a call that must be refused. */
static void expect_refusal(gboolean done, GError **error, const char *word)
{
	assert_false(done);
	assert_non_null(*error);
	if (!strstr((*error)->message, word))
		fail_msg("\"%s\" should say \"%s\"", (*error)->message, word);
	g_clear_error(error);
}

static GVariant *access_vlan(guint16 vlan)
{
	return g_variant_new_parsed("{'access': <%q>}", vlan);
}

static void switches_are_told_of_vlans_trees_and_mirrors(void **state)
{
	World *world = *state;
	SwSwitch1 *client = world->client;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) networks = NULL, table = NULL;
	build_network(world, "switch", 4);
	expect_refusal(
		sw_switch1_call_set_port_vlan_sync(client, "n0", 1, access_vlan(0), NULL, &error), &error, "1 to 4094");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 1, access_vlan(4095), NULL, &error), &error,
		"1 to 4094");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 0, access_vlan(10), NULL, &error), &error,
		"not on a switch");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "n0", 7, access_vlan(10), NULL, &error), &error,
		"not on a switch");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(client, "nowhere", 1, access_vlan(10), NULL, &error), &error,
		"nowhere");
	expect_refusal(sw_switch1_call_set_port_vlan_sync(
			       client, "n0", 1, g_variant_new_parsed("{'trunk': <[@t 1]>}"), NULL, &error),
		&error, "trunk");
	expect_refusal(sw_switch1_call_set_spanning_tree_sync(client, "lan", 5, "02:00:00:00:00:01", NULL, &error),
		&error, "4096");
	expect_refusal(sw_switch1_call_set_spanning_tree_sync(client, "lan", 0, "03:00:00:00:00:01", NULL, &error),
		&error, "unicast");
	expect_refusal(sw_switch1_call_set_bridge_priority_sync(client, "lan", 0, NULL, &error), &error,
		"not part of a spanning tree");
	expect_refusal(sw_switch1_call_set_bridge_priority_sync(client, "lan", 5, NULL, &error), &error, "4096");
	expect_refusal(sw_switch1_call_set_bridge_priority_sync(client, "wan", 0, NULL, &error), &error, "wan");
	expect_refusal(sw_switch1_call_add_mirror_sync(client, "lan", "n1", "n1", NULL, &error), &error, "itself");
	expect_refusal(sw_switch1_call_flush_forwarding_table_sync(client, "wan", NULL, &error), &error, "wan");

	sw_switch1_call_set_port_vlan_sync(client, "n0", 1, access_vlan(10), NULL, &error);
	no_error(error);
	sw_switch1_call_set_port_vlan_sync(client, "n1", 1, access_vlan(10), NULL, &error);
	no_error(error);
	sw_switch1_call_add_mirror_sync(client, "lan", "n0", "n3", NULL, &error);
	no_error(error);
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 1, 1); /* 2 is in VLAN 1 */
	expect_frame(world, 3, 1);
	sw_switch1_call_get_forwarding_table_sync(client, "lan", &table, NULL, &error);
	no_error(error);
	g_autofree char *entries = g_variant_print(table, FALSE);
	assert_non_null(strstr(entries, "('52:54:00:00:00:01', 10, 'n0', "));
	sw_switch1_call_flush_forwarding_table_sync(client, "lan", NULL, &error);
	no_error(error);

	sw_switch1_call_set_spanning_tree_sync(client, "lan", 4096, "02:00:00:00:00:01", NULL, &error);
	no_error(error);
	expect_refusal(sw_switch1_call_set_spanning_tree_sync(client, "lan", 0, "02:00:00:00:00:01", NULL, &error),
		&error, "already");
	sw_switch1_call_get_networks_sync(client, &networks, NULL, &error);
	no_error(error);
	g_autofree char *facts = g_variant_print(networks, FALSE);
	assert_non_null(strstr(facts, "'bridge': <'4096.02:00:00:00:00:01'>"));
	assert_non_null(strstr(facts, "'vlan_aware': <true>"));
	assert_non_null(strstr(facts, "'role': <'designated'>"));
}

static void hubs_have_no_vlans(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	build_network(world, "hub", 2);
	expect_refusal(sw_switch1_call_set_port_vlan_sync(world->client, "n0", 1, access_vlan(10), NULL, &error),
		&error, "not on a switch");
	expect_refusal(
		sw_switch1_call_set_spanning_tree_sync(world->client, "lan", 0, "02:00:00:00:00:01", NULL, &error),
		&error, "hub");
	expect_refusal(sw_switch1_call_flush_forwarding_table_sync(world->client, "lan", NULL, &error), &error, "hub");
}

static void link_joins(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	add_port(world, 0, SOCK_DGRAM);
	add_port(world, 1, SOCK_DGRAM); /* on the other worker, until there is a cable */
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	await_counter(world, 0, "drop_unplugged", 1);
	sw_switch1_call_add_cable_sync(
		world->client, "core", switch_end("port", "n0"), switch_end("port", "n1"), NULL, &error);
	no_error(error);
	send_frame(world, 0, BROADCAST, STATION(0), 2);
	expect_frame(world, 1, 2);
	send_frame(world, 1, STATION(0), STATION(1), 3);
	expect_frame(world, 0, 3);
}

static void wrong_sizes_are_counted(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	send_sized(world, 0, BROADCAST, STATION(0), 1, 13);
	send_sized(world, 0, BROADCAST, STATION(0), 2, 0);
	send_sized(world, 0, BROADCAST, STATION(0), 3, 1523);
	send_sized(world, 0, BROADCAST, STATION(0), 4, 1522);
	expect_frame(world, 1, 4);
	assert_int_equal(counter(world, 0, "drop_runt"), 2);
	assert_int_equal(counter(world, 0, "drop_oversize"), 1);
	assert_int_equal(counter(world, 0, "rx_frames"), 1);
}

static void full_queue_drops_and_counts(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	enum { SENT = 20000 };
	for (guint32 i = 0; i < SENT; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	await_counter(world, 0, "rx_frames", SENT);
	guint64 dropped = counter(world, 1, "drop_queue_full");
	assert_true(dropped > 0);
	/* The rest comes in order once somebody reads. */
	for (guint32 i = 0; i < SENT - dropped; i++)
		expect_frame(world, 1, i);
	assert_int_equal(counter(world, 1, "tx_frames"), SENT - dropped);
	assert_true(SENT - dropped >= 1024);
	send_frame(world, 0, BROADCAST, STATION(0), 99999);
	expect_frame(world, 1, 99999);
}

/* While guest 1 is stuck, guest 2 gets everything. */
static void slow_guest_harms_nobody_else(void **state)
{
	World *world = *state;
	build_network(world, "hub", 3);
	for (guint32 i = 0; i < 10000; i++) {
		send_frame(world, 0, BROADCAST, STATION(0), i);
		expect_frame(world, 2, i);
	}
	assert_int_equal(counter(world, 2, "drop_queue_full"), 0);
	assert_true(counter(world, 1, "drop_queue_full") > 0);
}

static void guest_dies_and_returns(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	build_network(world, "hub", 3);
	close(world->ports[1]);
	world->ports[1] = -1;
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 2, 1);
	assert_int_equal(counter(world, 1, "drop_port_error"), 1);
	send_frame(world, 0, BROADCAST, STATION(0), 2);
	expect_frame(world, 2, 2);
	assert_int_equal(counter(world, 1, "drop_port_error"), 1); /* it is known to be down */
	sw_switch1_call_remove_port_sync(world->client, "n1", NULL, &error);
	no_error(error);
	add_port(world, 1, SOCK_DGRAM);
	send_frame(world, 0, BROADCAST, STATION(0), 3);
	expect_frame(world, 1, 3);
}

static void guest_dies_with_a_full_queue(void **state)
{
	World *world = *state;
	build_network(world, "hub", 2);
	for (guint32 i = 0; i < 20000; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	await_counter(world, 0, "rx_frames", 20000);
	guint64 before = counter(world, 1, "drop_queue_full");
	close(world->ports[1]);
	world->ports[1] = -1;
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (counter(world, 1, "tx_frames") + counter(world, 1, "drop_port_error") + before < 20000)
		assert_true(g_get_monotonic_time() < deadline);
}

/* A connection-oriented socket tells by itself that the peer has gone. */
static void seqpacket_will_do(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_cable_sync(
		world->client, "core", switch_end("port", "n0"), switch_end("port", "n1"), NULL, &error);
	no_error(error);
	add_port(world, 0, SOCK_SEQPACKET);
	add_port(world, 1, SOCK_SEQPACKET);
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 1, 1);
	send_frame(world, 1, BROADCAST, STATION(1), 2); /* the last words of a guest still count */
	close(world->ports[1]);
	world->ports[1] = -1;
	expect_frame(world, 0, 2);
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	for (guint32 i = 3; counter(world, 0, "drop_unplugged") == 0; i++) {
		send_frame(world, 0, BROADCAST, STATION(0), i);
		assert_true(g_get_monotonic_time() < deadline);
	}
	assert_int_equal(counter(world, 1, "drop_runt"), 0);
}

/* Waits until a change of exactly this cable was told, and forgets it. */
/* GVariant text of what is set in one direction, "{'delay': <uint64 7>}". Floating. */
static GVariant *settings(const char *text)
{
	return g_str_equal(text, "{}") ? g_variant_new("a{sv}", NULL) : g_variant_new_parsed(text);
}

static void expect_change(World *world, const char *name)
{
	g_autofree char *wanted = g_strconcat(name, " ", NULL);
	gint64 deadline = g_get_monotonic_time() + PATIENCE;
	while (!*world->changed->str) {
		assert_true(g_get_monotonic_time() < deadline);
		g_main_context_iteration(NULL, FALSE);
	}
	assert_string_equal(world->changed->str, wanted);
	g_string_truncate(world->changed, 0);
}

/* Whatever takes or gives an end its carrier; and nothing else does. */
static void changes_of_carrier_are_told(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	sw_switch1_call_add_cable_sync(
		world->client, "core", switch_end("port", "n0"), switch_end("port", "n1"), NULL, &error);
	no_error(error);
	add_port(world, 0, SOCK_SEQPACKET);
	expect_change(world, "core");
	add_port(world, 1, SOCK_SEQPACKET);
	expect_change(world, "core");
	sw_switch1_call_set_link_sync(
		world->client, "core", 0, 0, settings("{'down': <'yes'>}"), settings("{}"), NULL, &error);
	no_error(error);
	expect_change(world, "core");
	sw_switch1_call_set_link_sync(
		world->client, "core", 0, 0, settings("{'down': <'yes'>}"), settings("{}"), NULL, &error);
	no_error(error);
	sw_switch1_call_set_link_sync(
		world->client, "core", 0, 0, settings("{'delay': <uint64 1000>}"), settings("{}"), NULL, &error);
	no_error(error);
	expect_change(world, "core");
	send_frame(world, 0, BROADCAST, STATION(0), 1);
	expect_frame(world, 1, 1);
	close(world->ports[1]); /* the guest is gone */
	world->ports[1] = -1;
	expect_change(world, "core");
}

static void mistakes_are_refused(void **state)
{
	World *world = *state;
	SwSwitch1 *client = world->client;
	g_autoptr(GError) error = NULL;
	build_network(world, "hub", 1);
	sw_switch1_call_add_network_sync(client, "lan", "hub", 0, 0, 0, NULL, &error);
	expect_error(&error, G_IO_ERROR_EXISTS, "\"lan\"");
	sw_switch1_call_add_network_sync(client, "x", "token-ring", 0, 0, 0, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "token-ring");
	sw_switch1_call_add_network_sync(client, "x", "switch", 0, 1u << 31, 0, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "too large");
	sw_switch1_call_add_cable_sync(client, "n0", switch_end("port", "a"), switch_end("port", "b"), NULL, &error);
	expect_error(&error, G_IO_ERROR_EXISTS, "\"n0\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "a"), switch_end("port", ""), NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "\"c\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "a"), switch_end("socket", "b"), NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "\"socket\"");
	sw_switch1_call_add_cable_sync(client, "c", switch_end("port", "a"), switch_end("port", "a"), NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "\"c\"");
	sw_switch1_call_add_cable_sync(
		client, "c", switch_end("port", "a"), switch_end("network", "wan"), NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "\"wan\"");
	sw_switch1_call_add_cable_sync(
		client, "c", switch_end("port", "n0"), switch_end("network", "lan"), NULL, &error);
	expect_error(&error, G_IO_ERROR_EXISTS, "\"n0\"");
	sw_switch1_call_remove_port_sync(client, "n7", NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "\"n7\"");
	sw_switch1_call_stop_capture_sync(client, 7, NULL, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "capture 7");

	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_unix_fd_list_append(list, STDIN_FILENO, &error);
	no_error(error);
	sw_switch1_call_add_datagram_port_sync(client, "p", 1500, g_variant_new_handle(0), list, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "socketpair");
	sw_switch1_call_add_datagram_port_sync(client, "p", 10, g_variant_new_handle(0), list, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "MTU");
	sw_switch1_call_add_datagram_port_sync(client, "p", 1500, g_variant_new_handle(5), list, NULL, NULL, &error);
	expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, "descriptor");
	const struct {
		const char *place, *options;
		int code;
		const char *words;
	} captures[] = {
		{"nowhere", "{}", G_IO_ERROR_NOT_FOUND, "\"nowhere\""},
		{"n0", "{'filter': <'tcp prot 80'>}", G_IO_ERROR_INVALID_ARGUMENT, "at character 5, \"prot 80\""},
		{"n0", "{'format': <'snoop'>}", G_IO_ERROR_INVALID_ARGUMENT, "\"snoop\""},
		{NULL, "{'format': <'pcap'>}", G_IO_ERROR_INVALID_ARGUMENT, "one link or interface"},
		{"n0", "{'only_past': <true>}", G_IO_ERROR_INVALID_ARGUMENT, "seconds"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(captures); i++) {
		const char *where[] = {captures[i].place, NULL};
		g_autoptr(GVariant) options =
			g_variant_parse(G_VARIANT_TYPE_VARDICT, captures[i].options, NULL, NULL, &error);
		no_error(error);
		sw_switch1_call_start_capture_sync(
			client, where, options, g_variant_new_handle(0), list, NULL, NULL, NULL, NULL, &error);
		expect_error(&error, captures[i].code, captures[i].words);
	}
}

static void set_link(World *world, const char *cable, const char *a, const char *b)
{
	g_autoptr(GError) error = NULL;
	sw_switch1_call_set_link_sync(world->client, cable, 5, 0, settings(a), settings(b), NULL, &error);
	no_error(error);
}

/* Frames take their time one way, and none the other; a switch that lost them all would wait in vain here. */
static void cables_are_impaired(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) cables = NULL;
	build_network(world, "switch", 2);
	set_link(world, "n0", "{'delay': <uint64 100000000>}", "{}");
	gint64 before = g_get_monotonic_time();
	for (guint32 i = 0; i < 10; i++)
		send_frame(world, 0, BROADCAST, STATION(0), i);
	for (guint32 i = 0; i < 10; i++)
		expect_frame(world, 1, i);
	assert_true(g_get_monotonic_time() - before >= 100000);
	send_frame(world, 0, STATION(1), STATION(0), 10);
	set_link(world, "n0", "{}", "{}"); /* what is under way comes at once */
	expect_frame(world, 1, 10);

	/* Towards the port: the network's end of its cable. */
	set_link(world, "n0", "{}", "{'loss': <1.0>, 'burst': <2.0>, 'distribution': <'normal'>}");
	for (guint32 i = 0; i < 10; i++)
		send_frame(world, 1, STATION(0), STATION(1), i);
	await_counter(world, 0, "drop_loss", 10);
	set_link(world, "n1", "{'down': <'yes'>}", "{}");
	send_frame(world, 1, STATION(0), STATION(1), 11);
	await_counter(world, 1, "drop_unplugged", 1);
	sw_switch1_call_get_cables_sync(world->client, &cables, NULL, &error);
	no_error(error);
	g_autoptr(GVariant) n0 = g_variant_lookup_value(cables, "n0", NULL),
			    n1 = g_variant_lookup_value(cables, "n1", NULL);
	g_autofree char *text0 = g_variant_print(n0, FALSE), *text1 = g_variant_print(n1, FALSE);
	assert_string_equal(text0,
		"(false, [('n0', true, {}, {}), ('lan', true, {'distribution': <'normal'>, 'loss': <1.0>, "
		"'burst': <2.0>}, {'drop_loss': 10})])");
	assert_string_equal(
		text1, "(true, [('n1', false, {'down': <'yes'>}, {'drop_unplugged': 1}), ('lan', false, {}, {})])");
	set_link(world, "n1", "{}", "{}");
	set_link(world, "n0", "{}", "{}");
	send_frame(world, 1, STATION(0), STATION(1), 12);
	expect_frame(world, 0, 12);
}

/* What the switch says of a cable, as text. Caller frees. */
static char *cable_text(World *world, const char *cable)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) cables = NULL;
	sw_switch1_call_get_cables_sync(world->client, &cables, NULL, &error);
	no_error(error);
	g_autoptr(GVariant) one = g_variant_lookup_value(cables, cable, NULL);
	return g_variant_print(one, FALSE);
}

/* A link is set as a whole: whichever direction is wrong, nothing of either changes, nor the carrier. */
static void wrong_settings_are_refused(void **state)
{
	World *world = *state;
	static const char *const wrong[] = {"{'loss': <1.5>}", "{'loss': <-0.1>}", "{'loss': <uint64 1>}",
		"{'burst': <0.5>}", "{'rate': <uint64 1>}", "{'delay': <uint64 18446744073709551615>}",
		"{'distribution': <'even'>}", "{'distribution': <1.0>}", "{'colour': <'red'>}", "{'down': <true>}",
		"{'duplicate': <nan>}"};
	build_network(world, "hub", 1);
	set_link(world, "n0", "{'delay': <uint64 7>}", "{'loss': <0.5>}");
	g_autofree char *before = cable_text(world, "n0");
	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(wrong); i++) {
		const char *text = wrong[i / 2];
		g_autoptr(GError) error = NULL;
		GVariant *bad = g_variant_new_parsed(strstr(text, "nan") ? "{'duplicate': <%d>}" : text, NAN);
		GVariant *good = settings("{'rate': <uint64 1000000>, 'down': <'yes'>}");
		sw_switch1_call_set_link_sync(
			world->client, "n0", 0, 0, i % 2 ? bad : good, i % 2 ? good : bad, NULL, &error);
		expect_error(&error, G_IO_ERROR_INVALID_ARGUMENT, i % 2 ? "frames from \"n0\"" : "frames from \"lan\"");
		g_autofree char *after = cable_text(world, "n0");
		assert_string_equal(after, before);
	}
	g_autoptr(GError) error = NULL;
	sw_switch1_call_set_link_sync(world->client, "x", 0, 0, settings("{}"), settings("{}"), NULL, &error);
	expect_error(&error, G_IO_ERROR_NOT_FOUND, "\"x\"");
}

static rlim_t mapped_bytes(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/statm", pid), *text = NULL;
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return g_ascii_strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* The first impairment takes memory for frames in transit. Where there is none, nothing has changed. */
static void without_memory_nothing_changes(void **state)
{
	World *world = *state;
	struct rlimit before, none;
	g_autoptr(GError) error = NULL;
	pid_t pid = (pid_t)atoi(g_subprocess_get_identifier(world->process));
	build_network(world, "hub", 1);
	g_autofree char *perfect = cable_text(world, "n0");
	assert_int_equal(prlimit(pid, RLIMIT_AS, NULL, &before), 0);
	none = (struct rlimit){mapped_bytes(pid) + (64 << 20), before.rlim_max}; /* the frames' memory is 256 MiB */
	assert_int_equal(prlimit(pid, RLIMIT_AS, &none, NULL), 0);
	sw_switch1_call_set_link_sync(world->client, "n0", 0, 0, settings("{'delay': <uint64 7>}"),
		settings("{'down': <'yes'>}"), NULL, &error);
	assert_int_equal(prlimit(pid, RLIMIT_AS, &before, NULL), 0);
	expect_error(&error, G_IO_ERROR_NO_SPACE, "no memory");
	g_autofree char *after = cable_text(world, "n0");
	assert_string_equal(after, perfect);
	set_link(world, "n0", "{'delay': <uint64 7>}", "{'down': <'yes'>}");
}

static void usage_is_checked(void **state)
{
	const char *const commands[] = {"", "--control-fd=3 surplus", "--nonsense", "--control-fd=3 --workers=1000"};
	for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *line = g_strdup_printf("%s %s", g_getenv("NETLAB_TEST_SWITCH"), commands[i]);
		g_autofree char *message = NULL;
		int status;
		g_spawn_command_line_sync(line, NULL, &message, &status, &error);
		no_error(error);
		assert_int_equal(g_spawn_check_wait_status(status, &error), FALSE);
		assert_int_equal(error->code, 2);
		assert_true(g_str_has_prefix(message, "netlab-switch: "));
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hub_floods),
		TEST(switch_learns),
		TEST(switches_are_told_of_vlans_trees_and_mirrors),
		TEST(hubs_have_no_vlans),
		TEST(link_joins),
		TEST(wrong_sizes_are_counted),
		TEST(full_queue_drops_and_counts),
		TEST(slow_guest_harms_nobody_else),
		TEST(guest_dies_and_returns),
		TEST(guest_dies_with_a_full_queue),
		TEST(seqpacket_will_do),
		TEST(changes_of_carrier_are_told),
		TEST(mistakes_are_refused),
		TEST(cables_are_impaired),
		TEST(wrong_settings_are_refused),
		TEST(without_memory_nothing_changes),
		cmocka_unit_test(usage_is_checked),
	};
	/* Messages of the C library are compared. */
	g_setenv("LC_ALL", "C", TRUE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
