/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/switch_setting.h"

#include <string.h>

#include "topologies/model/diagnostics.h"
#include "topologies/model/values.h"

const char *const lab_network_setting_names[] = {"priority", NULL};
const char *const lab_port_setting_names[] = {"vlan", "trunk", "native", NULL};

static gboolean refuse(GError **error, const char *message)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, message);
	return FALSE;
}

/* Every name must be one of these. */
static gboolean check_names(GVariant *attributes, const char *kind, const char *const *names, GError **error)
{
	GVariantIter iter;
	const char *name;
	if (!g_variant_n_children(attributes))
		return refuse(error, "nothing to set; write NAME=VALUE");
	g_variant_iter_init(&iter, attributes);
	while (g_variant_iter_next(&iter, "{&s&s}", &name, NULL)) {
		if (g_strv_contains(names, name))
			continue;
		g_autofree char *all = g_strjoinv(", ", (char **)names);
		const char *nearest = lab_nearest(name, names);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"%s has no attribute \"%s\" that can be set while the lab runs; it has %s%s%s%s", kind, name,
			all, nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
		return FALSE;
	}
	return TRUE;
}

static const char *value_of(GVariant *attributes, const char *name)
{
	const char *value = NULL;
	g_variant_lookup(attributes, name, "&s", &value);
	return value;
}

static gboolean at(const char *name, gboolean good, GError **error)
{
	if (!good)
		g_prefix_error(error, "%s: ", name);
	return good;
}

gboolean lab_network_setting_read(GVariant *attributes, unsigned *priority, GError **error)
{
	return check_names(attributes, "a network", lab_network_setting_names, error) &&
		at("priority", value_priority(value_of(attributes, "priority"), priority, error), error);
}

gboolean lab_port_setting_read(GVariant *attributes, LabPortVlan *vlan, GError **error)
{
	const char *access = value_of(attributes, "vlan"), *trunk = value_of(attributes, "trunk"),
		   *native = value_of(attributes, "native");
	*vlan = (LabPortVlan){.native = access ? 0 : 1};
	if (!check_names(attributes, "a port", lab_port_setting_names, error))
		return FALSE;
	if (access && trunk)
		return refuse(error, "a port has either vlan (access port) or trunk; set only one of them");
	if (access && native)
		return refuse(error, "native needs trunk; all frames on an access port are untagged");
	if (access)
		return at("vlan", value_vlan(access, &vlan->access, error), error);
	if (!trunk)
		return refuse(error, "native needs trunk; add, for example, trunk=all");
	if (!at("trunk", value_vlans(trunk, vlan->trunk, error), error))
		return FALSE;
	if (native && !strcmp(native, "none"))
		vlan->native = 0;
	else if (native && !at("native", value_vlan(native, &vlan->native, error), error))
		return FALSE;
	if (vlan->native)
		vlan->trunk[vlan->native / 64] |= G_GUINT64_CONSTANT(1) << (vlan->native % 64);
	return TRUE;
}
