/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/layout/arrange.h"

#include "gui/layout/geometry.h"
#include "gui/layout/layout.h"

/* The graph is a copy of the scene as it was; keys find the vertices again. */
typedef struct {
	LayoutGraph *graph;
	GPtrArray *keys; /* of char *, by index */
} Work;

static void work_free(gpointer data)
{
	Work *self = data;
	layout_graph_free(self->graph);
	g_ptr_array_unref(self->keys);
	g_free(self);
}

static Work *work_new(Scene *scene)
{
	Work *self = g_new(Work, 1);
	*self = (Work){layout_graph_new(), g_ptr_array_new_with_free_func(g_free)};
	g_autoptr(GHashTable) indices = g_hash_table_new(NULL, NULL);
	const GPtrArray *vertices = scene_vertices(scene), *edges = scene_edges(scene);
	for (guint i = 0; i < vertices->len; i++) {
		SceneVertex *vertex = vertices->pdata[i];
		GeometryBox box = geometry_vertex_box(vertex, TRUE);
		LayoutVertex *place;
		layout_graph_add_vertex(self->graph, box.width, box.height);
		place = &g_array_index(self->graph->vertices, LayoutVertex, i);
		place->x = vertex->x;
		place->y = vertex->y;
		place->fixed = vertex->placed;
		g_ptr_array_add(self->keys, scene_key(vertex->what, vertex->name));
		g_hash_table_insert(indices, vertex, GUINT_TO_POINTER(i));
	}
	for (guint i = 0; i < edges->len; i++) {
		const SceneEdge *edge = edges->pdata[i];
		layout_graph_add_edge(self->graph, GPOINTER_TO_UINT(g_hash_table_lookup(indices, edge->ends[0])),
			GPOINTER_TO_UINT(g_hash_table_lookup(indices, edge->ends[1])));
		g_array_index(self->graph->edges, LayoutEdge, i).room = geometry_edge_room(edge);
	}
	return self;
}

/* A vertex that was moved by hand meanwhile stays where the hand put it. */
static void take(const Work *self, Scene *scene)
{
	for (guint i = 0; i < self->keys->len; i++) {
		const LayoutVertex *place = &g_array_index(self->graph->vertices, LayoutVertex, i);
		SceneVertex *vertex = scene_find_key(scene, self->keys->pdata[i]);
		if (!vertex || vertex->placed)
			continue;
		vertex->x = place->x;
		vertex->y = place->y;
	}
	scene_touch(scene);
}

static void in_thread(GTask *task, gpointer scene, gpointer data, GCancellable *cancellable)
{
	Work *work = data;
	layout_run(work->graph);
	g_task_return_boolean(task, TRUE);
}

static void done(GObject *scene, GAsyncResult *result, gpointer data)
{
	if (g_task_propagate_boolean(G_TASK(result), NULL))
		take(g_task_get_task_data(G_TASK(result)), SCENE_SCENE(scene));
}

void arrange_scene(Scene *scene, GCancellable *cancellable)
{
	Work *work = work_new(scene);
	if (work->keys->len <= ARRANGE_AT_ONCE) {
		layout_run(work->graph);
		take(work, scene);
		work_free(work);
		return;
	}
	g_autoptr(GTask) task = g_task_new(scene, cancellable, done, NULL);
	g_task_set_task_data(task, work, work_free);
	g_task_run_in_thread(task, in_thread);
}
