/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/window.h"

#include <glib/gi18n.h>

#include "gui/editor/ui/palette.h"
#include "gui/app/settings.h"
#include "gui/app/welcome.h"
#include "gui/app/window_private.h"

G_DEFINE_FINAL_TYPE(LabWindow, lab_window, GTK_TYPE_APPLICATION_WINDOW)

static void lab_window_dispose(GObject *object)
{
	LabWindow *self = LAB_WINDOW(object);
	/* First: what it says while it leaves the lab is for widgets that are still there. */
	g_object_run_dispose(G_OBJECT(self->session));
	g_cancellable_cancel(self->arranging);
	g_clear_object(&self->arranging);
	G_OBJECT_CLASS(lab_window_parent_class)->dispose(object);
}

static void lab_window_finalize(GObject *object)
{
	LabWindow *self = LAB_WINDOW(object);
	g_object_unref(self->editor);
	g_object_unref(self->undo);
	g_object_unref(self->session);
	G_OBJECT_CLASS(lab_window_parent_class)->finalize(object);
}

/* What is typed is for the widget that has the focus, and for shortcuts only when that does not want it: Ctrl+A in an
 * entry selects its text, and a console gets everything. */
static gboolean lab_window_key_press(GtkWidget *widget, GdkEventKey *event)
{
	GtkWindow *window = GTK_WINDOW(widget);
	GtkWidgetClass *beneath = GTK_WIDGET_CLASS(g_type_class_peek(GTK_TYPE_BIN));
	return gtk_window_propagate_key_event(window, event) || gtk_window_activate_key(window, event) ||
		beneath->key_press_event(widget, event);
}

static gboolean lab_window_state_event(GtkWidget *widget, GdkEventWindowState *event)
{
	LabWindow *self = LAB_WINDOW(widget);
	session_set_visible(
		self->session, !(event->new_window_state & (GDK_WINDOW_STATE_ICONIFIED | GDK_WINDOW_STATE_WITHDRAWN)));
	return GTK_WIDGET_CLASS(lab_window_parent_class)->window_state_event(widget, event);
}

static void lab_window_class_init(LabWindowClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
	G_OBJECT_CLASS(class)->dispose = lab_window_dispose;
	G_OBJECT_CLASS(class)->finalize = lab_window_finalize;
	widget_class->key_press_event = lab_window_key_press;
	widget_class->window_state_event = lab_window_state_event;
	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/window.ui");
	gtk_widget_class_bind_template_child(widget_class, LabWindow, header);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, start_button);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, stop_button);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, restart_button);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, undo_button);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, redo_button);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, zoom_button);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, menu_button);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, problem_bar);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, problem_label);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, bottom_paned);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, side_paned);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, editor_paned);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, canvas_box);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, bottom_box);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, bottom_close);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, editor_stack);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, side_stack);
	gtk_widget_class_bind_template_child(widget_class, LabWindow, bottom_stack);
}

/* -- Messages -- */

static void complain(LabWindow *self, const char *message)
{
	gtk_label_set_text(GTK_LABEL(self->problem_label), message);
	gtk_widget_show(self->problem_bar);
}

/* -- The header -- */

static const char *state_text(const char *state)
{
	static const struct {
		const char *state, *text;
	} texts[] = {
		{"stopped", N_("not running")},
		{"starting", N_("starting")},
		{"ready", N_("running")},
		{"degraded", N_("running with failures")},
		{"stopping", N_("stopping")},
		{"lost", N_("connection lost: the supervisor stopped or does not respond")},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (g_str_equal(texts[i].state, state))
			return _(texts[i].text);
	return state;
}

/* The mark says that there is something to save. Nobody else writes the title. */
static void update_title(LabWindow *self)
{
	const char *title = scene_title(session_scene(self->session));
	g_autofree char *marked =
		g_strconcat(editor_has_changes(self->editor) ? "• " : "", *title ? title : "netlab", NULL);
	gtk_header_bar_set_title(self->header, marked);
	gtk_window_set_title(GTK_WINDOW(self), marked);
}

static void update_header(LabWindow *self)
{
	const char *state = session_state(self->session);
	GFile *file = session_file(self->session);
	g_autofree char *path = file ? g_file_get_parse_name(file) : NULL;
	g_autofree char *subtitle = file ? g_strdup_printf("%s — %s", path, state_text(state)) : NULL;
	gboolean runs =
		!g_str_equal(state, "stopped") && !(g_str_equal(state, "lost") && !session_proxy(self->session));
	update_title(self);
	gtk_header_bar_set_subtitle(self->header, subtitle);
	gtk_widget_set_visible(self->start_button, !runs);
	gtk_widget_set_visible(self->stop_button, runs);
	lab_window_update_actions(self);
}

/* That the supervisor hangs is said above the canvas as long as it does. */
static void on_state(Session *session, LabWindow *self)
{
	gboolean hangs = g_str_equal(session_state(session), "lost") && session_proxy(session);
	if (hangs)
		complain(self,
			_("The supervisor of this lab does not respond. The window shows its last report and keeps trying."));
	else if (self->hangs)
		gtk_widget_hide(self->problem_bar);
	self->hangs = hangs;
	update_header(self);
}

static void update_zoom(LabWindow *self)
{
	g_autofree char *text = g_strdup_printf("%.0f %%", canvas_zoom(self->canvas) * 100);
	gtk_button_set_label(GTK_BUTTON(self->zoom_button), text);
}

static void update_undo(LabWindow *self)
{
	const char *undo = undo_undo_label(self->undo), *redo = undo_redo_label(self->undo);
	g_autofree char *undo_text = undo ? g_strdup_printf(_("Undo: %s"), undo) : NULL;
	g_autofree char *redo_text = redo ? g_strdup_printf(_("Redo: %s"), redo) : NULL;
	gtk_widget_set_tooltip_text(self->undo_button, undo ? undo_text : _("Undo"));
	gtk_widget_set_tooltip_text(self->redo_button, redo ? redo_text : _("Redo"));
	lab_window_update_actions(self);
}

/* -- What is moved by hand -- */

static void apply_places(gpointer target, GVariant *places)
{
	LabWindow *self = target;
	Scene *scene = session_scene(self->session);
	GVariantIter iter;
	const char *key;
	double x, y;
	g_variant_iter_init(&iter, places);
	while (g_variant_iter_next(&iter, "(&sdd)", &key, &x, &y)) {
		SceneVertex *vertex = scene_find_key(scene, key);
		if (vertex)
			scene_move(scene, vertex, x, y);
	}
	session_save_places(self->session);
}

static void on_moved(Canvas *canvas, GVariant *before, GVariant *after, LabWindow *self)
{
	/* An arrow key that is held is one move of the same ones; a drag is always a separate one. */
	g_autoptr(GdkEvent) event = gtk_get_current_event();
	gboolean by_key = event && event->type == GDK_KEY_PRESS;
	g_autoptr(GString) names = g_string_new("move");
	GVariantIter iter;
	const char *key;
	double x, y;
	g_variant_iter_init(&iter, after);
	while (g_variant_iter_next(&iter, "(&sdd)", &key, &x, &y))
		g_string_append_printf(names, " %s", key);
	undo_push(self->undo, _("move"), by_key ? names->str : NULL, apply_places, self, before, after);
	session_save_places(self->session);
}

/* -- Menus -- */

static void on_menu(Canvas *canvas, SceneVertex *vertex, SceneEdge *edge, GdkEvent *event, LabWindow *self)
{
	const char *id = edge                ? "link-menu"
		: !vertex                    ? "canvas-menu"
		: vertex->what == SCENE_NODE ? "node-menu"
					     : "network-menu";
	GMenu *model = gtk_application_get_menu_by_id(gtk_window_get_application(GTK_WINDOW(self)), id);
	GtkWidget *menu = gtk_menu_new_from_model(G_MENU_MODEL(model));
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self), NULL);
	g_signal_connect(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	if (event->type == GDK_BUTTON_PRESS) {
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
		return;
	}
	GdkRectangle where;
	canvas_get_selection_area(canvas, &where);
	gtk_menu_popup_at_rect(GTK_MENU(menu), gtk_widget_get_window(GTK_WIDGET(canvas)), &where,
		GDK_GRAVITY_SOUTH_EAST, GDK_GRAVITY_NORTH_WEST, event);
}

/* Enter or a double click: most often a node's console is needed; while drawing, its properties. */
static void on_activate_vertex(Canvas *canvas, SceneVertex *vertex, LabWindow *self)
{
	if (editor_is_drawing(self->editor))
		g_action_group_activate_action(G_ACTION_GROUP(self), "properties", NULL);
	else if (vertex->what == SCENE_NODE && g_action_map_lookup_action(G_ACTION_MAP(self), "console"))
		g_action_group_activate_action(G_ACTION_GROUP(self), "console", NULL);
	else
		g_action_group_change_action_state(G_ACTION_GROUP(self), "show-side", g_variant_new_boolean(TRUE));
}

static void on_activate_edge(Canvas *canvas, SceneEdge *edge, LabWindow *self)
{
	g_action_group_change_action_state(G_ACTION_GROUP(self), "show-side", g_variant_new_boolean(TRUE));
}

static void on_delete(Canvas *canvas, LabWindow *self)
{
	if (g_action_map_lookup_action(G_ACTION_MAP(self), "delete"))
		g_action_group_activate_action(G_ACTION_GROUP(self), "delete", NULL);
}

/* -- Panels -- */

static GtkStack *stack_of(LabWindow *self, PanelPlace place)
{
	return place == PANEL_SIDE ? self->side_stack : place == PANEL_BOTTOM ? self->bottom_stack : self->editor_stack;
}

static void add_panels(LabWindow *self)
{
	for (const PanelType *const *type = panel_types; *type; type++) {
		GtkWidget *panel = (*type)->create(&self->context), *child = panel;
		if ((*type)->scrolls) {
			child = gtk_scrolled_window_new(NULL, NULL);
			gtk_scrolled_window_set_policy(
				GTK_SCROLLED_WINDOW(child), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
			/* A viewport that GTK adds by itself lets go of its child when the window is destroyed, and does
			 * not destroy it. */
			GtkWidget *viewport = gtk_viewport_new(NULL, NULL);
			gtk_viewport_set_shadow_type(GTK_VIEWPORT(viewport), GTK_SHADOW_NONE);
			gtk_container_add(GTK_CONTAINER(viewport), panel);
			gtk_container_add(GTK_CONTAINER(child), viewport);
			/* What gets the focus comes to sight. */
			gtk_container_set_focus_vadjustment(
				GTK_CONTAINER(panel), gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(child)));
			gtk_widget_show(viewport);
			gtk_widget_show(child);
		}
		gtk_stack_add_titled(stack_of(self, (*type)->place), child, (*type)->id, _((*type)->title));
	}
}

/* The side panel follows what is selected, and whether one draws. */
static void choose_side_panel(LabWindow *self)
{
	const PanelType *best = NULL;
	int most = 0;
	for (const PanelType *const *type = panel_types; *type; type++) {
		int fits = (*type)->place == PANEL_SIDE && (*type)->fits ? (*type)->fits(&self->context) : 0;
		if (fits > most) {
			most = fits;
			best = *type;
		}
	}
	if (best)
		gtk_stack_set_visible_child_name(self->side_stack, best->id);
	lab_window_update_actions(self);
}

static const char *const places[] = {
	[PANEL_SIDE] = "show-side", [PANEL_BOTTOM] = "show-bottom", [PANEL_EDITOR] = "show-editor"};

void lab_window_show_panel(LabWindow *self, const char *id)
{
	for (const PanelType *const *type = panel_types; *type; type++)
		if (g_str_equal((*type)->id, id)) {
			gtk_stack_set_visible_child_name(stack_of(self, (*type)->place), id);
			g_action_group_change_action_state(
				G_ACTION_GROUP(self), places[(*type)->place], g_variant_new_boolean(TRUE));
		}
}

static void on_problem(Session *session, const char *message, LabWindow *self)
{
	complain(self, message);
}

/* -- The window -- */

/* What went wrong before a lab ran is past when it does. */
static void on_run(Session *session, LabWindow *self)
{
	if (session_proxy(session))
		gtk_widget_hide(self->problem_bar);
	update_header(self);
}

static void connect_all(LabWindow *self)
{
	Scene *scene = session_scene(self->session);
	g_signal_connect_object(self->session, "problem", G_CALLBACK(on_problem), self, 0);
	g_signal_connect_object(self->session, "file", G_CALLBACK(update_header), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->session, "run", G_CALLBACK(on_run), self, 0);
	g_signal_connect_object(scene, "structure", G_CALLBACK(lab_window_update_actions), self, G_CONNECT_SWAPPED);
	/* What can be done to nodes depends on their states too. */
	g_signal_connect_object(scene, "changed", G_CALLBACK(lab_window_update_actions), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->session, "state", G_CALLBACK(on_state), self, 0);
	g_signal_connect_object(scene, "selection", G_CALLBACK(choose_side_panel), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->undo, "changed", G_CALLBACK(update_undo), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->canvas, "zoom", G_CALLBACK(update_zoom), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->canvas, "moved", G_CALLBACK(on_moved), self, 0);
	g_signal_connect_object(self->canvas, "menu", G_CALLBACK(on_menu), self, 0);
	g_signal_connect_object(self->canvas, "activate-vertex", G_CALLBACK(on_activate_vertex), self, 0);
	g_signal_connect_object(self->canvas, "activate-edge", G_CALLBACK(on_activate_edge), self, 0);
	g_signal_connect_object(self->canvas, "delete", G_CALLBACK(on_delete), self, 0);
	g_signal_connect_object(self->problem_bar, "response", G_CALLBACK(gtk_widget_hide), self->problem_bar, 0);
	gtk_actionable_set_action_name(GTK_ACTIONABLE(self->bottom_close), "win.show-bottom");
}

static void show_panel(GtkWindow *window, const char *id)
{
	lab_window_show_panel(LAB_WINDOW(window), id);
}

static void complain_in(GtkWindow *window, const char *message)
{
	complain(LAB_WINDOW(window), message);
}

static void add_editor(LabWindow *self)
{
	self->editor = editor_new(&self->context);
	GtkWidget *palette = palette_new(self->editor);
	gtk_box_pack_start(GTK_BOX(self->canvas_box), palette, FALSE, FALSE, 0);
	gtk_box_reorder_child(GTK_BOX(self->canvas_box), palette, 0);
	g_signal_connect_object(self->editor, "title-changed", G_CALLBACK(update_title), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		self->editor, "actions-changed", G_CALLBACK(lab_window_update_actions), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->editor, "drawing", G_CALLBACK(choose_side_panel), self, G_CONNECT_SWAPPED);
}

static void lab_window_init(LabWindow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	self->session = session_new();
	self->undo = undo_new();
	GtkWidget *canvas = canvas_new(session_scene(self->session));
	self->canvas = CANVAS_CANVAS(canvas);
	gtk_widget_set_vexpand(canvas, TRUE);
	GtkWidget *overlay = gtk_overlay_new();
	gtk_container_add(GTK_CONTAINER(overlay), canvas);
	gtk_container_add(GTK_CONTAINER(self->canvas_box), overlay);
	gtk_widget_show_all(overlay);
	self->context = (PanelContext){
		.window = GTK_WINDOW(self),
		.actions = G_ACTION_MAP(self),
		.session = self->session,
		.canvas = self->canvas,
		.undo = self->undo,
		.settings = settings_get(),
		.show = show_panel,
		.complain = complain_in,
	};
	lab_window_add_actions(self);
	connect_all(self);
	add_editor(self);
	add_panels(self);
	gtk_overlay_add_overlay(GTK_OVERLAY(overlay), welcome_new(self));
	choose_side_panel(self);
	update_header(self);
	update_undo(self);
	gtk_widget_grab_focus(canvas);
}

LabWindow *lab_window_new(GtkApplication *application)
{
	LabWindow *self = g_object_new(LAB_TYPE_WINDOW, "application", application, NULL);
	GMenu *menu = gtk_application_get_menu_by_id(application, "window-menu");
	settings_follow_window(GTK_WINDOW(self));
	gtk_menu_button_set_menu_model(GTK_MENU_BUTTON(self->menu_button), G_MENU_MODEL(menu));
	return self;
}

void lab_window_open(LabWindow *self, GFile *file)
{
	session_open_file(self->session, file);
	canvas_zoom_to_fit(self->canvas);
}

void lab_window_attach(LabWindow *self, const char *lab)
{
	session_attach(self->session, lab);
	canvas_zoom_to_fit(self->canvas);
}

Session *lab_window_session(LabWindow *self)
{
	return self->session;
}

Canvas *lab_window_canvas(LabWindow *self)
{
	return self->canvas;
}

Editor *lab_window_editor(LabWindow *self)
{
	return self->editor;
}

gboolean lab_window_is_empty(LabWindow *self)
{
	return !session_file(self->session) && !session_proxy(self->session) && !editor_is_used(self->editor);
}
