/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/bridges.h"

#include <string.h>

/* Locally administered, as those of interfaces (topologies/check/defaults.c); no node can be called "". */
char *bridges_address(const Plan *plan, const LabNetwork *network)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize size = sizeof(digest);
	g_checksum_update(sum, (const guchar *)plan->lab->name, (gssize)strlen(plan->lab->name) + 1);
	g_checksum_update(sum, (const guchar *)"", 1);
	g_checksum_update(sum, (const guchar *)network->name, (gssize)strlen(network->name));
	g_checksum_get_digest(sum, digest, &size);
	return g_strdup_printf("02:%02x:%02x:%02x:%02x:%02x", digest[0], digest[1], digest[2], digest[3], digest[4]);
}

GVariant *bridges_vlan_settings(const LabPortVlan *vlan)
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);
	if (vlan->access) {
		g_variant_builder_add(&builder, "{sv}", "access", g_variant_new_uint16(vlan->access));
	} else {
		g_variant_builder_add(&builder, "{sv}", "trunk",
			g_variant_new_fixed_array(
				G_VARIANT_TYPE_UINT64, vlan->trunk, G_N_ELEMENTS(vlan->trunk), sizeof(vlan->trunk[0])));
		g_variant_builder_add(&builder, "{sv}", "native", g_variant_new_uint16(vlan->native));
	}
	return g_variant_builder_end(&builder);
}
