/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/preferences.h"

#include "gui/app/settings.h"

/* The font is the system's as long as the setting is empty. */
static gboolean font_is_set(GValue *value, GVariant *font, gpointer data)
{
	g_value_set_boolean(value, *g_variant_get_string(font, NULL) == '\0');
	return TRUE;
}

static GVariant *font_of_system(const GValue *value, const GVariantType *type, gpointer button)
{
	return g_value_get_boolean(value)
		? g_variant_new_string("")
		: g_variant_new_take_string(gtk_font_chooser_get_font(GTK_FONT_CHOOSER(button)));
}

static void on_font(GtkFontButton *button, gpointer data)
{
	g_autofree char *font = gtk_font_chooser_get_font(GTK_FONT_CHOOSER(button));
	g_settings_set_string(settings_get(), "console-font", font);
}

static void show_font(GtkFontButton *button)
{
	g_autofree char *font = g_settings_get_string(settings_get(), "console-font");
	gtk_font_chooser_set_font(GTK_FONT_CHOOSER(button), *font ? font : "Monospace 11");
}

void preferences_show(GtkWindow *parent)
{
	g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource("/org/netlab/Gui/preferences.ui");
	GtkWindow *dialog = GTK_WINDOW(gtk_builder_get_object(builder, "preferences"));
	GObject *font = gtk_builder_get_object(builder, "font"),
		*system = gtk_builder_get_object(builder, "font_of_system");
	GSettings *settings = settings_get();
	g_settings_bind(settings, "dark", gtk_builder_get_object(builder, "dark"), "active", G_SETTINGS_BIND_DEFAULT);
	g_settings_bind(settings, "console-scrollback", gtk_builder_get_object(builder, "scrollback"), "value",
		G_SETTINGS_BIND_DEFAULT);
	show_font(GTK_FONT_BUTTON(font));
	g_settings_bind_with_mapping(settings, "console-font", system, "active", G_SETTINGS_BIND_DEFAULT, font_is_set,
		font_of_system, font, NULL);
	g_object_bind_property(system, "active", font, "sensitive", G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
	g_signal_connect_object(font, "font-set", G_CALLBACK(on_font), dialog, 0);
	gtk_window_set_transient_for(dialog, parent);
	gtk_window_present(dialog);
}
