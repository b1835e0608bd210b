/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/text.h"

#include "topologies/model/diagnostics.h"

char *did_you_mean(const char *word, const GPtrArray *names)
{
	g_autofree const char **list = g_new0(const char *, names->len + 1);
	for (guint i = 0; i < names->len; i++)
		list[i] = g_ptr_array_index(names, i);
	const char *nearest = lab_nearest(word, list);
	return nearest ? g_strdup_printf("; did you mean \"%s\"?", nearest) : g_strdup("");
}
