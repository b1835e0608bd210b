/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done in a window: its actions, and which of them can be done now. */
#include <glib/gi18n.h>
#include <string.h>

#include "gui/layout/arrange.h"
#include "gui/app/export.h"
#include "gui/app/settings.h"
#include "gui/app/window_private.h"

#define ZOOM_STEP 1.25

static void on_new(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	LabWindow *self = data;
	if (!lab_window_is_empty(self))
		self = lab_window_new(gtk_window_get_application(GTK_WINDOW(self)));
	editor_new_lab(self->editor);
	if (self != data)
		gtk_window_present(GTK_WINDOW(self));
}

static void on_start(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	editor_start_lab(((LabWindow *)data)->editor);
}

static void on_stop(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	session_stop(((LabWindow *)data)->session);
}

static void on_restart(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	session_restart(((LabWindow *)data)->session);
}

static void on_reload(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	session_reload(((LabWindow *)data)->session);
}

/* A lab without a file has no session to be trusted by. */
static void on_trust(GSimpleAction *action, GVariant *state, gpointer data)
{
	LabWindow *self = data;
	g_simple_action_set_state(action, state);
	session_set_trusted(self->session, g_variant_get_boolean(state));
}

static void on_undo(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	undo_undo(((LabWindow *)data)->undo);
}

static void on_redo(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	undo_redo(((LabWindow *)data)->undo);
}

static void on_zoom_in(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Canvas *canvas = ((LabWindow *)data)->canvas;
	canvas_set_zoom(canvas, canvas_zoom(canvas) * ZOOM_STEP);
}

static void on_zoom_out(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Canvas *canvas = ((LabWindow *)data)->canvas;
	canvas_set_zoom(canvas, canvas_zoom(canvas) / ZOOM_STEP);
}

static void on_zoom_normal(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	canvas_set_zoom(((LabWindow *)data)->canvas, 1);
}

static void on_zoom_fit(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	canvas_zoom_to_fit(((LabWindow *)data)->canvas);
}

static void on_menu(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	gtk_button_clicked(GTK_BUTTON(((LabWindow *)data)->menu_button));
}

static void on_close(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	gtk_window_close(GTK_WINDOW(data));
}

static void on_select_all(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Scene *scene = session_scene(((LabWindow *)data)->session);
	const GPtrArray *vertices = scene_vertices(scene);
	for (guint i = 0; i < vertices->len; i++)
		scene_select(scene, vertices->pdata[i], NULL, TRUE);
}

static void on_select_none(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	scene_select_only(session_scene(((LabWindow *)data)->session), NULL, NULL);
}

static void select_vertex(LabWindow *self, SceneWhat what, const char *name)
{
	Scene *scene = session_scene(self->session);
	SceneVertex *vertex = scene_find_vertex(scene, what, name);
	if (!vertex)
		return;
	scene_select_only(scene, vertex, NULL);
	canvas_show_vertex(self->canvas, vertex);
}

static void on_select_node(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	select_vertex(data, SCENE_NODE, g_variant_get_string(parameter, NULL));
}

static void on_select_network(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	select_vertex(data, SCENE_NETWORK, g_variant_get_string(parameter, NULL));
}

static void on_select_uplink(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	select_vertex(data, SCENE_UPLINK, g_variant_get_string(parameter, NULL));
}

static void on_select_link(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Scene *scene = session_scene(((LabWindow *)data)->session);
	SceneEdge *edge = scene_find_edge(scene, g_variant_get_string(parameter, NULL));
	if (edge)
		scene_select_only(scene, NULL, edge);
}

/* Activated, its state is what has been drawn so far: for tests and for who looks for what keeps the machine busy. */
static void on_frames(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	LabWindow *self = data;
	GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(self));
	guint64 draws, layers;
	canvas_count_frames(self->canvas, &draws, &layers);
	g_simple_action_set_state(action,
		g_variant_new("(ttxt)", draws, layers, clock ? gdk_frame_clock_get_frame_counter(clock) : 0,
			scene_looks(session_scene(self->session))));
}

static void on_panel(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	lab_window_show_panel(data, g_variant_get_string(parameter, NULL));
}

/* One action for each of the things that can be done to nodes: "node-start" does "start". */
static void on_node(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	LabWindow *self = data;
	const char *what = g_action_get_name(G_ACTION(action)) + strlen("node-");
	g_autoptr(GPtrArray) selected = scene_selected_vertices(session_scene(self->session));
	for (guint i = 0; i < selected->len; i++) {
		const SceneVertex *vertex = selected->pdata[i];
		if (vertex->what == SCENE_NODE)
			session_act_on_node(self->session, vertex->name, what);
	}
}

/* -- Layout again, which can be undone -- */

static GVariant *all_places(Scene *scene)
{
	const GPtrArray *vertices = scene_vertices(scene);
	GVariantBuilder places;
	g_variant_builder_init(&places, G_VARIANT_TYPE("a(sddb)"));
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		g_autofree char *key = scene_key(vertex->what, vertex->name);
		g_variant_builder_add(&places, "(sddb)", key, vertex->x, vertex->y, vertex->placed);
	}
	return g_variant_builder_end(&places);
}

/* What is under way gives places that are not wanted any more. */
static void stop_arranging(LabWindow *self)
{
	g_cancellable_cancel(self->arranging);
	g_clear_object(&self->arranging);
}

static void arrange_anew(LabWindow *self)
{
	Scene *scene = session_scene(self->session);
	const GPtrArray *vertices = scene_vertices(scene);
	for (guint i = 0; i < vertices->len; i++)
		((SceneVertex *)vertices->pdata[i])->placed = FALSE;
	self->arranging = g_cancellable_new();
	arrange_scene(scene, self->arranging);
}

static void apply_all_places(gpointer target, GVariant *places)
{
	LabWindow *self = target;
	Scene *scene = session_scene(self->session);
	GVariantIter iter;
	gboolean placed;
	const char *key;
	double x, y;
	stop_arranging(self);
	g_variant_iter_init(&iter, places);
	while (g_variant_iter_next(&iter, "(&sddb)", &key, &x, &y, &placed)) {
		SceneVertex *vertex = scene_find_key(scene, key);
		if (!vertex)
			continue;
		scene_move(scene, vertex, x, y);
		vertex->placed = placed;
	}
	if (g_variant_n_children(places) == 0)
		arrange_anew(self);
	session_save_places(self->session);
}

static void on_arrange(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	LabWindow *self = data;
	Scene *scene = session_scene(self->session);
	const GPtrArray *vertices = scene_vertices(scene);
	GVariant *before = all_places(scene);
	stop_arranging(self);
	arrange_anew(self);
	/* A large lab is laid out later, on another thread: what it gives is the same every time, so redo does it
	 * again. */
	undo_push(self->undo, _("arrange"), NULL, apply_all_places, self, before,
		vertices->len <= ARRANGE_AT_ONCE ? all_places(scene) : g_variant_new("a(sddb)", NULL));
	session_save_places(self->session);
	canvas_zoom_to_fit(self->canvas);
}

/* -- What is shown -- */

static void set_shown(LabWindow *self, GSimpleAction *action, GVariant *state)
{
	static const char *const names[CANVAS_N_SHOWN] = {
		[CANVAS_ADDRESSES] = "show-addresses",
		[CANVAS_TRAFFIC] = "show-traffic",
		[CANVAS_LEGEND] = "show-legend",
		[CANVAS_OVERVIEW] = "show-overview",
		[CANVAS_GRID] = "show-grid",
	};
	const char *name = g_action_get_name(G_ACTION(action));
	gboolean shown = g_variant_get_boolean(state);
	for (guint i = 0; i < CANVAS_N_SHOWN; i++)
		if (g_str_equal(names[i], name))
			canvas_set_shown(self->canvas, (CanvasShown)i, shown);
	if (g_str_equal(name, "show-side"))
		gtk_widget_set_visible(GTK_WIDGET(self->side_stack), shown);
	if (g_str_equal(name, "show-bottom"))
		gtk_widget_set_visible(self->bottom_box, shown);
	if (g_str_equal(name, "show-editor"))
		gtk_widget_set_visible(GTK_WIDGET(self->editor_stack), shown);
}

static void on_show(GSimpleAction *action, GVariant *state, gpointer data)
{
	g_simple_action_set_state(action, state);
	set_shown(data, action, state);
}

static void on_fullscreen(GSimpleAction *action, GVariant *state, gpointer data)
{
	g_simple_action_set_state(action, state);
	if (g_variant_get_boolean(state))
		gtk_window_fullscreen(GTK_WINDOW(data));
	else
		gtk_window_unfullscreen(GTK_WINDOW(data));
}

static const GActionEntry entries[] = {
	{.name = "new", .activate = on_new},
	{.name = "start", .activate = on_start},
	{.name = "stop", .activate = on_stop},
	{.name = "restart", .activate = on_restart},
	{.name = "reload", .activate = on_reload},
	{.name = "trust", .state = "false", .change_state = on_trust},
	{.name = "undo", .activate = on_undo},
	{.name = "redo", .activate = on_redo},
	{.name = "menu", .activate = on_menu},
	{.name = "zoom-in", .activate = on_zoom_in},
	{.name = "zoom-out", .activate = on_zoom_out},
	{.name = "zoom-normal", .activate = on_zoom_normal},
	{.name = "zoom-fit", .activate = on_zoom_fit},
	{.name = "close", .activate = on_close},
	{.name = "select-all", .activate = on_select_all},
	{.name = "select-none", .activate = on_select_none},
	{.name = "select-node", .activate = on_select_node, .parameter_type = "s"},
	{.name = "select-network", .activate = on_select_network, .parameter_type = "s"},
	{.name = "select-uplink", .activate = on_select_uplink, .parameter_type = "s"},
	{.name = "select-link", .activate = on_select_link, .parameter_type = "s"},
	{.name = "arrange", .activate = on_arrange},
	{.name = "frames", .activate = on_frames, .state = "(uint64 0, uint64 0, int64 0, uint64 0)"},
	{.name = "panel", .activate = on_panel, .parameter_type = "s"},
	{.name = "node-start", .activate = on_node},
	{.name = "node-stop", .activate = on_node},
	{.name = "node-restart", .activate = on_node},
	{.name = "node-pause", .activate = on_node},
	{.name = "node-resume", .activate = on_node},
	{.name = "show-addresses", .state = "true", .change_state = on_show},
	{.name = "show-traffic", .state = "true", .change_state = on_show},
	{.name = "show-legend", .state = "true", .change_state = on_show},
	{.name = "show-overview", .state = "true", .change_state = on_show},
	{.name = "show-grid", .state = "false", .change_state = on_show},
	{.name = "show-side", .state = "true", .change_state = on_show},
	{.name = "show-bottom", .state = "false", .change_state = on_show},
	{.name = "show-editor", .state = "false", .change_state = on_show},
	{.name = "fullscreen", .state = "false", .change_state = on_fullscreen},
};

void lab_window_add_actions(LabWindow *self)
{
	g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
	export_add_actions(self);
	gtk_widget_set_visible(GTK_WIDGET(self->side_stack), TRUE);
	settings_follow_actions(G_ACTION_MAP(self));
}

static void enable(LabWindow *self, const char *name, gboolean enabled)
{
	GAction *action = g_action_map_lookup_action(G_ACTION_MAP(self), name);
	if (g_action_get_enabled(action) != enabled)
		g_simple_action_set_enabled(G_SIMPLE_ACTION(action), enabled);
}

/* Whether any of the selected nodes is in one of the states. */
static gboolean any_in(const GPtrArray *vertices, guint states)
{
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		if (vertex->what == SCENE_NODE && (states & 1u << vertex->state))
			return TRUE;
	}
	return FALSE;
}

void lab_window_update_actions(LabWindow *self)
{
	static const struct {
		const char *action;
		guint states; /* in which it can be done to a node */
	} of_nodes[] = {
		{"node-start", 1u << SCENE_STOPPED | 1u << SCENE_FAILED},
		{"node-stop", 1u << SCENE_BOOTING | 1u << SCENE_READY | 1u << SCENE_PAUSED},
		{"node-restart", 1u << SCENE_READY},
		{"node-pause", 1u << SCENE_READY},
		{"node-resume", 1u << SCENE_PAUSED},
	};
	const char *state = session_state(self->session);
	gboolean runs = session_proxy(self->session) != NULL, stopping = g_str_equal(state, "stopping");
	g_autoptr(GPtrArray) selected = scene_selected_vertices(session_scene(self->session));
	gboolean drawn = scene_vertices(session_scene(self->session))->len > 0;
	enable(self, "start",
		(session_file(self->session) || editor_has_changes(self->editor)) && !runs &&
			!g_str_equal(state, "starting"));
	enable(self, "stop", runs && !stopping);
	enable(self, "restart", runs && !stopping);
	enable(self, "reload", session_file(self->session) != NULL);
	enable(self, "trust", session_file(self->session) != NULL);
	g_simple_action_set_state(G_SIMPLE_ACTION(g_action_map_lookup_action(G_ACTION_MAP(self), "trust")),
		g_variant_new_boolean(session_trusted(self->session)));
	enable(self, "export", drawn);
	enable(self, "export-to", drawn);
	enable(self, "print", drawn);
	enable(self, "undo", undo_undo_label(self->undo) != NULL);
	enable(self, "redo", undo_redo_label(self->undo) != NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(of_nodes); i++)
		enable(self, of_nodes[i].action, runs && any_in(selected, of_nodes[i].states));
}
