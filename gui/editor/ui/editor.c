/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/editor.h"

#include <glib/gi18n.h>

#include "gui/layout/arrange.h"
#include "gui/editor/ui/editor_private.h"
#include "gui/editor/ui/palette.h"
#include "netlab/host/paths.h"

G_DEFINE_FINAL_TYPE(Editor, editor, G_TYPE_OBJECT)

enum { SIGNAL_DRAWING, SIGNAL_TITLE_CHANGED, SIGNAL_ACTIONS_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void editor_finalize(GObject *object)
{
	Editor *self = EDITOR_EDITOR(object);

	g_cancellable_cancel(self->arranging);
	g_clear_object(&self->arranging);
	g_object_unref(self->document);
	g_object_unref(self->undo);
	g_hash_table_unref(self->places);
	g_free(self->on_disk);
	G_OBJECT_CLASS(editor_parent_class)->finalize(object);
}

static void editor_class_init(EditorClass *class)
{
	G_OBJECT_CLASS(class)->finalize = editor_finalize;
	signals[SIGNAL_DRAWING] =
		g_signal_new("drawing", EDITOR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_TITLE_CHANGED] =
		g_signal_new("title-changed", EDITOR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[SIGNAL_ACTIONS_CHANGED] =
		g_signal_new("actions-changed", EDITOR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void editor_init(Editor *self)
{
	self->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/** editor_session() - the session whose file is edited. Borrowed. */
Session *editor_session(const Editor *self)
{
	return self->context->session;
}

/** editor_scene() - the scene that shows the document. Borrowed. */
Scene *editor_scene(const Editor *self)
{
	return session_scene(self->context->session);
}

/** editor_complain() - shows a message in the window. */
void editor_complain(const Editor *self, const char *message)
{
	panel_complain(self->context, message);
}

/* -- The drawing follows the document ------------------------------------------------------------------------------ */

static void remember(Editor *self, SceneWhat what, const char *name, Place place)
{
	g_hash_table_insert(self->places, scene_key(what, name), g_memdup2(&place, sizeof(place)));
}

void editor_remember_places(Editor *self)
{
	const GPtrArray *vertices = scene_vertices(editor_scene(self));

	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];

		remember(self, vertex->what, vertex->name, (Place){vertex->x, vertex->y, vertex->placed});
	}
}

static gboolean knows(Scene *scene, SceneWhat what, const char *name)
{
	return scene_find_vertex(scene, what, name) != NULL;
}

/* Whether the lab has nodes, networks or uplinks that the scene has not. */
static gboolean brings_new(const Lab *lab, Scene *scene)
{
	for (guint i = 0; i < lab->nodes->len; i++)
		if (!knows(scene, SCENE_NODE, ((const LabNode *)lab->nodes->pdata[i])->name))
			return TRUE;
	for (guint i = 0; i < lab->networks->len; i++)
		if (!knows(scene, SCENE_NETWORK, ((const LabNetwork *)lab->networks->pdata[i])->name))
			return TRUE;
	for (guint i = 0; i < lab->uplinks->len; i++)
		if (!knows(scene, SCENE_UPLINK, ((const LabUplink *)lab->uplinks->pdata[i])->name))
			return TRUE;
	return FALSE;
}

/* Old ones stay where they are; new ones go to where they once were, or where the layout finds room. */
void editor_show_lab(Editor *self, const Lab *lab)
{
	Scene *scene = editor_scene(self);
	gboolean new = brings_new(lab, scene), unknown = FALSE;
	const GPtrArray *vertices = scene_vertices(scene);

	editor_remember_places(self);
	for (guint i = 0; new &&i < vertices->len; i++)
		((SceneVertex *)vertices->pdata[i])->placed = TRUE;
	scene_set_lab(scene, lab);
	if (!new)
		return;
	vertices = scene_vertices(scene);
	for (guint i = 0; i < vertices->len; i++) {
		SceneVertex *vertex = vertices->pdata[i];
		g_autofree char *key = scene_key(vertex->what, vertex->name);
		const Place *place = g_hash_table_lookup(self->places, key);

		if (!vertex->placed && place)
			scene_move(scene, vertex, place->x, place->y);
		unknown |= !vertex->placed;
	}
	if (unknown) {
		g_cancellable_cancel(self->arranging);
		g_clear_object(&self->arranging);
		self->arranging = g_cancellable_new();
		arrange_scene(scene, self->arranging);
	}
	session_save_places(editor_session(self));
}

static void enable(Editor *self, const char *name, gboolean enabled)
{
	GAction *action = g_action_map_lookup_action(self->context->actions, name);

	if (action && g_action_get_enabled(action) != enabled)
		g_simple_action_set_enabled(G_SIMPLE_ACTION(action), enabled);
}

void editor_update(Editor *self)
{
	static const char *const of_items[] = {"cut", "copy", "delete", "duplicate"};
	g_autoptr(GArray) selection = editor_selection(self);
	gboolean text = *document_text(self->document) != '\0';

	enable(self, "save",
		text && !self->unreadable &&
			(document_is_modified(self->document) || !document_path(self->document) || self->gone));
	enable(self, "save-as", text);
	for (guint i = 0; i < G_N_ELEMENTS(of_items); i++)
		enable(self, of_items[i], selection->len && editor_can_draw(self));
	enable(self, "connect", selection->len == 2 && editor_can_draw(self));
	g_signal_emit(self, signals[SIGNAL_TITLE_CHANGED], 0);
	g_signal_emit(self, signals[SIGNAL_ACTIONS_CHANGED], 0);
}

static void on_document_changed(Document *document, Editor *self)
{
	const Lab *lab = document_lab(document);

	if (lab && !self->reading)
		editor_show_lab(self, lab);
	editor_update(self);
}

static void on_moved(Canvas *canvas, GVariant *before, GVariant *after, Editor *self)
{
	editor_remember_places(self);
}

/* -- For panels and actions ---------------------------------------------------------------------------------------- */

/** editor_new() - the editor of a window, which adds its actions to the window's
 *  @context: the window's; must outlive the editor
 *  Returns it; the caller owns it. */
Editor *editor_new(const PanelContext *context)
{
	Editor *self = g_object_new(EDITOR_TYPE, NULL);
	g_autofree char *schema = path_share("lab.xsd");
	Session *session = context->session;

	self->context = context;
	self->undo = g_object_ref(context->undo);
	self->document = document_new(schema, self->undo);
	g_signal_connect_object(self->document, "changed", G_CALLBACK(on_document_changed), self, 0);
	editor_follow_file(self);
	g_signal_connect_object(session, "state", G_CALLBACK(editor_update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session, "run", G_CALLBACK(editor_update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		session_scene(session), "selection", G_CALLBACK(editor_update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(context->canvas, "moved", G_CALLBACK(on_moved), self, 0);
	editor_add_actions(self);
	palette_connect(self);
	editor_update(self);
	return self;
}

/** editor_hold() - keeps the editor, and the window that it is in, until editor_release(): for answers that come later.
 *  Returns the editor. */
Editor *editor_hold(Editor *self)
{
	g_object_ref(self->context->window);
	return g_object_ref(self);
}

/** editor_release() - ends what editor_hold() began. */
void editor_release(Editor *self)
{
	GtkWindow *window = self->context->window;

	g_object_unref(self);
	g_object_unref(window);
}

/** editor_is_open() - whether its window is still open; one that was closed has left the application. */
gboolean editor_is_open(const Editor *self)
{
	return gtk_window_get_application(self->context->window) != NULL;
}

/** editor_document() - what is edited. Borrowed, as long as the editor lives. */
Document *editor_document(Editor *self)
{
	return self->document;
}

/** editor_context() - what the editor got from its window. Borrowed, as all that is in it. */
const PanelContext *editor_context(const Editor *self)
{
	return self->context;
}

/** editor_has_changes() - whether there is something that would be lost. */
gboolean editor_has_changes(Editor *self)
{
	return document_is_modified(self->document);
}

/** editor_is_used() - whether the window has a lab: another one is for another window. */
gboolean editor_is_used(Editor *self)
{
	return *document_text(self->document) || self->unreadable;
}

/** editor_is_drawing() - whether the tools are shown. */
gboolean editor_is_drawing(Editor *self)
{
	return self->drawing;
}

/** editor_set_drawing() - shows the tools and the properties, or not; says "drawing". */
void editor_set_drawing(Editor *self, gboolean drawing)
{
	GAction *action = g_action_map_lookup_action(self->context->actions, "draw");

	if (self->drawing == drawing)
		return;
	self->drawing = drawing;
	g_simple_action_set_state(G_SIMPLE_ACTION(action), g_variant_new_boolean(drawing));
	g_signal_emit(self, signals[SIGNAL_DRAWING], 0);
}

/** editor_can_draw() - whether the text is one that elements can be put into. */
gboolean editor_can_draw(Editor *self)
{
	return document_markup(self->document) != NULL;
}

/** editor_place() - where a vertex goes that does not exist yet, or was renamed; scene units. */
void editor_place(Editor *self, SceneWhat what, const char *name, double x, double y)
{
	remember(self, what, name, (Place){x, y, TRUE});
}

/* What an item is drawn as; of a link NULL. */
static SceneVertex *vertex_of(Editor *self, ItemKind kind, const char *name)
{
	static const SceneWhat whats[] = {
		[ITEM_NODE] = SCENE_NODE, [ITEM_NETWORK] = SCENE_NETWORK, [ITEM_UPLINK] = SCENE_UPLINK};

	return kind == ITEM_LINK ? NULL : scene_find_vertex(editor_scene(self), whats[kind], name);
}

static SceneEdge *edge_of(Editor *self, ItemKind kind, const char *name)
{
	return kind == ITEM_LINK ? scene_find_edge(editor_scene(self), name) : NULL;
}

/** editor_rename() - gives a node, network, uplink or link another name, which must be free and right; it stays selected
 *  and where it is
 *  @edit: of the document's markup, which does so; taken */
void editor_rename(Editor *self, Edit *edit, ItemKind kind, const char *from, const char *to)
{
	SceneVertex *vertex = vertex_of(self, kind, from);
	SceneEdge *edge = edge_of(self, kind, from);
	gboolean selected = (vertex && vertex->selected) || (edge && edge->selected);
	g_autofree char *merge = g_strdup_printf("name-%d", kind), *new = g_strdup(to);

	if (vertex)
		editor_place(self, vertex->what, to, vertex->x, vertex->y);
	document_commit(self->document, edit, _("rename"), merge);
	if (selected)
		scene_select(editor_scene(self), vertex_of(self, kind, new), edge_of(self, kind, new), TRUE);
}

static Item item_of_edge(const SceneEdge *edge)
{
	for (guint i = 0; i < 2; i++)
		if (edge->ends[i]->what == SCENE_UPLINK)
			return (Item){ITEM_UPLINK, edge->ends[i]->name};
	return (Item){ITEM_LINK, edge->name};
}

/** editor_selection() - what is selected, of Item; the names are the scene's. An uplink's cable is the uplink. The caller
 *  frees the array. */
GArray *editor_selection(Editor *self)
{
	static const ItemKind kinds[] = {
		[SCENE_NODE] = ITEM_NODE, [SCENE_NETWORK] = ITEM_NETWORK, [SCENE_UPLINK] = ITEM_UPLINK};
	GArray *items = g_array_new(FALSE, FALSE, sizeof(Item));
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(editor_scene(self)),
			     edges = scene_selected_edges(editor_scene(self));

	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		Item item = {kinds[vertex->what], vertex->name};

		g_array_append_val(items, item);
	}
	for (guint i = 0; i < edges->len; i++) {
		Item item = item_of_edge(edges->pdata[i]);

		g_array_append_val(items, item);
	}
	return items;
}
