/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills in what the file leaves out. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topologies/check/check.h"
#include "topologies/model/values.h"

/* As a learning switch in a laboratory: IEEE 802.1Q's five minutes, and more stations than any lab has. */
#define DEFAULT_AGEING_MS 300000u
#define DEFAULT_TABLE 4096u

#define DNS_OFFSET 1
#define DHCP_OFFSET 13
#define DHCP_ADDRESSES 16 /* as many as libslirp gives */

/* The fast one. */
#define DEFAULT_TRANSPORT LAB_TRANSPORT_VHOST_USER

/* Locally administered (IEEE 802-2014, 8.2): 02, then 40 bits of SHA-256 over "LAB\0NODE\0INTERFACE". The same lab has
 * the same addresses on every machine and on every run, so that captures and notes stay comparable. */
static void generate_mac(const char *lab, const char *node, const char *interface, guint8 mac[6])
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize size = sizeof(digest);

	g_checksum_update(sum, (const guchar *)lab, (gssize)strlen(lab) + 1);
	g_checksum_update(sum, (const guchar *)node, (gssize)strlen(node) + 1);
	g_checksum_update(sum, (const guchar *)interface, (gssize)strlen(interface));
	g_checksum_get_digest(sum, digest, &size);
	mac[0] = 0x02;
	memcpy(mac + 1, digest, 5);
}

static void interface_defaults(const Lab *lab, LabInterface *interface)
{
	if (!interface->mtu)
		interface->mtu = 1500;
	if (interface->offload == LAB_OFFLOAD_UNSET)
		interface->offload = interface->node->offload;
	if (!interface->mac_written && lab->name && interface->node->name && interface->name)
		generate_mac(lab->name, interface->node->name, interface->name, interface->mac);
}

static void file_defaults(const Lab *lab, LabFile *file)
{
	struct stat info;
	int fd;

	if (file->mode != LAB_MODE_UNSET)
		return;
	fd = file->source ? lab_folder_open(lab->folder, file->source, LAB_OPEN_READ, NULL) : -1;
	/* The other bits say how the lab was copied (umask), not what it means. */
	file->mode = fd >= 0 && fstat(fd, &info) == 0 && (info.st_mode & 0100) ? 0755 : 0644;
	if (fd >= 0)
		close(fd);
}

static void node_defaults(const Lab *lab, LabNode *node)
{
	if (!node->image)
		node->image = g_strdup(lab->default_image);
	if (!node->memory)
		node->memory = lab->default_memory;
	if (!node->memory)
		node->memory = (strcmp(node->image, "tiny") == 0 ? 32ull : 96ull) << 20;
	if (node->isolation == LAB_ISOLATION_UNSET)
		node->isolation = lab->default_isolation;
	if (node->transport == LAB_TRANSPORT_UNSET)
		node->transport = lab->default_transport;
	/* Who writes a switch reads frames from a packet socket, and they should be as on a wire. A socket has no offload. */
	if (node->offload == LAB_OFFLOAD_UNSET)
		node->offload = node->kind == LAB_NODE_SWITCH || node->transport == LAB_TRANSPORT_DATAGRAM
			? LAB_OFFLOAD_NO
			: lab->default_offload;
	if (node->kind == LAB_NODE_ROUTER || node->kind == LAB_NODE_FIREWALL) {
		/* First, so that what the file says comes later and wins. */
		g_ptr_array_insert(node->sysctls, 0, lab_sysctl_new(node->pos, "net.ipv4.ip_forward", "1"));
		g_ptr_array_insert(node->sysctls, 1, lab_sysctl_new(node->pos, "net.ipv6.conf.all.forwarding", "1"));
	}
	for (guint i = 0; i < node->interfaces->len; i++)
		interface_defaults(lab, node->interfaces->pdata[i]);
	for (guint i = 0; i < node->files->len; i++)
		file_defaults(lab, node->files->pdata[i]);
	if (node->persistent && node->name)
		lab_touch(lab->touches, LAB_TOUCH_DISK, node->pos, node->name);
}

static guint64 seed_from_name(const char *name)
{
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);

	digest[16] = '\0';
	return g_ascii_strtoull(digest, NULL, 16) & G_MAXINT64;
}

static void network_defaults(const Lab *lab, LabNetwork *network)
{
	g_autofree char *device = network->host_name
		? g_strdup_printf("%s:%s", lab_host_kind_name(network->host_kind), network->host_name)
		: NULL;

	if (device)
		lab_touch(lab->touches, LAB_TOUCH_DEVICE, network->pos, device);
	if (!network->ageing_ms)
		network->ageing_ms = DEFAULT_AGEING_MS;
	if (!network->table_size)
		network->table_size = DEFAULT_TABLE;
}

static LabAddress *default_address(const char *text, unsigned prefix)
{
	LabAddress *address = g_new(LabAddress, 1);

	*address = (LabAddress){g_inet_address_new_from_string(text), prefix};
	return address;
}

/* A port alone is one of 127.0.0.1, and, if it leads to IPv6, of ::1 too: a client that is told "localhost" tries both. */
static void forward_defaults(LabUplink *uplink, guint i)
{
	LabForward *forward = uplink->forwards->pdata[i], *other;

	if (forward->host_address)
		return;
	forward->host_address = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	if (!forward->to_address || g_inet_address_get_family(forward->to_address) == G_SOCKET_FAMILY_IPV4)
		return;
	other = lab_forward_new(forward->pos);
	other->udp = forward->udp;
	other->host_address = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV6);
	other->host_port = forward->host_port;
	other->to_address = g_object_ref(forward->to_address);
	other->to_port = forward->to_port;
	g_ptr_array_insert(uplink->forwards, (gint)i + 1, other);
}

static void uplink_touches(const Lab *lab, const LabUplink *uplink)
{
	if (!uplink->restricted)
		lab_touch(lab->touches, LAB_TOUCH_NETWORK, uplink->pos, uplink->name);
	if (uplink->loopback)
		lab_touch(lab->touches, LAB_TOUCH_LOOPBACK, uplink->pos, uplink->name);
	for (guint i = 0; i < uplink->forwards->len; i++) {
		const LabForward *forward = uplink->forwards->pdata[i];
		g_autoptr(GSocketAddress) address =
			g_inet_socket_address_new(forward->host_address, forward->host_port);
		g_autofree char *place = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
		g_autofree char *what = g_strdup_printf("%s %s", forward->udp ? "udp" : "tcp", place);

		lab_touch(lab->touches, LAB_TOUCH_PORT, forward->pos, what);
	}
}

/* The gateway's own and what comes of it, as libslirp's users know it: 10.0.2.2, .3 for DNS, DHCP from .15 on. */
static void uplink_defaults(const Lab *lab, LabUplink *uplink)
{
	if (!uplink->name)
		uplink->name = lab->uplinks->len == 1 || !uplink->network_name
			? g_strdup("uplink")
			: g_strconcat("uplink-", uplink->network_name, NULL);
	if (!uplink->address4)
		uplink->address4 = default_address("10.0.2.2", 24);
	if (!uplink->address6)
		uplink->address6 = default_address("fd00:2::2", 64);
	uplink->dns4 = lab_address_offset(uplink->address4, DNS_OFFSET);
	uplink->dns6 = lab_address_offset(uplink->address6, DNS_OFFSET);
	g_autoptr(GInetAddress) last = lab_address_offset(uplink->address4, DHCP_OFFSET + DHCP_ADDRESSES - 1);
	uplink->dhcp_start = last ? lab_address_offset(uplink->address4, DHCP_OFFSET) : NULL;
	for (guint i = 0; i < uplink->forwards->len; i++)
		forward_defaults(uplink, i);
	uplink_touches(lab, uplink);
}

/* A network is VLAN-aware as soon as one of its ports says so; then those that do not are access ports of VLAN 1. */
static void vlan_default(LabNetwork *network, LabPortVlan **vlan, gboolean fill)
{
	if (!network)
		return;
	if (fill && network->vlan_aware && !*vlan) {
		*vlan = g_new0(LabPortVlan, 1);
		(*vlan)->access = 1;
	} else if (*vlan) {
		network->vlan_aware = TRUE;
	}
}

static void vlan_defaults(const Lab *lab, gboolean fill)
{
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];

		for (guint k = 0; k < node->interfaces->len; k++) {
			LabInterface *interface = node->interfaces->pdata[k];

			vlan_default(interface->network, &interface->vlan, fill);
		}
	}
	for (guint i = 0; i < lab->links->len; i++) {
		LabLink *link = lab->links->pdata[i];

		for (unsigned k = 0; k < G_N_ELEMENTS(link->ends); k++)
			vlan_default(link->ends[k].network, &link->ends[k].vlan, fill);
	}
	for (guint i = 0; i < lab->uplinks->len; i++) {
		LabUplink *uplink = lab->uplinks->pdata[i];

		vlan_default(uplink->network, &uplink->vlan, fill);
	}
}

/** lab_apply_defaults() - fills in what the file leaves out
 *  @lab: loaded; names may be missing where errors were reported */
void lab_apply_defaults(Lab *lab)
{
	if (lab->default_transport == LAB_TRANSPORT_UNSET)
		lab->default_transport = DEFAULT_TRANSPORT;
	if (lab->default_offload == LAB_OFFLOAD_UNSET)
		lab->default_offload = LAB_OFFLOAD_YES;
	if (!lab->default_image)
		lab->default_image = g_strdup("tiny");
	if (!lab->seed_written)
		lab->seed = seed_from_name(lab->name ? lab->name : "");
	for (guint i = 0; i < lab->networks->len; i++)
		network_defaults(lab, lab->networks->pdata[i]);
	for (guint i = 0; i < lab->uplinks->len; i++)
		uplink_defaults(lab, lab->uplinks->pdata[i]);
	vlan_defaults(lab, FALSE);
	vlan_defaults(lab, TRUE);
	for (guint i = 0; i < lab->nodes->len; i++)
		node_defaults(lab, lab->nodes->pdata[i]);
}
