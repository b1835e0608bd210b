/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/filter_entry.h"

#include <glib/gi18n.h>

#include "gui/session/capture_check.h"

enum { TYPING = 250 }; /* ms of rest before what is typed is looked at */

struct _FilterEntry {
	GtkBox parent_instance;
	Session *session;
	GtkWidget *entry, *problem;
	char *good, *asked;
	GCancellable *cancellable;
	guint check_source;
};

G_DEFINE_FINAL_TYPE(FilterEntry, filter_entry, GTK_TYPE_BOX)

static guint accepted_signal;

static void set_problem(FilterEntry *self, const char *message)
{
	GtkStyleContext *style = gtk_widget_get_style_context(self->entry);
	gtk_label_set_text(GTK_LABEL(self->problem), message ? message : "");
	gtk_widget_set_visible(self->problem, message != NULL);
	atk_object_set_description(gtk_widget_get_accessible(self->entry), message ? message : "");
	if (message)
		gtk_style_context_add_class(style, GTK_STYLE_CLASS_ERROR);
	else
		gtk_style_context_remove_class(style, GTK_STYLE_CLASS_ERROR);
}

static void accept(FilterEntry *self, const char *filter)
{
	set_problem(self, NULL);
	if (g_str_equal(self->good, filter))
		return;
	g_free(self->good);
	self->good = g_strdup(filter);
	g_signal_emit(self, accepted_signal, 0, self->good);
}

static void checked(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(FilterEntry) self = data;
	g_autoptr(GError) error = NULL;
	gboolean good = capture_check_finish(result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	/* Without a lab there is nobody to ask; it is asked again when it counts. */
	if (good || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED))
		accept(self, self->asked);
	else
		set_problem(self, error->message);
}

static void look_now(FilterEntry *self)
{
	g_autofree char *filter = g_strstrip(g_strdup(filter_entry_text(self)));
	const GPtrArray *edges = scene_edges(session_scene(self->session));
	/* One cable is enough to ask for. */
	const char *places[] = {edges->len ? ((const SceneEdge *)edges->pdata[0])->name : NULL, NULL};
	g_clear_handle_id(&self->check_source, g_source_remove);
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	if (!*filter) {
		accept(self, "");
		return;
	}
	g_free(self->asked);
	self->asked = g_strdup(filter);
	self->cancellable = g_cancellable_new();
	capture_check(self->session, places, filter, self->cancellable, checked, g_object_ref(self));
}

static gboolean on_rest(gpointer data)
{
	FilterEntry *self = data;
	self->check_source = 0;
	look_now(self);
	return G_SOURCE_REMOVE;
}

static void on_typed(FilterEntry *self)
{
	g_clear_handle_id(&self->check_source, g_source_remove);
	self->check_source = g_timeout_add(TYPING, on_rest, self);
}

static void filter_entry_dispose(GObject *object)
{
	FilterEntry *self = FILTER_ENTRY(object);
	g_clear_handle_id(&self->check_source, g_source_remove);
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	G_OBJECT_CLASS(filter_entry_parent_class)->dispose(object);
}

static void filter_entry_finalize(GObject *object)
{
	FilterEntry *self = FILTER_ENTRY(object);
	g_clear_object(&self->session);
	g_free(self->good);
	g_free(self->asked);
	G_OBJECT_CLASS(filter_entry_parent_class)->finalize(object);
}

static void filter_entry_class_init(FilterEntryClass *class)
{
	G_OBJECT_CLASS(class)->dispose = filter_entry_dispose;
	G_OBJECT_CLASS(class)->finalize = filter_entry_finalize;
	accepted_signal = g_signal_new(
		"accepted", FILTER_TYPE_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void filter_entry_init(FilterEntry *self)
{
	self->good = g_strdup("");
	self->entry = gtk_entry_new();
	self->problem = gtk_label_new(NULL);
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->entry), _("Filter: icmp and host 10.0.0.1"));
	gtk_entry_set_icon_from_icon_name(GTK_ENTRY(self->entry), GTK_ENTRY_ICON_PRIMARY, "edit-find-symbolic");
	gtk_widget_set_tooltip_text(self->entry, _("Only matching frames; for the syntax see pcap-filter(7)"));
	atk_object_set_name(gtk_widget_get_accessible(self->entry), _("Filter"));
	gtk_label_set_xalign(GTK_LABEL(self->problem), 0);
	gtk_label_set_line_wrap(GTK_LABEL(self->problem), TRUE);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->problem), "lab-error");
	gtk_widget_set_no_show_all(self->problem, TRUE);
	gtk_container_add(GTK_CONTAINER(self), self->entry);
	gtk_container_add(GTK_CONTAINER(self), self->problem);
	g_signal_connect_object(self->entry, "changed", G_CALLBACK(on_typed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->entry, "activate", G_CALLBACK(look_now), self, G_CONNECT_SWAPPED);
	gtk_widget_show(self->entry);
	gtk_widget_show(GTK_WIDGET(self));
}

GtkWidget *filter_entry_new(Session *session)
{
	FilterEntry *self = g_object_new(FILTER_TYPE_ENTRY, NULL);
	self->session = g_object_ref(session);
	return GTK_WIDGET(self);
}

const char *filter_entry_get(FilterEntry *self)
{
	return self->good;
}

const char *filter_entry_text(FilterEntry *self)
{
	return gtk_entry_get_text(GTK_ENTRY(self->entry));
}

void filter_entry_set(FilterEntry *self, const char *filter)
{
	gtk_entry_set_text(GTK_ENTRY(self->entry), filter);
	look_now(self);
}
