/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies into and out of a node, with "netlab cp", and files of a node that are opened. */
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "gui/panels/node_files_private.h"
#include "gui/session/node_copy.h"

typedef struct {
	GtkWidget *window;
	char *open; /* file to be opened when it is there; NULL none */
	gboolean in;
} Copy;

static void copy_free(Copy *copy)
{
	g_object_unref(copy->window);
	g_free(copy->open);
	g_free(copy);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Copy, copy_free)

static void open_copy(Files *self, const char *path)
{
	g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);
	g_autoptr(GError) error = NULL;
	/* It is a copy: what is changed in it would not get to the node. */
	g_chmod(path, S_IRUSR);
	if (uri && !gtk_show_uri_on_window(self->window, uri, GDK_CURRENT_TIME, &error))
		files_say(self, error->message);
}

static void copied(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(Copy) copy = data;
	g_autoptr(GError) error = NULL;
	Files *self = files_of(copy->window);
	gboolean done = node_copy_finish(result, &error);
	if (self->closed)
		return;
	self->copies--;
	files_update_busy(self);
	if (!done) {
		gboolean cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
		files_say(self, cancelled ? _("Cancelled.") : *error->message ? error->message : _("Copying failed."));
	} else {
		files_say(self, copy->open ? "" : _("Copied."));
	}
	if (done && copy->open)
		open_copy(self, copy->open);
	if (done && copy->in)
		files_list(self, FALSE);
}

/* words: sources, then the target; open: see Copy. */
static void start_copy(Files *self, const GPtrArray *words, const char *open, gboolean in)
{
	Copy *copy = g_new(Copy, 1);
	*copy = (Copy){g_object_ref(GTK_WIDGET(self->window)), g_strdup(open), in};
	self->copies++;
	files_update_busy(self);
	files_say(self, _("Copying…"));
	node_copy(session_name(self->session), words, self->cancel, copied, copy);
}

/* What is copied from now on is not meant. */
void files_cancel_copies(Files *self)
{
	g_cancellable_cancel(self->cancel);
	g_object_unref(self->cancel);
	self->cancel = g_cancellable_new();
}

static char *in_guest(Files *self, const char *name)
{
	g_autofree char *path = g_build_filename(self->folder, name, NULL);
	return g_strdup_printf("%s:%s", self->node, path);
}

void files_copy_in(Files *self, GSList *files)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	for (GSList *file = files; file; file = file->next) {
		char *path = g_file_get_path(file->data);
		if (path)
			g_ptr_array_add(words, path);
	}
	if (!words->len)
		return;
	/* With the slash at its end it can only be a folder. */
	g_ptr_array_add(words, in_guest(self, "/"));
	start_copy(self, words, NULL, TRUE);
}

static GtkFileChooserNative *chooser_new(
	Files *self, const char *title, GtkFileChooserAction action, const char *accept)
{
	GtkFileChooserNative *chooser = gtk_file_chooser_native_new(title, self->window, action, accept, NULL);
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(chooser), TRUE);
	return chooser;
}

static void in_answered(GtkNativeDialog *chooser, int answer, GtkWidget *window)
{
	if (answer == GTK_RESPONSE_ACCEPT) {
		GSList *files = gtk_file_chooser_get_files(GTK_FILE_CHOOSER(chooser));
		files_copy_in(files_of(window), files);
		g_slist_free_full(files, g_object_unref);
	}
	g_object_unref(chooser);
}

void files_choose_in(Files *self)
{
	GtkFileChooserNative *chooser =
		chooser_new(self, _("Copy files into the node"), GTK_FILE_CHOOSER_ACTION_OPEN, _("Copy _in"));
	gtk_file_chooser_set_select_multiple(GTK_FILE_CHOOSER(chooser), TRUE);
	g_signal_connect_object(chooser, "response", G_CALLBACK(in_answered), self->window, 0);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

static void add_source(GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *row, gpointer words)
{
	char *name;
	gtk_tree_model_get(model, row, COLUMN_NAME, &name, -1);
	g_ptr_array_add(words, name);
}

static void out_answered(GtkNativeDialog *chooser, int answer, GtkWidget *window)
{
	Files *self = files_of(window);
	g_autofree char *target =
		answer == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(chooser)) : NULL;
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	gtk_tree_selection_selected_foreach(self->selection, add_source, words);
	for (guint i = 0; i < words->len; i++) {
		g_autofree char *name = words->pdata[i];
		words->pdata[i] = in_guest(self, name);
	}
	if (target && words->len) {
		g_ptr_array_add(words, g_strdup(target));
		start_copy(self, words, NULL, FALSE);
	}
	g_object_unref(chooser);
}

void files_choose_out(Files *self)
{
	GtkFileChooserNative *chooser =
		chooser_new(self, _("Copy into this folder"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("Copy _here"));
	g_signal_connect_object(chooser, "response", G_CALLBACK(out_answered), self->window, 0);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

void files_open(Files *self, const char *name)
{
	g_autoptr(GError) error = NULL;
	if (!self->opened_in)
		self->opened_in = g_dir_make_tmp("netlab-XXXXXX", &error);
	if (!self->opened_in) {
		files_say(self, error->message);
		return;
	}
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *copy = g_build_filename(self->opened_in, name, NULL);
	g_unlink(copy);
	g_ptr_array_add(words, in_guest(self, name));
	g_ptr_array_add(words, g_strdup(copy));
	start_copy(self, words, copy, FALSE);
}
