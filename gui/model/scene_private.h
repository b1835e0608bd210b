/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What scene.c (structure, places, selection) and scene_run.c (states and counters) share. */
#pragma once

#include "gui/model/scene.h"

struct _Scene {
	GObject parent_instance;
	GPtrArray *vertices, *edges;    /* of SceneVertex, of SceneEdge: owned */
	GHashTable *vertex_of, *cables; /* key, name -> vertex, edge: borrowed */
	char *title, *description;
	gboolean running;
	gint64 counted; /* monotonic time of the last counters, microseconds; 0: none yet */
	guint64 looks;
	GVariant *links; /* what was last taken over; or NULL */
	gboolean quiet;  /* it was the same as before, and no rate that is kept is above nought */
	guint changed_source, selection_source;
};
