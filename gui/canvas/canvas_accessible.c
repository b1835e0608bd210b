/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canvas as assistive technologies see it: a child for every vertex and every edge, named and described, in their
 * order; each can be selected, and opened. */
#include <glib/gi18n.h>
#include <gtk/gtk-a11y.h>

#include "gui/canvas/canvas_private.h"

/* -- A child: knows its index alone; what is not there any more says so -- */

#define CANVAS_TYPE_CHILD (canvas_child_get_type())
G_DECLARE_FINAL_TYPE(CanvasChild, canvas_child, CANVAS, CHILD, AtkObject)

struct _CanvasChild {
	AtkObject parent_instance;
	AtkObject *canvas; /* weak */
	guint index;
	gboolean gone;
};

static void canvas_child_component(AtkComponentIface *interface);
static void canvas_child_action(AtkActionIface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(CanvasChild, canvas_child, ATK_TYPE_OBJECT,
	G_IMPLEMENT_INTERFACE(ATK_TYPE_COMPONENT, canvas_child_component)
		G_IMPLEMENT_INTERFACE(ATK_TYPE_ACTION, canvas_child_action))

static Canvas *canvas_of(CanvasChild *self)
{
	GtkWidget *widget =
		self->canvas && !self->gone ? gtk_accessible_get_widget(GTK_ACCESSIBLE(self->canvas)) : NULL;
	return widget ? CANVAS_CANVAS(widget) : NULL;
}

/* Vertices first, then edges. Either is NULL. */
static Canvas *resolve(CanvasChild *self, SceneVertex **vertex, SceneEdge **edge)
{
	Canvas *canvas = canvas_of(self);
	const GPtrArray *vertices = canvas ? scene_vertices(canvas->scene) : NULL;
	const GPtrArray *edges = canvas ? scene_edges(canvas->scene) : NULL;
	*vertex = NULL;
	*edge = NULL;
	if (!canvas)
		return NULL;
	if (self->index < vertices->len)
		*vertex = vertices->pdata[self->index];
	else if (self->index - vertices->len < edges->len)
		*edge = edges->pdata[self->index - vertices->len];
	else
		return NULL;
	return canvas;
}

static const char *child_name(AtkObject *object)
{
	SceneVertex *vertex;
	SceneEdge *edge;
	if (!resolve(CANVAS_CHILD(object), &vertex, &edge))
		return NULL;
	return vertex ? vertex->name : edge->name;
}

static const char *child_description(AtkObject *object)
{
	SceneVertex *vertex;
	SceneEdge *edge;
	if (!resolve(CANVAS_CHILD(object), &vertex, &edge))
		return NULL;
	/* Lives as long as the object, as ATK requires. */
	char *text = vertex ? canvas_describe_vertex(vertex) : canvas_describe_edge(edge);
	g_object_set_data_full(G_OBJECT(object), "description", text, g_free);
	return text;
}

static AtkObject *child_parent(AtkObject *object)
{
	return CANVAS_CHILD(object)->canvas;
}

static int child_index(AtkObject *object)
{
	return CANVAS_CHILD(object)->gone ? -1 : (int)CANVAS_CHILD(object)->index;
}

static AtkStateSet *child_states(AtkObject *object)
{
	AtkStateSet *set = ATK_OBJECT_CLASS(canvas_child_parent_class)->ref_state_set(object);
	SceneVertex *vertex;
	SceneEdge *edge;
	if (!resolve(CANVAS_CHILD(object), &vertex, &edge)) {
		atk_state_set_add_state(set, ATK_STATE_DEFUNCT);
		return set;
	}
	atk_state_set_add_state(set, ATK_STATE_ENABLED);
	atk_state_set_add_state(set, ATK_STATE_SENSITIVE);
	atk_state_set_add_state(set, ATK_STATE_SELECTABLE);
	atk_state_set_add_state(set, ATK_STATE_VISIBLE);
	atk_state_set_add_state(set, ATK_STATE_SHOWING);
	if (vertex ? vertex->selected : edge->selected)
		atk_state_set_add_state(set, ATK_STATE_SELECTED);
	return set;
}

static void canvas_child_finalize(GObject *object)
{
	CanvasChild *self = CANVAS_CHILD(object);
	if (self->canvas)
		g_object_remove_weak_pointer(G_OBJECT(self->canvas), (gpointer *)&self->canvas);
	G_OBJECT_CLASS(canvas_child_parent_class)->finalize(object);
}

static void canvas_child_class_init(CanvasChildClass *class)
{
	AtkObjectClass *atk_class = ATK_OBJECT_CLASS(class);
	G_OBJECT_CLASS(class)->finalize = canvas_child_finalize;
	atk_class->get_name = child_name;
	atk_class->get_description = child_description;
	atk_class->get_parent = child_parent;
	atk_class->get_index_in_parent = child_index;
	atk_class->ref_state_set = child_states;
}

static void canvas_child_init(CanvasChild *self)
{
	atk_object_set_role(ATK_OBJECT(self), ATK_ROLE_ICON);
}

static void child_extents(AtkComponent *component, int *x, int *y, int *width, int *height, AtkCoordType type)
{
	SceneVertex *vertex;
	SceneEdge *edge;
	Canvas *canvas = resolve(CANVAS_CHILD(component), &vertex, &edge);
	int left = 0, top = 0;
	*x = *y = *width = *height = 0;
	if (!canvas)
		return;
	GeometryBox box = vertex ? geometry_vertex_box(vertex, TRUE) : geometry_edge_bounds(edge);
	GeometryPoint at = geometry_to_widget(&canvas->view, box.x, box.y);
	atk_component_get_extents(ATK_COMPONENT(CANVAS_CHILD(component)->canvas), &left, &top, NULL, NULL, type);
	*x = left + (int)at.x;
	*y = top + (int)at.y;
	*width = (int)(box.width * canvas->view.scale);
	*height = (int)(box.height * canvas->view.scale);
}

static void canvas_child_component(AtkComponentIface *interface)
{
	interface->get_extents = child_extents;
}

enum { ACTION_SELECT, ACTION_ACTIVATE, ACTION_MENU, N_ACTIONS };

static int child_n_actions(AtkAction *action)
{
	return N_ACTIONS;
}

static const char *child_action_name(AtkAction *action, int index)
{
	static const char *const names[] = {
		[ACTION_SELECT] = "select", [ACTION_ACTIVATE] = "activate", [ACTION_MENU] = "menu"};
	return index >= 0 && index < N_ACTIONS ? names[index] : NULL;
}

static gboolean child_do_action(AtkAction *action, int index)
{
	SceneVertex *vertex;
	SceneEdge *edge;
	Canvas *canvas = resolve(CANVAS_CHILD(action), &vertex, &edge);
	gboolean handled;
	if (!canvas || index < 0 || index >= N_ACTIONS)
		return FALSE;
	scene_select_only(canvas->scene, vertex, edge);
	if (index == ACTION_ACTIVATE && vertex)
		canvas_emit_vertex(canvas, vertex);
	else if (index == ACTION_ACTIVATE)
		canvas_emit_edge(canvas, edge);
	else if (index == ACTION_MENU)
		g_signal_emit_by_name(canvas, "popup-menu", &handled);
	return TRUE;
}

static void canvas_child_action(AtkActionIface *interface)
{
	interface->get_n_actions = child_n_actions;
	interface->get_name = child_action_name;
	interface->do_action = child_do_action;
}

/* -- The canvas -- */

#define CANVAS_TYPE_ACCESSIBLE (canvas_accessible_get_type())
G_DECLARE_FINAL_TYPE(CanvasAccessible, canvas_accessible, CANVAS, ACCESSIBLE, GtkWidgetAccessible)

struct _CanvasAccessible {
	GtkWidgetAccessible parent_instance;
	GPtrArray *children; /* of CanvasChild or NULL, by index: made when asked for */
};

G_DEFINE_FINAL_TYPE(CanvasAccessible, canvas_accessible, GTK_TYPE_WIDGET_ACCESSIBLE)

static guint count(AtkObject *object)
{
	GtkWidget *widget = gtk_accessible_get_widget(GTK_ACCESSIBLE(object));
	Scene *scene = widget ? canvas_scene(CANVAS_CANVAS(widget)) : NULL;
	return scene ? scene_vertices(scene)->len + scene_edges(scene)->len : 0;
}

static int accessible_n_children(AtkObject *object)
{
	return (int)count(object);
}

static AtkObject *accessible_child(AtkObject *object, int index)
{
	CanvasAccessible *self = CANVAS_ACCESSIBLE(object);
	guint n = count(object);
	if (index < 0 || (guint)index >= n)
		return NULL;
	if (self->children->len < n)
		g_ptr_array_set_size(self->children, (int)n);
	if (!self->children->pdata[index]) {
		CanvasChild *child = g_object_new(CANVAS_TYPE_CHILD, NULL);
		child->canvas = object;
		child->index = (guint)index;
		g_object_add_weak_pointer(G_OBJECT(object), (gpointer *)&child->canvas);
		self->children->pdata[index] = child;
	}
	return g_object_ref(self->children->pdata[index]);
}

static void forget_child(gpointer child)
{
	if (!child)
		return;
	CANVAS_CHILD(child)->gone = TRUE;
	g_object_unref(child);
}

static void accessible_initialize(AtkObject *object, gpointer data)
{
	ATK_OBJECT_CLASS(canvas_accessible_parent_class)->initialize(object, data);
	atk_object_set_role(object, ATK_ROLE_LAYERED_PANE);
	atk_object_set_name(object, _("Lab"));
}

static void canvas_accessible_finalize(GObject *object)
{
	g_ptr_array_unref(CANVAS_ACCESSIBLE(object)->children);
	G_OBJECT_CLASS(canvas_accessible_parent_class)->finalize(object);
}

static void canvas_accessible_class_init(CanvasAccessibleClass *class)
{
	AtkObjectClass *atk_class = ATK_OBJECT_CLASS(class);
	G_OBJECT_CLASS(class)->finalize = canvas_accessible_finalize;
	atk_class->initialize = accessible_initialize;
	atk_class->get_n_children = accessible_n_children;
	atk_class->ref_child = accessible_child;
}

static void canvas_accessible_init(CanvasAccessible *self)
{
	self->children = g_ptr_array_new_with_free_func(forget_child);
}

/** Other vertices and edges: the children are new ones. */
void canvas_a11y_structure(Canvas *self)
{
	AtkObject *object = gtk_widget_get_accessible(GTK_WIDGET(self));
	if (CANVAS_IS_ACCESSIBLE(object))
		g_ptr_array_set_size(CANVAS_ACCESSIBLE(object)->children, 0);
	g_signal_emit_by_name(object, "visible-data-changed");
}

/** Says of every child that is known outside whether it is selected. */
void canvas_a11y_selection(Canvas *self)
{
	AtkObject *object = gtk_widget_get_accessible(GTK_WIDGET(self));
	const GPtrArray *children = CANVAS_IS_ACCESSIBLE(object) ? CANVAS_ACCESSIBLE(object)->children : NULL;
	for (guint i = 0; children && i < children->len; i++) {
		SceneVertex *vertex;
		SceneEdge *edge;
		if (children->pdata[i] && resolve(children->pdata[i], &vertex, &edge))
			atk_object_notify_state_change(
				children->pdata[i], ATK_STATE_SELECTED, vertex ? vertex->selected : edge->selected);
	}
}

void canvas_a11y_class_init(GtkWidgetClass *class)
{
	gtk_widget_class_set_accessible_type(class, CANVAS_TYPE_ACCESSIBLE);
}
