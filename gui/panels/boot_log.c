/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/boot_log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlab/client/plain_text.h"
#include "gui/panels/selected_nodes.h"
#include "netlab/host/paths.h"

/* The log is an ordinary file, as "netlab logs" reads it; a look costs nothing, and is taken only while the panel is
 * seen. */
enum { LOOK = 200 /* ms */, PIECE = 64 << 10 /* bytes a look */ };

/* Owned by its widget. */
typedef struct {
	const PanelContext *context; /* borrowed: the window has it */
	GtkComboBoxText *chooser;
	GtkTextView *view;
	GtkWidget *follow;
	char *lab, *node; /* whose log is shown; NULL none */
	int fd;
	off_t position;
	PlainText text;
	guint source;
} BootLog;

static void boot_log_free(gpointer data)
{
	BootLog *self = data;
	g_clear_handle_id(&self->source, g_source_remove);
	if (self->fd >= 0)
		close(self->fd);
	g_free(self->lab);
	g_free(self->node);
	g_free(self);
}

static void begin_anew(BootLog *self)
{
	self->position = 0;
	self->text = (PlainText){0};
	gtk_text_buffer_set_text(gtk_text_view_get_buffer(self->view), "", 0);
}

static void close_log(BootLog *self)
{
	if (self->fd >= 0)
		close(self->fd);
	self->fd = -1;
}

/* The file of a node that has not been started yet is not there: it is looked for again. */
static void open_log(BootLog *self)
{
	g_autofree char *runtime = path_runtime(NULL);
	const char *lab = session_name(self->context->session);
	if (!runtime || !self->node || !*lab)
		return;
	g_autofree char *path = g_build_filename(runtime, lab, "nodes", self->node, "boot.log", NULL);
	self->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (self->fd >= 0)
		begin_anew(self);
}

static void append(BootLog *self, const char *bytes, gsize length)
{
	g_autofree char *text = plain_text_take(&self->text, bytes, length);
	GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->view);
	GtkTextIter end;
	gtk_text_buffer_get_end_iter(buffer, &end);
	gtk_text_buffer_insert(buffer, &end, text, -1);
	if (!gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->follow)))
		return;
	gtk_text_buffer_get_end_iter(buffer, &end);
	gtk_text_buffer_place_cursor(buffer, &end);
	gtk_text_view_scroll_mark_onscreen(self->view, gtk_text_buffer_get_insert(buffer));
}

static gboolean look(gpointer data)
{
	BootLog *self = data;
	char bytes[PIECE];
	struct stat now;
	if (self->fd < 0)
		open_log(self);
	if (self->fd < 0 || fstat(self->fd, &now) < 0)
		return G_SOURCE_CONTINUE;
	/* The folder of a lab that stopped is removed; the text stays until it runs again. */
	if (now.st_nlink == 0) {
		close_log(self);
		return G_SOURCE_CONTINUE;
	}
	/* The supervisor empties it when the node starts again. */
	if (now.st_size < self->position)
		begin_anew(self);
	ssize_t n = pread(self->fd, bytes, sizeof bytes, self->position);
	if (n > 0) {
		self->position += n;
		append(self, bytes, (gsize)n);
	}
	return G_SOURCE_CONTINUE;
}

static void on_map(BootLog *self)
{
	look(self);
	if (!self->source)
		self->source = g_timeout_add(LOOK, look, self);
}

static void on_unmap(BootLog *self)
{
	g_clear_handle_id(&self->source, g_source_remove);
}

static void show_node(BootLog *self, const char *node)
{
	if (g_strcmp0(self->node, node) == 0)
		return;
	g_free(self->node);
	self->node = g_strdup(node);
	close_log(self);
	begin_anew(self);
	if (self->source)
		look(self);
}

static void on_chosen(BootLog *self)
{
	g_autofree char *node = gtk_combo_box_text_get_active_text(self->chooser);
	if (node)
		show_node(self, node);
}

static BootLog *log_of(GtkWidget *box)
{
	return g_object_get_data(G_OBJECT(box), "boot-log");
}

static void fill(GtkWidget *box)
{
	BootLog *self = log_of(box);
	g_autofree char *node = g_strdup(self->node);
	const GPtrArray *vertices = scene_vertices(session_scene(self->context->session));
	gtk_combo_box_text_remove_all(self->chooser);
	for (guint i = 0; i < vertices->len; i++) {
		const SceneVertex *vertex = vertices->pdata[i];
		if (vertex->what == SCENE_NODE)
			gtk_combo_box_text_append(self->chooser, vertex->name, vertex->name);
	}
	if (!node || !gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->chooser), node))
		gtk_combo_box_set_active(GTK_COMBO_BOX(self->chooser), 0);
}

/* If one node is selected, its log is shown. */
static void on_selection(GtkWidget *box)
{
	BootLog *self = log_of(box);
	g_auto(GStrv) nodes = selected_nodes(self->context);
	if (g_strv_length(nodes) == 1)
		gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->chooser), nodes[0]);
}

static void on_boot_log(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	BootLog *self = log_of(data);
	g_auto(GStrv) nodes = selected_nodes(self->context);
	if (nodes[0])
		gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->chooser), nodes[0]);
	panel_show(self->context, boot_log_panel.id);
	gtk_widget_grab_focus(GTK_WIDGET(self->view));
}

static const GActionEntry entries[] = {{.name = "boot-log", .activate = on_boot_log}};

static GtkWidget *bar_new(BootLog *self)
{
	GtkWidget *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *chooser = gtk_combo_box_text_new(), *label = gtk_label_new_with_mnemonic(_("N_ode:"));
	self->chooser = GTK_COMBO_BOX_TEXT(chooser);
	self->follow = gtk_check_button_new_with_mnemonic(_("_Follow"));
	gtk_widget_set_tooltip_text(self->follow, _("Keep the newest lines in view"));
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->follow), TRUE);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), chooser);
	atk_object_set_name(gtk_widget_get_accessible(chooser), _("Node"));
	gtk_style_context_add_class(gtk_widget_get_style_context(bar), "panel-bar");
	gtk_container_add(GTK_CONTAINER(bar), label);
	gtk_container_add(GTK_CONTAINER(bar), chooser);
	gtk_container_add(GTK_CONTAINER(bar), self->follow);
	g_signal_connect_swapped(chooser, "changed", G_CALLBACK(on_chosen), self);
	return bar;
}

static GtkWidget *create(const PanelContext *context)
{
	BootLog *self = g_new0(BootLog, 1);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *view = gtk_text_view_new();
	GtkWidget *scroll = gtk_scrolled_window_new(NULL, NULL);
	Scene *scene = session_scene(context->session);
	self->context = context;
	self->fd = -1;
	self->view = GTK_TEXT_VIEW(view);
	gtk_text_view_set_editable(self->view, FALSE);
	gtk_text_view_set_monospace(self->view, TRUE);
	gtk_text_view_set_cursor_visible(self->view, FALSE);
	gtk_text_view_set_left_margin(self->view, 8);
	atk_object_set_name(gtk_widget_get_accessible(view), _("Boot log"));
	gtk_container_add(GTK_CONTAINER(scroll), view);
	gtk_widget_set_vexpand(scroll, TRUE);
	gtk_container_add(GTK_CONTAINER(box), bar_new(self));
	gtk_container_add(GTK_CONTAINER(box), scroll);
	g_object_set_data_full(G_OBJECT(box), "boot-log", self, boot_log_free);
	g_signal_connect_object(scene, "structure", G_CALLBACK(fill), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(scene, "selection", G_CALLBACK(on_selection), box, G_CONNECT_SWAPPED);
	g_signal_connect_swapped(view, "map", G_CALLBACK(on_map), self);
	g_signal_connect_swapped(view, "unmap", G_CALLBACK(on_unmap), self);
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), box);
	enable_with_nodes(context, "boot-log");
	gtk_widget_show_all(box);
	return box;
}

const PanelType boot_log_panel = {"boot-log", N_("Boot log"), PANEL_BOTTOM, create, FALSE, NULL};
