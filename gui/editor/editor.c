/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/editor.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/arrange.h"
#include "gui/editor/palette.h"
#include "gui/window_private.h"
#include "netlab/paths.h"
#include "topologies/values.h"

#define UNTITLED "untitled"

typedef struct {
	double x, y;
	gboolean placed;
} Place;

struct _Editor {
	GObject parent_instance;
	LabWindow *window;     /* borrowed: it owns this */
	Document *document;
	Undo *undo;
	GHashTable *places;    /* "n" or "w" and a name -> Place: also of vertices that are gone, for undo */
	GCancellable *arranging;
	gboolean reading;      /* the document takes over what the scene shows already */
	gboolean unreadable;   /* the file is no text that could be edited */
	gboolean drawing;
	gboolean closing;      /* the user has agreed */
	GtkWidget *question;   /* open now, or NULL */
	char *on_disk;         /* what the file last held, as far as is known */
};

G_DEFINE_FINAL_TYPE(Editor, editor, G_TYPE_OBJECT)

enum { SIGNAL_DRAWING, N_SIGNALS };
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
	signals[SIGNAL_DRAWING] = g_signal_new("drawing", EDITOR_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void editor_init(Editor *self)
{
	self->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static Session *session_of(const Editor *self)
{
	return lab_window_session(self->window);
}

static Scene *scene_of(const Editor *self)
{
	return session_scene(session_of(self));
}

static void complain(Editor *self, const GError *error)
{
	lab_window_complain(self->window, error->message);
}

/* -- The drawing follows the document ------------------------------------------------------------------------------ */

static char *place_key(gboolean is_network, const char *name)
{
	return g_strconcat(is_network ? "w" : "n", name, NULL);
}

static void remember(Editor *self, gboolean is_network, const char *name, Place place)
{
	g_hash_table_insert(self->places, place_key(is_network, name), g_memdup2(&place, sizeof(place)));
}

static void remember_places(Editor *self)
{
	const GPtrArray *vertices = scene_vertices(scene_of(self));

	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];

		remember(self, vertex->is_network, vertex->name, (Place){vertex->x, vertex->y, vertex->placed});
	}
}

static gboolean knows(Scene *scene, gboolean is_network, const char *name)
{
	return scene_find_vertex(scene, is_network, name) != NULL;
}

/* Whether the lab has nodes or networks that the scene has not. */
static gboolean brings_new(const Lab *lab, Scene *scene)
{
	for (guint i = 0; i < lab->nodes->len; i++)
		if (!knows(scene, FALSE, ((const LabNode *)lab->nodes->pdata[i])->name))
			return TRUE;
	for (guint i = 0; i < lab->networks->len; i++)
		if (!knows(scene, TRUE, ((const LabNetwork *)lab->networks->pdata[i])->name))
			return TRUE;
	return FALSE;
}

/* Old ones stay where they are; new ones go to where they once were, or where the layout finds room. */
static void show_lab(Editor *self, const Lab *lab)
{
	Scene *scene = scene_of(self);
	gboolean new = brings_new(lab, scene), unknown = FALSE;
	const GPtrArray *vertices = scene_vertices(scene);

	remember_places(self);
	for (guint i = 0; new && i < vertices->len; i++)
		((SceneVertex *)vertices->pdata[i])->placed = TRUE;
	scene_set_lab(scene, lab);
	if (!new)
		return;
	vertices = scene_vertices(scene);
	for (guint i = 0; i < vertices->len; i++) {
		SceneVertex *vertex = vertices->pdata[i];
		g_autofree char *key = place_key(vertex->is_network, vertex->name);
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
	session_save_places(session_of(self));
}

static void update_title(Editor *self)
{
	GtkHeaderBar *header = GTK_HEADER_BAR(gtk_window_get_titlebar(GTK_WINDOW(self->window)));
	const char *title = scene_title(scene_of(self));
	g_autofree char *marked = g_strdup_printf("%s%s", document_is_modified(self->document) ? "• " : "", *title ? title : "netlab");

	gtk_header_bar_set_title(header, marked);
	gtk_window_set_title(GTK_WINDOW(self->window), marked);
}

static void enable(Editor *self, const char *name, gboolean enabled)
{
	GAction *action = g_action_map_lookup_action(G_ACTION_MAP(self->window), name);

	if (action && g_action_get_enabled(action) != enabled)
		g_simple_action_set_enabled(G_SIMPLE_ACTION(action), enabled);
}

static void update(Editor *self)
{
	static const char *const of_items[] = {"cut", "copy", "delete", "duplicate"};
	g_autoptr(GArray) selection = editor_selection(self);
	gboolean text = *document_text(self->document) && !self->unreadable;

	enable(self, "save", text && (document_is_modified(self->document) || !document_path(self->document)));
	enable(self, "save-as", text);
	for (guint i = 0; i < G_N_ELEMENTS(of_items); i++)
		enable(self, of_items[i], selection->len && editor_can_draw(self));
	enable(self, "connect", selection->len == 2 && editor_can_draw(self));
	update_title(self);
	lab_window_update_actions(self->window);
}

static void on_document_changed(Document *document, Editor *self)
{
	const Lab *lab = document_lab(document);

	if (lab && !self->reading)
		show_lab(self, lab);
	update(self);
}

static void on_moved(Canvas *canvas, GVariant *before, GVariant *after, Editor *self)
{
	remember_places(self);
}

/* -- The document follows the file --------------------------------------------------------------------------------- */

static void take_over(Editor *self, const char *path, const char *text)
{
	self->reading = TRUE;
	if (!g_strcmp0(path, document_path(self->document)) && *document_text(self->document)) {
		document_set_text(self->document, text, _("read again"), NULL);
		document_mark_saved(self->document, path);
	} else {
		undo_clear(self->undo);
		g_hash_table_remove_all(self->places);
		document_open(self->document, path, text);
	}
	self->reading = FALSE;
}

static void forget_question(GtkWidget *dialog, Editor *self)
{
	self->question = NULL;
}

static GtkWidget *ask(Editor *self, const char *question, const char *explanation)
{
	GtkWidget *dialog = gtk_message_dialog_new(GTK_WINDOW(self->window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
		GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", question);

	gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", explanation);
	self->question = dialog;
	g_signal_connect_object(dialog, "destroy", G_CALLBACK(forget_question), self, 0);
	return dialog;
}

static void conflict_answered(GtkWidget *dialog, int answer, Editor *self)
{
	g_autofree char *text = g_strdup(self->on_disk);

	gtk_widget_destroy(dialog);
	if (answer == GTK_RESPONSE_ACCEPT && text) {
		document_set_text(self->document, text, _("read again"), NULL);
		document_mark_saved(self->document, document_path(self->document));
	}
}

static void ask_conflict(Editor *self)
{
	GtkWidget *dialog;

	if (self->question)
		return;
	dialog = ask(self, _("The file has changed on disk, and here too."),
		_("Reading it again takes the changes back that were made here; Undo brings them again."));
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Keep What Is Here"), GTK_RESPONSE_CANCEL);
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Read Again"), GTK_RESPONSE_ACCEPT);
	g_signal_connect_object(dialog, "response", G_CALLBACK(conflict_answered), self, 0);
	gtk_widget_show(dialog);
}

static void on_file(Session *session, Editor *self)
{
	GFile *file = session_file(session);
	g_autofree char *path = file ? g_file_get_path(file) : NULL, *text = NULL, *before = g_steal_pointer(&self->on_disk);
	gsize length = 0;
	gboolean same = path && !g_strcmp0(path, document_path(self->document));

	if (!path)
		return;
	self->unreadable = !g_file_get_contents(path, &text, &length, NULL) || !g_utf8_validate(text, (gssize)length, NULL);
	if (self->unreadable) {
		/* What is wrong is among the session's diagnostics. What is here stays, if it is of this file. */
		if (!same)
			take_over(self, path, "");
		update(self);
		return;
	}
	self->on_disk = g_strdup(text);
	if (!same || !document_is_modified(self->document)) {
		if (!same || strcmp(text, document_text(self->document)) != 0)
			take_over(self, path, text);
	} else {
		/* The session has shown the file's: the document leads. */
		if (document_lab(self->document))
			show_lab(self, document_lab(self->document));
		if (!strcmp(text, document_text(self->document)))
			document_mark_saved(self->document, path);
		else if (g_strcmp0(text, before) != 0)
			ask_conflict(self);
	}
	update(self);
}

/** editor_new_lab() - starts a new lab without a file in the editor's window, which has none. */
void editor_new_lab(Editor *self)
{
	g_autofree char *text = document_template(UNTITLED);

	undo_clear(self->undo);
	document_open(self->document, NULL, text);
	editor_set_drawing(self, TRUE);
}

/* -- Saving -------------------------------------------------------------------------------------------------------- */

typedef struct {
	Editor *editor;
	LabWindow *window; /* held: it owns the editor's surroundings */
	GFile *file;
	char *text;
	EditorThen then;
} Saving;

static void saving_free(Saving *self)
{
	g_object_unref(self->editor);
	g_object_unref(self->window);
	g_object_unref(self->file);
	g_free(self->text);
	g_free(self);
}

/* The session's file is another one from now on; places on the canvas stay what they are. */
static void move_session(Editor *self, GFile *file)
{
	Session *session = session_of(self);
	GHashTableIter iter;
	gpointer key, place;
	g_autofree char *uri = NULL;

	if (session_file(session) && g_file_equal(session_file(session), file)) {
		session_reload(session);
		return;
	}
	remember_places(self);
	session_open_file(session, file);
	g_hash_table_iter_init(&iter, self->places);
	while (g_hash_table_iter_next(&iter, &key, &place)) {
		SceneVertex *vertex = scene_find_vertex(scene_of(self), *(char *)key == 'w', (char *)key + 1);

		if (vertex)
			scene_move(scene_of(self), vertex, ((Place *)place)->x, ((Place *)place)->y);
	}
	session_save_places(session);
	uri = g_file_get_uri(file);
	gtk_recent_manager_add_item(gtk_recent_manager_get_default(), uri);
}

static void saved(GObject *file, GAsyncResult *result, gpointer data)
{
	Saving *saving = data;
	Editor *self = saving->editor;
	g_autofree char *path = g_file_get_path(saving->file);
	g_autoptr(GError) error = NULL;

	if (!g_file_replace_contents_finish(G_FILE(file), result, NULL, &error)) {
		g_prefix_error(&error, _("“%s” could not be saved: "), path);
		complain(self, error);
		saving_free(saving);
		return;
	}
	g_free(self->on_disk);
	self->on_disk = g_steal_pointer(&saving->text);
	/* What was typed meanwhile is still to be saved. */
	if (!strcmp(self->on_disk, document_text(self->document)))
		document_mark_saved(self->document, path);
	move_session(self, saving->file);
	update(self);
	if (saving->then)
		saving->then(self);
	saving_free(saving);
}

/* A new lab is called like its file, or like its folder where that is "lab.xml". */
static void name_after(Editor *self, GFile *file)
{
	const Markup *markup = document_markup(self->document);
	g_autofree char *base = g_file_get_basename(file);
	char *dot = strrchr(base, '.');

	if (!markup || g_strcmp0(markup_get(markup->root, "name"), UNTITLED) != 0)
		return;
	if (!strcmp(base, "lab.xml")) {
		g_autoptr(GFile) folder = g_file_get_parent(file);

		g_free(base);
		base = folder ? g_file_get_basename(folder) : g_strdup("lab");
	} else if (dot) {
		*dot = '\0';
	}
	if (value_name(base, LAB_NAME_LAB, NULL)) {
		Edit *edit = edit_new(markup);

		edit_set_attribute(edit, markup->root, "name", base);
		document_commit(self->document, edit, _("name"), NULL);
	}
}

/** editor_save_to() - writes the document to a file, which is its file from then on
 *  @file: on this machine
 *  @then: is called when that was done; NULL: nothing is */
void editor_save_to(Editor *self, GFile *file, EditorThen then)
{
	g_autoptr(GBytes) bytes = NULL;
	const char *text;
	Saving *saving = g_new(Saving, 1);

	if (!document_path(self->document))
		name_after(self, file);
	text = document_text(self->document);
	bytes = g_bytes_new(text, strlen(text));
	*saving = (Saving){g_object_ref(self), g_object_ref(self->window), g_object_ref(file), g_strdup(text), then};
	g_file_replace_contents_bytes_async(file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL, saved, saving);
}

static void save_as_answered(GtkNativeDialog *chooser, int answer, Editor *self)
{
	g_autoptr(GFile) file = answer == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser)) : NULL;
	EditorThen then = (EditorThen)g_object_get_data(G_OBJECT(chooser), "then");

	if (file)
		editor_save_to(self, file, then);
	g_object_unref(chooser);
}

/** editor_save_as() - asks for a file and saves there. @then: as in editor_save_to(). */
void editor_save_as(Editor *self, EditorThen then)
{
	GtkFileChooserNative *chooser = gtk_file_chooser_native_new(
		_("Save the lab"), GTK_WINDOW(self->window), GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
	GtkFileFilter *labs = gtk_file_filter_new();
	g_autofree char *base = document_path(self->document) ? g_path_get_basename(document_path(self->document)) : g_strdup("lab.xml");

	gtk_file_filter_set_name(labs, _("Lab files"));
	gtk_file_filter_add_pattern(labs, "*.xml");
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), labs);
	gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(chooser), TRUE);
	gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(chooser), base);
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(chooser), TRUE);
	g_object_set_data(G_OBJECT(chooser), "then", (gpointer)then);
	g_signal_connect_object(chooser, "response", G_CALLBACK(save_as_answered), self, 0);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

/** editor_save() - saves to the document's file, or asks for one. @then: as in editor_save_to(). */
void editor_save(Editor *self, EditorThen then)
{
	g_autoptr(GFile) file = NULL;

	if (!document_path(self->document)) {
		editor_save_as(self, then);
		return;
	}
	file = g_file_new_for_path(document_path(self->document));
	editor_save_to(self, file, then);
}

static void start_now(Editor *self)
{
	session_start(session_of(self));
}

/** editor_start_lab() - starts what is drawn: saves it first, and asks where, if it is in no file. */
void editor_start_lab(Editor *self)
{
	if (!editor_has_changes(self) && document_path(self->document))
		start_now(self);
	else
		editor_save(self, start_now);
}

/* -- Closing ------------------------------------------------------------------------------------------------------- */

static void close_now(Editor *self)
{
	self->closing = TRUE;
	gtk_window_close(GTK_WINDOW(self->window));
}

static void close_answered(GtkWidget *dialog, int answer, Editor *self)
{
	gtk_widget_destroy(dialog);
	if (answer == GTK_RESPONSE_REJECT)
		close_now(self);
	else if (answer == GTK_RESPONSE_ACCEPT)
		editor_save(self, close_now);
}

static gboolean on_delete_event(GtkWidget *window, GdkEvent *event, Editor *self)
{
	GtkWidget *dialog;
	g_autofree char *question = NULL;

	if (self->closing || !editor_has_changes(self))
		return GDK_EVENT_PROPAGATE;
	if (self->question)
		return GDK_EVENT_STOP;
	question = g_strdup_printf(_("Save the changes to “%s” before closing?"), scene_title(scene_of(self)));
	dialog = ask(self, question, _("What is not saved is lost."));
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("Close _without Saving"), GTK_RESPONSE_REJECT);
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Save"), GTK_RESPONSE_ACCEPT);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	g_signal_connect_object(dialog, "response", G_CALLBACK(close_answered), self, 0);
	gtk_widget_show(dialog);
	return GDK_EVENT_STOP;
}

/* -- For panels and actions ---------------------------------------------------------------------------------------- */

/** editor_of() - the editor of a window, made when it is first asked for. Borrowed. */
Editor *editor_of(LabWindow *window)
{
	Editor *self = g_object_get_data(G_OBJECT(window), "editor");
	g_autofree char *schema = NULL;
	Session *session = lab_window_session(window);

	if (self)
		return self;
	schema = path_share("lab.xsd");
	self = g_object_new(EDITOR_TYPE, NULL);
	self->window = window;
	self->undo = g_object_ref(lab_window_undo(window));
	self->document = document_new(schema, self->undo);
	g_object_set_data_full(G_OBJECT(window), "editor", self, g_object_unref);
	g_signal_connect_object(self->document, "changed", G_CALLBACK(on_document_changed), self, 0);
	g_signal_connect_object(session, "file", G_CALLBACK(on_file), self, 0);
	g_signal_connect_object(session, "state", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session, "run", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(session_scene(session), "selection", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(lab_window_canvas(window), "moved", G_CALLBACK(on_moved), self, 0);
	g_signal_connect_object(window, "delete-event", G_CALLBACK(on_delete_event), self, 0);
	editor_add_actions(self);
	palette_add(self);
	update(self);
	return self;
}

/** editor_document() - what is edited. Borrowed, as long as the editor lives. */
Document *editor_document(Editor *self)
{
	return self->document;
}

/** editor_window() - whose editor it is. Borrowed. */
LabWindow *editor_window(Editor *self)
{
	return self->window;
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
	GAction *action = g_action_map_lookup_action(G_ACTION_MAP(self->window), "draw");

	if (self->drawing == drawing)
		return;
	self->drawing = drawing;
	g_object_set_data(G_OBJECT(scene_of(self)), "drawing", GINT_TO_POINTER(drawing));
	g_simple_action_set_state(G_SIMPLE_ACTION(action), g_variant_new_boolean(drawing));
	g_signal_emit(self, signals[SIGNAL_DRAWING], 0);
	/* Which panel fits is another one now. */
	g_signal_emit_by_name(scene_of(self), "selection");
}

/** editor_can_draw() - whether the text is one that elements can be put into. */
gboolean editor_can_draw(Editor *self)
{
	return document_markup(self->document) && !self->unreadable;
}

/** editor_place() - where a vertex goes that does not exist yet, or was renamed; scene units. */
void editor_place(Editor *self, gboolean is_network, const char *name, double x, double y)
{
	remember(self, is_network, name, (Place){x, y, TRUE});
}

/** editor_rename() - gives a node, network or link another name, which must be free and right; it stays selected and where
 *  it is. */
void editor_rename(Editor *self, ItemKind kind, const char *from, const char *to)
{
	SceneVertex *vertex = kind == ITEM_LINK ? NULL : scene_find_vertex(scene_of(self), kind == ITEM_NETWORK, from);
	SceneEdge *edge = kind == ITEM_LINK ? scene_find_edge(scene_of(self), from) : NULL;
	gboolean selected = (vertex && vertex->selected) || (edge && edge->selected);
	g_autofree char *merge = g_strdup_printf("name-%d", kind), *new = g_strdup(to);
	Edit *edit = edit_new(document_markup(self->document));

	if (vertex)
		editor_place(self, vertex->is_network, to, vertex->x, vertex->y);
	rename_item(edit, kind, from, to);
	document_commit(self->document, edit, _("name"), merge);
	if (selected)
		scene_select(scene_of(self), kind == ITEM_LINK ? NULL : scene_find_vertex(scene_of(self), kind == ITEM_NETWORK, new),
			kind == ITEM_LINK ? scene_find_edge(scene_of(self), new) : NULL, TRUE);
}

/** editor_selection() - what is selected, of Item; the names are the scene's. The caller frees the array. */
GArray *editor_selection(Editor *self)
{
	GArray *items = g_array_new(FALSE, FALSE, sizeof(Item));
	g_autoptr(GPtrArray) vertices = scene_selected_vertices(scene_of(self)), edges = scene_selected_edges(scene_of(self));

	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		Item item = {vertex->is_network ? ITEM_NETWORK : ITEM_NODE, vertex->name};

		g_array_append_val(items, item);
	}
	for (guint i = 0; i < edges->len; i++) {
		Item item = {ITEM_LINK, ((const SceneEdge *)edges->pdata[i])->name};

		g_array_append_val(items, item);
	}
	return items;
}
