/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "topologies/model/switch_setting.h"

static GVariant *pairs(const char *text)
{
	GError *error = NULL;
	GVariant *variant = g_variant_parse(G_VARIANT_TYPE("a{ss}"), text, NULL, NULL, &error);
	assert_null(error);
	return variant;
}

static void ports_are_as_in_a_lab_file(void **state)
{
	static const struct {
		const char *attributes, *text;
	} cases[] = {
		{"{'vlan': '10'}", "access 10"},
		{"{'trunk': '10 20 30-39'}", "trunk 1 10 20 30-39 native 1"},
		{"{'trunk': '10', 'native': '10'}", "trunk 10 native 10"},
		{"{'trunk': '10', 'native': 'none'}", "trunk 10 native none"},
		{"{'native': '5', 'trunk': 'all'}", "trunk all native 5"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GVariant) attributes = pairs(cases[i].attributes);
		g_autoptr(GError) error = NULL;
		LabPortVlan vlan;
		assert_true(lab_port_setting_read(attributes, &vlan, &error));
		g_autofree char *text = lab_port_vlan_to_text(&vlan);
		assert_string_equal(text, cases[i].text);
	}
}

static void expect_refusal(gboolean good, GError **error, const char *why)
{
	assert_false(good);
	assert_true(g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
	if (!strstr((*error)->message, why))
		fail_msg("\"%s\" says nothing of \"%s\"", (*error)->message, why);
	g_clear_error(error);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *attributes, *why;
	} ports[] = {
		{"{}", "nothing to set"},
		{"{'vlan': '0'}", "vlan: \"0\""},
		{"{'vlan': '4095'}", "vlan: \"4095\""},
		{"{'trunk': '5-2'}", "trunk: \"5-2\""},
		{"{'trunk': 'all', 'native': 'x'}", "native: \"x\""},
		{"{'native': '5'}", "native needs trunk"},
		{"{'vlan': '5', 'native': '5'}", "untagged"},
		{"{'vlan': '5', 'trunk': 'all'}", "set only one"},
		{"{'vlna': '5'}", "did you mean \"vlan\""},
		{"{'priority': '0'}", "vlan, trunk, native"},
	};
	g_autoptr(GError) error = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(ports); i++) {
		g_autoptr(GVariant) attributes = pairs(ports[i].attributes);
		LabPortVlan vlan;
		expect_refusal(lab_port_setting_read(attributes, &vlan, &error), &error, ports[i].why);
	}
	g_autoptr(GVariant) odd = pairs("{'priority': '5'}"), other = pairs("{'stp': 'off'}"),
			    good = pairs("{'priority': '8192'}");
	unsigned priority;
	expect_refusal(lab_network_setting_read(odd, &priority, &error), &error, "priority: \"5\"");
	expect_refusal(
		lab_network_setting_read(other, &priority, &error), &error, "while the lab runs; it has priority");
	assert_true(lab_network_setting_read(good, &priority, &error));
	assert_int_equal(priority, 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_as_in_a_lab_file), cmocka_unit_test(mistakes_are_named)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
