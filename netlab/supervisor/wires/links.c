/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/links.h"

#include <linux/if_ether.h>
#include <string.h>

#include "topologies/model/diagnostics.h"

typedef struct {
	LinkSettings from[2];
} Current;

struct Links {
	const Plan *plan;
	GHashTable *current; /* PlanCable -> Current */
};

Links *links_new(const Plan *plan)
{
	Links *self = g_new0(Links, 1);
	self->plan = plan;
	self->current = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	for (guint i = 0; i < plan->cables->len; i++) {
		PlanCable *cable = g_ptr_array_index(plan->cables, i);
		Current *current = g_new(Current, 1);
		memcpy(current->from, cable->impairments, sizeof(current->from));
		g_hash_table_insert(self->current, cable, current);
	}
	return self;
}

void links_free(Links *self)
{
	g_hash_table_unref(self->current);
	g_free(self);
}

static Current *current_of(const Links *self, const PlanCable *cable)
{
	return g_hash_table_lookup(self->current, cable);
}

const PlanCable *links_find(const Links *self, const char *where, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < self->plan->cables->len; i++) {
		PlanCable *cable = g_ptr_array_index(self->plan->cables, i);
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
		"lab \"%s\" has no link or connected interface \"%s\"%s%s%s", self->plan->instance, where,
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

static gboolean apply(LinkSettings *impairment, GVariant *attributes, GError **error)
{
	GVariantIter iter;
	const char *name, *value;
	g_variant_iter_init(&iter, attributes);
	while (g_variant_iter_next(&iter, "{&s&s}", &name, &value)) {
		g_autoptr(GError) wrong = NULL;
		if (link_settings_set(impairment, name, value, &wrong))
			continue;
		gboolean unknown = g_error_matches(wrong, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s%s%s", unknown ? "" : name,
			unknown ? "" : ": ", wrong->message);
		return FALSE;
	}
	return TRUE;
}

gboolean links_change(
	Links *self, const PlanCable *cable, const char *from, LinkBase base, GVariant *attributes, GError **error)
{
	static const LinkSettings perfect;
	Current *current = current_of(self, cable), changed = *current;
	unsigned bits = directions(cable, from, error);
	for (unsigned i = 0; i < 2; i++) {
		if (!(bits & 1u << i))
			continue;
		if (base != LINK_AS_IT_IS)
			changed.from[i] = base == LINK_PERFECT ? perfect : cable->impairments[i];
		if (!apply(&changed.from[i], attributes, error))
			return FALSE;
	}
	*current = changed;
	return bits != 0;
}

const LinkSettings *links_impairment(const Links *self, const PlanCable *cable, unsigned from)
{
	return &current_of(self, cable)->from[from];
}

gboolean links_is_down(const Links *self, const PlanCable *cable)
{
	const Current *current = current_of(self, cable);
	return current->from[0].down || current->from[1].down;
}

/* Bytes of the longest frame that the cable carries. */
static guint64 longest_frame(const Plan *plan, const PlanCable *cable)
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

GVariant *links_settings(const Plan *plan, const PlanCable *cable, const LinkSettings *impairment)
{
	guint64 queue = impairment->queue;
	GVariantDict settings;
	if (!queue && impairment->rate)
		queue = LINK_QUEUE_FRAMES * longest_frame(plan, cable);
	g_variant_dict_init(&settings, NULL);
	g_variant_dict_insert(&settings, "delay", "t", impairment->delay);
	g_variant_dict_insert(&settings, "jitter", "t", impairment->jitter);
	g_variant_dict_insert(&settings, "distribution", "s",
		impairment->distribution == LINK_DISTRIBUTION_NORMAL ? "normal" : "uniform");
	g_variant_dict_insert(&settings, "loss", "d", impairment->loss);
	g_variant_dict_insert(&settings, "burst", "d", impairment->burst);
	g_variant_dict_insert(&settings, "duplicate", "d", impairment->duplicate);
	g_variant_dict_insert(&settings, "corrupt", "d", impairment->corrupt);
	g_variant_dict_insert(&settings, "reorder", "d", impairment->reorder);
	g_variant_dict_insert(&settings, "rate", "t", impairment->rate);
	g_variant_dict_insert(&settings, "queue", "t", queue);
	g_variant_dict_insert(&settings, "seed", "t", plan->lab->seed);
	return g_variant_dict_end(&settings);
}
