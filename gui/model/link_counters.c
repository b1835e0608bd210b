/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/link_counters.h"

#include <glib/gi18n.h>
#include <string.h>

/* See switch/frame/counters.h. */
static const struct {
	const char *name, *text;
	gboolean leaving; /* counted by the port that frames should have left by */
} reasons[] = {
	{"duplicated", N_("Duplicated"), FALSE},
	{"ecn_marked", N_("Marked: congestion (ECN)"), FALSE},
	{"corrupted", N_("Corrupted"), FALSE},
	{"reordered", N_("Reordered"), FALSE},
	{"uncut", N_("Passed on uncut"), FALSE},
	{"drop_loss", N_("Lost: configured loss"), FALSE},
	{"drop_rate_queue", N_("Dropped: rate queue full"), FALSE},
	{"drop_delay_queue", N_("Dropped: too many frames in flight"), FALSE},
	{"drop_unplugged", N_("Dropped: link unplugged"), FALSE},
	{"drop_queue_full", N_("Dropped: receiver too slow"), TRUE},
	{"drop_port_error", N_("Dropped: receiver disconnected"), TRUE},
	{"drop_filtered", N_("Not forwarded: receiver is on the same port"), FALSE},
	{"drop_blocked", N_("Dropped: blocked by spanning tree"), FALSE},
	{"drop_loop", N_("Dropped: forwarding loop"), FALSE},
	{"drop_reserved_address", N_("Not forwarded: link-local address"), FALSE},
	{"drop_source_invalid", N_("Dropped: invalid source address"), FALSE},
	{"drop_tagged", N_("Dropped: tagged frame on an access port"), FALSE},
	{"drop_untagged", N_("Dropped: untagged frame on a trunk"), FALSE},
	{"drop_vlan", N_("Dropped: VLAN not allowed on this port"), FALSE},
	{"drop_mirror", N_("Dropped: mirror port"), FALSE},
	{"drop_oversize", N_("Dropped: longer than the MTU"), FALSE},
	{"drop_runt", N_("Dropped: too short"), FALSE},
	{"drop_bad_offload", N_("Dropped: unsupported offload"), FALSE},
	{"drop_no_memory", N_("Dropped: out of memory"), FALSE},
};

static void counter_free(gpointer data)
{
	LinkCounter *counter = data;
	g_free(counter->label);
	g_free(counter);
}

char *link_end_name(const SceneEdge *edge, guint end)
{
	/* An uplink's port is called as its cable is. */
	if (edge->ends[end]->what == SCENE_UPLINK)
		return g_strdup(edge->name);
	return edge->interfaces[end] ? g_strconcat(edge->ends[end]->name, ":", edge->interfaces[end], NULL)
				     : g_strdup(edge->ends[end]->name);
}

static void add(GPtrArray *counters, const char *label, guint64 first, guint64 second)
{
	LinkCounter *counter = g_new(LinkCounter, 1);
	*counter = (LinkCounter){g_strdup(label), {first, second}};
	g_ptr_array_add(counters, counter);
}

static const char *text_of(const char *name, gboolean *leaving)
{
	*leaving = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (g_str_equal(reasons[i].name, name)) {
			*leaving = reasons[i].leaving;
			return _(reasons[i].text);
		}
	return name;
}

static void count_reason(GPtrArray *counters, guint first, const char *label, guint from, guint64 value)
{
	for (guint i = first; i < counters->len; i++) {
		LinkCounter *counter = counters->pdata[i];
		if (g_str_equal(counter->label, label)) {
			counter->values[from] += value;
			return;
		}
	}
	add(counters, label, from == 0 ? value : 0, from == 1 ? value : 0);
}

/* Those of one end, a{sa{st}} by end. */
static void count_reasons(GPtrArray *counters, guint first, GVariant *all, const char *end, guint from)
{
	g_autoptr(GVariant) values = all ? g_variant_lookup_value(all, end, G_VARIANT_TYPE("a{st}")) : NULL;
	GVariantIter iter;
	const char *name;
	guint64 value;
	if (!values)
		return;
	g_variant_iter_init(&iter, values);
	while (g_variant_iter_next(&iter, "{&st}", &name, &value)) {
		gboolean leaving, traffic = g_str_has_prefix(name, "rx_") || g_str_has_prefix(name, "tx_");
		const char *label = text_of(name, &leaving);
		if (value && !traffic)
			count_reason(counters, first, label, leaving ? 1 - from : from, value);
	}
}

GPtrArray *link_counters(const SceneEdge *edge)
{
	GPtrArray *counters = g_ptr_array_new_with_free_func(counter_free);
	add(counters, _("Frames"), edge->flows[0].frames, edge->flows[1].frames);
	add(counters, _("Bytes"), edge->flows[0].bytes, edge->flows[1].bytes);
	guint first = counters->len;
	for (guint i = 0; i < 2; i++) {
		g_autofree char *end = link_end_name(edge, i);
		count_reasons(counters, first, edge->counters, end, i);
		count_reasons(counters, first, edge->wire, end, i);
	}
	return counters;
}
