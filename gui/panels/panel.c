/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/panel.h"

void panel_show(const PanelContext *context, const char *id)
{
	context->show(context->window, id);
}

void panel_complain(const PanelContext *context, const char *message)
{
	context->complain(context->window, message);
}

void panel_add_actions(const PanelContext *context, const GActionEntry *entries, guint n, gpointer panel)
{
	for (guint i = 0; i < n; i++) {
		const GActionEntry *entry = &entries[i];
		g_autoptr(GVariantType) type = entry->parameter_type ? g_variant_type_new(entry->parameter_type) : NULL;
		g_autoptr(GVariant) state = entry->state ? g_variant_parse(NULL, entry->state, NULL, NULL, NULL) : NULL;
		g_autoptr(GSimpleAction) action = entry->state ? g_simple_action_new_stateful(entry->name, type, state)
							       : g_simple_action_new(entry->name, type);
		if (entry->activate)
			g_signal_connect_object(action, "activate", G_CALLBACK(entry->activate), panel, 0);
		if (entry->change_state)
			g_signal_connect_object(action, "change-state", G_CALLBACK(entry->change_state), panel, 0);
		g_action_map_add_action(context->actions, G_ACTION(action));
	}
}

void panel_enable_action(const PanelContext *context, const char *name, gboolean enabled)
{
	g_simple_action_set_enabled(G_SIMPLE_ACTION(g_action_map_lookup_action(context->actions, name)), enabled);
}
