/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of an editor: read, changed by others, saved, left. */
#include <glib/gi18n.h>
#include <string.h>

#include "gui/editor/ui/editor_private.h"
#include "topologies/model/values.h"

#define UNTITLED "untitled"

/* -- The document follows the file --------------------------------------------------------------------------------- */

static void take_over(Editor *self, const char *path, const char *text)
{
	self->reading = TRUE;
	if (!g_strcmp0(path, document_path(self->document)) && *document_text(self->document)) {
		document_set_text(self->document, text, _("reload"), NULL);
		document_set_saved(self->document, path, text);
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
	GtkWidget *dialog =
		gtk_message_dialog_new(self->context->window, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
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
		document_set_text(self->document, text, _("reload"), NULL);
		document_set_saved(self->document, document_path(self->document), text);
	}
}

static void ask_conflict(Editor *self)
{
	GtkWidget *dialog;

	if (self->question)
		return;
	dialog = ask(self, _("The file has changed on disk and has unsaved changes here."),
		_("Reloading discards the changes made here. Undo restores them."));
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Keep My Changes"), GTK_RESPONSE_CANCEL);
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Reload"), GTK_RESPONSE_ACCEPT);
	g_signal_connect_object(dialog, "response", G_CALLBACK(conflict_answered), self, 0);
	gtk_widget_show(dialog);
}

static void on_file(Session *session, Editor *self)
{
	GFile *file = session_file(session);
	g_autofree char *path = file ? g_file_get_path(file) : NULL, *text = NULL, *before = NULL;
	g_autoptr(GError) error = NULL;
	gsize length = 0;
	gboolean same = path && !g_strcmp0(path, document_path(self->document)), read;

	if (!path)
		return;
	document_set_trusted(self->document, session_trusted(session));
	read = g_file_get_contents(path, &text, &length, &error) && g_utf8_validate(text, (gssize)length, NULL);
	self->gone = same && g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
	self->unreadable = !read && !self->gone;
	if (!read) {
		/* What is wrong is among the session's diagnostics. What is here stays, if it is of this file, and can be saved:
		 * over something else that is there now only as another file. */
		if (!same)
			take_over(self, path, "");
		editor_update(self);
		return;
	}
	before = g_steal_pointer(&self->on_disk);
	self->on_disk = g_strdup(text);
	if (!same || !document_is_modified(self->document)) {
		if (!same || strcmp(text, document_text(self->document)) != 0)
			take_over(self, path, text);
	} else {
		/* The session has shown the file's: the document leads. Whatever the user decides, there is something to save
		 * from now on where the text is not this one. */
		if (document_lab(self->document))
			editor_show_lab(self, document_lab(self->document));
		if (g_strcmp0(text, before) != 0)
			document_set_saved(self->document, path, text);
		if (strcmp(text, document_text(self->document)) != 0 && g_strcmp0(text, before) != 0)
			ask_conflict(self);
	}
	editor_update(self);
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
	Editor *editor; /* held */
	GFile *file;
	char *text;
	EditorThen then;
} Saving;

static void saving_free(Saving *self)
{
	editor_release(self->editor);
	g_object_unref(self->file);
	g_free(self->text);
	g_free(self);
}

/* Gives the session another file; places on the canvas stay as they are. */
static void move_session(Editor *self, GFile *file)
{
	Session *session = editor_session(self);
	GHashTableIter iter;
	gpointer key, place;
	g_autofree char *uri = NULL;

	if (session_file(session) && g_file_equal(session_file(session), file)) {
		session_reload(session);
		return;
	}
	editor_remember_places(self);
	session_open_file(session, file);
	g_hash_table_iter_init(&iter, self->places);
	while (g_hash_table_iter_next(&iter, &key, &place)) {
		SceneVertex *vertex = scene_find_key(editor_scene(self), key);

		if (vertex)
			scene_move(editor_scene(self), vertex, ((Place *)place)->x, ((Place *)place)->y);
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

	gboolean done = g_file_replace_contents_finish(G_FILE(file), result, NULL, &error);

	/* Closed meanwhile: nobody is left to report to. */
	if (!editor_is_open(self)) {
		saving_free(saving);
		return;
	}
	if (!done) {
		g_prefix_error(&error, _("cannot save “%s”: "), path);
		editor_complain(self, error->message);
		saving_free(saving);
		return;
	}
	g_free(self->on_disk);
	self->on_disk = g_steal_pointer(&saving->text);
	/* What was typed meanwhile is still to be saved. */
	document_set_saved(self->document, path, self->on_disk);
	move_session(self, saving->file);
	editor_update(self);
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
		document_commit(self->document, edit, _("rename"), NULL);
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
	*saving = (Saving){editor_hold(self), g_object_ref(file), g_strdup(text), then};
	g_file_replace_contents_bytes_async(file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL, saved, saving);
}

static void save_as_answered(GtkNativeDialog *chooser, int answer, Editor *self)
{
	g_autoptr(GFile) file =
		answer == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser)) : NULL;
	EditorThen then = (EditorThen)g_object_get_data(G_OBJECT(chooser), "then");

	if (file)
		editor_save_to(self, file, then);
	g_object_unref(chooser);
}

/** editor_save_as() - asks for a file and saves there. @then: as in editor_save_to(). */
void editor_save_as(Editor *self, EditorThen then)
{
	GtkFileChooserNative *chooser = gtk_file_chooser_native_new(
		_("Save the lab"), self->context->window, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
	GtkFileFilter *labs = gtk_file_filter_new();
	g_autofree char *base = document_path(self->document) ? g_path_get_basename(document_path(self->document))
							      : g_strdup("lab.xml");

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

/** editor_save() - saves to the document's file, or asks for one where there is none, or something else by now. @then: as
 *  in editor_save_to(). */
void editor_save(Editor *self, EditorThen then)
{
	g_autoptr(GFile) file = NULL;

	if (!document_path(self->document) || self->unreadable) {
		editor_save_as(self, then);
		return;
	}
	file = g_file_new_for_path(document_path(self->document));
	editor_save_to(self, file, then);
}

static void start_now(Editor *self)
{
	session_start(editor_session(self));
}

/** editor_start_lab() - starts what is drawn: saves it first, and asks where, if it is in no file. */
void editor_start_lab(Editor *self)
{
	if (!editor_has_changes(self) && document_path(self->document) && !self->gone)
		start_now(self);
	else
		editor_save(self, start_now);
}

/* -- Closing ------------------------------------------------------------------------------------------------------- */

static void close_now(Editor *self)
{
	self->closing = TRUE;
	gtk_window_close(self->context->window);
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
	question = g_strdup_printf(_("Save the changes to “%s” before closing?"), scene_title(editor_scene(self)));
	dialog = ask(self, question, _("Unsaved changes will be lost."));
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("Close _without Saving"), GTK_RESPONSE_REJECT);
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
	gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Save"), GTK_RESPONSE_ACCEPT);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	g_signal_connect_object(dialog, "response", G_CALLBACK(close_answered), self, 0);
	gtk_widget_show(dialog);
	return GDK_EVENT_STOP;
}

void editor_follow_file(Editor *self)
{
	g_signal_connect_object(editor_session(self), "file", G_CALLBACK(on_file), self, 0);
	g_signal_connect_object(self->context->window, "delete-event", G_CALLBACK(on_delete_event), self, 0);
}
