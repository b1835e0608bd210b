/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/network_facts.h"

#include <glib/gi18n.h>

char *network_facts_summary(const NetworkFacts *network)
{
	GString *text = g_string_new(g_str_equal(network->type, "hub") ? _("Hub") : _("Switch"));
	if (network->vlan_aware)
		g_string_append_printf(text, ", %s", _("VLAN-aware"));
	if (!*network->bridge)
		return g_string_free(text, FALSE);
	g_string_append_c(text, '\n');
	g_string_append_printf(text, _("Spanning tree (RSTP): bridge %s"), network->bridge);
	g_string_append_c(text, '\n');
	if (*network->root_port)
		g_string_append_printf(text, _("Root bridge %s via %s, cost %u"), network->root, network->root_port,
			network->root_cost);
	else
		g_string_append(text, _("This is the root bridge."));
	return g_string_free(text, FALSE);
}

char *network_facts_vlans(const PortFacts *port)
{
	if (port->access)
		return g_strdup_printf("%u", port->access);
	if (!port->trunk)
		return g_strdup("");
	return port->native ? g_strdup_printf(_("trunk %s, native %u"), port->trunk, port->native)
			    : g_strdup_printf(_("trunk %s"), port->trunk);
}

char *network_facts_state(const PortFacts *port)
{
	if (!port->carrier)
		return g_strdup(_("no carrier"));
	if (port->mirror)
		return g_strdup(_("mirror"));
	return g_strconcat(port->role, *port->role ? ", " : "", port->state, port->edge ? ", edge" : "",
		g_str_equal(port->protocol, "stp") ? ", STP" : "", NULL);
}

char *network_facts_age(guint64 milliseconds)
{
	guint64 seconds = milliseconds / 1000;
	return seconds < 120 ? g_strdup_printf(_("%u s"), (guint)seconds)
			     : g_strdup_printf(_("%u min"), (guint)(seconds / 60));
}
