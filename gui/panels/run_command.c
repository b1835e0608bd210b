/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/run_command.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#include "netlab/client/guest_command.h"
#include "netlab/client/plain_text.h"
#include "gui/panels/selected_nodes.h"

enum { OUTPUT_MAX = 1 << 20 /* bytes that are shown of a node */, HISTORY = 100, COLUMN_WIDTH = 260 };

/* Owned by its widget. */
typedef struct {
	const PanelContext *context; /* borrowed: the window has it */
	GtkEntry *entry;
	GtkListStore *history;
	GtkWidget *targets, *run, *stop, *columns;
	GPtrArray *outputs; /* of Output */
} Commands;

/* A node's column. */
typedef struct {
	Commands *all;
	GuestCommand *command;
	GtkTextBuffer *buffer;
	GtkLabel *status;
	PlainText text[2];
	gsize written;
} Output;

static void output_free(gpointer data)
{
	Output *self = data;
	if (self->command) {
		g_signal_handlers_disconnect_by_data(self->command, self);
		guest_command_close(self->command);
		g_object_unref(self->command);
	}
	g_free(self);
}

static void commands_free(gpointer data)
{
	Commands *self = data;
	g_ptr_array_unref(self->outputs);
	g_free(self);
}

static gboolean any_runs(Commands *self)
{
	for (guint i = 0; i < self->outputs->len; i++) {
		const Output *output = self->outputs->pdata[i];
		if (output->command && guest_command_end(output->command) == EXEC_RUNNING)
			return TRUE;
	}
	return FALSE;
}

/* -- Output -- */

static void on_output(GuestCommand *command, int stream, GBytes *bytes, Output *self)
{
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	GtkTextIter end;
	if (self->written >= OUTPUT_MAX)
		return;
	g_autofree char *text = plain_text_take(&self->text[stream - 1], data, length);
	gtk_text_buffer_get_end_iter(self->buffer, &end);
	gtk_text_buffer_insert_with_tags_by_name(self->buffer, &end, text, -1, stream == 2 ? "errors" : "output", NULL);
	self->written += length;
	if (self->written >= OUTPUT_MAX)
		gtk_text_buffer_insert_with_tags_by_name(self->buffer, &end, _("[output truncated]"), -1, "note", NULL);
}

static char *end_text(GuestCommand *command)
{
	int code = guest_command_code(command);
	switch (guest_command_end(command)) {
	case EXEC_EXITED:
		return code == 0 ? g_strdup(_("✓ done")) : g_strdup_printf(_("✗ status %d"), code);
	case EXEC_KILLED:
		return g_strdup_printf(_("✗ killed by signal %d (%s)"), code, g_strsignal(code));
	default:
		return g_strdup_printf("✗ %s", guest_command_message(command));
	}
}

static void set_status(GtkLabel *label, const char *text, const char *class)
{
	GtkStyleContext *style = gtk_widget_get_style_context(GTK_WIDGET(label));
	gtk_label_set_text(label, text);
	gtk_widget_set_tooltip_text(GTK_WIDGET(label), text);
	gtk_style_context_remove_class(style, "good");
	gtk_style_context_remove_class(style, "bad");
	if (class)
		gtk_style_context_add_class(style, class);
}

static void on_ended(GuestCommand *command, Output *self)
{
	g_autofree char *text = end_text(command);
	gboolean good = guest_command_end(command) == EXEC_EXITED && guest_command_code(command) == 0;
	set_status(self->status, text, good ? "good" : "bad");
	gtk_widget_set_sensitive(self->all->stop, any_runs(self->all));
}

/* What a command says on its standard error has the colour that the theme has for it. */
static void on_style(GtkWidget *view, GtkTextTag *errors)
{
	GdkRGBA colour;
	if (gtk_style_context_lookup_color(gtk_widget_get_style_context(view), "netlab_bad", &colour))
		g_object_set(errors, "foreground-rgba", &colour, NULL);
}

static GtkWidget *column_new(Output *output, const char *node)
{
	GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2),
		  *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *name = gtk_label_new(node), *status = gtk_label_new(NULL);
	GtkWidget *view = gtk_text_view_new(), *scroll = gtk_scrolled_window_new(NULL, NULL);
	g_autofree char *accessible = g_strdup_printf(_("Output of %s"), node);
	output->status = GTK_LABEL(status);
	output->buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(view));
	gtk_text_buffer_create_tag(output->buffer, "output", NULL);
	GtkTextTag *errors = gtk_text_buffer_create_tag(output->buffer, "errors", NULL);
	g_signal_connect_object(view, "style-updated", G_CALLBACK(on_style), errors, 0);
	on_style(view, errors);
	gtk_text_buffer_create_tag(output->buffer, "note", "style", PANGO_STYLE_ITALIC, NULL);
	gtk_text_view_set_editable(GTK_TEXT_VIEW(view), FALSE);
	gtk_text_view_set_monospace(GTK_TEXT_VIEW(view), TRUE);
	gtk_text_view_set_left_margin(GTK_TEXT_VIEW(view), 6);
	atk_object_set_name(gtk_widget_get_accessible(view), accessible);
	gtk_style_context_add_class(gtk_widget_get_style_context(name), "heading");
	gtk_label_set_ellipsize(output->status, PANGO_ELLIPSIZE_END);
	gtk_label_set_xalign(output->status, 1);
	gtk_widget_set_size_request(scroll, COLUMN_WIDTH, -1);
	gtk_widget_set_vexpand(scroll, TRUE);
	gtk_container_add(GTK_CONTAINER(scroll), view);
	gtk_container_add(GTK_CONTAINER(head), name);
	gtk_box_pack_end(GTK_BOX(head), status, TRUE, TRUE, 0);
	gtk_container_add(GTK_CONTAINER(column), head);
	gtk_container_add(GTK_CONTAINER(column), scroll);
	gtk_style_context_add_class(gtk_widget_get_style_context(column), "output-column");
	gtk_widget_show_all(column);
	return column;
}

/* -- Running -- */

static char **all_ready(Scene *scene)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	const GPtrArray *vertices = scene_vertices(scene);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		if (vertex->what == SCENE_NODE && vertex->state == SCENE_READY)
			g_strv_builder_add(names, vertex->name);
	}
	return g_strv_builder_end(names);
}

static char **target_nodes(Commands *self)
{
	char **nodes = selected_nodes(self->context);
	if (*nodes)
		return nodes;
	g_strfreev(nodes);
	return all_ready(session_scene(self->context->session));
}

static void remember(Commands *self, const char *line)
{
	GtkTreeModel *model = GTK_TREE_MODEL(self->history);
	GtkTreeIter row;
	gboolean more = gtk_tree_model_get_iter_first(model, &row);
	while (more) {
		g_autofree char *old = NULL;
		gtk_tree_model_get(model, &row, 0, &old, -1);
		more = g_str_equal(old, line) ? gtk_list_store_remove(self->history, &row)
					      : gtk_tree_model_iter_next(model, &row);
	}
	gtk_list_store_insert_with_values(self->history, NULL, 0, 0, line, -1);
	if (gtk_tree_model_iter_nth_child(model, &row, NULL, HISTORY))
		gtk_list_store_remove(self->history, &row);
}

static void start(Commands *self, const char *node, const char *line)
{
	const char *argv[] = {"/bin/sh", "-c", line, NULL};
	Output *output = g_new0(Output, 1);
	output->all = self;
	gtk_box_pack_start(GTK_BOX(self->columns), column_new(output, node), TRUE, TRUE, 0);
	set_status(output->status, _("running"), NULL);
	output->command = guest_command_new(session_proxy(self->context->session), node, argv, 0, 0);
	g_signal_connect(output->command, "output", G_CALLBACK(on_output), output);
	g_signal_connect(output->command, "ended", G_CALLBACK(on_ended), output);
	g_ptr_array_add(self->outputs, output);
}

static void run_line(Commands *self, const char *line)
{
	g_auto(GStrv) nodes = target_nodes(self);
	if (!*line)
		return;
	if (!session_proxy(self->context->session) || !*nodes) {
		panel_complain(self->context, _("No node is ready to run a command. Start the lab first."));
		return;
	}
	remember(self, line);
	g_ptr_array_set_size(self->outputs, 0);
	g_autoptr(GList) columns = gtk_container_get_children(GTK_CONTAINER(self->columns));
	for (GList *column = columns; column; column = column->next)
		gtk_widget_destroy(column->data);
	for (char **node = nodes; *node; node++)
		start(self, *node, line);
	gtk_widget_set_sensitive(self->stop, TRUE);
}

static void on_run(Commands *self)
{
	run_line(self, gtk_entry_get_text(self->entry));
	gtk_editable_select_region(GTK_EDITABLE(self->entry), 0, -1);
}

static void on_stop(Commands *self)
{
	for (guint i = 0; i < self->outputs->len; i++)
		guest_command_signal(((const Output *)self->outputs->pdata[i])->command, SIGTERM);
}

/* -- The panel -- */

static Commands *commands_of(GtkWidget *box)
{
	return g_object_get_data(G_OBJECT(box), "commands");
}

static void show_targets(GtkWidget *box)
{
	Commands *self = commands_of(box);
	g_auto(GStrv) nodes = selected_nodes(self->context);
	g_autofree char *names = g_strjoinv(", ", nodes);
	g_autofree char *text = *nodes ? g_strdup_printf(_("on %s"), names) : g_strdup(_("on all ready nodes"));
	gtk_label_set_text(GTK_LABEL(self->targets), text);
	gtk_widget_set_tooltip_text(self->targets, text);
}

static void on_run_command(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Commands *self = commands_of(data);
	panel_show(self->context, run_command_panel.id);
	gtk_widget_grab_focus(GTK_WIDGET(self->entry));
}

static void on_run_command_line(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Commands *self = commands_of(data);
	panel_show(self->context, run_command_panel.id);
	gtk_entry_set_text(self->entry, g_variant_get_string(parameter, NULL));
	on_run(self);
}

static const GActionEntry entries[] = {
	{.name = "run-command", .activate = on_run_command},
	{.name = "run-command-line", .activate = on_run_command_line, .parameter_type = "s"},
};

static GtkWidget *entry_new(Commands *self)
{
	GtkWidget *entry = gtk_entry_new();
	g_autoptr(GtkEntryCompletion) completion = gtk_entry_completion_new();
	self->entry = GTK_ENTRY(entry);
	self->history = gtk_list_store_new(1, G_TYPE_STRING);
	gtk_entry_completion_set_model(completion, GTK_TREE_MODEL(self->history));
	gtk_entry_completion_set_text_column(completion, 0);
	gtk_entry_set_completion(self->entry, completion);
	g_object_unref(self->history);
	gtk_entry_set_placeholder_text(self->entry, _("Shell command to run on each node: ip address"));
	atk_object_set_name(gtk_widget_get_accessible(entry), _("Command"));
	g_signal_connect_swapped(entry, "activate", G_CALLBACK(on_run), self);
	return entry;
}

static GtkWidget *bar_new(Commands *self)
{
	GtkWidget *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	self->targets = gtk_label_new(NULL);
	gtk_label_set_ellipsize(GTK_LABEL(self->targets), PANGO_ELLIPSIZE_END);
	gtk_label_set_max_width_chars(GTK_LABEL(self->targets), 40);
	self->run = gtk_button_new_with_mnemonic(_("R_un"));
	self->stop = gtk_button_new_with_mnemonic(_("_Stop"));
	gtk_widget_set_tooltip_text(self->stop, _("Stop the command on every node where it is still running"));
	gtk_widget_set_sensitive(self->stop, FALSE);
	g_signal_connect_swapped(self->run, "clicked", G_CALLBACK(on_run), self);
	g_signal_connect_swapped(self->stop, "clicked", G_CALLBACK(on_stop), self);
	gtk_box_pack_start(GTK_BOX(bar), entry_new(self), TRUE, TRUE, 0);
	gtk_container_add(GTK_CONTAINER(bar), self->targets);
	gtk_container_add(GTK_CONTAINER(bar), self->run);
	gtk_container_add(GTK_CONTAINER(bar), self->stop);
	gtk_style_context_add_class(gtk_widget_get_style_context(bar), "panel-bar");
	return bar;
}

static GtkWidget *create(const PanelContext *context)
{
	Commands *self = g_new0(Commands, 1);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *scroll = gtk_scrolled_window_new(NULL, NULL);
	Scene *scene = session_scene(context->session);
	self->context = context;
	self->outputs = g_ptr_array_new_with_free_func(output_free);
	self->columns = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
	gtk_box_set_homogeneous(GTK_BOX(self->columns), TRUE);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
	gtk_container_add(GTK_CONTAINER(scroll), self->columns);
	gtk_widget_set_vexpand(scroll, TRUE);
	gtk_container_add(GTK_CONTAINER(box), bar_new(self));
	gtk_container_add(GTK_CONTAINER(box), scroll);
	g_object_set_data_full(G_OBJECT(box), "commands", self, commands_free);
	g_signal_connect_object(scene, "selection", G_CALLBACK(show_targets), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(scene, "structure", G_CALLBACK(show_targets), box, G_CONNECT_SWAPPED);
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), box);
	show_targets(box);
	gtk_widget_show_all(box);
	return box;
}

const PanelType run_command_panel = {"commands", N_("Commands"), PANEL_BOTTOM, create, FALSE, NULL};
