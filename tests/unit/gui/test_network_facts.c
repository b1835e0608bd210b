/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network of a running lab in the words of its panel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "gui/model/network_facts.h"

/* Compares and frees. */
static void is(char *text, const char *expected)
{
	assert_string_equal(text, expected);
	g_free(text);
}

static void a_summary_has_type_and_tree(void **state)
{
	NetworkFacts network = {
		.type = (char *)"hub", .bridge = (char *)"", .root = (char *)"", .root_port = (char *)""};
	is(network_facts_summary(&network), "Hub");
	network.type = (char *)"switch";
	network.vlan_aware = TRUE;
	is(network_facts_summary(&network), "Switch, VLAN-aware");
	network.bridge = network.root = (char *)"4096.52:54:00:00:00:01";
	is(network_facts_summary(&network),
		"Switch, VLAN-aware\nSpanning tree (RSTP): bridge 4096.52:54:00:00:00:01\nThis is the root bridge.");
	network.root = (char *)"0.52:54:00:00:00:02";
	network.root_port = (char *)"up";
	network.root_cost = 20000;
	is(network_facts_summary(&network),
		"Switch, VLAN-aware\nSpanning tree (RSTP): bridge 4096.52:54:00:00:00:01\n"
		"Root bridge 0.52:54:00:00:00:02 via up, cost 20000");
}

static void vlans_are_access_or_trunk(void **state)
{
	is(network_facts_vlans(&(PortFacts){0}), "");
	is(network_facts_vlans(&(PortFacts){.access = 10}), "10");
	is(network_facts_vlans(&(PortFacts){.trunk = (char *)"10 20-29"}), "trunk 10 20-29");
	is(network_facts_vlans(&(PortFacts){.trunk = (char *)"all", .native = 1}), "trunk all, native 1");
}

static void a_state_has_what_matters_most(void **state)
{
	PortFacts port = {.state = (char *)"forwarding", .role = (char *)"", .protocol = (char *)"", .mirror = TRUE};
	is(network_facts_state(&port), "no carrier");
	port.carrier = TRUE;
	is(network_facts_state(&port), "mirror");
	port.mirror = FALSE;
	is(network_facts_state(&port), "forwarding");
	port.role = (char *)"designated";
	port.protocol = (char *)"rstp";
	port.edge = TRUE;
	is(network_facts_state(&port), "designated, forwarding, edge");
	port.edge = FALSE;
	port.protocol = (char *)"stp";
	is(network_facts_state(&port), "designated, forwarding, STP");
}

static void an_age_has_one_unit(void **state)
{
	is(network_facts_age(999), "0 s");
	is(network_facts_age(119999), "119 s");
	is(network_facts_age(120000), "2 min");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_summary_has_type_and_tree),
		cmocka_unit_test(vlans_are_access_or_trunk), cmocka_unit_test(a_state_has_what_matters_most),
		cmocka_unit_test(an_age_has_one_unit)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
