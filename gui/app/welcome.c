/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/welcome.h"

#include "netlab/client/lab_directory.h"

/* Owned by its box. */
typedef struct {
	LabWindow *window;
	GtkMenuButton *running, *recent;
} Welcome;

/* The labs that run now, each an app.attach of its name. */
static void list_running(GMenu *menu)
{
	g_autoptr(GPtrArray) labs = lab_directories(NULL);
	g_menu_remove_all(menu);
	for (guint i = 0; labs && i < labs->len; i++) {
		const LabDirectory *lab = labs->pdata[i];
		if (!lab->alive)
			continue;
		/* In a menu an underscore marks a key, unless doubled. */
		g_autoptr(GString) label = g_string_new(lab->name);
		g_string_replace(label, "_", "__", 0);
		g_autoptr(GMenuItem) item = g_menu_item_new(label->str, NULL);
		g_menu_item_set_action_and_target(item, "app.attach", "s", lab->name);
		g_menu_append_item(menu, item);
	}
}

static void set_menu(GtkMenuButton *button, GMenu *menu)
{
	gtk_menu_button_set_menu_model(button, G_MENU_MODEL(menu));
	gtk_widget_set_visible(GTK_WIDGET(button), g_menu_model_get_n_items(G_MENU_MODEL(menu)) > 0);
}

static void on_map(GtkWidget *box, Welcome *self)
{
	GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self->window));
	g_autoptr(GMenu) running = g_menu_new();
	list_running(running);
	set_menu(self->running, running);
	set_menu(self->recent, gtk_application_get_menu_by_id(application, "recent-menu"));
}

static void follow(GtkWidget *box)
{
	const Welcome *self = g_object_get_data(G_OBJECT(box), "welcome");
	gtk_widget_set_visible(
		box, lab_window_is_empty(self->window) && !editor_is_drawing(lab_window_editor(self->window)));
}

GtkWidget *welcome_new(LabWindow *window)
{
	g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource("/org/netlab/Gui/welcome.ui");
	GtkWidget *box = g_object_ref(GTK_WIDGET(gtk_builder_get_object(builder, "welcome")));
	Session *session = lab_window_session(window);
	Welcome *self = g_new0(Welcome, 1);
	self->window = window;
	self->running = GTK_MENU_BUTTON(gtk_builder_get_object(builder, "running"));
	self->recent = GTK_MENU_BUTTON(gtk_builder_get_object(builder, "recent"));
	g_object_set_data_full(G_OBJECT(box), "welcome", self, g_free);
	g_signal_connect(box, "map", G_CALLBACK(on_map), self);
	g_signal_connect_object(session, "file", G_CALLBACK(follow), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(session, "run", G_CALLBACK(follow), box, G_CONNECT_SWAPPED);
	g_signal_connect_object(lab_window_editor(window), "drawing", G_CALLBACK(follow), box, G_CONNECT_SWAPPED);
	follow(box);
	g_object_force_floating(G_OBJECT(box));
	return box;
}
