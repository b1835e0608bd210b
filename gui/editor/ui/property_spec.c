/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/property_spec.h"

#include <glib/gi18n.h>

#include "topologies/model/link_settings.h"

#define CHOICES(...)                                                                                                   \
	(const char *const[])                                                                                          \
	{                                                                                                              \
		__VA_ARGS__, NULL                                                                                      \
	}

/* One for each setting of a link. Behind a click: those not often used, or all. */
#define LINK_ROW(name, kind, words, is_rare, example, label)                                                           \
	{LINK_##kind == LINK_WORD ? PROPERTY_CHOICE : PROPERTY_ENTRY, #name, label,                                    \
		LINK_##kind == LINK_WORD ? NULL : example, words, is_rare},
#define SOME_RARE(name, kind, smallest, largest, words, needs, common, example, usual, label, meaning)                 \
	LINK_ROW(name, kind, words, !(common), example, label)
#define ALL_RARE(name, kind, smallest, largest, words, needs, common, example, usual, label, meaning)                  \
	LINK_ROW(name, kind, words, TRUE, example, label)

#define VLANS                                                                                                          \
	{PROPERTY_ENTRY, "vlan", N_("VLAN"), N_("for an access port"), NULL, TRUE},                                    \
		{PROPERTY_ENTRY, "trunk", N_("Trunk"), N_("10 20 30-39, or all"), NULL, TRUE},                         \
	{                                                                                                              \
		PROPERTY_ENTRY, "native", N_("Native VLAN"), "1", NULL, TRUE                                           \
	}

static const PropertySpec lab[] = {
	{PROPERTY_ENTRY, "name", N_("Name"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "history", N_("History"), "8M", NULL, TRUE},
	{PROPERTY_ENTRY, "seed", N_("Seed"), N_("derived from the name"), NULL, TRUE},
	{0},
};

static const PropertySpec title[] = {{PROPERTY_LINE, NULL, N_("Title"), NULL, NULL, FALSE}, {0}};
static const PropertySpec description[] = {{PROPERTY_TEXT, NULL, N_("Description"), NULL, NULL, FALSE}, {0}};

static const PropertySpec defaults[] = {
	{PROPERTY_IMAGE, "image", N_("Image"), "tiny", NULL, FALSE},
	{PROPERTY_ENTRY, "memory", N_("Memory"), N_("image default"), NULL, FALSE},
	{PROPERTY_CHOICE, "isolation", N_("Isolation"), NULL, CHOICES("off", "on"), FALSE},
	{PROPERTY_CHOICE, "transport", N_("Transport"), NULL, CHOICES("vhost-user", "datagram"), TRUE},
	{PROPERTY_CHOICE, "offload", N_("Offload"), NULL, CHOICES("yes", "no"), TRUE},
	{0},
};

static const PropertySpec check[] = {
	{PROPERTY_ENTRY, "name", N_("Name"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "timeout", N_("Timeout"), "30s", NULL, FALSE},
	{0},
};

static const PropertySpec check_run[] = {
	{PROPERTY_NODE, "node", N_("Node"), NULL, NULL, FALSE},
	{PROPERTY_TEXT, NULL, N_("Command"), NULL, NULL, FALSE},
	{PROPERTY_CHOICE, "expect", N_("Expected result"), NULL, CHOICES("success", "fail"), FALSE},
	{0},
};

static const PropertySection check_runs = {"run", N_("Commands"), N_("Add a command"), check_run, FALSE, NULL};

static const PropertySpec capture[] = {
	{PROPERTY_ENTRY, "file", N_("File"), "lab.pcapng", NULL, FALSE},
	{PROPERTY_ENTRY, "link", N_("Link"), N_("the whole lab"), NULL, FALSE},
	{PROPERTY_ENTRY, "interface", N_("Interface"), N_("NODE:INTERFACE"), NULL, FALSE},
	{PROPERTY_NETWORK, "network", N_("Network"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "filter", N_("Filter"), "not arp", NULL, FALSE},
	{PROPERTY_CHOICE, "format", N_("Format"), NULL, CHOICES("pcapng", "pcap"), TRUE},
	{PROPERTY_ENTRY, "ring", N_("Ring buffer"), "10Mx5", NULL, TRUE},
	{0},
};

static const PropertySection lab_sections[] = {
	{"title", N_("Title"), N_("Add a title"), title, TRUE, NULL},
	{"description", N_("Description"), N_("Add a description"), description, TRUE, NULL},
	{"defaults", N_("Defaults"), N_("Add defaults"), defaults, TRUE, NULL},
	{"check", N_("Checks"), N_("Add a check"), check, FALSE, &check_runs},
	{"capture", N_("Captures"), N_("Add a capture"), capture, FALSE, NULL},
	{0},
};

static const PropertySpec node[] = {
	{PROPERTY_NAME, "name", N_("Name"), NULL, NULL, FALSE},
	{PROPERTY_CHOICE, "kind", N_("Kind"), NULL, CHOICES("host", "router", "firewall", "server", "switch"), FALSE},
	{PROPERTY_IMAGE, "image", N_("Image"), N_("lab default"), NULL, FALSE},
	{PROPERTY_ENTRY, "memory", N_("Memory"), N_("lab default"), NULL, FALSE},
	{PROPERTY_CHOICE, "persistent", N_("Persistent"), NULL, CHOICES("no", "yes"), FALSE},
	{PROPERTY_CHOICE, "isolation", N_("Isolation"), NULL, CHOICES("", "off", "on"), FALSE},
	{PROPERTY_CHOICE, "transport", N_("Transport"), NULL, CHOICES("", "vhost-user", "datagram"), TRUE},
	{PROPERTY_CHOICE, "offload", N_("Offload"), NULL, CHOICES("", "yes", "no"), TRUE},
	{0},
};

static const PropertySpec interface[] = {
	{PROPERTY_NAME, "name", N_("Name"), NULL, NULL, FALSE},
	{PROPERTY_NETWORK, "network", N_("Network"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "address", N_("Addresses"), "10.0.1.1/24", NULL, FALSE},
	{PROPERTY_ENTRY, "mac", N_("MAC address"), N_("derived from the names"), NULL, TRUE},
	{PROPERTY_ENTRY, "mtu", N_("MTU"), "1500", NULL, TRUE},
	{PROPERTY_CHOICE, "offload", N_("Offload"), NULL, CHOICES("", "yes", "no"), TRUE},
	VLANS,
	LINK_SETTINGS(ALL_RARE){0},
};

/* Of a node, where a link's end brings it along. */
const PropertySpec property_link_interface[] = {
	{PROPERTY_ENTRY, "interface", N_("Name"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "address", N_("Addresses"), "10.0.1.1/30", NULL, FALSE},
	{PROPERTY_ENTRY, "mac", N_("MAC address"), N_("derived from the names"), NULL, TRUE},
	{PROPERTY_ENTRY, "mtu", N_("MTU"), "1500", NULL, TRUE},
	{PROPERTY_CHOICE, "offload", N_("Offload"), NULL, CHOICES("", "yes", "no"), TRUE},
	{0},
};

static const PropertySpec route[] = {
	{PROPERTY_ENTRY, "to", N_("To"), "default", NULL, FALSE},
	{PROPERTY_ENTRY, "via", N_("Via"), "10.0.1.1", NULL, FALSE},
	{PROPERTY_ENTRY, "dev", N_("Interface"), NULL, NULL, FALSE},
	{0},
};

static const PropertySpec sysctl[] = {
	{PROPERTY_ENTRY, "name", N_("Name"), "net.ipv4.ip_forward", NULL, FALSE},
	{PROPERTY_ENTRY, "value", N_("Value"), "1", NULL, FALSE},
	{0},
};

static const PropertySpec file[] = {
	{PROPERTY_ENTRY, "path", N_("Path"), "/etc/motd", NULL, FALSE},
	{PROPERTY_ENTRY, "source", N_("Source"), N_("relative path, or use Text below"), NULL, FALSE},
	{PROPERTY_TEXT, NULL, N_("Text"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "mode", N_("Mode"), "0644", NULL, FALSE},
	{0},
};

static const PropertySpec run[] = {
	{PROPERTY_TEXT, NULL, N_("Command"), NULL, NULL, FALSE},
	{PROPERTY_CHOICE, "background", N_("Run in background"), NULL, CHOICES("no", "yes"), FALSE},
	{0},
};

static const PropertySection node_sections[] = {
	{"interface", N_("Interfaces"), N_("Add an interface"), interface, FALSE, NULL},
	{"route", N_("Routes"), N_("Add a route"), route, FALSE, NULL},
	{"run", N_("Startup commands"), N_("Add a command"), run, FALSE, NULL},
	{"file", N_("Files"), N_("Add a file"), file, FALSE, NULL},
	{"sysctl", N_("Kernel settings"), N_("Add a setting"), sysctl, FALSE, NULL},
	{0},
};

static const PropertySpec network[] = {
	{PROPERTY_NAME, "name", N_("Name"), NULL, NULL, FALSE},
	{PROPERTY_CHOICE, "type", N_("Type"), NULL, CHOICES("switch", "hub"), FALSE},
	{PROPERTY_CHOICE, "stp", N_("Spanning tree"), NULL, CHOICES("off", "rstp"), FALSE},
	{PROPERTY_ENTRY, "priority", N_("Priority"), "32768", NULL, FALSE},
	{PROPERTY_ENTRY, "ageing", N_("Aging time"), "300s", NULL, FALSE},
	{PROPERTY_ENTRY, "table", N_("MAC table size"), "4096", NULL, TRUE},
	{PROPERTY_ENTRY, "host", N_("Host device"), N_("tap:NAME or bridge:NAME"), NULL, TRUE},
	{PROPERTY_ENTRY, "socket", N_("Socket"), NULL, NULL, TRUE},
	{0},
};

static const PropertySpec mirror[] = {
	{PROPERTY_ENTRY, "from", N_("From"), N_("NODE:INTERFACE, or all"), NULL, FALSE},
	{PROPERTY_ENTRY, "to", N_("To"), N_("NODE:INTERFACE"), NULL, FALSE},
	{0},
};

static const PropertySection network_sections[] = {
	{"mirror", N_("Mirrors"), N_("Add a mirror"), mirror, FALSE, NULL}, {0}};

static const PropertySpec uplink[] = {
	{PROPERTY_NAME, "name", N_("Name"), "uplink", NULL, FALSE},
	{PROPERTY_NETWORK, "network", N_("Network"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "address", N_("Addresses"), "10.0.2.2/24 fd00:2::2/64", NULL, FALSE},
	{PROPERTY_CHOICE, "restrict", N_("Restricted"), NULL, CHOICES("no", "yes"), FALSE},
	{PROPERTY_CHOICE, "loopback", N_("Host's 127.0.0.1"), NULL, CHOICES("no", "yes"), FALSE},
	VLANS,
	{0},
};

static const PropertySpec forward[] = {
	{PROPERTY_ENTRY, "host", N_("Host port"), "8080", NULL, FALSE},
	{PROPERTY_ENTRY, "to", N_("To"), "10.0.2.10:80", NULL, FALSE},
	{PROPERTY_CHOICE, "protocol", N_("Protocol"), NULL, CHOICES("tcp", "udp"), FALSE},
	{0},
};

static const PropertySection uplink_sections[] = {
	{"forward", N_("Port forwards"), N_("Add a port forward"), forward, FALSE, NULL},
	{0},
};

static const PropertySpec link_[] = {
	{PROPERTY_NAME, "name", N_("Name"), N_("derived from the ends"), NULL, FALSE},
	LINK_SETTINGS(SOME_RARE){0},
};

static const PropertySpec end[] = {
	{PROPERTY_ENTRY, "node", N_("Node"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "interface", N_("Interface"), NULL, NULL, FALSE},
	{PROPERTY_ENTRY, "network", N_("Network"), NULL, NULL, TRUE},
	{PROPERTY_ENTRY, "address", N_("Addresses"), "10.0.1.1/30", NULL, FALSE},
	{PROPERTY_ENTRY, "mac", N_("MAC address"), N_("derived from the names"), NULL, TRUE},
	{PROPERTY_ENTRY, "mtu", N_("MTU"), "1500", NULL, TRUE},
	{PROPERTY_CHOICE, "offload", N_("Offload"), NULL, CHOICES("", "yes", "no"), TRUE},
	VLANS,
	LINK_SETTINGS(ALL_RARE){0},
};

static const PropertySection link_sections[] = {{"end", N_("Ends"), NULL, end, FALSE, NULL}, {0}};

static const PropertySection none[] = {{0}};

const PropertyPage property_pages[] = {
	{"lab", lab, lab_sections},
	{"node", node, node_sections},
	{"network", network, network_sections},
	{"uplink", uplink, uplink_sections},
	{"link", link_, link_sections},
	{"interface", interface, none},
	{0},
};

/** property_page() - what is shown of an element; NULL: nothing. */
const PropertyPage *property_page(const char *element)
{
	for (const PropertyPage *page = property_pages; page->element; page++)
		if (g_str_equal(page->element, element))
			return page;
	return NULL;
}
