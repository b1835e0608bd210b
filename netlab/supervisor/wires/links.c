/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/links.h"

#include <linux/if_ether.h>
#include <string.h>

#include "topologies/model/diagnostics.h"

const PlanCable *links_find(const Plan *plan, const char *where, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < plan->cables->len; i++) {
		PlanCable *cable = g_ptr_array_index(plan->cables, i);
		char *candidates[] = {cable->name, cable->ends[0].port, cable->ends[1].port};
		for (gsize j = 0; j < G_N_ELEMENTS(candidates); j++) {
			if (g_strcmp0(candidates[j], where) == 0)
				return cable;
			if (candidates[j])
				g_ptr_array_add(names, candidates[j]);
		}
	}
	g_ptr_array_add(names, NULL);
	const char *nearest = lab_nearest(where, (const char *const *)names->pdata);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
		"lab \"%s\" has no link or connected interface \"%s\"%s%s%s", plan->instance, where,
		nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	return NULL;
}

static gboolean is_called(const PlanCableEnd *end, const char *name)
{
	gsize length = strlen(name);
	if (!end->port)
		return g_str_equal(end->network, name);
	/* "NODE:IFACE", or NODE alone. */
	return g_str_equal(end->port, name) || (g_str_has_prefix(end->port, name) && end->port[length] == ':');
}

/* The directions that are meant, as bits; 0 and error when there are none. */
static unsigned directions(const PlanCable *cable, const char *from, GError **error)
{
	unsigned bits = *from ? is_called(&cable->ends[0], from) | is_called(&cable->ends[1], from) << 1 : 3;
	if (bits == 1 || bits == 2 || !*from)
		return bits;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		bits ? "both ends of \"%s\" are of \"%s\"; write from=%s or from=%s"
		     : "no end of \"%s\" is \"%s\"; write from=%s or from=%s",
		cable->name, from, links_end_name(cable, 0), links_end_name(cable, 1));
	return 0;
}

static gboolean apply(LinkSettings *settings, GVariant *attributes, GError **error)
{
	GVariantIter iter;
	const char *name, *value;
	g_variant_iter_init(&iter, attributes);
	while (g_variant_iter_next(&iter, "{&s&s}", &name, &value)) {
		g_autoptr(GError) wrong = NULL;
		if (link_settings_set(settings, name, value, &wrong))
			continue;
		gboolean unknown = g_error_matches(wrong, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s%s%s", unknown ? "" : name,
			unknown ? "" : ": ", wrong->message);
		return FALSE;
	}
	return TRUE;
}

gboolean links_change(const PlanCable *cable, LinkSettings settings[2], const char *from, LinkBase base,
	GVariant *attributes, GError **error)
{
	static const LinkSettings perfect;
	LinkSettings changed[] = {settings[0], settings[1]};
	unsigned bits = directions(cable, from, error);
	for (unsigned i = 0; i < G_N_ELEMENTS(changed); i++) {
		if (!(bits & 1u << i))
			continue;
		if (base != LINK_AS_IT_IS)
			changed[i] = base == LINK_PERFECT ? perfect : cable->impairments[i];
		if (!apply(&changed[i], attributes, error))
			return FALSE;
	}
	memcpy(settings, changed, sizeof(changed));
	return bits != 0;
}

gboolean links_in_force(GVariant *cables, const PlanCable *cable, LinkSettings settings[2])
{
	g_autoptr(GVariantIter) ends = NULL;
	GVariant *dict;
	memset(settings, 0, 2 * sizeof(settings[0]));
	if (!cables || !g_variant_lookup(cables, cable->name, "(ba(sba{sv}a{st}))", NULL, &ends))
		return FALSE;
	for (unsigned from = 0; from < 2 && g_variant_iter_next(ends, "(sb@a{sv}a{st})", NULL, NULL, &dict, NULL);
		from++) {
		g_autoptr(GVariant) owned = dict;
		g_autoptr(GError) error = NULL;
		if (!link_settings_from_variant(&settings[from], dict, &error))
			g_warning("switch: cable \"%s\": %s", cable->name, error->message);
	}
	return TRUE;
}

/* By the end that frames come from: what is set, in the words of the language. */
static GVariant *settings_of(const PlanCable *cable, const LinkSettings settings[2])
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sa{ss}}"));
	for (unsigned from = 0; from < G_N_ELEMENTS(cable->ends); from++) {
		g_auto(GStrv) words = link_settings_to_strings(&settings[from]);
		g_variant_builder_open(&builder, G_VARIANT_TYPE("{sa{ss}}"));
		g_variant_builder_add(&builder, "s", links_end_name(cable, from));
		g_variant_builder_open(&builder, G_VARIANT_TYPE("a{ss}"));
		for (char **word = words; *word; word += 2)
			g_variant_builder_add(&builder, "{ss}", word[0], word[1]);
		g_variant_builder_close(&builder);
		g_variant_builder_close(&builder);
	}
	return g_variant_builder_end(&builder);
}

void links_report(GVariantDict *facts, GVariant *cables, const PlanCable *cable)
{
	GVariantBuilder carriers = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sb}"));
	GVariantBuilder wires = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sa{st}}"));
	g_autoptr(GVariantIter) ends = NULL;
	LinkSettings settings[2];
	const char *end;
	gboolean down = FALSE, carrier;
	GVariant *counters;
	links_in_force(cables, cable, settings);
	if (cables && g_variant_lookup(cables, cable->name, "(ba(sba{sv}a{st}))", &down, &ends))
		while (g_variant_iter_loop(ends, "(&sba{sv}@a{st})", &end, &carrier, NULL, &counters)) {
			g_variant_builder_add(&carriers, "{sb}", end, carrier);
			g_variant_builder_add(&wires, "{s@a{st}}", end, counters);
		}
	g_variant_dict_insert(facts, "down", "b", down);
	g_variant_dict_insert_value(facts, "impairment", settings_of(cable, settings));
	g_variant_dict_insert_value(facts, "carrier", g_variant_builder_end(&carriers));
	g_variant_dict_insert_value(facts, "wire", g_variant_builder_end(&wires));
}

guint32 links_longest_frame(const Plan *plan, const PlanCable *cable)
{
	unsigned mtu = 0;
	for (guint i = 0; i < plan->nodes->len; i++) {
		const PlanNode *node = g_ptr_array_index(plan->nodes, i);
		for (guint k = 0; k < node->interfaces->len; k++) {
			const PlanInterface *interface = g_ptr_array_index(node->interfaces, k);
			if (g_strcmp0(interface->cable, cable->name) == 0)
				mtu = MAX(mtu, interface->mtu);
		}
	}
	return ETH_HLEN + (mtu ? mtu : ETH_DATA_LEN); /* between two networks nobody says an MTU */
}

unsigned links_speed(const LinkSettings settings[2])
{
	guint64 a = settings[0].rate, b = settings[1].rate;
	return link_speed(a && b ? MIN(a, b) : MAX(a, b));
}
