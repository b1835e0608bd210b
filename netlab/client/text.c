/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/text.h"

#include "topologies/model/diagnostics.h"

char *printable_text(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
	GString *out = g_string_new(NULL);
	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		g_string_append_unichar(out, g_unichar_iscntrl(c) && c != '\n' && c != '\t' ? 0xfffd : c);
	}
	return g_string_free(out, FALSE);
}

char *did_you_mean(const char *word, const GPtrArray *names)
{
	g_autofree const char **list = g_new0(const char *, names->len + 1);
	for (guint i = 0; i < names->len; i++)
		list[i] = g_ptr_array_index(names, i);
	const char *nearest = lab_nearest(word, list);
	return nearest ? g_strdup_printf("; did you mean \"%s\"?", nearest) : g_strdup("");
}
