/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/property_row.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PropertyRow {
	GtkBox parent_instance;
	/* of property_row.ui */
	GtkWidget *line, *label, *problem;

	const PropertySpec *spec;
	GtkWidget *editor;  /* what has the focus: entry, combo box or text view */
	gboolean following; /* set by the program: not by the user */
};

G_DEFINE_FINAL_TYPE(PropertyRow, property_row, GTK_TYPE_BOX)

enum { SIGNAL_EDITED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void property_row_class_init(PropertyRowClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/editor/property_row.ui");
	gtk_widget_class_bind_template_child(widget_class, PropertyRow, line);
	gtk_widget_class_bind_template_child(widget_class, PropertyRow, label);
	gtk_widget_class_bind_template_child(widget_class, PropertyRow, problem);
	signals[SIGNAL_EDITED] =
		g_signal_new("edited", PROPERTY_TYPE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void property_row_init(PropertyRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

static void on_changed(PropertyRow *self)
{
	if (!self->following)
		g_signal_emit(self, signals[SIGNAL_EDITED], 0);
}

/* -- Widgets ------------------------------------------------------------------------------------------------------- */

static GtkWidget *entry_new(const PropertySpec *spec)
{
	GtkWidget *entry = gtk_entry_new();

	gtk_entry_set_width_chars(GTK_ENTRY(entry), 14);
	if (spec->hint)
		gtk_entry_set_placeholder_text(GTK_ENTRY(entry), _(spec->hint));
	return entry;
}

static GtkWidget *text_new(PropertyRow *self)
{
	GtkWidget *scroll = gtk_scrolled_window_new(NULL, NULL);

	self->editor = gtk_text_view_new();
	gtk_text_view_set_monospace(GTK_TEXT_VIEW(self->editor), TRUE);
	gtk_text_view_set_accepts_tab(GTK_TEXT_VIEW(self->editor), FALSE);
	gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(self->editor), GTK_WRAP_WORD_CHAR);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scroll), GTK_SHADOW_IN);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scroll), 48);
	gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scroll), 240);
	gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scroll), TRUE);
	gtk_container_add(GTK_CONTAINER(scroll), self->editor);
	g_signal_connect_object(gtk_text_view_get_buffer(GTK_TEXT_VIEW(self->editor)), "changed",
		G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	return scroll;
}

static GtkWidget *widget_new(PropertyRow *self)
{
	GtkWidget *child;

	switch (self->spec->kind) {
	case PROPERTY_TEXT:
		return text_new(self);
	case PROPERTY_CHOICE:
	case PROPERTY_NETWORK:
	case PROPERTY_NODE:
		self->editor = gtk_combo_box_text_new();
		break;
	case PROPERTY_IMAGE:
		self->editor = gtk_combo_box_text_new_with_entry();
		child = gtk_bin_get_child(GTK_BIN(self->editor));
		gtk_entry_set_width_chars(GTK_ENTRY(child), 10);
		if (self->spec->hint)
			gtk_entry_set_placeholder_text(GTK_ENTRY(child), _(self->spec->hint));
		break;
	default:
		self->editor = entry_new(self->spec);
		break;
	}
	g_signal_connect_object(self->editor, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	return self->editor;
}

/* Like what it is called by those who do not see it: "eth0: MTU". */
static void name_widget(PropertyRow *self, const char *subject)
{
	GtkWidget *named = self->spec->kind == PROPERTY_IMAGE ? gtk_bin_get_child(GTK_BIN(self->editor)) : self->editor;
	g_autofree char *name =
		subject ? g_strdup_printf("%s: %s", subject, _(self->spec->label)) : g_strdup(_(self->spec->label));

	atk_object_set_name(gtk_widget_get_accessible(named), name);
	gtk_label_set_mnemonic_widget(GTK_LABEL(self->label), named);
}

/** property_row_new() - a row for a property
 *  @spec: static
 *  @subject: what it is a property of, where the page has several; or NULL
 *  Returns it, floating. */
GtkWidget *property_row_new(const PropertySpec *spec, const char *subject)
{
	PropertyRow *self = g_object_new(PROPERTY_TYPE_ROW, NULL);
	GtkWidget *widget;

	self->spec = spec;
	gtk_label_set_text(GTK_LABEL(self->label), _(spec->label));
	widget = widget_new(self);
	name_widget(self, subject);
	gtk_widget_set_hexpand(widget, TRUE);
	gtk_container_add(GTK_CONTAINER(self->line), widget);
	if (spec->kind == PROPERTY_CHOICE)
		property_row_set_options(self, spec->choices);
	if (spec->kind == PROPERTY_TEXT)
		gtk_orientable_set_orientation(GTK_ORIENTABLE(self->line), GTK_ORIENTATION_VERTICAL);
	gtk_widget_show_all(widget);
	return GTK_WIDGET(self);
}

/** property_row_spec() - what it is a row of. */
const PropertySpec *property_row_spec(PropertyRow *self)
{
	return self->spec;
}

/* -- Values -------------------------------------------------------------------------------------------------------- */

static const char *option_title(const PropertyRow *self, const char *option)
{
	if (*option)
		return option;
	return self->spec->kind != PROPERTY_CHOICE ? _("(none)") : _("(lab default)");
}

/** property_row_set_options() - what can be chosen, of a row with a list
 *  @options: NULL-terminated; "" is: not written */
void property_row_set_options(PropertyRow *self, const char *const *options)
{
	GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT(self->editor);
	g_autofree char *value = property_row_value(self);

	self->following = TRUE;
	gtk_combo_box_text_remove_all(combo);
	for (guint i = 0; options[i]; i++)
		gtk_combo_box_text_append(combo, options[i],
			self->spec->kind == PROPERTY_IMAGE ? options[i] : option_title(self, options[i]));
	self->following = FALSE;
	property_row_set_value(self, value);
}

static gboolean is_list(const PropertyRow *self)
{
	return self->spec->kind == PROPERTY_CHOICE || self->spec->kind == PROPERTY_NETWORK ||
		self->spec->kind == PROPERTY_NODE;
}

/** property_row_set_value() - shows a value, if it does not already
 *  @value: as written; NULL: not written */
void property_row_set_value(PropertyRow *self, const char *value)
{
	g_autofree char *before = property_row_value(self);

	if (!g_strcmp0(before, value && *value ? value : NULL) &&
		!(is_list(self) && !gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->editor))))
		return;
	self->following = TRUE;
	if (self->spec->kind == PROPERTY_TEXT) {
		gtk_text_buffer_set_text(gtk_text_view_get_buffer(GTK_TEXT_VIEW(self->editor)), value ? value : "", -1);
	} else if (is_list(self)) {
		const char *first = self->spec->kind == PROPERTY_CHOICE ? self->spec->choices[0] : "";

		if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->editor), value ? value : first)) {
			/* One that is not in the list, and so wrong: it must be seen. */
			gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->editor), value, value);
			gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->editor), value);
		}
	} else {
		GtkWidget *entry =
			self->spec->kind == PROPERTY_IMAGE ? gtk_bin_get_child(GTK_BIN(self->editor)) : self->editor;

		gtk_entry_set_text(GTK_ENTRY(entry), value ? value : "");
	}
	self->following = FALSE;
}

/** property_row_value() - what is set, as it is to be written; NULL: not written. The caller frees it. */
char *property_row_value(PropertyRow *self)
{
	g_autofree char *value = NULL;

	if (self->spec->kind == PROPERTY_TEXT) {
		GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(self->editor));
		GtkTextIter start, end;

		gtk_text_buffer_get_bounds(buffer, &start, &end);
		value = gtk_text_buffer_get_text(buffer, &start, &end, TRUE);
	} else if (is_list(self)) {
		const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->editor));

		/* The first choice is the default. */
		if (self->spec->kind != PROPERTY_CHOICE || g_strcmp0(id, self->spec->choices[0]) != 0)
			value = g_strdup(id);
	} else if (self->spec->kind == PROPERTY_IMAGE) {
		value = gtk_combo_box_text_get_active_text(GTK_COMBO_BOX_TEXT(self->editor));
	} else {
		value = g_strdup(gtk_entry_get_text(GTK_ENTRY(self->editor)));
	}
	return value && *value ? g_steal_pointer(&value) : NULL;
}

/** property_row_set_problem() - says what is wrong with the value, under it; NULL: nothing is. */
void property_row_set_problem(PropertyRow *self, const char *problem)
{
	GtkStyleContext *style = gtk_widget_get_style_context(self->editor);

	gtk_label_set_text(GTK_LABEL(self->problem), problem ? problem : "");
	gtk_widget_set_visible(self->problem, problem != NULL);
	atk_object_set_description(gtk_widget_get_accessible(self->editor), problem ? problem : "");
	if (problem)
		gtk_style_context_add_class(style, GTK_STYLE_CLASS_ERROR);
	else
		gtk_style_context_remove_class(style, GTK_STYLE_CLASS_ERROR);
}

/** property_row_has_problem() - whether something wrong is shown that is not in the document. */
gboolean property_row_has_problem(PropertyRow *self)
{
	return gtk_widget_get_visible(self->problem);
}
