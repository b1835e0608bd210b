/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is counted of a cable, by the direction of the frames. Free of GTK. */
#pragma once

#include "gui/model/scene.h"

typedef struct {
	char *label;       /* translated */
	guint64 values[2]; /* [i]: of frames that come from ends[i] */
} LinkCounter;

/** How the supervisor names an end: "pc:eth0", or the network's name. Caller frees. */
char *link_end_name(const SceneEdge *edge, guint end);
/** Frames, bytes, and each reason that dropped or changed any: an array of LinkCounter. Caller frees the array. */
GPtrArray *link_counters(const SceneEdge *edge);
