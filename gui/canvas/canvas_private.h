/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the canvas share: canvas.c (the widget and its view), canvas_paint.c (the picture), canvas_marks.c
 * (badges, texts), canvas_frame.c (title, legend, overview), canvas_traffic.c (dots), canvas_input.c (pointer),
 * canvas_keys.c, canvas_tooltip.c, canvas_accessible.c. */
#pragma once

#include "gui/canvas/canvas.h"
#include "gui/canvas/colours.h"
#include "gui/layout/geometry.h"
#include "gui/model/traffic.h"

typedef enum { TEXT_NAME, TEXT_LABEL, TEXT_PILL, TEXT_TITLE, TEXT_BODY, N_TEXTS } CanvasText;

typedef enum { DRAG_NONE, DRAG_MOVE, DRAG_BAND, DRAG_PAN, DRAG_CONNECT, DRAG_OVERVIEW } CanvasDrag;

struct _Canvas {
	GtkDrawingArea parent_instance;
	Scene *scene;
	gboolean shown[CANVAS_N_SHOWN];
	GPtrArray *highlight; /* of char *, or NULL */

	GeometryView view;
	gboolean on_paper; /* while it is exported or printed: what is selected is not to be seen */
	gboolean fits;     /* the view follows the lab and the widget */
	gboolean
		by_hand; /* places were chosen by hand since it was fitted: it stays, unless something is out of sight */
	GeometryPath *paths; /* of each edge, as last painted */
	GeometryBox *pills;  /* what is shown on each edge, scene units; width 0: nothing */

	/* Pictures kept between two drawings. */
	cairo_surface_t *layer; /* all that does not move */
	gboolean layer_stale;
	guint64 digest;               /* canvas_digest() of what is shown */
	guint64 n_draws, n_layers;    /* drawings so far, and those of them for which the layer was painted again */
	GHashTable *icons;            /* "name size scale" -> cairo_surface_t */
	GHashTable *layouts[N_TEXTS]; /* text -> PangoLayout */

	/* Traffic: two flows an edge. */
	TrafficFlow *flows;
	guint tick;
	guint busy; /* edges with traffic */
	cairo_surface_t *dot;
	int dot_size;  /* pixels, of dot */
	GArray *drawn; /* of GdkRectangle: dots as last drawn */

	/* What the pointer does. */
	CanvasMode mode;
	CanvasDrag drag;
	gboolean drag_began;                           /* beyond the threshold */
	guint button;                                  /* that began it */
	gboolean hand;                                 /* the space bar is held */
	double press_x, press_y, pointer_x, pointer_y; /* widget places */
	GeometryView press_view;
	char *leader;     /* key of the vertex that is dragged */
	GVariant *before; /* places before the drag */
	GeometrySnap snap;
	GtkGesture *pinch;
	GeometryView pinch_view; /* when the fingers came */
	GeometryPoint pinch_at;  /* between them then */
};

/* canvas.c */
void canvas_stale(Canvas *self);
void canvas_set_view(Canvas *self, GeometryView view, gboolean fits);
GeometryBox canvas_overview_box(Canvas *self);
GVariant *canvas_places(Canvas *self);
void canvas_emit_moved(Canvas *self, GVariant *before);
void canvas_emit_vertex(Canvas *self, SceneVertex *vertex);
void canvas_emit_edge(Canvas *self, SceneEdge *edge);
void canvas_emit_menu(Canvas *self, SceneVertex *vertex, SceneEdge *edge, const GdkEvent *event);
void canvas_emit_delete(Canvas *self);
void canvas_emit_connect(Canvas *self, SceneVertex *from, SceneVertex *to);
void canvas_emit_place(Canvas *self, double x, double y);
/** The vertex that is dragged; NULL when it is gone. */
SceneVertex *canvas_leader(Canvas *self);

/* canvas_paint.c */
void canvas_colours(Canvas *self, CanvasColours *colours);
void canvas_paint(Canvas *self, cairo_t *cr, const GeometryView *view, const CanvasColours *colours);
void canvas_remember_paths(Canvas *self);
guint64 canvas_digest(Canvas *self);

/* canvas_marks.c */
PangoLayout *canvas_layout(Canvas *self, CanvasText style, const char *text);
void canvas_forget_layouts(Canvas *self);
/** Paints an icon of gui/icons into a box; vector where the surface is one. */
void canvas_paint_icon(Canvas *self, cairo_t *cr, const char *name, GeometryBox box, double scale, double alpha);
void canvas_paint_text(
	Canvas *self, cairo_t *cr, CanvasText style, const char *text, double x, double y, const GdkRGBA *colour);
/** A badge of a state, or of a check (check: 1 passed, -1 failed; then state does not matter). */
void canvas_paint_badge(cairo_t *cr, SceneState state, int check, double x, double y, double radius);
void canvas_rounded(cairo_t *cr, GeometryBox box, double radius);
const char *canvas_state_name(SceneState state);

/* canvas_frame.c */
double canvas_title_height(Canvas *self, double width);
double canvas_legend_height(Canvas *self, double width);
void canvas_paint_frame(Canvas *self, cairo_t *cr, double width, double height, const CanvasColours *colours);
void canvas_paint_overview(Canvas *self, cairo_t *cr, const CanvasColours *colours);
void canvas_paint_drag(Canvas *self, cairo_t *cr, const CanvasColours *colours);

/* canvas_traffic.c */
void canvas_traffic_restart(Canvas *self);
void canvas_traffic_update(Canvas *self);
void canvas_traffic_paint(Canvas *self, cairo_t *cr);
void canvas_traffic_clear(Canvas *self);

/* canvas_input.c */
void canvas_input_init(Canvas *self);
void canvas_input_class_init(GtkWidgetClass *class);
void canvas_input_structure(Canvas *self);

void canvas_end_drag(Canvas *self);
void canvas_cancel_drag(Canvas *self);
void canvas_set_hand(Canvas *self, gboolean hand);
/** Puts the selected vertices back where they were when the drag began; moves them. */
void canvas_restore_places(Canvas *self);
void canvas_move_selected(Canvas *self, double dx, double dy);

/* canvas_keys.c */
#define CANVAS_ZOOM_STEP 1.15
enum { CANVAS_PAN_STEP = 60 }; /* pixels */
gboolean canvas_key_press(GtkWidget *widget, GdkEventKey *event);
gboolean canvas_key_release(GtkWidget *widget, GdkEventKey *event);
gboolean canvas_popup_menu(GtkWidget *widget);

/* canvas_tooltip.c */
gboolean canvas_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip);
char *canvas_describe_vertex(const SceneVertex *vertex);
char *canvas_describe_edge(const SceneEdge *edge);

/* canvas_accessible.c */
void canvas_a11y_class_init(GtkWidgetClass *class);
void canvas_a11y_structure(Canvas *self);
void canvas_a11y_selection(Canvas *self);
Scene *canvas_scene(Canvas *self);
