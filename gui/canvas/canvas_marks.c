/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a picture is made of: texts, icons, badges. */
#include <glib/gi18n.h>
#include <librsvg/rsvg.h>
#include <math.h>

#include "gui/canvas/canvas_private.h"

/* -- Texts -- */

static const struct {
	double size; /* pixels at zoom 1 */
	PangoWeight weight;
	PangoAlignment alignment;
} styles[N_TEXTS] = {
	[TEXT_NAME] = {13, PANGO_WEIGHT_SEMIBOLD, PANGO_ALIGN_CENTER},
	[TEXT_LABEL] = {10, PANGO_WEIGHT_NORMAL, PANGO_ALIGN_CENTER},
	[TEXT_PILL] = {10, PANGO_WEIGHT_SEMIBOLD, PANGO_ALIGN_CENTER},
	[TEXT_TITLE] = {21, PANGO_WEIGHT_BOLD, PANGO_ALIGN_LEFT},
	[TEXT_BODY] = {13, PANGO_WEIGHT_NORMAL, PANGO_ALIGN_LEFT},
};

/* Texts are set once and painted at any zoom, so their letters must not be moved to whole pixels. */
static PangoLayout *layout_new(Canvas *self, CanvasText style, const char *text)
{
	PangoContext *context = gtk_widget_create_pango_context(GTK_WIDGET(self));
	PangoFontDescription *font = pango_font_description_copy(pango_context_get_font_description(context));
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(context, options);
	pango_context_set_round_glyph_positions(context, FALSE);
	pango_font_description_set_absolute_size(font, styles[style].size * PANGO_SCALE);
	pango_font_description_set_weight(font, styles[style].weight);
	PangoLayout *layout = pango_layout_new(context);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_alignment(layout, styles[style].alignment);
	pango_layout_set_text(layout, text, -1);
	cairo_font_options_destroy(options);
	pango_font_description_free(font);
	g_object_unref(context);
	return layout;
}

/** A text, set. Borrowed, until the next one is asked for. */
PangoLayout *canvas_layout(Canvas *self, CanvasText style, const char *text)
{
	enum { MOST = 4000 };
	PangoLayout *layout = g_hash_table_lookup(self->layouts[style], text);
	if (layout)
		return layout;
	if (g_hash_table_size(self->layouts[style]) > MOST)
		g_hash_table_remove_all(self->layouts[style]);
	layout = layout_new(self, style, text);
	g_hash_table_insert(self->layouts[style], g_strdup(text), layout);
	return layout;
}

void canvas_forget_layouts(Canvas *self)
{
	for (guint i = 0; i < N_TEXTS; i++)
		g_hash_table_remove_all(self->layouts[i]);
}

/** Paints a text with its upper left corner at (x, y). */
void canvas_paint_text(
	Canvas *self, cairo_t *cr, CanvasText style, const char *text, double x, double y, const GdkRGBA *colour)
{
	gdk_cairo_set_source_rgba(cr, colour);
	cairo_move_to(cr, x, y);
	pango_cairo_show_layout(cr, canvas_layout(self, style, text));
}

/* -- Icons -- */

static RsvgHandle *icon_handle(const char *name)
{
	static GHashTable *handles;
	if (!handles)
		handles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
	RsvgHandle *handle = g_hash_table_lookup(handles, name);
	if (handle)
		return handle;
	g_autofree char *path = g_strdup_printf("/org/netlab/Gui/icons/%s.svg", name);
	g_autoptr(GBytes) bytes = g_resources_lookup_data(path, 0, NULL);
	gsize size;
	const guint8 *data = g_bytes_get_data(bytes, &size);
	handle = rsvg_handle_new_from_data(data, size, NULL);
	g_hash_table_insert(handles, g_strdup(name), handle);
	return handle;
}

static void render_icon(cairo_t *cr, const char *name, GeometryBox box)
{
	rsvg_handle_render_document(icon_handle(name), cr, &(RsvgRectangle){box.x, box.y, box.width, box.height}, NULL);
}

static gboolean is_vector(cairo_surface_t *surface)
{
	cairo_surface_type_t type = cairo_surface_get_type(surface);
	return type == CAIRO_SURFACE_TYPE_PDF || type == CAIRO_SURFACE_TYPE_SVG || type == CAIRO_SURFACE_TYPE_PS ||
		type == CAIRO_SURFACE_TYPE_RECORDING;
}

/* An icon in the size that it has on the screen, pixel for pixel. */
static cairo_surface_t *icon_surface(Canvas *self, cairo_t *cr, const char *name, int width, int height)
{
	double device_x = 1, device_y = 1;
	cairo_surface_get_device_scale(cairo_get_target(cr), &device_x, &device_y);
	g_autofree char *key = g_strdup_printf("%s %d %d %g", name, width, height, device_x);
	cairo_surface_t *surface = g_hash_table_lookup(self->icons, key);
	if (surface)
		return surface;
	if (g_hash_table_size(self->icons) > 200)
		g_hash_table_remove_all(self->icons);
	surface = cairo_surface_create_similar(cairo_get_target(cr), CAIRO_CONTENT_COLOR_ALPHA, width, height);
	cairo_t *on = cairo_create(surface);
	render_icon(on, name, (GeometryBox){0, 0, width, height});
	cairo_destroy(on);
	g_hash_table_insert(self->icons, g_steal_pointer(&key), surface);
	return surface;
}

void canvas_paint_icon(Canvas *self, cairo_t *cr, const char *name, GeometryBox box, double scale, double alpha)
{
	if (is_vector(cairo_get_target(cr)) || alpha < 1 || scale > 4) {
		cairo_push_group(cr);
		render_icon(cr, name, box);
		cairo_pop_group_to_source(cr);
		cairo_paint_with_alpha(cr, alpha);
		return;
	}
	double x = box.x, y = box.y;
	cairo_save(cr);
	cairo_user_to_device(cr, &x, &y);
	cairo_surface_t *surface =
		icon_surface(self, cr, name, (int)ceil(box.width * scale), (int)ceil(box.height * scale));
	cairo_identity_matrix(cr);
	cairo_set_source_surface(cr, surface, round(x), round(y));
	cairo_paint(cr);
	cairo_restore(cr);
}

/* -- Badges: a colour and a shape each -- */

void canvas_rounded(cairo_t *cr, GeometryBox box, double radius)
{
	double right = box.x + box.width, bottom = box.y + box.height;
	cairo_new_sub_path(cr);
	cairo_arc(cr, right - radius, box.y + radius, radius, -G_PI / 2, 0);
	cairo_arc(cr, right - radius, bottom - radius, radius, 0, G_PI / 2);
	cairo_arc(cr, box.x + radius, bottom - radius, radius, G_PI / 2, G_PI);
	cairo_arc(cr, box.x + radius, box.y + radius, radius, G_PI, 3 * G_PI / 2);
	cairo_close_path(cr);
}

static void circle(cairo_t *cr)
{
	cairo_arc(cr, 0, 0, 1, 0, 2 * G_PI);
}

static void square(cairo_t *cr)
{
	canvas_rounded(cr, (GeometryBox){-0.92, -0.92, 1.84, 1.84}, 0.35);
}

static void triangle(cairo_t *cr)
{
	cairo_move_to(cr, 0, -1.15);
	cairo_line_to(cr, 1.2, 0.95);
	cairo_line_to(cr, -1.2, 0.95);
	cairo_close_path(cr);
}

static void diamond(cairo_t *cr)
{
	cairo_move_to(cr, 0, -1.2);
	cairo_line_to(cr, 1.2, 0);
	cairo_line_to(cr, 0, 1.2);
	cairo_line_to(cr, -1.2, 0);
	cairo_close_path(cr);
}

static void tick(cairo_t *cr)
{
	cairo_move_to(cr, -0.45, 0.03);
	cairo_line_to(cr, -0.12, 0.38);
	cairo_line_to(cr, 0.48, -0.36);
	cairo_stroke(cr);
}

static void hourglass(cairo_t *cr)
{
	cairo_arc(cr, 0, 0, 0.55, -G_PI / 2, G_PI * 0.9);
	cairo_stroke(cr);
	cairo_move_to(cr, -0.02, -0.95);
	cairo_line_to(cr, -0.02, -0.15);
	cairo_line_to(cr, -0.5, -0.55);
	cairo_fill(cr);
}

static void bars(cairo_t *cr)
{
	cairo_rectangle(cr, -0.48, -0.5, 0.34, 1);
	cairo_rectangle(cr, 0.14, -0.5, 0.34, 1);
	cairo_fill(cr);
}

static void exclamation(cairo_t *cr)
{
	cairo_move_to(cr, 0, -0.42);
	cairo_line_to(cr, 0, 0.22);
	cairo_stroke(cr);
	cairo_arc(cr, 0, 0.62, 0.15, 0, 2 * G_PI);
	cairo_fill(cr);
}

static void block(cairo_t *cr)
{
	cairo_rectangle(cr, -0.42, -0.42, 0.84, 0.84);
	cairo_fill(cr);
}

static void cross(cairo_t *cr)
{
	cairo_move_to(cr, -0.36, -0.36);
	cairo_line_to(cr, 0.36, 0.36);
	cairo_move_to(cr, 0.36, -0.36);
	cairo_line_to(cr, -0.36, 0.36);
	cairo_stroke(cr);
}

typedef struct {
	GdkRGBA colour;
	void (*outline)(cairo_t *cr);
	void (*sign)(cairo_t *cr);
} Badge;

static const Badge badges[] = {
	[SCENE_STOPPED] = {COLOURS_STOPPED, square, block},
	[SCENE_BOOTING] = {COLOURS_BOOTING, circle, hourglass},
	[SCENE_READY] = {COLOURS_GOOD, circle, tick},
	[SCENE_PAUSED] = {COLOURS_PAUSED, square, bars},
	[SCENE_FAILED] = {COLOURS_BAD, triangle, exclamation},
};
static const Badge passed = {COLOURS_GOOD, square, tick}, missed = {COLOURS_BAD, diamond, cross};

void canvas_paint_badge(cairo_t *cr, SceneState state, int check, double x, double y, double radius)
{
	const Badge *badge = check > 0 ? &passed : check < 0 ? &missed : &badges[state];
	if (!badge->outline)
		return;
	cairo_save(cr);
	cairo_translate(cr, x, y);
	cairo_scale(cr, radius, radius);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_new_path(cr);
	badge->outline(cr);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_set_line_width(cr, 0.44);
	cairo_stroke_preserve(cr);
	gdk_cairo_set_source_rgba(cr, &badge->colour);
	cairo_fill(cr);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_set_line_width(cr, 0.3);
	badge->sign(cr);
	cairo_restore(cr);
}

const char *canvas_state_name(SceneState state)
{
	static const char *const names[] = {
		[SCENE_UNKNOWN] = N_("unknown"),
		[SCENE_STOPPED] = N_("stopped"),
		[SCENE_BOOTING] = N_("booting"),
		[SCENE_READY] = N_("ready"),
		[SCENE_PAUSED] = N_("paused"),
		[SCENE_FAILED] = N_("failed"),
	};
	return _(names[state]);
}
