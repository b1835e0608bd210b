/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "topologies/model/quantity.h"
#include "topologies/model/values.h"

/* Each reader's refusals are in tests/golden/bad/values.xml and names.xml; here is what it accepts, and the edges. */

static void test_units(void **state)
{
	guint64 bytes;
	unsigned ms;

	assert_true(value_size("24M", LAB_MEMORY_MIN, LAB_MEMORY_MAX, &bytes, NULL));
	assert_int_equal(bytes, 24 << 20);
	assert_true(value_size("64G", LAB_MEMORY_MIN, LAB_MEMORY_MAX, &bytes, NULL));
	assert_int_equal(bytes, 64ull << 30);
	assert_true(value_size("65536K", LAB_MEMORY_MIN, LAB_MEMORY_MAX, &bytes, NULL));
	assert_int_equal(bytes, 64 << 20);
	for (unsigned i = 0; i < 9; i++) {
		static const char *const bad[] = {
			"", "M", "-64M", "+64M", " 64M", "64 M", "64m", "64MB", "18446744073709551616M"};
		g_autoptr(GError) error = NULL;

		assert_false(value_size(bad[i], LAB_MEMORY_MIN, LAB_MEMORY_MAX, &bytes, &error));
		assert_non_null(error);
	}
	assert_true(value_duration("20ms", 1, 3600000, &ms, NULL));
	assert_int_equal(ms, 20);
	assert_true(value_duration("2min", 1, 3600000, &ms, NULL));
	assert_int_equal(ms, 120000);
	assert_false(value_duration("61min", 1, 3600000, &ms, NULL));
	assert_false(value_duration("5", 1, 3600000, &ms, NULL));
}

/* Decimals are the same for all kinds of numbers: read, or refused where they would have no effect. */
static void test_decimals(void **state)
{
	guint64 value;
	unsigned ms;

	assert_true(value_duration("1.5s", 1, 3600000, &ms, NULL));
	assert_int_equal(ms, 1500);
	assert_true(value_duration("0.25min", 1, 3600000, &ms, NULL));
	assert_int_equal(ms, 15000);
	assert_true(value_size("1.5G", LAB_MEMORY_MIN, LAB_MEMORY_MAX, &value, NULL));
	assert_int_equal(value, 3ull << 29);
	assert_true(value_history("1.5M", &value, NULL));
	assert_int_equal(value, 3 << 19);
	assert_true(quantity_read(&lab_quantity_delay, "0.5us", 0, 1000, &value, NULL));
	assert_int_equal(value, 500);
	assert_true(quantity_read(&lab_quantity_size, "1.999999999G", 0, G_MAXUINT64, &value, NULL));
	assert_int_equal(value, (2ull << 30) - 2);
	for (unsigned i = 0; i < 7; i++) {
		static const struct {
			const LabQuantity *kind;
			const char *text;
		} bad[] = {{&lab_quantity_duration, "1.5ms"}, {&lab_quantity_delay, "0.1ns"},
			{&lab_quantity_rate, "7.5bit"}, {&lab_quantity_share, "1.00000001%"},
			{&lab_quantity_size, "1.0001K"}, {&lab_quantity_delay, "1.ms"},
			{&lab_quantity_duration, ".5s"}};

		assert_false(quantity_read(bad[i].kind, bad[i].text, 0, G_MAXUINT64, &value, NULL));
	}
}

static void test_wires(void **state)
{
	guint64 vlans[64], size;
	guint16 vlan, port;
	unsigned files;
	LabHostKind kind;
	GInetAddress *address;
	g_autofree char *name = NULL;

	assert_true(value_vlan("4094", &vlan, NULL));
	assert_int_equal(vlan, 4094);
	assert_false(value_vlan("+1", &vlan, NULL));
	assert_true(value_vlans(" 1 63-65\n4094 ", vlans, NULL));
	assert_true(vlans[0] == (1ull << 63 | 2) && vlans[1] == 3 && vlans[63] == 1ull << 62 && vlans[2] == 0);
	assert_true(value_vlans("all", vlans, NULL));
	assert_true(vlans[0] == ~1ull && vlans[30] == ~0ull && vlans[63] == ~0ull >> 1);
	for (unsigned i = 0; i < 6; i++) {
		static const char *const bad[] = {"0", "1-", "-1", "1-2-3", "1-4095", "10,20"};

		assert_false(value_vlans(bad[i], vlans, NULL));
	}
	assert_true(value_host("bridge:br0", &kind, &name, NULL));
	assert_int_equal(kind, LAB_HOST_BRIDGE);
	assert_string_equal(name, "br0");
	assert_true(value_endpoint("[fd00::1]:65535", &address, &port, NULL));
	assert_int_equal(port, 65535);
	assert_int_equal(g_inet_address_get_family(address), G_SOCKET_FAMILY_IPV6);
	g_object_unref(address);
	assert_true(value_endpoint("80", &address, &port, NULL));
	assert_null(address);
	assert_true(value_ring("10M×5", &size, &files, NULL));
	assert_int_equal(size, 10 << 20);
	assert_int_equal(files, 5);
	assert_true(value_history("off", &size, NULL));
	assert_int_equal(size, 0);
}

static void test_offsets(void **state)
{
	static const struct {
		const char *address, *expected;
		unsigned offset;
	} cases[] = {
		{"10.0.2.2/24", "10.0.2.15", 13},
		{"10.0.2.250/23", "10.0.3.7", 13},
		{"10.0.2.242/24", NULL, 13}, /* the broadcast address */
		{"10.0.2.250/24", NULL, 13},
		{"255.255.255.250/8", NULL, 13},
		{"fd00::ffff/64", "fd00::1:0", 1},
		{"fd00::2/128", NULL, 1},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(LabAddress) address = value_interface_address(cases[i].address, NULL);
		g_autoptr(GInetAddress) found = lab_address_offset(address, cases[i].offset);
		g_autofree char *text = found ? g_inet_address_to_string(found) : NULL;

		assert_int_equal(g_strcmp0(text, cases[i].expected), 0);
	}
}

static void test_numbers(void **state)
{
	unsigned n;

	assert_true(value_number("68", 68, 65535, &n, NULL));
	assert_true(value_number("65535", 68, 65535, &n, NULL));
	assert_int_equal(n, 65535);
	assert_false(value_number("67", 68, 65535, &n, NULL));
	assert_false(value_number("0x100", 68, 65535, &n, NULL));
	assert_true(value_mode("755", &n, NULL));
	assert_int_equal(n, 0755);
	assert_true(value_mode("4755", &n, NULL));
	assert_int_equal(n, 04755);
	assert_false(value_mode("0888", &n, NULL));
	assert_false(value_mode("64", &n, NULL));
}

static void test_names(void **state)
{
	assert_true(value_name("r1-a", LAB_NAME_NODE, NULL));
	assert_false(value_name("r1.a", LAB_NAME_NODE, NULL));
	assert_true(value_name("eth0.10", LAB_NAME_INTERFACE, NULL));
	assert_true(value_name("abcdefghijklmno", LAB_NAME_INTERFACE, NULL));
	assert_false(value_name("abcdefghijklmnop", LAB_NAME_INTERFACE, NULL));
	assert_false(value_name("all", LAB_NAME_INTERFACE, NULL));
	for (unsigned i = 0; i < 8; i++) {
		static const char *const bad[] = {
			"1", "0", "0x7f", "017", "4294967296", "localhost", "LocalHost", "ip6-allnodes"};

		assert_false(value_name(bad[i], LAB_NAME_NODE, NULL));
		/* Only hosts are looked up. */
		assert_true(value_name(bad[i], LAB_NAME_CABLE, NULL));
	}
	assert_true(value_name("1a", LAB_NAME_NODE, NULL));
	assert_true(value_name("0x7g", LAB_NAME_NODE, NULL));
	for (LabNameRule rule = LAB_NAME_LAB; rule <= LAB_NAME_IMAGE; rule++) {
		static const char *const bad[] = {
			"", ".", "..", "a/b", "/", "a b", "a:b", "-a", ".a", "a\n", "\xc3\xa9", "a%d"};

		assert_true(value_name("a", rule, NULL));
		for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
			assert_false(value_name(bad[i], rule, NULL));
	}
}

static void test_macs(void **state)
{
	guint8 mac[6];

	assert_true(value_mac("02:00:5E:00:00:fF", mac, NULL));
	assert_int_equal(mac[5], 0xff);
	assert_false(value_mac("02:00:5E:00:00:f", mac, NULL));
	assert_false(value_mac("02:00:00:00:00:/1", mac, NULL));
	assert_false(value_mac("02:00:5E:00:00:ff:", mac, NULL));
	assert_false(value_mac("ff:ff:ff:ff:ff:ff", mac, NULL));
	assert_false(value_mac("", mac, NULL));
}

static void test_addresses(void **state)
{
	g_autoptr(LabAddress) a = value_interface_address("10.0.1.129/25", NULL);
	g_autoptr(LabAddress) six = value_interface_address("2001:db8::1/61", NULL);
	g_autoptr(LabAddress) host = value_destination("10.0.0.1", NULL);
	g_autoptr(LabAddress) all = value_destination("0.0.0.0/0", NULL);
	g_autoptr(GInetAddress) inside = value_gateway("10.0.1.254", NULL), outside = value_gateway("10.0.1.1", NULL);
	g_autoptr(GInetAddress) inside6 = value_gateway("2001:db8:0:7::9", NULL),
				outside6 = value_gateway("2001:db8:0:8::9", NULL);
	g_autofree char *text = lab_address_to_text(a), *network = lab_address_network_to_text(a),
			*network6 = lab_address_network_to_text(six);

	assert_string_equal(text, "10.0.1.129/25");
	assert_string_equal(network, "10.0.1.128/25");
	assert_string_equal(network6, "2001:db8::/61");
	assert_int_equal(host->prefix, 32);
	assert_true(lab_address_holds(a, inside));
	assert_false(lab_address_holds(a, outside));
	assert_false(lab_address_holds(a, inside6));
	assert_true(lab_address_holds(six, inside6));
	assert_false(lab_address_holds(six, outside6));
	assert_false(lab_address_holds(host, inside));
	assert_true(lab_address_holds(all, inside));
	assert_null(value_interface_address("fe80::1%eth0/64", NULL));
	assert_null(value_interface_address("10.0.0.1/", NULL));
	assert_null(value_interface_address("10.0.0.1/+8", NULL));
	assert_null(value_interface_address("10.0.1/24", NULL));
	assert_null(value_destination("10.0.0.1/24", NULL));
	assert_null(value_gateway("10.0.0.1/24", NULL));
	assert_null(value_gateway("0.0.0.0", NULL));
}

static void test_first_and_last(void **state)
{
	static const struct {
		const char *address;
		gboolean edge;
	} cases[] = {{"10.0.0.0/24", TRUE}, {"10.0.0.255/24", TRUE}, {"10.0.0.1/24", FALSE}, {"10.0.0.255/16", FALSE},
		{"10.0.0.0/31", FALSE}, {"10.0.0.1/32", FALSE}, {"2001:db8::/64", FALSE}, {"10.0.0.3/30", TRUE}};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(LabAddress) address = value_interface_address(cases[i].address, NULL);

		assert_int_equal(lab_address_is_network_or_broadcast(address), cases[i].edge);
	}
}

static void test_block(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{" \n\t\n  ", ""},
		{"one", "one\n"},
		{"\n    a\n      b\n\n    c\n  ", "a\n  b\n\nc\n"},
		{"\n\ta\n", "a\n"},
		{"first\n  second\n", "first\n  second\n"},
		{"\n\n  a", "\na\n"},
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = value_block(cases[i][0]);

		assert_string_equal(got, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_wires),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_decimals),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_first_and_last),
		cmocka_unit_test(test_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
