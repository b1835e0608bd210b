/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second pass: what the file leaves out. */
#include <string.h>
#include <sys/stat.h>

#include "topologies/passes.h"

/* The fast one, LAB_TRANSPORT_VHOST_USER, as soon as the supervisor and the switch carry it from end to end. */
#define DEFAULT_TRANSPORT LAB_TRANSPORT_DATAGRAM

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
	if (!interface->mac_written && lab->name && interface->node->name && interface->name)
		generate_mac(lab->name, interface->node->name, interface->name, interface->mac);
}

static void file_defaults(LabFile *file)
{
	struct stat info;

	if (file->mode == LAB_MODE_UNSET)
		/* The other bits say how the lab was copied (umask), not what it means. */
		file->mode = file->source && stat(file->source, &info) == 0 && (info.st_mode & 0100) ? 0755 : 0644;
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
	if (node->kind == LAB_NODE_ROUTER || node->kind == LAB_NODE_FIREWALL) {
		/* First, so that what the file says comes later and wins. */
		g_ptr_array_insert(node->sysctls, 0, lab_sysctl_new(node->pos, "net.ipv4.ip_forward", "1"));
		g_ptr_array_insert(node->sysctls, 1, lab_sysctl_new(node->pos, "net.ipv6.conf.all.forwarding", "1"));
	}
	for (guint i = 0; i < node->interfaces->len; i++)
		interface_defaults(lab, node->interfaces->pdata[i]);
	for (guint i = 0; i < node->files->len; i++)
		file_defaults(node->files->pdata[i]);
}

/** lab_apply_defaults() - fills in what the file leaves out
 *  @lab: loaded; names may be missing where errors were reported */
void lab_apply_defaults(Lab *lab)
{
	if (lab->default_transport == LAB_TRANSPORT_UNSET)
		lab->default_transport = DEFAULT_TRANSPORT;
	if (!lab->default_image)
		lab->default_image = g_strdup("tiny");
	for (guint i = 0; i < lab->nodes->len; i++)
		node_defaults(lab, lab->nodes->pdata[i]);
}
