/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/palette.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum { BELOW = 140 }; /* scene units */

const Tool tools[] = {
	{"select", N_("Select"), N_("Select and move items"), CANVAS_SELECT, SCENE_NODE, 0, 0},
	{"host", N_("Host"), N_("Click to place a host"), CANVAS_PLACE, SCENE_NODE, LAB_NODE_HOST, 0},
	{"router", N_("Router"), N_("Click to place a router"), CANVAS_PLACE, SCENE_NODE, LAB_NODE_ROUTER, 0},
	{"firewall", N_("Firewall"), N_("Click to place a firewall"), CANVAS_PLACE, SCENE_NODE, LAB_NODE_FIREWALL, 0},
	{"server", N_("Server"), N_("Click to place a server"), CANVAS_PLACE, SCENE_NODE, LAB_NODE_SERVER, 0},
	{"switch", N_("Bridge"), N_("Click to place a node that bridges its interfaces"), CANVAS_PLACE, SCENE_NODE,
		LAB_NODE_SWITCH, 0},
	{"network", N_("Network"), N_("Click to place a network (a switch)"), CANVAS_PLACE, SCENE_NETWORK, 0,
		LAB_NETWORK_SWITCH},
	{"hub", N_("Hub"), N_("Click to place a hub"), CANVAS_PLACE, SCENE_NETWORK, 0, LAB_NETWORK_HUB},
	{"uplink", N_("Internet"), N_("Click to place an uplink that connects the nearest network to the Internet"),
		CANVAS_PLACE, SCENE_UPLINK, 0, 0},
	{"link", N_("Link"), N_("Drag from one node or network to another"), CANVAS_CONNECT, SCENE_NODE, 0, 0},
};
const guint n_tools = G_N_ELEMENTS(tools);

/** tool_find() - the tool of an id; NULL: there is none. */
const Tool *tool_find(const char *id)
{
	for (guint i = 0; i < n_tools; i++)
		if (g_str_equal(tools[i].id, id))
			return &tools[i];
	return NULL;
}

/* The name is known once it is there; its place must be before. */
static char *draw_at(Editor *editor, const Tool *tool, double x, double y)
{
	Document *document = editor_document(editor);
	gboolean network = tool->what == SCENE_NETWORK;
	g_autofree char *name = suggest_name(document_markup(document), network ? ITEM_NETWORK : ITEM_NODE,
		network ? draw_network_base(tool->type) : draw_node_base(tool->kind));

	editor_place(editor, tool->what, name, x, y);
	return network ? draw_network(document, tool->type) : draw_node(document, tool->kind);
}

/* The network that a way out is wanted of: one that is selected, or the nearest, if it has none; NULL: none. */
static const char *network_near(Editor *editor, double x, double y)
{
	const GPtrArray *vertices = scene_vertices(editor_scene(editor));
	const Markup *markup = document_markup(editor_document(editor));
	const SceneVertex *best = NULL;

	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		gboolean nearer = best && hypot(vertex->x - x, vertex->y - y) < hypot(best->x - x, best->y - y);

		if (vertex->what == SCENE_NETWORK && lookup(markup, ITEM_NETWORK, vertex->name) &&
			!markup_child(markup->root, "uplink", "network", vertex->name) &&
			(!best || vertex->selected > best->selected || (vertex->selected == best->selected && nearer)))
			best = vertex;
	}
	return best ? best->name : NULL;
}

static char *draw_uplink_at(Editor *editor, double x, double y)
{
	Document *document = editor_document(editor);
	g_autofree char *name = draw_uplink_name(document), *network = g_strdup(network_near(editor, x, y));

	editor_place(editor, SCENE_UPLINK, name, x, y);
	if (!network) {
		g_autofree char *new =
			suggest_name(document_markup(document), ITEM_NETWORK, draw_network_base(LAB_NETWORK_SWITCH));

		editor_place(editor, SCENE_NETWORK, new, x, y + BELOW);
	}
	return draw_uplink(document, network);
}

/** palette_draw() - puts what a tool makes onto the canvas and selects it
 *  @tool: of mode CANVAS_PLACE
 *  @x, @y: its centre, scene units
 *  Returns its name (the caller frees it), or NULL, and the window says why. */
char *palette_draw(Editor *editor, const Tool *tool, double x, double y)
{
	Scene *scene = editor_scene(editor);
	g_autofree char *name = NULL;

	if (!editor_is_used(editor))
		editor_new_lab(editor);
	if (!editor_can_draw(editor)) {
		editor_complain(editor, _("The file is not well-formed XML. Fix the XML first."));
		return NULL;
	}
	if (tool->what == SCENE_UPLINK)
		name = draw_uplink_at(editor, x, y);
	else
		name = draw_at(editor, tool, x, y);
	scene_select_only(scene, scene_find_vertex(scene, tool->what, name), NULL);
	return g_steal_pointer(&name);
}

static const Tool *current(Editor *editor)
{
	g_autoptr(GVariant) state =
		g_action_group_get_action_state(G_ACTION_GROUP(editor_context(editor)->actions), "tool");

	return tool_find(g_variant_get_string(state, NULL));
}

static void on_place(Canvas *canvas, double x, double y, Editor *editor)
{
	const Tool *tool = current(editor);

	if (tool->mode == CANVAS_PLACE)
		g_free(palette_draw(editor, tool, x, y));
}

static void on_connect(Canvas *canvas, SceneVertex *from, SceneVertex *to, Editor *editor)
{
	g_autofree char *first = scene_key(from->what, from->name), *second = scene_key(to->what, to->name);

	g_action_group_activate_action(
		G_ACTION_GROUP(editor_context(editor)->actions), "join", g_variant_new("(ss)", first, second));
}

static gboolean on_key(GtkWidget *canvas, GdkEventKey *event, Editor *editor)
{
	if (event->keyval != GDK_KEY_Escape || current(editor)->mode == CANVAS_SELECT)
		return GDK_EVENT_PROPAGATE;
	g_action_group_activate_action(
		G_ACTION_GROUP(editor_context(editor)->actions), "tool", g_variant_new_string("select"));
	return GDK_EVENT_STOP;
}

/* -- Dragged from the palette onto the canvas: once, and the pointer is what it was -- */

static char tool_target[] = "application/x-netlab-tool";
static const GtkTargetEntry targets[] = {{tool_target, GTK_TARGET_SAME_APP, 0}};

static void on_drag_get(
	GtkWidget *button, GdkDragContext *context, GtkSelectionData *data, guint info, guint time, const Tool *tool)
{
	gtk_selection_data_set(
		data, gtk_selection_data_get_target(data), 8, (const guchar *)tool->id, (int)strlen(tool->id));
}

static void on_dropped(GtkWidget *canvas, GdkDragContext *context, int x, int y, GtkSelectionData *data, guint info,
	guint time, Editor *editor)
{
	int size = MAX(gtk_selection_data_get_length(data), 0);
	g_autofree char *id = g_strndup((const char *)gtk_selection_data_get_data(data), (gsize)size);
	const Tool *tool = tool_find(id);

	if (tool && tool == current(editor) && tool->mode == CANVAS_PLACE)
		canvas_place(CANVAS_CANVAS(canvas), x, y);
}

static void choose(GtkWidget *button, const char *id)
{
	GtkWidget *window = gtk_widget_get_toplevel(button);

	g_action_group_activate_action(G_ACTION_GROUP(window), "tool", g_variant_new_string(id));
}

static void on_drag_begin(GtkWidget *button, GdkDragContext *context, const Tool *tool)
{
	choose(button, tool->id);
}

static void on_drag_end(GtkWidget *button, GdkDragContext *context, const Tool *tool)
{
	choose(button, "select");
}

/* Kinds have the canvas's icons; the others are the theme's. */
static GtkWidget *icon_of(const Tool *tool)
{
	static const char *const themed[][2] = {{"select", "edit-select-symbolic"},
		{"network", "network-wired-symbolic"}, {"link", "insert-link-symbolic"}};
	g_autofree char *uri = g_strdup_printf(
		"resource:///org/netlab/Gui/icons/%s.svg", tool->what == SCENE_UPLINK ? "cloud" : tool->id);
	g_autoptr(GFile) file = g_file_new_for_uri(uri);
	g_autoptr(GIcon) icon = g_file_icon_new(file);

	for (guint i = 0; i < G_N_ELEMENTS(themed); i++)
		if (g_str_equal(themed[i][0], tool->id))
			return gtk_image_new_from_icon_name(themed[i][1], GTK_ICON_SIZE_LARGE_TOOLBAR);
	return gtk_image_new_from_gicon(icon, GTK_ICON_SIZE_LARGE_TOOLBAR);
}

static GtkWidget *button_of(const Tool *tool)
{
	GtkWidget *button = gtk_toggle_button_new(), *icon = icon_of(tool),
		  *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);

	gtk_container_add(GTK_CONTAINER(box), icon);
	gtk_container_add(GTK_CONTAINER(box), gtk_label_new(_(tool->title)));
	gtk_container_add(GTK_CONTAINER(button), box);
	gtk_widget_set_tooltip_text(button, _(tool->tip));
	atk_object_set_name(gtk_widget_get_accessible(button), _(tool->title));
	gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "win.tool");
	gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button), g_variant_new_string(tool->id));
	if (tool->mode == CANVAS_PLACE) {
		gtk_drag_source_set(button, GDK_BUTTON1_MASK, targets, G_N_ELEMENTS(targets), GDK_ACTION_COPY);
		g_signal_connect(button, "drag-begin", G_CALLBACK(on_drag_begin), (gpointer)tool);
		g_signal_connect(button, "drag-end", G_CALLBACK(on_drag_end), (gpointer)tool);
		g_signal_connect(button, "drag-data-get", G_CALLBACK(on_drag_get), (gpointer)tool);
	}
	return button;
}

static void on_drawing(Editor *editor, GtkWidget *palette)
{
	gtk_widget_set_visible(palette, editor_is_drawing(editor));
	if (!editor_is_drawing(editor))
		g_action_group_activate_action(
			G_ACTION_GROUP(editor_context(editor)->actions), "tool", g_variant_new_string("select"));
}

/** palette_new() - the tools of an editor, hidden until one draws. A new floating widget. */
GtkWidget *palette_new(Editor *editor)
{
	GtkWidget *row = gtk_flow_box_new();

	/* A flow box: where there is little room, the tools take a second line. */
	gtk_flow_box_set_selection_mode(GTK_FLOW_BOX(row), GTK_SELECTION_NONE);
	gtk_flow_box_set_min_children_per_line(GTK_FLOW_BOX(row), 2);
	gtk_flow_box_set_max_children_per_line(GTK_FLOW_BOX(row), n_tools);
	for (guint i = 0; i < n_tools; i++) {
		gtk_container_add(GTK_CONTAINER(row), button_of(&tools[i]));
		gtk_widget_set_can_focus(GTK_WIDGET(gtk_flow_box_get_child_at_index(GTK_FLOW_BOX(row), (int)i)), FALSE);
	}
	gtk_style_context_add_class(gtk_widget_get_style_context(row), "lab-palette");
	gtk_widget_show_all(row);
	gtk_widget_hide(row);
	atk_object_set_name(gtk_widget_get_accessible(row), _("Drawing tools"));
	g_signal_connect_object(editor, "drawing", G_CALLBACK(on_drawing), row, 0);
	return row;
}

/** palette_connect() - lets the canvas of an editor take what the chosen tool draws. */
void palette_connect(Editor *editor)
{
	Canvas *canvas = editor_context(editor)->canvas;

	g_signal_connect_object(canvas, "place", G_CALLBACK(on_place), editor, 0);
	g_signal_connect_object(canvas, "connect", G_CALLBACK(on_connect), editor, 0);
	g_signal_connect_object(canvas, "key-press-event", G_CALLBACK(on_key), editor, 0);
	gtk_drag_dest_set(GTK_WIDGET(canvas), GTK_DEST_DEFAULT_ALL, targets, G_N_ELEMENTS(targets), GDK_ACTION_COPY);
	g_signal_connect_object(canvas, "drag-data-received", G_CALLBACK(on_dropped), editor, 0);
}
