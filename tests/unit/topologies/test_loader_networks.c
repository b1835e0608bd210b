/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What networks, links, uplinks and captures become, with defaults. Messages: tests/golden/bad/networks_*.xml. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "topologies/topology.h"

#define LAB(name, rest, body) "<lab xmlns='urn:netlab:lab:1' name='" name "'" rest ">" body "</lab>"

static Lab *read_good(const char *text)
{
	g_autofree char *path = NULL, *messages = NULL;
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	int file = g_file_open_tmp("netlab-lab-XXXXXX.xml", &path, NULL);
	Lab *lab;

	assert_true(file >= 0);
	close(file);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	lab = lab_read(path, FALSE, TEST_SCHEMA, diagnostics);
	assert_int_equal(g_unlink(path), 0);
	messages = lab_diagnostics_to_text(diagnostics);
	assert_string_equal(messages, "");
	return lab;
}

static const LabInterface *interface_of(const Lab *lab, const char *node, const char *name)
{
	return lab_node_find_interface(lab_find_node(lab, node), name);
}

static void test_network(void **state)
{
	g_autoptr(Lab) lab = read_good(LAB("t", "",
		"<node name='a'><interface name='x' network='n'/><interface name='y' network='m'/></node>"
		"<node name='b'><interface name='x' network='n'/><interface name='y' network='m'/></node>"
		"<network name='n' ageing='10s' table='16' stp='rstp' priority='0' host='bridge:br0' socket='a/ctl'>"
		"<mirror from='all' to='b:x'/></network><network name='m'/>"));
	const LabNetwork *n = lab_find_network(lab, "n"), *m = lab_find_network(lab, "m");
	const LabMirror *mirror = n->mirrors->pdata[0];
	g_autofree char *socket = g_build_filename(lab->folder->path, "a/ctl", NULL);

	assert_int_equal(n->ageing_ms, 10000);
	assert_int_equal(n->table_size, 16);
	assert_int_equal(n->stp, LAB_STP_RSTP);
	assert_int_equal(n->priority, 0);
	assert_int_equal(n->host_kind, LAB_HOST_BRIDGE);
	assert_string_equal(n->host_name, "br0");
	assert_string_equal(n->socket, socket);
	assert_null(mirror->from);
	assert_ptr_equal(mirror->to, interface_of(lab, "b", "x"));
	assert_int_equal(m->ageing_ms, 300000);
	assert_int_equal(m->table_size, 4096);
	assert_int_equal(m->stp, LAB_STP_OFF);
	assert_int_equal(m->priority, 32768);
	assert_int_equal(m->host_kind, LAB_HOST_NONE);
}

static void test_transport(void **state)
{
	g_autoptr(Lab) lab = read_good(LAB("t", "",
		"<defaults transport='vhost-user'/><node name='a'/><node name='b' transport='datagram'/>"
		"<network name='n'/><link><end node='a' interface='x'/><end node='b' interface='x'/></link>"
		"<node name='c'><interface name='x' network='n'/></node><node name='d'><interface name='x' "
		"network='n'/></node>"));

	assert_int_equal(lab_find_node(lab, "a")->transport, LAB_TRANSPORT_VHOST_USER);
	assert_int_equal(lab_find_node(lab, "b")->transport, LAB_TRANSPORT_DATAGRAM);
}

/* An end's own words are for what comes from it; what it does not say is the link's. */
static void test_impairments(void **state)
{
	g_autoptr(Lab) lab = read_good(LAB("t", "",
		"<node name='a'><interface name='lan' network='n' delay='5ms'/></node>"
		"<node name='b'><interface name='lan' network='n'/></node><network name='n'/>"
		"<link name='l' delay='20ms' loss='1%'><end node='a' interface='x'/>"
		"<end node='b' interface='x' delay='1ms' rate='10Mbit'/></link>"));
	const LabLink *link = lab_find_link(lab, "l");

	assert_int_equal(link->impairments[0].delay, 20000000);
	assert_int_equal(link->impairments[0].rate, 0);
	assert_int_equal(link->impairments[1].delay, 1000000);
	assert_true(link->impairments[1].loss == 0.01);
	assert_int_equal(link->impairments[1].rate, 10000000);
	assert_int_equal(interface_of(lab, "a", "lan")->impairment.delay, 5000000);
	assert_true(link_settings_is_clear(&interface_of(lab, "b", "lan")->impairment));
}

static void test_vlans(void **state)
{
	g_autoptr(Lab) lab = read_good(LAB("t", "",
		"<node name='a'><interface name='x' network='s' vlan='10'/><interface name='y' network='plain'/></node>"
		"<node name='b'><interface name='x' network='s'/><interface name='y' network='plain'/></node>"
		"<node name='c'><interface name='x' network='s' trunk='20 30-31' native='none'/></node>"
		"<network name='plain'/><network name='s'/><network name='t'/>"
		"<link><end network='s' trunk='all'/><end network='t' trunk='10'/></link>"));
	const LabPortVlan *access = interface_of(lab, "a", "x")->vlan, *silent = interface_of(lab, "b", "x")->vlan,
			  *trunk = interface_of(lab, "c", "x")->vlan;
	const LabLink *link = lab_find_link(lab, "s-t");
	g_autofree char *text = lab_port_vlan_to_text(trunk), *theirs = lab_port_vlan_to_text(link->ends[1].vlan);

	assert_int_equal(access->access, 10);
	assert_int_equal(silent->access, 1);
	assert_string_equal(text, "trunk 20 30-31 native none");
	assert_string_equal(theirs, "trunk 1 10 native 1");
	assert_true(lab_port_vlan_carries(trunk, 31));
	assert_false(lab_port_vlan_carries(trunk, 1));
	assert_false(lab_port_vlan_carries(access, 1));
	assert_true(lab_port_vlan_carries(&lab_port_vlan_all, LAB_VLAN_MAX));
	assert_false(lab_port_vlan_carries(&lab_port_vlan_all, 0));
	assert_null(interface_of(lab, "a", "y")->vlan);
	assert_true(lab_find_network(lab, "t")->vlan_aware);
	assert_false(lab_find_network(lab, "plain")->vlan_aware);
	assert_int_equal(lab_find_network(lab, "plain")->group, 0);
	assert_int_equal(lab_find_network(lab, "s")->group, 1);
	assert_int_equal(lab_find_network(lab, "t")->group, 1);
	assert_int_equal(lab->n_groups, 2);
}

static void test_uplink(void **state)
{
	g_autoptr(Lab) lab = read_good(LAB("t", "",
		"<node name='a'><interface name='x' network='n' address='10.0.2.10/24'/></node><network name='n'/>"
		"<uplink network='n'><forward host='8080' to='10.0.2.10:80'/></uplink>"));
	const LabUplink *uplink = lab->uplinks->pdata[0];
	const LabForward *forward = uplink->forwards->pdata[0];
	g_autofree char *dns = g_inet_address_to_string(uplink->dns4), *dns6 = g_inet_address_to_string(uplink->dns6),
			*dhcp = g_inet_address_to_string(uplink->dhcp_start),
			*host = g_inet_address_to_string(forward->host_address);

	assert_string_equal(uplink->name, "uplink");
	assert_string_equal(dns, "10.0.2.3");
	assert_string_equal(dns6, "fd00:2::3");
	assert_string_equal(dhcp, "10.0.2.15");
	assert_string_equal(host, "127.0.0.1");
	assert_false(forward->udp);
	assert_false(uplink->restricted);
}

static void test_capture(void **state)
{
	g_autoptr(Lab) lab = read_good(LAB("t", "",
		"<node name='a'/><node name='b'/><link name='l'><end node='a' interface='x'/><end node='b' "
		"interface='x'/></link><capture file='one.pcapng' ring='1Mx3' filter='tcp'/><capture file='two' "
		"interface='a:x' format='pcap'/>"));
	const LabCapture *one = lab->captures->pdata[0], *two = lab->captures->pdata[1];
	g_autofree char *path = g_build_filename(lab->folder->path, "one.pcapng", NULL);

	assert_string_equal(one->file, path);
	assert_int_equal(one->ring_size, 1 << 20);
	assert_int_equal(one->ring_files, 3);
	assert_string_equal(one->filter, "tcp");
	assert_int_equal(one->format, LAB_CAPTURE_PCAPNG);
	assert_true(!one->link && !one->interface && !one->network);
	assert_ptr_equal(two->interface, interface_of(lab, "a", "x"));
	assert_int_equal(two->format, LAB_CAPTURE_PCAP);
	assert_null(two->filter);
}

/* The same name gives the same losses on every machine; a seed that is written wins. */
static void test_seed(void **state)
{
	g_autoptr(Lab) one = read_good(LAB("t", "", "<node name='a'/>")),
		       two = read_good(LAB("t", "", "<node name='b'/>"));
	g_autoptr(Lab) other = read_good(LAB("u", "", "<node name='a'/>"));
	g_autoptr(Lab) written = read_good(LAB("t", " seed='0' history='off'", "<node name='a'/>"));

	assert_true(one->seed == two->seed && one->seed <= G_MAXINT64);
	assert_true(one->seed != other->seed);
	assert_true(written->seed == 0);
	assert_int_equal(one->history_bytes, 8 << 20);
	assert_int_equal(written->history_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_transport),
		cmocka_unit_test(test_impairments),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_uplink),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
