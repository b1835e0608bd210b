/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/network_facts.h"

#include <glib/gi18n.h>

static const char *text_of(GVariant *facts, const char *key)
{
	const char *text = "";
	g_variant_lookup(facts, key, "&s", &text);
	return text;
}

static gboolean flag_of(GVariant *facts, const char *key)
{
	gboolean flag = FALSE;
	g_variant_lookup(facts, key, "b", &flag);
	return flag;
}

char *network_facts_summary(GVariant *facts)
{
	GString *text = g_string_new(g_str_equal(text_of(facts, "type"), "hub") ? _("Hub") : _("Switch"));
	guint32 cost = 0;
	if (flag_of(facts, "vlan_aware"))
		g_string_append_printf(text, ", %s", _("VLAN-aware"));
	if (!*text_of(facts, "bridge"))
		return g_string_free(text, FALSE);
	g_variant_lookup(facts, "root_cost", "u", &cost);
	g_string_append_printf(text, "\n");
	g_string_append_printf(text, _("Spanning tree (RSTP): bridge %s"), text_of(facts, "bridge"));
	g_string_append_c(text, '\n');
	if (*text_of(facts, "root_port"))
		g_string_append_printf(text, _("Root bridge %s via %s, cost %u"), text_of(facts, "root"),
			text_of(facts, "root_port"), cost);
	else
		g_string_append(text, _("This is the root bridge."));
	return g_string_free(text, FALSE);
}

char *network_facts_vlans(GVariant *port)
{
	guint16 access = 0, native = 0;
	if (g_variant_lookup(port, "access", "q", &access))
		return g_strdup_printf("%u", access);
	if (!*text_of(port, "trunk"))
		return g_strdup("");
	g_variant_lookup(port, "native", "q", &native);
	return native ? g_strdup_printf(_("trunk %s, native %u"), text_of(port, "trunk"), native)
		      : g_strdup_printf(_("trunk %s"), text_of(port, "trunk"));
}

char *network_facts_state(GVariant *port)
{
	const char *role = text_of(port, "role");
	if (!flag_of(port, "carrier"))
		return g_strdup(_("no carrier"));
	if (flag_of(port, "mirror"))
		return g_strdup(_("mirror"));
	return g_strconcat(role, *role ? ", " : "", text_of(port, "state"), flag_of(port, "edge") ? ", edge" : "",
		g_str_equal(text_of(port, "protocol"), "stp") ? ", STP" : "", NULL);
}

char *network_facts_age(guint64 milliseconds)
{
	guint64 seconds = milliseconds / 1000;
	return seconds < 120 ? g_strdup_printf(_("%u s"), (guint)seconds)
			     : g_strdup_printf(_("%u min"), (guint)(seconds / 60));
}
