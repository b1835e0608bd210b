/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is whose neighbour in a graph, and what follows from it. For layout.c alone. */
#pragma once

#include "gui/layout/layout.h"

enum { LAYOUT_WIDEST_FLOOR = 24 };

/** Parallel edges count once, loops not at all. */
typedef struct {
	guint n, n_edges;
	GArray **neighbours; /* of guint */
} LayoutLinks;

LayoutLinks *layout_links_new(const LayoutGraph *graph);
void layout_links_free(LayoutLinks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LayoutLinks, layout_links_free)
guint layout_links_degree(const LayoutLinks *self, guint vertex);
guint layout_links_neighbour(const LayoutLinks *self, guint vertex, guint index);
void layout_links_spread(const LayoutLinks *self, guint *distances);
guint *layout_links_from(const LayoutLinks *self, guint vertex);
guint layout_links_centre(const LayoutLinks *self, guint vertex);
guint *layout_floors(const LayoutLinks *self);
LayoutShape layout_links_shape(const LayoutLinks *self);
