/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/panels/link_change.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/model/link_counters.h"

/* A state of a link, for undo: name, end or "" for both, base, attributes. A list of them is made one after the other.
 */
#define STEPS "a(sssa{ss})"

static void apply(gpointer target, GVariant *steps)
{
	GVariantIter iter;
	const char *link, *from, *base;
	GVariant *attributes;
	g_variant_iter_init(&iter, steps);
	while (g_variant_iter_loop(&iter, "(&s&s&s@a{ss})", &link, &from, &base, &attributes))
		session_set_link(target, link, from, base, attributes);
}

/* All that is set now: each direction from a perfect wire. */
static GVariant *state_of(const SceneEdge *edge)
{
	GVariantBuilder steps;
	g_variant_builder_init(&steps, G_VARIANT_TYPE(STEPS));
	for (guint i = 0; i < 2; i++) {
		g_autofree char *from = link_end_name(edge, i);
		g_auto(GStrv) words = g_strsplit(edge->impairments[i], " ", -1);
		GVariantBuilder settings;
		g_variant_builder_init(&settings, G_VARIANT_TYPE("a{ss}"));
		for (char **word = words; *word; word++) {
			char *value = strchr(*word, '=');
			if (!value)
				continue;
			*value++ = '\0';
			g_variant_builder_add(&settings, "{ss}", *word, value);
		}
		g_variant_builder_add(
			&steps, "(sss@a{ss})", edge->name, from, "perfect", g_variant_builder_end(&settings));
	}
	return g_variant_builder_end(&steps);
}

void link_change(Session *session, Undo *undo, const SceneEdge *edge, int from, const char *base, GVariant *attributes)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(attributes);
	g_autofree char *end = from < 0 ? g_strdup("") : link_end_name(edge, (guint)from);
	g_autofree char *label = g_strdup_printf(_("link %s"), edge->name);
	/* Changes of the same attributes are one while a slider is dragged. */
	g_autofree char *names = g_variant_print(owned, FALSE);
	*strchrnul(names, ':') = '\0';
	g_autofree char *merge = g_strjoin(" ", "link", edge->name, end, base, names, NULL);
	GVariantBuilder after;
	g_variant_builder_init(&after, G_VARIANT_TYPE(STEPS));
	g_variant_builder_add(&after, "(sss@a{ss})", edge->name, end, base, owned);
	undo_push(undo, label, merge, apply, session, state_of(edge), g_variant_builder_end(&after));
	session_set_link(session, edge->name, end, base, owned);
}
