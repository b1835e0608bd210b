/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/capture_dialog.h"

#include <glib/gi18n.h>

#include "gui/model/capture_place.h"
#include "gui/panels/filter_entry.h"

enum { RING_SIZE = 10, RING_FILES = 5, PAST = 30 }; /* MB; files; seconds */

typedef struct {
	Captures *captures;
	CaptureDialogKind kind;
	char **places;
	FilterEntry *filter;
	GtkSpinButton *first, *second; /* size and number of files, or seconds; or NULL */
} Asking;

static void asking_free(gpointer data)
{
	Asking *asking = data;
	g_object_unref(asking->captures);
	g_strfreev(asking->places);
	g_free(asking);
}

static void on_response(GtkDialog *dialog, int response, gpointer data)
{
	Asking *asking = data;
	g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog));
	if (response == GTK_RESPONSE_ACCEPT && path) {
		CaptureWish wish = {
			.places = (const char *const *)asking->places,
			.path = path,
			.filter = filter_entry_text(asking->filter),
		};
		if (asking->kind == CAPTURE_DIALOG_RING) {
			wish.ring_size = (guint64)gtk_spin_button_get_value_as_int(asking->first) << 20;
			wish.ring_files = (guint)gtk_spin_button_get_value_as_int(asking->second);
		} else if (asking->kind == CAPTURE_DIALOG_PAST) {
			wish.last = (guint)gtk_spin_button_get_value_as_int(asking->first);
		}
		captures_start(asking->captures, &wish);
	}
	gtk_widget_destroy(GTK_WIDGET(dialog));
}

static GtkSpinButton *add_number(GtkGrid *grid, int row, const char *text, double most, double value)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(text), *spin = gtk_spin_button_new_with_range(1, most, 1);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), spin);
	gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), value);
	gtk_grid_attach(grid, label, 0, row, 1, 1);
	gtk_grid_attach(grid, spin, 1, row, 1, 1);
	return GTK_SPIN_BUTTON(spin);
}

static GtkWidget *options_new(Asking *asking, Session *session)
{
	GtkWidget *grid = gtk_grid_new(), *label = gtk_label_new_with_mnemonic(_("_Filter"));
	GtkWidget *filter = filter_entry_new(session);
	asking->filter = FILTER_ENTRY(filter);
	gtk_grid_set_column_spacing(GTK_GRID(grid), 8);
	gtk_grid_set_row_spacing(GTK_GRID(grid), 4);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_valign(label, GTK_ALIGN_START);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), filter);
	gtk_widget_set_hexpand(filter, TRUE);
	gtk_grid_attach(GTK_GRID(grid), label, 0, 0, 1, 1);
	gtk_grid_attach(GTK_GRID(grid), filter, 1, 0, 1, 1);
	if (asking->kind == CAPTURE_DIALOG_RING) {
		asking->first = add_number(GTK_GRID(grid), 1, _("File _size (MB)"), 10000, RING_SIZE);
		asking->second = add_number(GTK_GRID(grid), 2, _("Files to _keep"), 1000, RING_FILES);
	} else if (asking->kind == CAPTURE_DIALOG_PAST) {
		asking->first = add_number(GTK_GRID(grid), 1, _("_Seconds"), 3600, PAST);
	}
	gtk_widget_show_all(grid);
	return grid;
}

void capture_dialog_show(
	const PanelContext *context, Captures *captures, CaptureDialogKind kind, const char *const *places)
{
	Session *session = context->session;
	g_autofree char *where = capture_places_text(places),
			*file = capture_places_file(places, session_name(session));
	g_autofree char *title = kind == CAPTURE_DIALOG_RING ? g_strdup_printf(_("Capture to a ring buffer: %s"), where)
		: kind == CAPTURE_DIALOG_PAST                ? g_strdup_printf(_("Save the last seconds: %s"), where)
							     : g_strdup_printf(_("Capture to a file: %s"), where);
	GtkWidget *dialog = gtk_file_chooser_dialog_new(title, context->window, GTK_FILE_CHOOSER_ACTION_SAVE,
		_("_Cancel"), GTK_RESPONSE_CANCEL, _("_Capture"), GTK_RESPONSE_ACCEPT, NULL);
	GtkFileFilter *pattern = gtk_file_filter_new();
	Asking *asking = g_new0(Asking, 1);
	*asking = (Asking){g_object_ref(captures), kind, g_strdupv((char **)places), NULL, NULL, NULL};
	gtk_file_filter_set_name(pattern, _("Captures"));
	gtk_file_filter_add_pattern(pattern, "*.pcapng");
	gtk_file_filter_add_pattern(pattern, "*.pcap");
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), pattern);
	gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(dialog), TRUE);
	gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), file);
	gtk_file_chooser_set_extra_widget(GTK_FILE_CHOOSER(dialog), options_new(asking, session));
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	gtk_window_set_destroy_with_parent(GTK_WINDOW(dialog), TRUE);
	g_object_set_data_full(G_OBJECT(dialog), "asking", asking, asking_free);
	g_signal_connect(dialog, "response", G_CALLBACK(on_response), asking);
	gtk_widget_show(dialog);
}
