/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done in a console: its actions, the keys and the menu that activate them. */
#include "gui/panels/console_private.h"

#define ZOOM_STEP 1.1

/* -- Actions -- */

static void on_copy(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Console *self = data;
	if (vte_terminal_get_has_selection(self->terminal))
		vte_terminal_copy_clipboard_format(self->terminal, VTE_FORMAT_TEXT);
}

static void on_paste(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	vte_terminal_paste_clipboard(((Console *)data)->terminal);
}

static void on_select_all(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	vte_terminal_select_all(((Console *)data)->terminal);
}

static void zoom(Console *self, double factor)
{
	double scale = factor > 0 ? vte_terminal_get_font_scale(self->terminal) * factor : 1;
	vte_terminal_set_font_scale(self->terminal, CLAMP(scale, 0.3, 5));
}

static void on_zoom_in(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	zoom(data, ZOOM_STEP);
}

static void on_zoom_out(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	zoom(data, 1 / ZOOM_STEP);
}

static void on_zoom_normal(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	zoom(data, 0);
}

static void on_clear(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	Console *self = data;
	vte_terminal_reset(self->terminal, TRUE, TRUE);
	if (self->command)
		guest_command_write(self->command, "\f", 1); /* the shell draws its prompt again */
}

static void on_reconnect(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	console_reconnect(data);
}

static const GActionEntry entries[] = {
	{.name = "copy", .activate = on_copy},
	{.name = "paste", .activate = on_paste},
	{.name = "select-all", .activate = on_select_all},
	{.name = "zoom-in", .activate = on_zoom_in},
	{.name = "zoom-out", .activate = on_zoom_out},
	{.name = "zoom-normal", .activate = on_zoom_normal},
	{.name = "clear", .activate = on_clear},
	{.name = "reconnect", .activate = on_reconnect},
};

/* As in other terminals: keys that a guest's programs need are left to them. */
static const struct {
	guint key;
	GdkModifierType modifiers;
	const char *action;
} keys[] = {
	{GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "copy"},
	{GDK_KEY_Insert, GDK_CONTROL_MASK, "copy"},
	{GDK_KEY_v, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "paste"},
	{GDK_KEY_a, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "select-all"},
	{GDK_KEY_plus, GDK_CONTROL_MASK, "zoom-in"},
	{GDK_KEY_plus, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "zoom-in"},
	{GDK_KEY_equal, GDK_CONTROL_MASK, "zoom-in"},
	{GDK_KEY_KP_Add, GDK_CONTROL_MASK, "zoom-in"},
	{GDK_KEY_minus, GDK_CONTROL_MASK, "zoom-out"},
	{GDK_KEY_KP_Subtract, GDK_CONTROL_MASK, "zoom-out"},
	{GDK_KEY_0, GDK_CONTROL_MASK, "zoom-normal"},
	{GDK_KEY_KP_0, GDK_CONTROL_MASK, "zoom-normal"},
	{GDK_KEY_k, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "clear"},
	{GDK_KEY_r, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "reconnect"},
	{GDK_KEY_t, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "new"},
	{GDK_KEY_n, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "window"},
	{GDK_KEY_w, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "close"},
	{GDK_KEY_Page_Up, GDK_CONTROL_MASK, "previous"},
	{GDK_KEY_Page_Down, GDK_CONTROL_MASK, "next"},
	/* A guest cannot tell them from Tab: they lead out of the terminal. */
	{GDK_KEY_Tab, GDK_CONTROL_MASK, "leave"},
	{GDK_KEY_ISO_Left_Tab, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "leave"},
};

static gboolean on_key(GtkWidget *terminal, GdkEventKey *event, Console *self)
{
	GdkModifierType modifiers = event->state & gtk_accelerator_get_default_mod_mask();
	guint key = event->keyval == GDK_KEY_ISO_Left_Tab ? event->keyval : gdk_keyval_to_lower(event->keyval);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		if (keys[i].key == key && keys[i].modifiers == modifiers) {
			g_action_group_activate_action(G_ACTION_GROUP(self->actions), keys[i].action, NULL);
			return TRUE;
		}
	return FALSE;
}

static gboolean on_scroll(GtkWidget *terminal, GdkEventScroll *event, Console *self)
{
	double dx, dy = 0;
	if (!(event->state & GDK_CONTROL_MASK))
		return FALSE;
	if (!gdk_event_get_scroll_deltas((GdkEvent *)event, &dx, &dy))
		dy = event->direction == GDK_SCROLL_UP ? -1 : event->direction == GDK_SCROLL_DOWN ? 1 : 0;
	if (dy != 0)
		zoom(self, dy < 0 ? ZOOM_STEP : 1 / ZOOM_STEP);
	return TRUE;
}

static void show_menu(Console *self, GdkEvent *event)
{
	g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource("/org/netlab/Gui/console.ui");
	GMenuModel *model = G_MENU_MODEL(gtk_builder_get_object(builder, "console-menu"));
	GtkWidget *menu = gtk_menu_new_from_model(model);
	gtk_menu_attach_to_widget(GTK_MENU(menu), GTK_WIDGET(self->terminal), NULL);
	g_signal_connect(menu, "selection-done", G_CALLBACK(gtk_widget_destroy), NULL);
	if (event)
		gtk_menu_popup_at_pointer(GTK_MENU(menu), event);
	else
		gtk_menu_popup_at_widget(
			GTK_MENU(menu), GTK_WIDGET(self->terminal), GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
}

static gboolean on_button(GtkWidget *terminal, GdkEventButton *event, Console *self)
{
	if (!gdk_event_triggers_context_menu((GdkEvent *)event))
		return FALSE;
	show_menu(self, (GdkEvent *)event);
	return TRUE;
}

static gboolean on_popup_menu(GtkWidget *terminal, Console *self)
{
	show_menu(self, NULL);
	return TRUE;
}

void console_add_keys(Console *self)
{
	g_action_map_add_action_entries(G_ACTION_MAP(self->actions), entries, G_N_ELEMENTS(entries), self);
	g_signal_connect_object(self->terminal, "key-press-event", G_CALLBACK(on_key), self, 0);
	g_signal_connect_object(self->terminal, "scroll-event", G_CALLBACK(on_scroll), self, 0);
	g_signal_connect_object(self->terminal, "button-press-event", G_CALLBACK(on_button), self, 0);
	g_signal_connect_object(self->terminal, "popup-menu", G_CALLBACK(on_popup_menu), self, 0);
}
