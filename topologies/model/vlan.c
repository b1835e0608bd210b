/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which VLANs pass a port, as text. */
#include "topologies/model/model.h"

/* All but 0 and 4095. */
const LabPortVlan lab_port_vlan_all = {
	.native = 1, .trunk = {[0] = ~G_GUINT64_CONSTANT(1), [1 ... 62] = G_MAXUINT64, [63] = G_MAXUINT64 >> 1}};

static gboolean has(const LabPortVlan *self, unsigned vlan)
{
	return vlan <= LAB_VLAN_MAX && self->trunk[vlan / 64] >> (vlan % 64) & 1;
}

gboolean lab_port_vlan_carries(const LabPortVlan *self, unsigned vlan)
{
	return self->access ? vlan == self->access : has(self, vlan);
}

char *lab_port_vlan_trunk_to_text(const LabPortVlan *self)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (unsigned first = 1; first <= LAB_VLAN_MAX; first++) {
		unsigned last = first;

		if (!has(self, first))
			continue;
		while (has(self, last + 1))
			last++;
		if (first == 1 && last == LAB_VLAN_MAX)
			return g_strdup("all");
		g_string_append_printf(out, last > first ? "%s%u-%u" : "%s%u", out->len ? " " : "", first, last);
		first = last;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

char *lab_port_vlan_to_text(const LabPortVlan *self)
{
	g_autofree char *trunk = NULL;

	if (self->access)
		return g_strdup_printf("access %u", self->access);
	trunk = lab_port_vlan_trunk_to_text(self);
	return self->native ? g_strdup_printf("trunk %s native %u", trunk, self->native)
			    : g_strdup_printf("trunk %s native none", trunk);
}
