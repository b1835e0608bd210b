/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/ui/properties.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/editor/ui/property_change.h"
#include "gui/editor/ui/property_row.h"

enum { APPLY_DELAY = 250 }; /* ms after the last key */

#define PROPERTIES_TYPE (properties_get_type())
G_DECLARE_FINAL_TYPE(Properties, properties, PROPERTIES, PROPERTIES, GtkBox)

struct _Properties {
	GtkBox parent_instance;
	/* of properties.ui */
	GtkWidget *title, *remark, *content;

	Editor *editor; /* borrowed: the window owns it */
	PropertySubject subject;
	char *shape, *made_for; /* what the rows are made for: what there is, and the subject's name */
	GPtrArray *rows;        /* of Row */
	gboolean applying;
};

/* A row, and the element that it is of. */
typedef struct {
	Properties *panel;
	PropertyRow *row;
	PropertyPlace place;
	guint timer;
} Row;

G_DEFINE_FINAL_TYPE(Properties, properties, GTK_TYPE_BOX)

static void row_free(gpointer data)
{
	Row *self = data;

	g_clear_handle_id(&self->timer, g_source_remove);
	g_free(self);
}

static void properties_dispose(GObject *object)
{
	Properties *self = PROPERTIES_PROPERTIES(object);

	g_ptr_array_set_size(self->rows, 0);
	G_OBJECT_CLASS(properties_parent_class)->dispose(object);
}

static void properties_finalize(GObject *object)
{
	Properties *self = PROPERTIES_PROPERTIES(object);

	g_ptr_array_unref(self->rows);
	g_free(self->subject.name);
	g_free(self->shape);
	g_free(self->made_for);
	G_OBJECT_CLASS(properties_parent_class)->finalize(object);
}

static void properties_class_init(PropertiesClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = properties_dispose;
	G_OBJECT_CLASS(class)->finalize = properties_finalize;
	gtk_widget_class_set_template_from_resource(widget_class, "/org/netlab/Gui/editor/properties.ui");
	gtk_widget_class_bind_template_child(widget_class, Properties, title);
	gtk_widget_class_bind_template_child(widget_class, Properties, remark);
	gtk_widget_class_bind_template_child(widget_class, Properties, content);
}

static void properties_init(Properties *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	self->rows = g_ptr_array_new_with_free_func(row_free);
	self->subject.is_lab = TRUE;
}

static const Markup *markup_of(const Properties *self)
{
	return document_markup(editor_document(self->editor));
}

/* -- From rows to the document ------------------------------------------------------------------------------------- */

static const MarkupElement *element_of(const Row *row)
{
	return property_element(markup_of(row->panel), &row->panel->subject, &row->place);
}

static void apply(Row *row)
{
	Properties *self = row->panel;
	const MarkupElement *element = markup_of(self) ? element_of(row) : NULL;
	g_autofree char *value = property_row_value(row->row), *problem = NULL;

	g_clear_handle_id(&row->timer, g_source_remove);
	if (!element || self->applying)
		return;
	/* Where the change is made, there may be other rows after it: this one is gone. Where it is refused, nothing changes. */
	property_row_set_problem(row->row, NULL);
	self->applying = TRUE;
	problem = property_change(self->editor, &self->subject, element, property_row_spec(row->row), value);
	self->applying = FALSE;
	if (problem)
		property_row_set_problem(row->row, problem);
}

static void update_values(Properties *self);

static gboolean apply_later(gpointer data)
{
	Row *row = data;
	Properties *self = row->panel;

	row->timer = 0;
	apply(row);
	update_values(self);
	return G_SOURCE_REMOVE;
}

static void on_edited(PropertyRow *widget, Properties *self)
{
	for (guint i = 0; i < self->rows->len; i++) {
		Row *row = self->rows->pdata[i];

		if (row->row != widget)
			continue;
		g_clear_handle_id(&row->timer, g_source_remove);
		row->timer = g_timeout_add(APPLY_DELAY, apply_later, row);
	}
}

/* What was typed and has not come into the document yet. */
static void flush(Properties *self)
{
	for (guint i = 0; i < self->rows->len; i++)
		if (((Row *)self->rows->pdata[i])->timer)
			apply(self->rows->pdata[i]);
}

/* -- From the document to rows ------------------------------------------------------------------------------------- */

static void set_options(Properties *self, PropertyRow *row)
{
	g_auto(GStrv) options = property_options(markup_of(self), property_row_spec(row)->kind);

	if (options)
		property_row_set_options(row, (const char *const *)options);
}

static void update_values(Properties *self)
{
	if (!markup_of(self))
		return;
	for (guint i = 0; i < self->rows->len; i++) {
		Row *row = self->rows->pdata[i];
		const MarkupElement *element = element_of(row);
		g_autofree char *value = NULL;

		if (!element || row->timer || property_row_has_problem(row->row))
			continue;
		value = property_value(element, property_row_spec(row->row));
		/* What is typed now may be written otherwise than it is kept: blanks at its end, say. */
		if (!gtk_widget_is_focus(GTK_WIDGET(row->row)) &&
			!gtk_container_get_focus_child(GTK_CONTAINER(row->row)))
			property_row_set_value(row->row, value);
	}
}

/* -- Making the rows ----------------------------------------------------------------------------------------------- */

static GtkWidget *box_new(GtkWidget *into)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);

	gtk_container_add(GTK_CONTAINER(into), box);
	return box;
}

static void add_rows(
	Properties *self, GtkWidget *box, const PropertySpec *specs, const PropertyPlace *place, const char *subject)
{
	GtkWidget *more = NULL;

	for (const PropertySpec *spec = specs; spec->label; spec++) {
		Row *row = g_new0(Row, 1);
		GtkWidget *into = box;

		if (spec->rare && !more) {
			GtkWidget *expander = gtk_expander_new(_("More"));

			gtk_container_add(GTK_CONTAINER(box), expander);
			more = box_new(expander);
		}
		if (spec->rare)
			into = more;
		*row = (Row){self, PROPERTY_ROW(property_row_new(spec, subject)), *place, 0};
		g_ptr_array_add(self->rows, row);
		set_options(self, row->row);
		gtk_container_add(GTK_CONTAINER(into), GTK_WIDGET(row->row));
		g_signal_connect_object(row->row, "edited", G_CALLBACK(on_edited), self, 0);
	}
}

static void on_add(GtkButton *button, Properties *self)
{
	flush(self);
	property_add(self->editor, &self->subject, g_object_get_data(G_OBJECT(button), "place"));
}

static void on_remove(GtkButton *button, Properties *self)
{
	flush(self);
	property_remove(self->editor, &self->subject, g_object_get_data(G_OBJECT(button), "place"));
}

static GtkWidget *button_new(
	Properties *self, const char *icon, const char *label, const PropertyPlace *place, GCallback clicked)
{
	GtkWidget *button =
		icon ? gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_MENU) : gtk_button_new_with_label(label);

	atk_object_set_name(gtk_widget_get_accessible(button), label);
	if (icon) {
		gtk_widget_set_tooltip_text(button, label);
		gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
	}
	g_object_set_data_full(G_OBJECT(button), "place", g_memdup2(place, sizeof(*place)), g_free);
	g_signal_connect_object(button, "clicked", clicked, self, 0);
	return button;
}

static void add_heading(GtkWidget *box, const char *text)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(label), "property-section");
	gtk_container_add(GTK_CONTAINER(box), label);
}

/* Its name, and a button that takes it away. */
static GtkWidget *line_new(Properties *self, const char *name, const PropertyPlace *place, gboolean removable)
{
	GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4), *label = gtk_label_new(name);
	g_autofree char *remove = g_strdup_printf(_("Remove %s"), name);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_widget_set_hexpand(label, TRUE);
	gtk_container_add(GTK_CONTAINER(line), label);
	if (removable)
		gtk_container_add(GTK_CONTAINER(line),
			button_new(self, "list-remove-symbolic", remove, place, G_CALLBACK(on_remove)));
	return line;
}

static void add_element(Properties *self, GtkWidget *into, const MarkupElement *element, const PropertyPlace *place,
	gboolean removable);

static void add_inner(Properties *self, GtkWidget *into, const MarkupElement *element, PropertyPlace place)
{
	g_autoptr(GPtrArray) elements = property_inner_elements(element, place.section->inner);

	place.inner = place.section->inner;
	for (place.inner_index = 0; place.inner_index < elements->len; place.inner_index++)
		add_element(self, into, elements->pdata[place.inner_index], &place, elements->len > 1);
	gtk_container_add(GTK_CONTAINER(into), button_new(self, NULL, _(place.inner->add), &place, G_CALLBACK(on_add)));
}

static void add_element(
	Properties *self, GtkWidget *into, const MarkupElement *element, const PropertyPlace *place, gboolean removable)
{
	const PropertySection *section = place->inner ? place->inner : place->section;
	gboolean by_link = !strcmp(element->name, "end") && strcmp(section->element, "end") != 0;
	g_autofree char *name = property_element_label(markup_of(self), element);
	GtkWidget *box = box_new(into);

	gtk_style_context_add_class(gtk_widget_get_style_context(box), "property-element");
	if (!section->single)
		gtk_container_add(GTK_CONTAINER(box), line_new(self, name, place, removable));
	add_rows(self, box, by_link ? property_link_interface : section->properties, place,
		section->single ? NULL : name);
	if (section->inner)
		add_inner(self, box, element, *place);
}

static void add_section(Properties *self, const PropertySection *section)
{
	g_autoptr(GPtrArray) elements = property_elements(markup_of(self), &self->subject, section);
	PropertyPlace place = {section, 0, NULL, 0};

	if (!elements->len && !section->add)
		return;
	add_heading(self->content, _(section->title));
	for (place.index = 0; place.index < elements->len; place.index++)
		add_element(self, self->content, elements->pdata[place.index], &place, section->add != NULL);
	if (section->add && !(section->single && elements->len))
		gtk_container_add(GTK_CONTAINER(self->content),
			button_new(self, NULL, _(section->add), &place, G_CALLBACK(on_add)));
}

/* Rows are created again only when there are others, so that a field being typed in keeps the focus. */
static char *shape_of(Properties *self, const PropertyPage *page)
{
	g_autoptr(GString) shape = g_string_new(page->element);

	for (const PropertySection *section = page->sections; section->element; section++) {
		g_autoptr(GPtrArray) elements = property_elements(markup_of(self), &self->subject, section);

		g_string_append_printf(shape, " %u", elements->len);
		for (guint i = 0; i < elements->len; i++) {
			const MarkupElement *element = elements->pdata[i];

			g_string_append_printf(
				shape, "%c%u", *element->name, section->inner ? element->children->len : 0);
		}
	}
	return g_string_free(g_steal_pointer(&shape), FALSE);
}

static void clear(Properties *self)
{
	g_autoptr(GList) children = gtk_container_get_children(GTK_CONTAINER(self->content));

	g_ptr_array_set_size(self->rows, 0);
	for (GList *each = children; each; each = each->next)
		gtk_widget_destroy(each->data);
	g_clear_pointer(&self->shape, g_free);
	g_clear_pointer(&self->made_for, g_free);
}

static void make(Properties *self, const PropertyPage *page, const char *shape)
{
	clear(self);
	self->shape = g_strdup(shape);
	self->made_for = g_strdup(self->subject.name);
	add_rows(self, self->content, page->properties, &(PropertyPlace){0}, NULL);
	for (const PropertySection *section = page->sections; section->element; section++)
		add_section(self, section);
	gtk_widget_show_all(self->content);
}

static void set_remark(Properties *self, const char *remark)
{
	gtk_label_set_text(GTK_LABEL(self->remark), remark ? remark : "");
	gtk_widget_set_visible(self->remark, remark != NULL);
	if (remark)
		clear(self);
}

static void set_title(Properties *self)
{
	static const char *const kinds[] = {[ITEM_NODE] = N_("Node"),
		[ITEM_NETWORK] = N_("Network"),
		[ITEM_UPLINK] = N_("Uplink"),
		[ITEM_LINK] = N_("Link")};
	g_autofree char *title = self->subject.is_lab
		? g_strdup(_("Lab"))
		: g_strdup_printf("%s %s", _(kinds[self->subject.kind]), self->subject.name);

	gtk_label_set_text(GTK_LABEL(self->title), title);
}

static gboolean choose_subject(Properties *self)
{
	g_autoptr(GArray) items = editor_selection(self->editor);
	const Item *first = items->len ? &g_array_index(items, Item, 0) : NULL;

	if (items->len > 1)
		return FALSE;
	g_free(self->subject.name);
	self->subject =
		first ? (PropertySubject){FALSE, first->kind, g_strdup(first->name)} : (PropertySubject){TRUE, 0, NULL};
	return TRUE;
}

static void refresh(Properties *self)
{
	const MarkupElement *element;
	const PropertyPage *page;
	g_autofree char *shape = NULL;

	if (!editor_is_drawing(self->editor))
		return;
	if (!self->applying)
		flush(self);
	/* While a new name is being applied, the one who has it is not selected yet. */
	if (!self->applying && !choose_subject(self)) {
		gtk_label_set_text(GTK_LABEL(self->title), _("Several items are selected"));
		set_remark(self, _("Select a single item to see its properties."));
		return;
	}
	set_title(self);
	if (!markup_of(self)) {
		set_remark(self,
			*document_text(editor_document(self->editor))
				? _("The file is not well-formed XML. Fix it in the text editor.")
				: _("Choose a tool to start drawing."));
		return;
	}
	element = property_element(markup_of(self), &self->subject, &(PropertyPlace){0});
	page = element ? property_page(element->name) : NULL;
	if (!page) {
		set_remark(self, _("This item is defined in a file that the lab includes. Edit it there."));
		return;
	}
	set_remark(self, NULL);
	shape = shape_of(self, page);
	if (self->applying) {
		g_free(self->made_for);
		self->made_for = g_strdup(self->subject.name);
	}
	if (g_strcmp0(shape, self->shape) != 0 || g_strcmp0(self->subject.name, self->made_for) != 0)
		make(self, page, shape);
	for (guint i = 0; !self->applying && i < self->rows->len; i++)
		if (!gtk_container_get_focus_child(GTK_CONTAINER(((Row *)self->rows->pdata[i])->row)))
			set_options(self, ((Row *)self->rows->pdata[i])->row);
	update_values(self);
}

GtkWidget *properties_new(Editor *editor)
{
	Properties *self = g_object_new(PROPERTIES_TYPE, NULL);

	self->editor = editor;
	g_signal_connect_object(editor_document(self->editor), "changed", G_CALLBACK(refresh), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(editor_scene(editor), "selection", G_CALLBACK(refresh), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->editor, "drawing", G_CALLBACK(refresh), self, G_CONNECT_SWAPPED);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self)), _("Properties"));
	return GTK_WIDGET(self);
}
