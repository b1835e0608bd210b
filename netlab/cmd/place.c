/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/place.h"

#include <string.h>

/** Reads a place. */
Place place_parse(const char *text)
{
	gsize length = strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-");
	if (length == 0 || text[length] != ':')
		return (Place){NULL, g_strdup(text)};
	const char *path = text + length + 1;
	return (Place){g_strndup(text, length), g_strdup(*path ? path : ".")};
}

void place_clear(Place *place)
{
	g_clear_pointer(&place->node, g_free);
	g_clear_pointer(&place->path, g_free);
}
