/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/node_files.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "netlab/client/plain_text.h"
#include "gui/model/file_listing.h"
#include "gui/panels/node_files_private.h"
#include "gui/panels/selected_nodes.h"

enum { LISTING_MAX = 4 << 20 /* bytes */ };

#define HOME "/root"

Files *files_of(gpointer window)
{
	return g_object_get_data(G_OBJECT(window), "files");
}

static void stop_listing(Files *self)
{
	if (!self->lister)
		return;
	g_signal_handlers_disconnect_by_data(self->lister, self);
	guest_command_close(self->lister);
	g_clear_object(&self->lister);
}

static void remove_copies(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	for (const char *name; dir && (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_unlink(path);
	}
	g_rmdir(folder);
}

static void files_free(gpointer data)
{
	Files *self = data;
	stop_listing(self);
	if (self->opened_in)
		remove_copies(self->opened_in);
	g_string_free(self->listed, TRUE);
	g_string_free(self->errors, TRUE);
	g_object_unref(self->cancel);
	g_free(self->opened_in);
	g_free(self->node);
	g_free(self->folder);
	g_free(self);
}

void files_update_busy(Files *self)
{
	g_object_set(self->spinner, "active", self->lister || self->copies, NULL);
	gtk_widget_set_visible(self->cancel_button, self->copies > 0);
}

void files_say(Files *self, const char *text)
{
	gtk_label_set_text(self->message, text);
}

/* -- The list -- */

static void on_listed(GuestCommand *command, int stream, GBytes *bytes, Files *self)
{
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	GString *into = stream == 1 ? self->listed : self->errors;
	if (into->len < LISTING_MAX)
		g_string_append_len(into, data, (gssize)length);
}

static void add_row(Files *self, const FileEntry *entry)
{
	g_autoptr(GDateTime) changed = g_date_time_new_from_unix_local(entry->changed);
	g_autofree char *size = entry->is_folder ? g_strdup("") : g_format_size(entry->size);
	g_autofree char *when = changed ? g_date_time_format(changed, "%x %R") : g_strdup("");
	g_autofree char *name = g_utf8_make_valid(entry->name, -1);
	gtk_list_store_insert_with_values(self->store, NULL, -1, COLUMN_ICON,
		entry->is_folder ? "folder-symbolic" : "text-x-generic-symbolic", COLUMN_NAME, name, COLUMN_FOLDER,
		entry->is_folder, COLUMN_SIZE, size, COLUMN_CHANGED, when, -1);
}

static void on_list_ended(GuestCommand *command, Files *self)
{
	gboolean done = guest_command_end(command) == EXEC_EXITED && guest_command_code(command) == 0;
	g_autofree char *errors = g_strstrip(printable_bytes(self->errors->str, self->errors->len));
	stop_listing(self);
	files_update_busy(self);
	gtk_list_store_clear(self->store);
	if (!done) {
		files_say(self, *errors ? errors : _("Cannot read this folder: the node is not ready."));
		return;
	}
	g_autoptr(GPtrArray) entries = file_listing_parse(self->listed->str);
	g_autofree char *text = g_strdup_printf(ngettext("%u entry", "%u entries", entries->len), entries->len);
	for (guint i = 0; i < entries->len; i++)
		add_row(self, entries->pdata[i]);
	if (!self->quiet)
		files_say(self, text);
}

void files_list(Files *self, gboolean aloud)
{
	NetlabLab1 *proxy = session_proxy(self->session);
	stop_listing(self);
	self->quiet = !aloud;
	gtk_entry_set_text(self->path, self->folder);
	if (!proxy) {
		files_say(self, _("The lab is not running."));
		return;
	}
	g_auto(GStrv) argv = file_listing_command(self->folder);
	g_string_truncate(self->listed, 0);
	g_string_truncate(self->errors, 0);
	self->lister = guest_command_new(proxy, self->node, (const char *const *)argv, 0, 0);
	g_signal_connect(self->lister, "output", G_CALLBACK(on_listed), self);
	g_signal_connect(self->lister, "ended", G_CALLBACK(on_list_ended), self);
	files_update_busy(self);
}

static void go_to(Files *self, const char *folder)
{
	char *canonical = g_canonicalize_filename(folder, "/");
	g_free(self->folder);
	self->folder = canonical;
	files_list(self, TRUE);
}

/* -- The window -- */

static void on_activated(GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column, Files *self)
{
	GtkTreeIter row;
	g_autofree char *name = NULL;
	gboolean is_folder;
	if (!gtk_tree_model_get_iter(GTK_TREE_MODEL(self->store), &row, path))
		return;
	gtk_tree_model_get(GTK_TREE_MODEL(self->store), &row, COLUMN_NAME, &name, COLUMN_FOLDER, &is_folder, -1);
	if (is_folder) {
		g_autofree char *folder = g_build_filename(self->folder, name, NULL);
		go_to(self, folder);
	} else {
		files_open(self, name);
	}
}

static void on_up(Files *self)
{
	g_autofree char *above = g_path_get_dirname(self->folder);
	go_to(self, above);
}

static void on_path(Files *self)
{
	go_to(self, gtk_entry_get_text(self->path));
}

static void on_chosen(Files *self)
{
	gtk_widget_set_sensitive(self->copy_out, gtk_tree_selection_count_selected_rows(self->selection) > 0);
}

static void on_dropped(GtkWidget *view, GdkDragContext *context, int x, int y, GtkSelectionData *data, guint info,
	guint time, Files *self)
{
	g_auto(GStrv) uris = gtk_selection_data_get_uris(data);
	GSList *files = NULL;
	for (char **uri = uris; uri && *uri; uri++)
		files = g_slist_append(files, g_file_new_for_uri(*uri));
	files_copy_in(self, files);
	g_slist_free_full(files, g_object_unref);
	gtk_drag_finish(context, uris != NULL, FALSE, time);
}

static void on_destroy(Files *self)
{
	self->closed = TRUE;
	stop_listing(self);
}

static void connect_all(Files *self, GtkBuilder *builder)
{
	GtkWidget *view = GTK_WIDGET(self->view);
	g_signal_connect_swapped(self->window, "destroy", G_CALLBACK(on_destroy), self);
	g_signal_connect_swapped(gtk_builder_get_object(builder, "up"), "clicked", G_CALLBACK(on_up), self);
	g_signal_connect_swapped(gtk_builder_get_object(builder, "reload"), "clicked", G_CALLBACK(on_path), self);
	g_signal_connect_swapped(
		gtk_builder_get_object(builder, "copy_in"), "clicked", G_CALLBACK(files_choose_in), self);
	g_signal_connect_swapped(self->copy_out, "clicked", G_CALLBACK(files_choose_out), self);
	g_signal_connect_swapped(self->cancel_button, "clicked", G_CALLBACK(files_cancel_copies), self);
	g_signal_connect_swapped(self->path, "activate", G_CALLBACK(on_path), self);
	g_signal_connect_swapped(self->selection, "changed", G_CALLBACK(on_chosen), self);
	g_signal_connect(view, "row-activated", G_CALLBACK(on_activated), self);
	gtk_drag_dest_set(view, GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
	gtk_drag_dest_add_uri_targets(view);
	g_signal_connect(view, "drag-data-received", G_CALLBACK(on_dropped), self);
}

static Files *open_window(const PanelContext *context, const char *node, const char *folder)
{
	Files *self = g_new0(Files, 1);
	g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource("/org/netlab/Gui/node_files.ui");
	g_autofree char *title = g_strdup_printf(_("Files of %s"), node);
	self->window = GTK_WINDOW(gtk_builder_get_object(builder, "window"));
	self->session = context->session;
	self->node = g_strdup(node);
	self->path = GTK_ENTRY(gtk_builder_get_object(builder, "path"));
	self->view = GTK_TREE_VIEW(gtk_builder_get_object(builder, "view"));
	self->selection = GTK_TREE_SELECTION(gtk_builder_get_object(builder, "selection"));
	self->store = GTK_LIST_STORE(gtk_builder_get_object(builder, "store"));
	self->message = GTK_LABEL(gtk_builder_get_object(builder, "message"));
	self->spinner = GTK_SPINNER(gtk_builder_get_object(builder, "spinner"));
	self->copy_out = GTK_WIDGET(gtk_builder_get_object(builder, "copy_out"));
	self->cancel_button = GTK_WIDGET(gtk_builder_get_object(builder, "cancel"));
	self->cancel = g_cancellable_new();
	self->listed = g_string_new(NULL);
	self->errors = g_string_new(NULL);
	g_object_set_data_full(G_OBJECT(self->window), "files", self, files_free);
	gtk_header_bar_set_title(GTK_HEADER_BAR(gtk_builder_get_object(builder, "header")), title);
	gtk_window_set_title(self->window, title);
	connect_all(self, builder);
	on_chosen(self);
	/* It goes with the lab's window, whose session it uses. */
	g_signal_connect_object(
		context->window, "destroy", G_CALLBACK(gtk_widget_destroy), self->window, G_CONNECT_SWAPPED);
	gtk_window_present(self->window);
	go_to(self, folder);
	gtk_widget_grab_focus(GTK_WIDGET(self->view));
	return self;
}

static void on_open_files(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	const PanelContext *context = data;
	g_auto(GStrv) nodes = selected_nodes(context);
	for (char **node = nodes; *node; node++)
		open_window(context, *node, "/");
}

/* Its folder is seen first, and can be changed, before a file is chosen for it. */
static void on_copy_into(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	const PanelContext *context = data;
	g_auto(GStrv) nodes = selected_nodes(context);
	for (char **node = nodes; *node; node++)
		files_choose_in(open_window(context, *node, HOME));
}

static const GActionEntry entries[] = {
	{.name = "open-files", .activate = on_open_files},
	{.name = "copy-in", .activate = on_copy_into},
};

void node_files_add_actions(const PanelContext *context)
{
	g_action_map_add_action_entries(context->actions, entries, G_N_ELEMENTS(entries), (gpointer)context);
	enable_with_nodes(context, "open-files");
	enable_with_nodes(context, "copy-in");
}
