/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which cable of a scene a capture's interface is, and which way frames go there. */
#pragma once

#include "gui/model/scene.h"

typedef struct WireMap WireMap;

/** Made from the scene as it is; holds names alone, and so outlives the next "structure". */
WireMap *wire_map_new(Scene *scene);
void wire_map_free(WireMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WireMap, wire_map_free)

typedef struct {
	const char *cable; /* its name; borrowed from the map, as the others */
	guint number;      /* of the cable */
	guint from, to;    /* of the vertices at its ends, in the direction of the frame */
	const char *text;  /* "pc:eth0 → lan" */
} WirePlace;

/** Where a frame was seen. interface: as the capture names it ("pc:eth0", or "NETWORK:CABLE" between two networks).
 *  FALSE: the scene has no such cable. */
gboolean wire_map_find(const WireMap *self, const char *interface, gboolean inbound, WirePlace *place);
