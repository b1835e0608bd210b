/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/words.h"

#include <glib/gi18n.h>

const char *words_kind(const SceneVertex *vertex)
{
	static const char *const kinds[] = {
		[LAB_NODE_HOST] = N_("host"),
		[LAB_NODE_ROUTER] = N_("router"),
		[LAB_NODE_FIREWALL] = N_("firewall"),
		[LAB_NODE_SERVER] = N_("server"),
		[LAB_NODE_SWITCH] = N_("bridge"),
	};
	static const char *const types[] = {
		[LAB_NETWORK_SWITCH] = N_("switch"),
		[LAB_NETWORK_HUB] = N_("hub"),
	};
	if (vertex->what == SCENE_NODE)
		return _(kinds[vertex->kind]);
	if (vertex->what == SCENE_UPLINK)
		return vertex->restricted ? _("uplink, port forwarding only") : _("uplink to the Internet");
	return vertex->outside ? _("network connected to the host") : _(types[vertex->type]);
}

const char *words_state(const SceneVertex *vertex)
{
	/* Those of netlab/supervisor/node/node.c. */
	static const struct {
		const char *state, *text;
	} texts[] = {
		{"stopped", N_("stopped")},
		{"starting", N_("starting")},
		{"booting", N_("booting")},
		{"configuring", N_("configuring")},
		{"ready", N_("ready")},
		{"paused", N_("paused")},
		{"stopping", N_("stopping")},
		{"failed", N_("failed")},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (g_strcmp0(texts[i].state, vertex->state_name) == 0)
			return _(texts[i].text);
	return vertex->state_name ? vertex->state_name : "";
}
