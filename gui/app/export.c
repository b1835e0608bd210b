/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/export.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "gui/layout/geometry.h"

/* Scene units around what is drawn: the title and the legend have to fit too. */
enum { MARGIN = 120, LEAST_WIDTH = 800, LEAST_HEIGHT = 560, PNG_SCALE = 2, PNG_MOST = 16000 };

typedef enum { FORMAT_PNG, FORMAT_SVG, FORMAT_PDF, N_FORMATS } Format;

static const struct {
	const char *ending, *pattern, *name;
} formats[N_FORMATS] = {
	[FORMAT_PNG] = {".png", "*.png", N_("Picture (PNG)")},
	[FORMAT_SVG] = {".svg", "*.svg", N_("Drawing (SVG)")},
	[FORMAT_PDF] = {".pdf", "*.pdf", N_("Document (PDF)")},
};

/* N_FORMATS: none that is known. */
static Format format_of(const char *name)
{
	g_autofree char *lower = g_ascii_strdown(name, -1);
	for (Format i = 0; i < N_FORMATS; i++)
		if (g_str_has_suffix(lower, formats[i].ending))
			return i;
	return N_FORMATS;
}

/* -- Drawing -- */

static void picture_size(Scene *scene, double *width, double *height)
{
	GeometryBox bounds = geometry_bounds(scene);
	*width = MAX(ceil(bounds.width) + MARGIN, LEAST_WIDTH);
	*height = MAX(ceil(bounds.height) + MARGIN, LEAST_HEIGHT);
}

static cairo_status_t append(void *bytes, const unsigned char *data, unsigned int length)
{
	g_byte_array_append(bytes, data, length);
	return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *surface_new(Format format, double width, double height, GByteArray *bytes)
{
	if (format == FORMAT_SVG) {
		cairo_surface_t *surface = cairo_svg_surface_create_for_stream(append, bytes, width, height);
		cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
		return surface;
	}
	if (format == FORMAT_PDF)
		return cairo_pdf_surface_create_for_stream(append, bytes, width, height);
	double scale = MIN(PNG_SCALE, PNG_MOST / MAX(width, height));
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)ceil(width * scale), (int)ceil(height * scale));
	cairo_surface_set_device_scale(surface, scale, scale);
	return surface;
}

static GBytes *draw(Canvas *canvas, Scene *scene, const char *name, GError **error)
{
	Format format = format_of(name);
	double width, height;
	if (format == N_FORMATS) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			_("cannot export the picture as “%s”: the file name must end in .png, .svg or .pdf"), name);
		return NULL;
	}
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	picture_size(scene, &width, &height);
	cairo_surface_t *surface = surface_new(format, width, height, bytes);
	cairo_t *cr = cairo_create(surface);
	canvas_render(canvas, cr, width, height);
	cairo_status_t status = cairo_status(cr);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	if (status == CAIRO_STATUS_SUCCESS && format == FORMAT_PNG)
		status = cairo_surface_write_to_png_stream(surface, append, bytes);
	cairo_surface_finish(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (status != CAIRO_STATUS_SUCCESS) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, _("cannot draw the picture “%s”: %s"), name,
			cairo_status_to_string(status));
		return NULL;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

/* -- Files -- */

static void on_written(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(LabWindow) window = data;
	g_autoptr(GError) error = NULL;
	if (!g_file_replace_contents_finish(G_FILE(object), result, NULL, &error))
		session_complain(lab_window_session(window), error);
}

static void export_to(LabWindow *window, GFile *file)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_file_get_basename(file);
	Scene *scene = session_scene(lab_window_session(window));
	g_autoptr(GBytes) bytes = draw(lab_window_canvas(window), scene, name, &error);
	if (!bytes) {
		session_complain(lab_window_session(window), error);
		return;
	}
	g_file_replace_contents_bytes_async(
		file, bytes, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, on_written, g_object_ref(window));
}

/* What the name lacks comes from the format that was chosen in the list. */
static GFile *chosen_file(GtkFileChooser *chooser)
{
	g_autoptr(GFile) file = gtk_file_chooser_get_file(chooser);
	GtkFileFilter *filter = gtk_file_chooser_get_filter(chooser);
	g_autofree char *name = file ? g_file_get_basename(file) : NULL;
	if (!file || format_of(name) != N_FORMATS || strchr(name, '.'))
		return g_steal_pointer(&file);
	Format format = FORMAT_PNG;
	for (Format i = 0; i < N_FORMATS; i++)
		if (filter && g_str_equal(gtk_file_filter_get_name(filter), _(formats[i].name)))
			format = i;
	g_autoptr(GFile) folder = g_file_get_parent(file);
	g_autofree char *whole = g_strconcat(name, formats[format].ending, NULL);
	return g_file_get_child(folder, whole);
}

static void on_chosen(GtkNativeDialog *chooser, int answer, LabWindow *window)
{
	g_autoptr(GFile) file = answer == GTK_RESPONSE_ACCEPT ? chosen_file(GTK_FILE_CHOOSER(chooser)) : NULL;
	if (file)
		export_to(window, file);
	g_object_unref(chooser);
}

static void on_export(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	LabWindow *window = data;
	GFile *lab = session_file(lab_window_session(window));
	g_autoptr(GFile) folder = lab ? g_file_get_parent(lab) : NULL;
	g_autofree char *name = g_strconcat(session_name(lab_window_session(window)), formats[FORMAT_PNG].ending, NULL);
	GtkFileChooserNative *native = gtk_file_chooser_native_new(
		_("Export the picture"), GTK_WINDOW(window), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"), NULL);
	GtkFileChooser *chooser = GTK_FILE_CHOOSER(native);
	gtk_file_chooser_set_do_overwrite_confirmation(chooser, TRUE);
	if (folder)
		gtk_file_chooser_set_current_folder_file(chooser, folder, NULL);
	gtk_file_chooser_set_current_name(chooser, *name == '.' ? "lab.png" : name);
	for (Format i = 0; i < N_FORMATS; i++) {
		GtkFileFilter *filter = gtk_file_filter_new();
		gtk_file_filter_set_name(filter, _(formats[i].name));
		gtk_file_filter_add_pattern(filter, formats[i].pattern);
		gtk_file_chooser_add_filter(chooser, filter);
	}
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(native), TRUE);
	g_signal_connect_object(native, "response", G_CALLBACK(on_chosen), window, 0);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(native));
}

static void on_export_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_autoptr(GFile) file = g_file_new_for_path(g_variant_get_string(parameter, NULL));
	export_to(data, file);
}

/* -- Paper -- */

static void on_draw_page(GtkPrintOperation *print, GtkPrintContext *context, int page, LabWindow *window)
{
	canvas_render(lab_window_canvas(window), gtk_print_context_get_cairo_context(context),
		gtk_print_context_get_width(context), gtk_print_context_get_height(context));
}

static void on_done(GtkPrintOperation *print, GtkPrintOperationResult result, LabWindow *window)
{
	g_autoptr(GError) error = NULL;
	if (result != GTK_PRINT_OPERATION_RESULT_ERROR)
		return;
	gtk_print_operation_get_error(print, &error);
	session_complain(lab_window_session(window), error);
}

static void on_print(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	LabWindow *window = data;
	g_autoptr(GtkPrintOperation) print = gtk_print_operation_new();
	g_autoptr(GtkPageSetup) page = gtk_page_setup_new();
	g_autoptr(GError) error = NULL;
	double width, height;
	picture_size(session_scene(lab_window_session(window)), &width, &height);
	gtk_page_setup_set_orientation(
		page, width > height ? GTK_PAGE_ORIENTATION_LANDSCAPE : GTK_PAGE_ORIENTATION_PORTRAIT);
	gtk_print_operation_set_default_page_setup(print, page);
	gtk_print_operation_set_job_name(print, scene_title(session_scene(lab_window_session(window))));
	gtk_print_operation_set_n_pages(print, 1);
	gtk_print_operation_set_unit(print, GTK_UNIT_POINTS);
	gtk_print_operation_set_allow_async(print, TRUE);
	g_signal_connect_object(print, "draw-page", G_CALLBACK(on_draw_page), window, 0);
	g_signal_connect_object(print, "done", G_CALLBACK(on_done), window, 0);
	if (gtk_print_operation_run(print, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, GTK_WINDOW(window), &error) ==
		GTK_PRINT_OPERATION_RESULT_ERROR)
		session_complain(lab_window_session(window), error);
}

void export_add_actions(LabWindow *window)
{
	static const GActionEntry entries[] = {
		{.name = "export", .activate = on_export},
		{.name = "export-to", .activate = on_export_to, .parameter_type = "s"},
		{.name = "print", .activate = on_print},
	};
	g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
}
