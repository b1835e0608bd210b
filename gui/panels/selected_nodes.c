/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/selected_nodes.h"

char **selected_nodes(const PanelContext *context)
{
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(session_scene(context->session));
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		if (vertex->what == SCENE_NODE)
			g_strv_builder_add(names, vertex->name);
	}
	return g_strv_builder_end(names);
}

static gboolean is_node_selected(Scene *scene)
{
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(scene);
	for (guint i = 0; i < vertices->len; i++)
		if (((const SceneVertex *)vertices->pdata[i])->what == SCENE_NODE)
			return TRUE;
	return FALSE;
}

static void follow(Scene *scene, GSimpleAction *action)
{
	g_simple_action_set_enabled(action, is_node_selected(scene));
}

void enable_with_nodes(const PanelContext *context, const char *name)
{
	Scene *scene = session_scene(context->session);
	GAction *action = g_action_map_lookup_action(context->actions, name);
	g_signal_connect_object(scene, "selection", G_CALLBACK(follow), action, 0);
	g_signal_connect_object(scene, "structure", G_CALLBACK(follow), action, 0);
	follow(scene, G_SIMPLE_ACTION(action));
}
