/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/consoles.h"

#include <glib/gi18n.h>

#include "gui/panels/console.h"
#include "gui/panels/selected_nodes.h"

enum { WINDOW_WIDTH = 820, WINDOW_HEIGHT = 520 };

/* Owned by the panel's widget. */
typedef struct {
	const PanelContext *context; /* borrowed: the window has it */
	GtkStack *stack;             /* "none" while there is no console */
	GtkNotebook *book;
	GPtrArray *books; /* of GtkNotebook, borrowed: the one below the canvas, and one in each window */
	char *group;      /* tabs move only among the books of a lab */
} Consoles;

static GtkNotebook *book_new(Consoles *self);

static GtkNotebook *book_of(Console *console)
{
	return GTK_NOTEBOOK(gtk_widget_get_ancestor(GTK_WIDGET(console), GTK_TYPE_NOTEBOOK));
}

/* The free number that is lowest, so that titles stay short. */
static guint free_number(Consoles *self, const char *node)
{
	guint number = 1;
	for (gboolean taken = TRUE; taken; number += taken) {
		taken = FALSE;
		for (guint i = 0; i < self->books->len; i++) {
			g_autoptr(GList) pages = gtk_container_get_children(self->books->pdata[i]);
			for (GList *page = pages; page; page = page->next)
				taken |= g_str_equal(console_node(page->data), node) &&
					console_number(page->data) == number;
		}
	}
	return number;
}

/* -- Places -- */

static void show_console(Consoles *self, GtkNotebook *book, GtkWidget *console)
{
	gtk_notebook_set_current_page(book, gtk_notebook_page_num(book, console));
	if (book == self->book)
		panel_show(self->context, consoles_panel.id);
	else
		gtk_window_present(GTK_WINDOW(gtk_widget_get_toplevel(GTK_WIDGET(book))));
	console_focus(CONSOLE_CONSOLE(console));
}

static void show_node(Consoles *self, Console *console)
{
	Scene *scene = session_scene(self->context->session);
	SceneVertex *vertex = scene_find_vertex(scene, SCENE_NODE, console_node(console));
	if (!vertex)
		return;
	scene_select_only(scene, vertex, NULL);
	canvas_show_vertex(self->context->canvas, vertex);
}

static void on_title_clicked(GtkWidget *button, Consoles *self)
{
	Console *console = g_object_get_data(G_OBJECT(button), "console");
	show_node(self, console);
	show_console(self, book_of(console), GTK_WIDGET(console));
}

/* A button with the name of the node: shows the console, and the node on the canvas. */
static GtkWidget *title_new(Consoles *self, Console *console)
{
	GtkWidget *title = gtk_button_new_with_label(console_name(console));
	gtk_button_set_relief(GTK_BUTTON(title), GTK_RELIEF_NONE);
	gtk_widget_set_focus_on_click(title, FALSE);
	g_object_set_data(G_OBJECT(title), "console", console);
	g_signal_connect(title, "clicked", G_CALLBACK(on_title_clicked), self);
	return title;
}

static void on_titled(Console *console, GtkWidget *title)
{
	gtk_widget_set_tooltip_text(title, console_title(console));
}

static GtkWidget *tab_new(Consoles *self, Console *console)
{
	GtkWidget *tab = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0), *title = title_new(self, console);
	GtkWidget *close = gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU);
	g_autofree char *name = g_strdup_printf(_("Close the console of %s"), console_name(console));
	gtk_style_context_add_class(gtk_widget_get_style_context(tab), "console-tab");
	gtk_button_set_relief(GTK_BUTTON(close), GTK_RELIEF_NONE);
	gtk_widget_set_focus_on_click(close, FALSE);
	gtk_widget_set_tooltip_text(close, _("Close"));
	atk_object_set_name(gtk_widget_get_accessible(close), name);
	g_signal_connect_object(close, "clicked", G_CALLBACK(gtk_widget_destroy), console, G_CONNECT_SWAPPED);
	g_signal_connect_object(console, "titled", G_CALLBACK(on_titled), title, 0);
	on_titled(console, title);
	gtk_container_add(GTK_CONTAINER(tab), title);
	gtk_container_add(GTK_CONTAINER(tab), close);
	gtk_widget_show_all(tab);
	return tab;
}

static void place(Consoles *self, GtkNotebook *book, Console *console)
{
	GtkWidget *widget = GTK_WIDGET(console);
	gtk_notebook_append_page(book, widget, tab_new(self, console));
	gtk_notebook_set_tab_reorderable(book, widget, TRUE);
	gtk_notebook_set_tab_detachable(book, widget, TRUE);
	gtk_notebook_set_menu_label_text(book, widget, console_name(console));
	show_console(self, book, widget);
}

/* -- Separate windows -- */

static void on_window_page(GtkNotebook *book, GtkWidget *page, guint number, GtkWindow *window)
{
	g_autofree char *title = g_strdup_printf(_("%s — console"), console_name(CONSOLE_CONSOLE(page)));
	gtk_window_set_title(window, title);
}

static GtkNotebook *window_new(Consoles *self)
{
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	GtkNotebook *book = book_new(self);
	gtk_window_set_default_size(GTK_WINDOW(window), WINDOW_WIDTH, WINDOW_HEIGHT);
	gtk_window_set_role(GTK_WINDOW(window), "console");
	gtk_container_add(GTK_CONTAINER(window), GTK_WIDGET(book));
	g_signal_connect_object(book, "switch-page", G_CALLBACK(on_window_page), window, 0);
	/* It goes with the window of the lab, but stays where the user puts it. */
	g_signal_connect_object(
		self->context->window, "destroy", G_CALLBACK(gtk_widget_destroy), window, G_CONNECT_SWAPPED);
	gtk_widget_show_all(window);
	return book;
}

static GtkNotebook *on_create_window(GtkNotebook *from, GtkWidget *page, int x, int y, Consoles *self)
{
	GtkNotebook *book = window_new(self);
	gtk_window_move(GTK_WINDOW(gtk_widget_get_toplevel(GTK_WIDGET(book))), x, y);
	return book;
}

static gboolean destroy_soon(gpointer window)
{
	gtk_widget_destroy(window);
	return G_SOURCE_REMOVE;
}

static void on_page_removed(GtkNotebook *book, GtkWidget *page, guint number, Consoles *self)
{
	if (gtk_notebook_get_n_pages(book) > 0 || gtk_widget_in_destruction(GTK_WIDGET(book)))
		return;
	if (book == self->book)
		gtk_stack_set_visible_child_name(self->stack, "none");
	else /* not now: its last tab may be on its way to another book, by drag and drop */
		g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, destroy_soon,
			g_object_ref(gtk_widget_get_toplevel(GTK_WIDGET(book))), g_object_unref);
}

static void on_page_added(GtkNotebook *book, GtkWidget *page, guint number, Consoles *self)
{
	if (book == self->book)
		gtk_stack_set_visible_child(self->stack, GTK_WIDGET(book));
}

static void on_book_destroyed(GtkWidget *book, Consoles *self)
{
	g_ptr_array_remove(self->books, book);
}

static GtkNotebook *book_new(Consoles *self)
{
	GtkWidget *book = gtk_notebook_new();
	gtk_notebook_set_scrollable(GTK_NOTEBOOK(book), TRUE);
	gtk_notebook_popup_enable(GTK_NOTEBOOK(book));
	gtk_notebook_set_group_name(GTK_NOTEBOOK(book), self->group);
	gtk_notebook_set_show_border(GTK_NOTEBOOK(book), FALSE);
	atk_object_set_name(gtk_widget_get_accessible(book), _("Consoles"));
	/* The panel's widget outlives all of them: windows go when the lab's window is destroyed, before its children. */
	g_signal_connect(book, "create-window", G_CALLBACK(on_create_window), self);
	g_signal_connect(book, "page-added", G_CALLBACK(on_page_added), self);
	g_signal_connect(book, "page-removed", G_CALLBACK(on_page_removed), self);
	g_signal_connect(book, "destroy", G_CALLBACK(on_book_destroyed), self);
	g_ptr_array_add(self->books, book);
	gtk_widget_show(book);
	return GTK_NOTEBOOK(book);
}

/* -- Actions of a console that concern its place -- */

static Consoles *consoles_of(Console *console)
{
	return g_object_get_data(G_OBJECT(console), "consoles");
}

static void open_console(Consoles *self, const char *node, GtkNotebook *book);

static void on_close(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	gtk_widget_destroy(data);
}

static void on_new(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	open_console(consoles_of(data), console_node(data), book_of(data));
}

static void on_window(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Consoles *self = consoles_of(data);
	GtkNotebook *from = book_of(data), *to = from == self->book ? window_new(self) : self->book;
	g_autoptr(GtkWidget) console = g_object_ref(data);
	gtk_notebook_detach_tab(from, console);
	place(self, to, CONSOLE_CONSOLE(console));
}

static void on_show_node(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Consoles *self = consoles_of(data);
	show_node(self, data);
	gtk_window_present(self->context->window);
}

static void turn(gpointer console, int step)
{
	GtkNotebook *book = book_of(console);
	int n = gtk_notebook_get_n_pages(book);
	gtk_notebook_set_current_page(book, (gtk_notebook_get_current_page(book) + n + step) % n);
	console_focus(CONSOLE_CONSOLE(gtk_notebook_get_nth_page(book, gtk_notebook_get_current_page(book))));
}

static void on_previous(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	turn(data, -1);
}

static void on_next(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	turn(data, 1);
}

/* Out of the terminal, which takes all other keys: to the canvas. */
static void on_leave(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Consoles *self = consoles_of(data);
	gtk_window_present(self->context->window);
	gtk_widget_grab_focus(GTK_WIDGET(self->context->canvas));
}

static const GActionEntry console_entries[] = {
	{.name = "close", .activate = on_close},
	{.name = "new", .activate = on_new},
	{.name = "window", .activate = on_window},
	{.name = "show-node", .activate = on_show_node},
	{.name = "previous", .activate = on_previous},
	{.name = "next", .activate = on_next},
	{.name = "leave", .activate = on_leave},
};

static void open_console(Consoles *self, const char *node, GtkNotebook *book)
{
	GtkWidget *console =
		console_new(self->context->session, self->context->settings, node, free_number(self, node));
	g_object_set_data(G_OBJECT(console), "consoles", self);
	g_action_map_add_action_entries(
		console_actions(CONSOLE_CONSOLE(console)), console_entries, G_N_ELEMENTS(console_entries), console);
	g_signal_connect(console, "over", G_CALLBACK(gtk_widget_destroy), NULL);
	place(self, book, CONSOLE_CONSOLE(console));
}

/* -- Actions of the window -- */

static Consoles *panel_of(gpointer stack)
{
	return g_object_get_data(G_OBJECT(stack), "consoles");
}

static void on_console(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Consoles *self = panel_of(data);
	g_auto(GStrv) nodes = selected_nodes(self->context);
	for (char **node = nodes; *node; node++)
		open_console(self, *node, self->book);
}

static void on_console_window(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Consoles *self = panel_of(data);
	g_auto(GStrv) nodes = selected_nodes(self->context);
	for (char **node = nodes; *node; node++)
		open_console(self, *node, window_new(self));
}

static void on_open_console(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Consoles *self = panel_of(data);
	const char *node = g_variant_get_string(parameter, NULL);
	if (scene_find_vertex(session_scene(self->context->session), SCENE_NODE, node))
		open_console(self, node, self->book);
}

static const GActionEntry entries[] = {
	{.name = "console", .activate = on_console},
	{.name = "console-window", .activate = on_console_window},
	{.name = "open-console", .activate = on_open_console, .parameter_type = "s"},
};

/* -- The panel -- */

static void consoles_free(gpointer data)
{
	Consoles *self = data;
	g_ptr_array_unref(self->books);
	g_free(self->group);
	g_free(self);
}

static GtkWidget *create(const PanelContext *context)
{
	Consoles *self = g_new0(Consoles, 1);
	GtkWidget *stack = gtk_stack_new();
	GtkWidget *none = gtk_label_new(_("Double-click a node to open its console here."));
	self->context = context;
	self->stack = GTK_STACK(stack);
	self->books = g_ptr_array_new();
	self->group = g_strdup_printf("consoles-%p", (void *)self);
	self->book = book_new(self);
	gtk_style_context_add_class(gtk_widget_get_style_context(none), "dim-label");
	gtk_stack_add_named(self->stack, none, "none");
	gtk_stack_add_named(self->stack, GTK_WIDGET(self->book), "book");
	g_object_set_data_full(G_OBJECT(stack), "consoles", self, consoles_free);
	panel_add_actions(context, entries, G_N_ELEMENTS(entries), stack);
	enable_with_nodes(context, "console");
	enable_with_nodes(context, "console-window");
	gtk_widget_show_all(stack);
	return stack;
}

const PanelType consoles_panel = {"consoles", N_("Consoles"), PANEL_BOTTOM, create, FALSE, NULL};
