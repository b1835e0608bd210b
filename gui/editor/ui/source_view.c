/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/source_view.h"

#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>
#include <string.h>

#include "gui/editor/ui/editor.h"

#define ERROR_MARK "lab-error"
#define WARNING_MARK "lab-warning"

/* Owned by its widget: freed with it. */
typedef struct {
	Editor *editor;
	GtkSourceView *view;
	GtkSourceBuffer *buffer;
	GtkWidget *messages; /* label: what is wrong with the text */
	gboolean following;  /* the buffer follows the document: it is not the user who types */
	guint idle;          /* typing goes to the document at the end of this turn of the main loop */
} SourceView;

static void source_view_free(gpointer data)
{
	SourceView *self = data;

	g_clear_handle_id(&self->idle, g_source_remove);
	g_object_unref(self->buffer);
	g_free(self);
}

static SourceView *self_of(GtkWidget *box)
{
	return g_object_get_data(G_OBJECT(box), "source-view");
}

static GtkTextBuffer *text_of(const SourceView *self)
{
	return GTK_TEXT_BUFFER(self->buffer);
}

/* -- What is wrong ------------------------------------------------------------------------------------------------- */

static gboolean is_own(const SourceView *self, const LabDiagnostic *one)
{
	const char *path = document_path(editor_document(self->editor));
	g_autofree char *base = one->pos.file ? g_path_get_basename(one->pos.file) : NULL;

	return one->pos.file && (path ? !strcmp(path, one->pos.file) : !g_strcmp0(base, "untitled.xml"));
}

static void mark_line(SourceView *self, const LabDiagnostic *one)
{
	const char *category = one->severity == LAB_ERROR ? ERROR_MARK : WARNING_MARK;
	GtkTextIter iter;

	if (!one->pos.line || !is_own(self, one))
		return;
	gtk_text_buffer_get_iter_at_line(text_of(self), &iter, one->pos.line - 1);
	gtk_source_buffer_create_source_mark(self->buffer, NULL, category, &iter);
}

static void show_messages(SourceView *self)
{
	const GPtrArray *all = lab_diagnostics_all(document_diagnostics(editor_document(self->editor)));
	g_autoptr(GString) text = g_string_new(NULL);
	GtkTextIter start, end;

	gtk_text_buffer_get_bounds(text_of(self), &start, &end);
	gtk_source_buffer_remove_source_marks(self->buffer, &start, &end, NULL);
	for (guint i = 0; i < all->len; i++) {
		const LabDiagnostic *one = all->pdata[i];

		mark_line(self, one);
		/* Only the first few: marks show the others. */
		if (i < 4 && one->pos.line && is_own(self, one))
			g_string_append_printf(
				text, _("%sLine %d: %s"), text->len ? "\n" : "", one->pos.line, one->message);
		else if (i < 4)
			g_string_append_printf(text, "%s%s", text->len ? "\n" : "", one->message);
	}
	gtk_label_set_text(GTK_LABEL(self->messages), text->str);
	gtk_widget_set_visible(
		gtk_widget_get_parent(self->messages), text->len > 0 && *document_text(editor_document(self->editor)));
}

static char *mark_tooltip(GtkSourceMarkAttributes *attributes, GtkSourceMark *mark, GtkWidget *box)
{
	SourceView *self = self_of(box);
	const GPtrArray *all = lab_diagnostics_all(document_diagnostics(editor_document(self->editor)));
	g_autoptr(GString) text = g_string_new(NULL);
	GtkTextIter iter;

	gtk_text_buffer_get_iter_at_mark(text_of(self), &iter, GTK_TEXT_MARK(mark));
	for (guint i = 0; i < all->len; i++) {
		const LabDiagnostic *one = all->pdata[i];

		if (is_own(self, one) && one->pos.line == gtk_text_iter_get_line(&iter) + 1)
			g_string_append_printf(text, "%s%s", text->len ? "\n" : "", one->message);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* -- Both ways ----------------------------------------------------------------------------------------------------- */

/* Offsets are bytes in the document, characters in the buffer. The cursor stays where it is in the text. */
static void on_spliced(GtkWidget *box, guint64 offset, guint64 removed, const char *inserted)
{
	SourceView *self = self_of(box);
	GtkTextIter start, end;
	g_autofree char *before = NULL;

	if (self->following)
		return;
	self->following = TRUE;
	gtk_text_buffer_get_bounds(text_of(self), &start, &end);
	before = gtk_text_buffer_get_text(text_of(self), &start, &end, TRUE);
	gtk_text_buffer_get_iter_at_offset(text_of(self), &start, (int)g_utf8_strlen(before, (gssize)offset));
	gtk_text_buffer_get_iter_at_offset(text_of(self), &end,
		gtk_text_iter_get_offset(&start) + (int)g_utf8_strlen(before + offset, (gssize)removed));
	gtk_text_buffer_delete(text_of(self), &start, &end);
	gtk_text_buffer_insert(text_of(self), &start, inserted, -1);
	self->following = FALSE;
}

static gboolean take_typed(gpointer data)
{
	SourceView *self = data;
	GtkTextIter start, end;
	g_autofree char *text = NULL;

	self->idle = 0;
	gtk_text_buffer_get_bounds(text_of(self), &start, &end);
	text = gtk_text_buffer_get_text(text_of(self), &start, &end, TRUE);
	self->following = TRUE;
	document_set_text(editor_document(self->editor), text, _("typing"), "typing");
	self->following = FALSE;
	return G_SOURCE_REMOVE;
}

static void on_typed(GtkWidget *box)
{
	SourceView *self = self_of(box);

	if (!self->following && !self->idle)
		self->idle = g_idle_add_full(
			G_PRIORITY_HIGH, take_typed, self, NULL); /* before anything else may change it */
}

/* The view's own undo knows nothing of the drawing; the window's knows all. What is not yet in it goes there first. */
static void undo_by(SourceView *self, const char *action, GtkWidget *view, const char *signal)
{
	if (self->idle) {
		g_clear_handle_id(&self->idle, g_source_remove);
		take_typed(self);
	}
	g_action_group_activate_action(G_ACTION_GROUP(editor_context(self->editor)->actions), action, NULL);
	g_signal_stop_emission_by_name(view, signal);
}

static void on_undo(GtkWidget *view, GtkWidget *box)
{
	undo_by(self_of(box), "undo", view, "undo");
}

static void on_redo(GtkWidget *view, GtkWidget *box)
{
	undo_by(self_of(box), "redo", view, "redo");
}

static void on_changed(GtkWidget *box)
{
	SourceView *self = self_of(box);

	show_messages(self);
	gtk_text_view_set_editable(GTK_TEXT_VIEW(self->view),
		*document_text(editor_document(self->editor)) != '\0' ||
			gtk_text_buffer_get_char_count(text_of(self)) > 0 ||
			document_path(editor_document(self->editor)));
}

/* -- Where things stand -------------------------------------------------------------------------------------------- */

static const MarkupElement *selected_element(SourceView *self)
{
	const Markup *markup = document_markup(editor_document(self->editor));
	g_autoptr(GArray) items = editor_selection(self->editor);
	const Item *first = &g_array_index(items, Item, 0);

	return markup && items->len ? lookup(markup, first->kind, first->name) : NULL;
}

static void scroll_to(SourceView *self, const MarkupElement *element)
{
	const Markup *markup = document_markup(editor_document(self->editor));
	GtkTextIter iter;

	gtk_text_buffer_get_iter_at_offset(
		text_of(self), &iter, (int)g_utf8_strlen(markup->text, (gssize)element->open.start));
	gtk_text_buffer_place_cursor(text_of(self), &iter);
	gtk_text_view_scroll_to_mark(
		GTK_TEXT_VIEW(self->view), gtk_text_buffer_get_insert(text_of(self)), 0.1, FALSE, 0, 0);
}

static void on_show_source(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	GtkWidget *box = data;
	SourceView *self = self_of(box);
	const MarkupElement *element = selected_element(self);

	panel_show(editor_context(self->editor), SOURCE_PANEL);
	gtk_widget_grab_focus(GTK_WIDGET(self->view));
	if (element)
		scroll_to(self, element);
}

/* A file and a line of it, from 1. Of another file nothing is shown. */
static void on_show_line(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	SourceView *self = self_of(data);
	const char *file, *path = document_path(editor_document(self->editor));
	GtkTextIter iter;
	int line;

	g_variant_get(parameter, "(&si)", &file, &line);
	if (g_strcmp0(file, path) != 0)
		return;
	panel_show(editor_context(self->editor), SOURCE_PANEL);
	gtk_text_buffer_get_iter_at_line(text_of(self), &iter, MAX(line, 1) - 1);
	gtk_text_buffer_place_cursor(text_of(self), &iter);
	gtk_text_view_scroll_to_mark(
		GTK_TEXT_VIEW(self->view), gtk_text_buffer_get_insert(text_of(self)), 0.1, FALSE, 0, 0);
	gtk_widget_grab_focus(GTK_WIDGET(self->view));
}

/* The text follows the selection, unless somebody is at work in it. */
static void on_selection(GtkWidget *box)
{
	SourceView *self = self_of(box);
	const MarkupElement *element;

	if (gtk_widget_has_focus(GTK_WIDGET(self->view)) || !gtk_widget_get_mapped(box))
		return;
	element = selected_element(self);
	if (element)
		scroll_to(self, element);
}

/* The first time, half of the room is the text's. */
static void on_map(GtkWidget *box)
{
	GtkWidget *paned = gtk_widget_get_ancestor(box, GTK_TYPE_PANED);
	int width = paned ? gtk_widget_get_allocated_width(paned) : 0;

	g_signal_handlers_disconnect_by_func(box, on_map, NULL);
	if (width > 0)
		gtk_paned_set_position(GTK_PANED(paned), width / 2);
}

/* -- The widget ---------------------------------------------------------------------------------------------------- */

static void add_marks(SourceView *self, GtkWidget *box)
{
	static const struct {
		const char *category, *icon;
		int priority;
	} marks[] = {{ERROR_MARK, "dialog-error-symbolic", 2}, {WARNING_MARK, "dialog-warning-symbolic", 1}};

	for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
		GtkSourceMarkAttributes *attributes = gtk_source_mark_attributes_new();

		gtk_source_mark_attributes_set_icon_name(attributes, marks[i].icon);
		g_signal_connect_object(attributes, "query-tooltip-text", G_CALLBACK(mark_tooltip), box, 0);
		gtk_source_view_set_mark_attributes(self->view, marks[i].category, attributes, marks[i].priority);
		g_object_unref(attributes);
	}
	gtk_source_view_set_show_line_marks(self->view, TRUE);
}

/* The scheme that fits the theme. The theme's colour is asked of the box: that of the view is the scheme's own, and would
 * be another one each time. */
static void choose_scheme(GtkWidget *box)
{
	SourceView *self = self_of(box);
	GtkSourceStyleSchemeManager *schemes = gtk_source_style_scheme_manager_get_default();
	gboolean dark = FALSE;
	GdkRGBA color;

	gtk_style_context_get_color(gtk_widget_get_style_context(box), GTK_STATE_FLAG_NORMAL, &color);
	dark = color.red + color.green + color.blue > 1.5;
	gtk_source_buffer_set_style_scheme(
		self->buffer, gtk_source_style_scheme_manager_get_scheme(schemes, dark ? "oblivion" : "classic"));
}

static GtkSourceView *view_new(SourceView *self)
{
	GtkSourceLanguage *xml =
		gtk_source_language_manager_get_language(gtk_source_language_manager_get_default(), "xml");
	GtkSourceView *view;

	self->buffer = gtk_source_buffer_new(NULL);
	gtk_source_buffer_set_language(self->buffer, xml);
	gtk_source_buffer_set_max_undo_levels(self->buffer, 0);
	gtk_source_buffer_set_highlight_matching_brackets(self->buffer, TRUE);
	/* Keep the file as it is: add no newline at its end. */
	gtk_source_buffer_set_implicit_trailing_newline(self->buffer, FALSE);
	view = GTK_SOURCE_VIEW(gtk_source_view_new_with_buffer(self->buffer));
	gtk_source_view_set_show_line_numbers(view, TRUE);
	gtk_source_view_set_auto_indent(view, TRUE);
	gtk_source_view_set_insert_spaces_instead_of_tabs(view, TRUE);
	gtk_source_view_set_indent_width(view, 2);
	gtk_source_view_set_tab_width(view, 2);
	gtk_source_view_set_highlight_current_line(view, TRUE);
	gtk_source_view_set_smart_backspace(view, TRUE);
	gtk_text_view_set_monospace(GTK_TEXT_VIEW(view), TRUE);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(view)), _("Lab file"));
	return view;
}

static GtkWidget *messages_new(SourceView *self)
{
	GtkWidget *frame = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

	self->messages = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(self->messages), 0);
	gtk_label_set_line_wrap(GTK_LABEL(self->messages), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(self->messages), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_selectable(GTK_LABEL(self->messages), TRUE);
	gtk_widget_set_can_focus(self->messages, FALSE);
	g_object_set(self->messages, "margin", 6, NULL);
	atk_object_set_name(gtk_widget_get_accessible(self->messages), _("Errors and warnings"));
	gtk_container_add(GTK_CONTAINER(frame), self->messages);
	gtk_style_context_add_class(gtk_widget_get_style_context(frame), "lab-messages");
	gtk_widget_show(self->messages);
	gtk_widget_set_no_show_all(frame, TRUE);
	return frame;
}

static void connect_all(SourceView *self, GtkWidget *box)
{
	static const GActionEntry entries[] = {
		{.name = "show-source", .activate = on_show_source},
		{.name = "show-line", .activate = on_show_line, .parameter_type = "(si)"},
	};
	Document *document = editor_document(self->editor);

	g_signal_connect_object(document, "spliced", G_CALLBACK(on_spliced), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(document, "changed", G_CALLBACK(on_changed), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->buffer, "changed", G_CALLBACK(on_typed), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		editor_scene(self->editor), "selection", G_CALLBACK(on_selection), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->view, "undo", G_CALLBACK(on_undo), box, 0);
	g_signal_connect_object(self->view, "redo", G_CALLBACK(on_redo), box, 0);
	g_signal_connect(box, "style-updated", G_CALLBACK(choose_scheme), NULL);
	panel_add_actions(editor_context(self->editor), entries, G_N_ELEMENTS(entries), box);
}

GtkWidget *source_view_new(Editor *editor)
{
	SourceView *self = g_new0(SourceView, 1);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *scroll = gtk_scrolled_window_new(NULL, NULL);

	self->editor = editor;
	self->view = view_new(self);
	g_object_set_data_full(G_OBJECT(box), "source-view", self, source_view_free);
	gtk_container_add(GTK_CONTAINER(scroll), GTK_WIDGET(self->view));
	gtk_widget_set_vexpand(scroll, TRUE);
	gtk_widget_set_size_request(scroll, 320, -1);
	gtk_container_add(GTK_CONTAINER(box), scroll);
	gtk_container_add(GTK_CONTAINER(box), messages_new(self));
	add_marks(self, box);
	connect_all(self, box);
	choose_scheme(box);
	g_signal_connect(box, "map", G_CALLBACK(on_map), NULL);
	on_changed(box);
	gtk_widget_show_all(box);
	return box;
}
