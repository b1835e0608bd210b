/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/settings.h"

#include <glib/gi18n.h>

#include "netlab/host/paths.h"

#define SCHEMA "org.netlab.Gui"

static GSettings *settings;

gboolean settings_open(GError **error)
{
	g_autofree char *folder = path_share("../glib-2.0/schemas");
	GSettingsSchemaSource *usual = g_settings_schema_source_get_default();
	g_autoptr(GSettingsSchemaSource) own = g_settings_schema_source_new_from_directory(folder, usual, FALSE, NULL);
	g_autoptr(GSettingsSchema) schema =
		own || usual ? g_settings_schema_source_lookup(own ? own : usual, SCHEMA, TRUE) : NULL;
	if (!schema) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			_("the settings schema in %s is not compiled; run: glib-compile-schemas %s"), SCHEMA, folder);
		return FALSE;
	}
	settings = g_settings_new_full(schema, NULL, NULL);
	return TRUE;
}

GSettings *settings_get(void)
{
	return settings;
}

/* -- Dark -- */

/* Until the user has chosen, the desktop's own preference applies. */
static void apply_dark(void)
{
	g_autoptr(GVariant) chosen = g_settings_get_user_value(settings, "dark");
	if (chosen)
		g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme",
			g_variant_get_boolean(chosen), NULL);
}

GAction *settings_dark_action(void)
{
	apply_dark();
	g_signal_connect(settings, "changed::dark", G_CALLBACK(apply_dark), NULL);
	return g_settings_create_action(settings, "dark");
}

/* -- The size of windows -- */

/* A window's size while it is neither maximized nor on the full screen: what it goes back to. Owned by the window. */
typedef struct {
	int width, height;
	gboolean maximized;
} Size;

#define SIZE "settings-size"

static gboolean on_configure(GtkWidget *window, GdkEvent *event, Size *size)
{
	GdkWindowState state = gdk_window_get_state(gtk_widget_get_window(window));
	size->maximized = (state & GDK_WINDOW_STATE_MAXIMIZED) != 0;
	if (!(state & (GDK_WINDOW_STATE_MAXIMIZED | GDK_WINDOW_STATE_FULLSCREEN | GDK_WINDOW_STATE_TILED)))
		gtk_window_get_size(GTK_WINDOW(window), &size->width, &size->height);
	return GDK_EVENT_PROPAGATE;
}

static void on_destroy(GtkWidget *window, Size *size)
{
	g_settings_set_int(settings, "width", size->width);
	g_settings_set_int(settings, "height", size->height);
	g_settings_set_boolean(settings, "maximized", size->maximized);
}

void settings_follow_window(GtkWindow *window)
{
	Size *size = g_new0(Size, 1);
	size->width = g_settings_get_int(settings, "width");
	size->height = g_settings_get_int(settings, "height");
	size->maximized = g_settings_get_boolean(settings, "maximized");
	gtk_window_set_default_size(window, size->width, size->height);
	if (size->maximized)
		gtk_window_maximize(window);
	g_object_set_data_full(G_OBJECT(window), SIZE, size, g_free);
	/* Handlers of the window's own signals, with data that it owns: they end with it. */
	g_signal_connect(window, "configure-event", G_CALLBACK(on_configure), size);
	g_signal_connect(window, "window-state-event", G_CALLBACK(on_configure), size);
	g_signal_connect(window, "destroy", G_CALLBACK(on_destroy), size);
}

/* -- What is shown -- */

static void on_state(GAction *action, GParamSpec *property, gpointer data)
{
	g_autoptr(GVariant) state = g_action_get_state(action);
	g_settings_set_value(settings, g_action_get_name(action), state);
}

void settings_follow_actions(GActionMap *actions)
{
	g_autoptr(GSettingsSchema) schema = NULL;
	g_object_get(settings, "settings-schema", &schema, NULL);
	g_auto(GStrv) keys = g_settings_schema_list_keys(schema);
	for (char **key = keys; *key; key++) {
		GAction *action = g_action_map_lookup_action(actions, *key);
		g_autoptr(GVariant) value = g_settings_get_value(settings, *key);
		const GVariantType *type = action ? g_action_get_state_type(action) : NULL;
		if (!type || !g_variant_is_of_type(value, type))
			continue;
		g_action_change_state(action, value);
		g_signal_connect(action, "notify::state", G_CALLBACK(on_state), NULL);
	}
}
