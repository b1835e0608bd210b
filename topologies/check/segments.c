/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/check/segments.h"

typedef struct {
	gboolean vlan_aware; /* one of its networks is */
	gboolean unsure;     /* VLANs change their number on the way: this is not tracked */
	gboolean open;
	GString *networks; /* '"lan", "dmz"' */
	unsigned n_networks;
} Group;

struct Segments {
	Group *groups;
	unsigned n_groups;
	GPtrArray *all; /* of Segment */
	GHashTable *by_key;
};

static void segment_free(void *data)
{
	Segment *self = data;

	g_free(self->label);
	g_ptr_array_unref(self->interfaces);
	g_ptr_array_unref(self->uplinks);
	g_free(self);
}

static Segment *add_segment(Segments *self, char *key, char *label)
{
	Segment *segment = g_new0(Segment, 1);

	segment->label = label;
	segment->interfaces = g_ptr_array_new();
	segment->uplinks = g_ptr_array_new();
	g_hash_table_insert(self->by_key, key, segment);
	g_ptr_array_add(self->all, segment);
	return segment;
}

static unsigned untagged_vlan(const LabPortVlan *vlan)
{
	return vlan->access ? vlan->access : vlan->native;
}

/* The key of a port's segment; NULL where there is none. */
static char *key_of_port(const Segments *self, const LabNetwork *network, const LabPortVlan *vlan)
{
	const Group *group = &self->groups[network->group];
	unsigned number = group->vlan_aware && vlan ? untagged_vlan(vlan) : 0;

	if (group->unsure || (group->vlan_aware && !number))
		return NULL;
	return g_strdup_printf("group %u %u", network->group, number);
}

static char *key_of_interface(const Segments *self, const LabInterface *interface)
{
	if (interface->network)
		return key_of_port(self, interface->network, interface->vlan);
	return interface->link ? g_strdup_printf("link %s", interface->link->name) : NULL;
}

static Segment *segment_of_port(Segments *self, const LabNetwork *network, const LabPortVlan *vlan)
{
	const Group *group = &self->groups[network->group];
	g_autofree char *key = key_of_port(self, network, vlan);
	Segment *segment = key ? g_hash_table_lookup(self->by_key, key) : NULL;
	const char *noun = group->n_networks > 1 ? "networks" : "network";

	if (segment || !key)
		return segment;
	segment = add_segment(self, g_steal_pointer(&key),
		group->vlan_aware ? g_strdup_printf("VLAN %u of %s %s", untagged_vlan(vlan), noun, group->networks->str)
				  : g_strdup_printf("%s %s", noun, group->networks->str));
	segment->open = group->open;
	return segment;
}

/* Whether a link between networks leaves every VLAN its number. */
static gboolean keeps_vlans(const LabLink *link)
{
	const LabPortVlan *a = link->ends[0].vlan, *b = link->ends[1].vlan;

	return a && b && !a->access && !b->access && a->native == b->native;
}

static void group_networks(Segments *self, const Lab *lab)
{
	for (guint i = 0; i < lab->networks->len; i++) {
		const LabNetwork *network = lab->networks->pdata[i];
		Group *group = &self->groups[network->group];

		group->vlan_aware |= network->vlan_aware;
		group->open |= network->host_kind != LAB_HOST_NONE || network->socket;
		group->n_networks++;
		if (!group->networks)
			group->networks = g_string_new(NULL);
		/* A long list would be no label. */
		if (group->n_networks <= 3)
			g_string_append_printf(
				group->networks, "%s\"%s\"", group->n_networks > 1 ? ", " : "", network->name);
		else if (group->n_networks == 4)
			g_string_append(group->networks, ", ...");
	}
	for (guint i = 0; i < lab->links->len; i++) {
		const LabLink *link = lab->links->pdata[i];

		if (link->ends[0].network && self->groups[link->ends[0].network->group].vlan_aware &&
			!keeps_vlans(link))
			self->groups[link->ends[0].network->group].unsure = TRUE;
	}
}

static void note_trunks(Segments *self, const LabNode *node)
{
	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = node->interfaces->pdata[i];

		/* Behind it the node may well have an address in every VLAN. */
		if (interface->network && interface->vlan && !interface->vlan->access)
			self->groups[interface->network->group].open = TRUE;
	}
}

static void place_interfaces(Segments *self, const LabNode *node)
{
	for (guint i = 0; i < node->interfaces->len; i++) {
		LabInterface *interface = node->interfaces->pdata[i];
		g_autofree char *key = interface->link ? key_of_interface(self, interface) : NULL;
		Segment *segment = interface->network ? segment_of_port(self, interface->network, interface->vlan)
			: key                         ? g_hash_table_lookup(self->by_key, key)
						      : NULL;

		if (segment)
			g_ptr_array_add(segment->interfaces, interface);
	}
}

Segments *segments_new(const Lab *lab)
{
	Segments *self = g_new0(Segments, 1);

	self->n_groups = lab->n_groups;
	self->groups = g_new0(Group, lab->n_groups + 1);
	self->all = g_ptr_array_new_with_free_func(segment_free);
	self->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	group_networks(self, lab);
	for (guint i = 0; i < lab->nodes->len; i++)
		note_trunks(self, lab->nodes->pdata[i]);
	for (guint i = 0; i < lab->links->len; i++) {
		const LabLink *link = lab->links->pdata[i];

		if (link->ends[0].interface)
			add_segment(self, g_strdup_printf("link %s", link->name), lab_label("link", link->name));
	}
	for (guint i = 0; i < lab->nodes->len; i++)
		place_interfaces(self, lab->nodes->pdata[i]);
	for (guint i = 0; i < lab->uplinks->len; i++) {
		LabUplink *uplink = lab->uplinks->pdata[i];
		Segment *segment = segment_of_port(self, uplink->network, uplink->vlan);

		if (segment)
			g_ptr_array_add(segment->uplinks, uplink);
	}
	return self;
}

void segments_free(Segments *self)
{
	for (unsigned i = 0; i < self->n_groups; i++)
		g_string_free(self->groups[i].networks, TRUE);
	g_hash_table_unref(self->by_key);
	g_ptr_array_unref(self->all);
	g_free(self->groups);
	g_free(self);
}

const GPtrArray *segments_all(const Segments *self)
{
	return self->all;
}

const Segment *segments_of_interface(const Segments *self, const LabInterface *interface)
{
	g_autofree char *key = key_of_interface(self, interface);

	return key ? g_hash_table_lookup(self->by_key, key) : NULL;
}

const Segment *segments_of_uplink(const Segments *self, const LabUplink *uplink)
{
	g_autofree char *key = key_of_port(self, uplink->network, uplink->vlan);

	return key ? g_hash_table_lookup(self->by_key, key) : NULL;
}
