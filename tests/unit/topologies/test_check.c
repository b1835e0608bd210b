/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labs that are right, and labs that only look wrong: nothing may be said of them. What must be said of wrong ones is
 * in tests/golden/bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "topologies/topology.h"

#define IF(name, network, address) "<interface name='" name "' network='" network "' address='" address "'/>"

static char *say(const char *body)
{
	g_autofree char *path = NULL, *text = g_strdup_printf("<lab xmlns='urn:netlab:lab:1' name='t'>%s</lab>", body);
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	g_autoptr(Lab) lab = NULL;
	int fd = g_file_open_tmp("netlab-check-XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	lab = lab_read(path, FALSE, TEST_SCHEMA, diagnostics);
	g_unlink(path);
	return lab_diagnostics_to_text(diagnostics);
}

static void silent(const char *body)
{
	g_autofree char *text = say(body);

	assert_string_equal(text, "");
}

static void test_ordinary(void **state)
{
	silent("<network name='lan'/><network name='dmz'/>"
	       "<node name='fw' kind='firewall'>" IF("eth0", "lan", "10.0.1.1/24 2001:db8:1::1/64") IF(
		       "eth1", "dmz", "10.0.2.1/24") "</node><node name='pc'>" IF("eth0", "lan",
		       "10.0.1.2/24 2001:db8:1::2/64") "<route to='default' via='10.0.1.1'/><route to='default' "
						       "via='2001:db8:1::1'/></node><node name='web'>" IF(
							       "eth0", "dmz", "10.0.2.2/24") "<route to='10.0.1.0/24' "
											     "via='10.0.2.1'/></node>");
	silent("<node name='alone'/>");
}

static void test_gateway_that_forwards_by_other_means(void **state)
{
	static const char *const means[] = {
		"<sysctl name='net/ipv4/ip_forward' value='1'/>",
		"<run>sysctl -w net.ipv4.ip_forward=1</run>",
		"<run>echo 1 > /proc/sys/net/ipv4/ip_forward</run>",
		"<file path='/etc/sysctl.conf'>net.ipv4.ip_forward = 1</file>",
		"<run>/usr/lib/frr/zebra -d</run>",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(means); i++) {
		g_autofree char *body =
			g_strdup_printf("<network name='n'/><node name='gw'>" IF(
						"eth0", "n", "10.0.0.1/24") "%s</node><node name='pc'>" IF("eth0", "n",
						"10.0.0.2/24") "<route to='default' via='10.0.0.1'/></node>",
				means[i]);

		silent(body);
	}
	/* A route to the neighbour's own address needs nobody to forward. */
	silent("<network name='n'/><node name='a'>" IF(
		"eth0", "n", "10.0.0.1/24 10.9.9.9/32") "</node><node name='b'>" IF("eth0", "n",
		"10.0.0.2/24") "<route to='10.9.9.9' via='10.0.0.1'/></node>");
}

static void test_gateway_that_comes_later(void **state)
{
	/* VRRP: an address that a daemon gives to one of two. */
	silent("<network name='n'/><node name='a' kind='router'>" IF("eth0", "n",
		"10.0.0.2/24") "<file path='/etc/keepalived.conf'>virtual_ipaddress { 10.0.0.1/24 }</file></node>"
			       "<node name='pc'>" IF(
				       "eth0", "n", "10.0.0.9/24") "<route to='default' via='10.0.0.1'/></node>");
	/* The gateway is behind a bridge that has no address. */
	silent("<node name='gw' kind='router'/><node name='sw' kind='switch'/><node name='pc'><interface name='eth0' "
	       "address='10.0.0.2/24'/><route to='default' via='10.0.0.1'/></node><link><end node='sw' "
	       "interface='eth0'/><end node='gw' interface='eth0' address='10.0.0.1/24'/></link><link><end node='sw' "
	       "interface='eth1'/><end node='pc' interface='eth0'/></link>");
	/* Reached through a route that names the device. */
	silent("<network name='n'/><node name='gw' kind='router'>" IF(
		"eth0", "n", "10.0.0.1/32") "</node><node name='pc'>" IF("eth0", "n",
		"10.1.0.1/32") "<route to='10.0.0.1' dev='eth0'/><route "
			       "to='default' via='10.0.0.1'/></node>");
	silent("<network name='n'/><node name='r' kind='router'>" IF(
		"eth0", "n", "2001:db8::1/64") "</node><node name='pc'>" IF("eth0", "n",
		"2001:db8::2/64") "<route to='default' via='fe80::1' dev='eth0'/></node>");
}

static void test_several_subnets(void **state)
{
	/* Two pairs on one network; a second address of one's own; unnumbered links; link-local everywhere. */
	silent("<network name='n'/><node name='a'>" IF("e", "n", "10.0.1.1/24") "</node><node name='b'>" IF(
		"e", "n", "10.0.1.2/24") "</node><node name='c'>" IF("e", "n",
		"10.0.2.1/24") "</node><node name='d'>" IF("e", "n", "10.0.2.2/24 192.168.7.1/24") "</node>");
	silent("<node name='a'/><node name='b'/>"
	       "<link><end node='a' interface='e' address='10.0.0.1/32'/><end node='b' interface='e' "
	       "address='10.5.0.1/32'/></link>");
	silent("<node name='a'/><node name='b'/>"
	       "<link><end node='a' interface='e' address='10.0.0.0/31'/><end node='b' interface='e' "
	       "address='10.0.0.1/31'/></link>");
	silent("<network name='n'/><network name='m'/><node name='a'>" IF("e0", "n", "fe80::1/64")
			IF("e1", "m", "fe80::1/64") "</node><node name='b'>" IF("e0", "n", "fe80::2/64")
				IF("e1", "m", "fe80::2/64") "</node>");
	/* An IPv4 node beside an IPv6 node. */
	silent("<network name='n'/><node name='a'>" IF("e", "n", "10.0.1.1/24") "</node><node name='b'>" IF(
		"e", "n", "2001:db8::1/64") "</node>");
}

static void test_equal_far_apart(void **state)
{
	/* The same address and MAC twice, where they never meet. */
	silent("<network name='n'/><network name='m'/>"
	       "<node name='a'><interface name='e' network='n' address='10.0.0.1/24' mac='02:00:00:00:00:01'/></node>"
	       "<node name='b'><interface name='e' network='m' address='10.0.0.1/24' mac='02:00:00:00:00:01'/></node>"
	       "<node name='c'>" IF("e", "n", "10.0.0.2/24") "</node><node name='d'>" IF(
		       "e", "m", "10.0.0.2/24") "</node>");
}

static void test_router_without_need(void **state)
{
	/* Forwarding off for IPv4 on a router of IPv6 alone. */
	silent("<network name='n'/><network name='m'/><node name='r' kind='router'>" IF("e0", "n", "2001:db8:1::1/64")
			IF("e1", "m", "2001:db8:2::1/64") "<sysctl name='net.ipv4.ip_forward' value='0'/></node>"
							  "<node name='a'>" IF("e", "n", "2001:db8:1::2/64") "</node>");
}

static void test_no_warning_beside_an_error(void **state)
{
	g_autofree char *text =
		say("<network name='unused'/><node name='a'><interface name='e' network='nowhere'/></node>");

	assert_non_null(g_strrstr(text, "does not exist"));
	assert_null(g_strrstr(text, "warning"));
}

static gboolean knows_icmp_alone(const char *filter, GError **error)
{
	if (g_str_equal(filter, "icmp"))
		return TRUE;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "\"%s\" will not do", filter);
	return FALSE;
}

/* Whoever knows filters says what is wrong with one; its place comes from here. */
static void test_filters(void **state)
{
	static const char captures[] = "<node name='a'>" IF("e", "n", "10.0.0.1/24") "</node><node name='b'>" IF("e",
		"n", "10.0.0.2/24") "</node><network name='n'/><capture file='x' filter='icmp'/>\n<capture file='y'/>\n"
				    "  <capture file='z' filter='tcp prot 80'/>";

	silent(captures);
	lab_set_filter_check(knows_icmp_alone);
	g_autofree char *text = say(captures);
	lab_set_filter_check(NULL);
	assert_true(g_str_has_suffix(text, ":3:3: error: \"tcp prot 80\" will not do\n"));
	assert_null(strchr(strchr(text, '\n') + 1, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ordinary),
		cmocka_unit_test(test_gateway_that_forwards_by_other_means),
		cmocka_unit_test(test_gateway_that_comes_later),
		cmocka_unit_test(test_several_subnets),
		cmocka_unit_test(test_equal_far_apart),
		cmocka_unit_test(test_router_without_need),
		cmocka_unit_test(test_no_warning_beside_an_error),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
