/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done to a lab that is drawn. */
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "gui/editor/ui/editor.h"
#include "gui/editor/ui/palette.h"
#include "gui/editor/ui/properties.h"
#include "gui/layout/geometry.h"

enum { STEP = 140 }; /* scene units */
enum { NEAR = 4 };   /* steps */

static void complain(Editor *self, GError *error)
{
	editor_complain(self, error->message);
	g_error_free(error);
}

/* -- Files --------------------------------------------------------------------------------------------------------- */

static void on_save(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	editor_save(data, NULL);
}

static void on_save_as(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	editor_save_as(data, NULL);
}

static void on_save_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_autoptr(GFile) file = g_file_new_for_path(g_variant_get_string(parameter, NULL));

	editor_save_to(data, file, NULL);
}

/* -- Room for what is new ------------------------------------------------------------------------------------------ */

static gboolean is_free(Scene *scene, const GPtrArray *without, double x, double y)
{
	const GPtrArray *vertices = scene_vertices(scene);

	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];

		if (fabs(vertex->x - x) < STEP * 0.7 && fabs(vertex->y - y) < STEP * 0.6 &&
			!(without && g_ptr_array_find((GPtrArray *)without, vertex, NULL)))
			return FALSE;
	}
	return TRUE;
}

/* Calls with steps from a place outwards, the nearest first and of those right and below, until FITS is content. FALSE: it
 * was not, up to MOST steps away. */
static gboolean find_room(
	gboolean (*fits)(gpointer data, double dx, double dy), gpointer data, int most, double *dx, double *dy)
{
	for (int distance = 0; distance <= most; distance++)
		for (int i = 0; i <= distance; i++) {
			const int signs[][2] = {{1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

			for (guint k = 0; k < G_N_ELEMENTS(signs); k++) {
				*dx = signs[k][0] * (distance - i) * STEP;
				*dy = signs[k][1] * i * STEP;
				if (fits(data, *dx, *dy))
					return TRUE;
			}
		}
	return FALSE;
}

typedef struct {
	Scene *scene;
	double x, y;            /* of a single place */
	const GPtrArray *group; /* of SceneVertex, at the places of what they were copied from; or NULL */
} Room;

static gboolean room_fits(gpointer data, double dx, double dy)
{
	const Room *room = data;

	if (!room->group)
		return is_free(room->scene, NULL, room->x + dx, room->y + dy);
	for (guint i = 0; i < room->group->len; i++) {
		const SceneVertex *vertex = room->group->pdata[i];

		if (!is_free(room->scene, room->group, vertex->x + dx, vertex->y + dy))
			return FALSE;
	}
	return TRUE;
}

static void shift(const GPtrArray *group, double dx, double dy)
{
	for (guint i = 0; i < group->len; i++) {
		SceneVertex *vertex = group->pdata[i];

		vertex->x += dx;
		vertex->y += dy;
	}
}

/* Whether a line of the group's passes another vertex so closely that it seems to end there. */
static gboolean line_passes(const Room *room)
{
	const GPtrArray *vertices = scene_vertices(room->scene), *edges = scene_edges(room->scene);

	for (guint i = 0; i < edges->len; i++) {
		const SceneEdge *edge = edges->pdata[i];
		GeometryPath path = geometry_edge_path(edge);

		if (!g_ptr_array_find((GPtrArray *)room->group, edge->ends[0], NULL) &&
			!g_ptr_array_find((GPtrArray *)room->group, edge->ends[1], NULL))
			continue;
		for (guint k = 0; k < vertices->len; k++) {
			const SceneVertex *vertex = vertices->pdata[k];

			if (vertex != edge->ends[0] && vertex != edge->ends[1] &&
				geometry_path_distance(&path, vertex->x, vertex->y) < GEOMETRY_ICON / 2.0 + 4)
				return TRUE;
		}
	}
	return FALSE;
}

/* Room for a group and its lines. */
static gboolean room_is_clear(gpointer data, double dx, double dy)
{
	const Room *room = data;

	if (!room_fits(data, dx, dy))
		return FALSE;
	shift(room->group, dx, dy);
	gboolean passes = line_passes(room);
	shift(room->group, -dx, -dy);
	return !passes;
}

/* -- The selection ------------------------------------------------------------------------------------------------- */

static void on_delete(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Editor *self = data;
	g_autoptr(GArray) items = editor_selection(self);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	/* The names are the scene's, which will be another one soon. */
	for (guint i = 0; i < items->len; i++) {
		Item *item = &g_array_index(items, Item, i);

		item->name = g_strdup(item->name);
		g_ptr_array_add(names, (gpointer)item->name);
	}
	if (items->len && !draw_delete(editor_document(self), (const Item *)items->data, items->len))
		editor_complain(self, _("This item is defined in a file that this lab includes. Delete it there."));
}

static char *copied(Editor *self)
{
	g_autoptr(GArray) items = editor_selection(self);

	return items->len ? draw_copy(editor_document(self), (const Item *)items->data, items->len) : NULL;
}

static void on_copy(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_autofree char *clip = copied(data);

	if (clip)
		gtk_clipboard_set_text(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), clip, -1);
}

static void on_cut(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	on_copy(action, parameter, data);
	on_delete(action, parameter, data);
}

/* Names of the nodes and networks of a clip, in its order, as draw_paste() gives those of what it makes of them. */
static GPtrArray *names_in(const char *clip)
{
	g_autoptr(Markup) markup = markup_parse(clip);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; markup && i < markup->root->children->len; i++) {
		const MarkupElement *element = markup->root->children->pdata[i];
		const char *name = markup_get(element, "name");
		gboolean node = !strcmp(element->name, "node");

		if (name && (node || !strcmp(element->name, "network")))
			g_ptr_array_add(names, g_strconcat(node ? "n" : "w", name, NULL));
	}
	return names;
}

/* Places what was pasted beside its originals, if they are here, and selects it. */
static void paste(Editor *self, const char *clip, const char *label)
{
	Scene *scene = editor_scene(self);
	g_autoptr(GPtrArray) sources = names_in(clip), names = NULL, group = g_ptr_array_new();
	double dx, dy;
	GError *error = NULL;

	if (!editor_is_used(self))
		editor_new_lab(self);
	if (!editor_can_draw(self))
		return;
	names = draw_paste(editor_document(self), clip, label, &error);
	if (!names) {
		complain(self, error);
		return;
	}
	scene_select_only(scene, NULL, NULL);
	for (guint i = 0; i < names->len; i++) {
		SceneVertex *vertex = scene_find_key(scene, names->pdata[i]);
		const SceneVertex *source = i < sources->len ? scene_find_key(scene, sources->pdata[i]) : NULL;

		if (vertex && source && source != vertex) {
			scene_move(scene, vertex, source->x, source->y);
			g_ptr_array_add(group, vertex);
		}
		if (vertex)
			scene_select(scene, vertex, NULL, TRUE);
	}
	/* If no near place keeps every other vertex off its lines, take one that covers no vertex. */
	Room room = {scene, 0, 0, group};
	if (!find_room(room_is_clear, &room, NEAR, &dx, &dy))
		find_room(room_fits, &room, G_MAXINT, &dx, &dy);
	for (guint i = 0; i < group->len; i++) {
		SceneVertex *vertex = group->pdata[i];

		scene_move(scene, vertex, vertex->x + dx, vertex->y + dy);
	}
	session_save_places(editor_session(self));
}

static void on_duplicate(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_autofree char *clip = copied(data);

	if (clip)
		paste(data, clip, _("duplicate"));
}

static void text_came(GtkClipboard *clipboard, const char *text, gpointer data)
{
	Editor *self = data;

	/* Whoever has the text may be slow to give it: the window may have been closed meanwhile. */
	if (text && editor_is_open(self))
		paste(self, text, _("paste"));
	editor_release(self);
}

static void on_paste(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	gtk_clipboard_request_text(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), text_came, editor_hold(data));
}

/* -- Drawing ------------------------------------------------------------------------------------------------------- */

static void on_tool(GSimpleAction *action, GVariant *state, gpointer data)
{
	const Tool *tool = tool_find(g_variant_get_string(state, NULL));
	Canvas *canvas = editor_context(data)->canvas;

	if (!tool)
		return;
	g_simple_action_set_state(action, state);
	canvas_set_mode(canvas, tool->mode);
	if (tool->mode == CANVAS_SELECT)
		return;
	editor_set_drawing(data, TRUE);
	/* From now on nothing moves below the pointer to make room for what is new. */
	canvas_set_zoom(canvas, scene_vertices(editor_scene(data))->len ? canvas_zoom(canvas) : 1);
}

static void on_draw(GSimpleAction *action, GVariant *state, gpointer data)
{
	editor_set_drawing(data, g_variant_get_boolean(state));
}

static void on_add(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	const Tool *tool = tool_find(g_variant_get_string(parameter, NULL));
	g_autoptr(GPtrArray) selected = scene_selected_vertices(editor_scene(data));
	const GPtrArray *vertices = scene_vertices(editor_scene(data));
	const SceneVertex *from = selected->len ? selected->pdata[0] : vertices->len ? vertices->pdata[0] : NULL;
	Room room = {editor_scene(data), from ? from->x : 0, from ? from->y : 0, NULL};
	double dx, dy;

	if (!tool || tool->mode != CANVAS_PLACE)
		return;
	find_room(room_fits, &room, G_MAXINT, &dx, &dy);
	g_free(palette_draw(data, tool, room.x + dx, room.y + dy));
}

static void join(Editor *self, Item from, Item to)
{
	GError *error = NULL;
	g_autofree char *cable = NULL;

	if (!editor_can_draw(self))
		return;
	cable = draw_connection(editor_document(self), from, to, &error);
	if (error)
		complain(self, error);
	else
		scene_select_only(editor_scene(self), NULL, scene_find_edge(editor_scene(self), cable));
}

/* The other way round than scene_key(). */
static Item item_of_key(const char *key)
{
	return (Item){*key == 'u' ? ITEM_UPLINK : *key == 'w' ? ITEM_NETWORK : ITEM_NODE, key + 1};
}

static void on_join(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_autofree char *from = NULL, *to = NULL;

	g_variant_get(parameter, "(ss)", &from, &to);
	if (*from && *to)
		join(data, item_of_key(from), item_of_key(to));
}

static void on_connect(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_autoptr(GArray) items = editor_selection(data);
	Item from, to;
	g_autofree char *from_name = NULL, *to_name = NULL;

	if (items->len != 2)
		return;
	from = g_array_index(items, Item, 0);
	to = g_array_index(items, Item, 1);
	if (from.kind == ITEM_LINK || to.kind == ITEM_LINK)
		return;
	from.name = from_name = g_strdup(from.name);
	to.name = to_name = g_strdup(to.name);
	join(data, from, to);
}

static void on_properties(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	editor_set_drawing(data, TRUE);
	panel_show(editor_context(data), PROPERTIES_PANEL);
}

/** editor_add_actions() - adds the editor's actions to those of its window. */
void editor_add_actions(Editor *self)
{
	static const GActionEntry entries[] = {
		{.name = "save", .activate = on_save},
		{.name = "save-as", .activate = on_save_as},
		{.name = "save-to", .activate = on_save_to, .parameter_type = "s"},
		{.name = "cut", .activate = on_cut},
		{.name = "copy", .activate = on_copy},
		{.name = "paste", .activate = on_paste},
		{.name = "delete", .activate = on_delete},
		{.name = "duplicate", .activate = on_duplicate},
		{.name = "draw", .state = "false", .change_state = on_draw},
		{.name = "tool", .parameter_type = "s", .state = "'select'", .change_state = on_tool},
		{.name = "add", .activate = on_add, .parameter_type = "s"},
		{.name = "join", .activate = on_join, .parameter_type = "(ss)"},
		{.name = "connect", .activate = on_connect},
		{.name = "properties", .activate = on_properties},
	};

	g_action_map_add_action_entries(editor_context(self)->actions, entries, G_N_ELEMENTS(entries), self);
}
