/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "NODE:PATH" or a path of this machine. */
#pragma once

#include <glib.h>

typedef struct {
	char *node; /* NULL: this machine */
	char *path;
} Place;

/** Reads a place: NODE is what stands before the first colon, unless a slash comes before it or it could not be a
 * node's name; "./a:b" is a file here. "NODE:" alone is the node's ".". Cleared with place_clear(). */
Place place_parse(const char *text);
void place_clear(Place *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)
