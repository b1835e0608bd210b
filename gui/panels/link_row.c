/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/link_row.h"

#include <glib/gi18n.h>

enum { HELD = 1500 * 1000 }; /* microseconds that a value of the user's stays while it is under way */

struct _LinkRow {
	GtkGrid parent_instance;
	const LinkSetting *setting;
	GtkWidget *label, *entry, *problem;
	GtkRange *scale;
	char *wanted; /* by the user, and not yet seen to be so; NULL: nothing */
	gint64 wanted_since;
	gboolean showing; /* it is us who move the slider */
	gboolean dragged, typing;
};

G_DEFINE_FINAL_TYPE(LinkRow, link_row, GTK_TYPE_GRID)

static guint value_signal;

static void link_row_finalize(GObject *object)
{
	g_free(LINK_ROW(object)->wanted);
	G_OBJECT_CLASS(link_row_parent_class)->finalize(object);
}

static void set_problem(LinkRow *self, const char *message)
{
	GtkStyleContext *style = gtk_widget_get_style_context(self->entry);
	gtk_label_set_text(GTK_LABEL(self->problem), message ? message : "");
	gtk_widget_set_visible(self->problem, message != NULL);
	if (message)
		gtk_style_context_add_class(style, GTK_STYLE_CLASS_ERROR);
	else
		gtk_style_context_remove_class(style, GTK_STYLE_CLASS_ERROR);
}

static void put(LinkRow *self, const char *value)
{
	const char *text = g_str_equal(value, "none") ? "" : value;
	self->showing = TRUE;
	gtk_range_set_value(self->scale, link_slider_position(self->setting, value));
	if (!g_str_equal(gtk_entry_get_text(GTK_ENTRY(self->entry)), text))
		gtk_entry_set_text(GTK_ENTRY(self->entry), text);
	self->showing = FALSE;
	self->typing = FALSE;
	set_problem(self, NULL);
}

static void want(LinkRow *self, const char *value, gboolean last)
{
	g_free(self->wanted);
	self->wanted = link_slider_canonical(self->setting, value);
	self->wanted_since = g_get_monotonic_time();
	g_signal_emit(self, value_signal, 0, value, last);
}

static void on_slid(GtkRange *scale, LinkRow *self)
{
	if (self->showing)
		return;
	g_autofree char *value = link_slider_at(self->setting, gtk_range_get_value(scale));
	self->showing = TRUE;
	gtk_entry_set_text(GTK_ENTRY(self->entry), g_str_equal(value, "none") ? "" : value);
	self->showing = self->typing = FALSE;
	set_problem(self, NULL);
	want(self, value, FALSE);
}

static gboolean on_press(GtkWidget *scale, GdkEvent *event, LinkRow *self)
{
	self->dragged = TRUE;
	return GDK_EVENT_PROPAGATE;
}

static gboolean on_release(GtkWidget *scale, GdkEvent *event, LinkRow *self)
{
	self->dragged = FALSE;
	g_autofree char *value = g_steal_pointer(&self->wanted);
	if (value)
		want(self, *value ? value : "none", TRUE);
	return GDK_EVENT_PROPAGATE;
}

/* The wheel scrolls the panel, and does not change what happens to be under the pointer. */
static gboolean on_wheel(GtkWidget *scale, GdkEvent *event, LinkRow *self)
{
	gtk_propagate_event(GTK_WIDGET(self), event);
	return GDK_EVENT_STOP;
}

static void on_typed(GtkEditable *entry, LinkRow *self)
{
	g_autoptr(GError) error = NULL;
	if (self->showing)
		return;
	g_autofree char *value =
		link_slider_complete(self->setting, gtk_entry_get_text(GTK_ENTRY(self->entry)), &error);
	self->typing = TRUE;
	set_problem(self, error ? error->message : NULL);
}

/* Enter, or another field: what was typed counts. */
static void on_entered(GtkWidget *entry, LinkRow *self)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *value =
		link_slider_complete(self->setting, gtk_entry_get_text(GTK_ENTRY(self->entry)), &error);
	set_problem(self, error ? error->message : NULL);
	if (!value)
		return;
	g_autofree char *canonical = link_slider_canonical(self->setting, value);
	put(self, canonical);
	want(self, *canonical ? canonical : "none", TRUE);
}

static gboolean on_left(GtkWidget *entry, GdkEvent *event, LinkRow *self)
{
	if (self->typing)
		on_entered(entry, self);
	/* What is no value is taken back by the next one that is shown. */
	self->typing = FALSE;
	return GDK_EVENT_PROPAGATE;
}

static void link_row_class_init(LinkRowClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
	G_OBJECT_CLASS(class)->finalize = link_row_finalize;
	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/link_row.ui");
	gtk_widget_class_bind_template_child(widget_class, LinkRow, label);
	gtk_widget_class_bind_template_child(widget_class, LinkRow, entry);
	gtk_widget_class_bind_template_child(widget_class, LinkRow, problem);
	gtk_widget_class_bind_template_child(widget_class, LinkRow, scale);
	value_signal = g_signal_new("value", LINK_TYPE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
		G_TYPE_STRING, G_TYPE_BOOLEAN);
}

static void link_row_init(LinkRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	g_signal_connect_object(self->scale, "value-changed", G_CALLBACK(on_slid), self, 0);
	g_signal_connect_object(self->scale, "button-press-event", G_CALLBACK(on_press), self, 0);
	g_signal_connect_object(self->scale, "button-release-event", G_CALLBACK(on_release), self, 0);
	g_signal_connect_object(self->scale, "scroll-event", G_CALLBACK(on_wheel), self, 0);
	g_signal_connect_object(self->entry, "changed", G_CALLBACK(on_typed), self, 0);
	g_signal_connect_object(self->entry, "activate", G_CALLBACK(on_entered), self, 0);
	g_signal_connect_object(self->entry, "focus-out-event", G_CALLBACK(on_left), self, 0);
}

GtkWidget *link_row_new(const LinkSetting *setting)
{
	LinkRow *self = g_object_new(LINK_TYPE_ROW, NULL);
	const char *name = _(setting->label);
	g_autofree char *slider = g_strdup_printf(_("%s, slider"), name);
	self->setting = setting;
	gtk_label_set_text(GTK_LABEL(self->label), name);
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->entry), _("none"));
	gtk_widget_set_tooltip_text(GTK_WIDGET(self), _(setting->meaning));
	atk_object_set_name(gtk_widget_get_accessible(self->entry), name);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self->scale)), slider);
	put(self, "");
	return GTK_WIDGET(self);
}

const LinkSetting *link_row_setting(LinkRow *self)
{
	return self->setting;
}

void link_row_show(LinkRow *self, const char *value)
{
	g_autofree char *canonical = link_slider_canonical(self->setting, value);
	gboolean under_way = self->wanted && !g_str_equal(self->wanted, canonical) &&
		g_get_monotonic_time() - self->wanted_since < HELD;
	if (self->dragged || self->typing || under_way)
		return;
	g_clear_pointer(&self->wanted, g_free);
	put(self, canonical);
}

void link_row_reset(LinkRow *self)
{
	self->dragged = self->typing = FALSE;
	g_clear_pointer(&self->wanted, g_free);
}
