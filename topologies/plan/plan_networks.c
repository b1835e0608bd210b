/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/plan/plan_networks.h"

#include <string.h>

static void cable_free(gpointer data)
{
	PlanCable *self = data;
	g_free(self->name);
	for (unsigned i = 0; i < G_N_ELEMENTS(self->ends); i++) {
		g_free(self->ends[i].port);
		g_free(self->ends[i].network);
	}
	g_free(self);
}

static void mirror_free(gpointer data)
{
	PlanMirror *self = data;
	g_free(self->from);
	g_free(self->to);
	g_free(self);
}

static void network_free(gpointer data)
{
	PlanNetwork *self = data;
	g_free(self->host_port);
	g_ptr_array_unref(self->mirrors);
	g_free(self);
}

static void uplink_free(gpointer data)
{
	PlanUplink *self = data;
	g_free(self->port);
	g_free(self->cable);
	g_free(self);
}

static void capture_free(gpointer data)
{
	PlanCapture *self = data;
	g_strfreev(self->cables);
	g_free(self);
}

char *plan_port_name(const LabInterface *interface)
{
	return g_strdup_printf("%s:%s", interface->node->name, interface->name);
}

gboolean plan_check_socket_path(const char *what, const char *path, const char *way_out, GError **error)
{
	gsize length = strlen(path);
	if (length <= PLAN_SUN_PATH_MAX)
		return TRUE;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		"%s: the socket path \"%s\" is %" G_GSIZE_FORMAT " bytes long, but the limit is %d; %s", what, path,
		length, PLAN_SUN_PATH_MAX, way_out);
	return FALSE;
}

/* -- Networks ------------------------------------------------------------------------------------------------------ */

static gboolean plan_each_network(Plan *plan, GError **error)
{
	for (guint i = 0; i < plan->lab->networks->len; i++) {
		const LabNetwork *network = plan->lab->networks->pdata[i];
		PlanNetwork *self = g_new0(PlanNetwork, 1);
		self->network = network;
		self->group = network->group;
		self->mirrors = g_ptr_array_new_with_free_func(mirror_free);
		g_ptr_array_add(plan->networks, self);
		if (network->host_kind != LAB_HOST_NONE)
			self->host_port = g_strdup_printf("host:%s", network->name);
		for (guint k = 0; k < network->mirrors->len; k++) {
			const LabMirror *mirror = network->mirrors->pdata[k];
			PlanMirror *planned = g_new0(PlanMirror, 1);
			planned->from = mirror->from ? plan_port_name(mirror->from) : NULL;
			planned->to = plan_port_name(mirror->to);
			g_ptr_array_add(self->mirrors, planned);
		}
		g_autofree char *what = g_strdup_printf("network \"%s\"", network->name);
		if (network->socket &&
			!plan_check_socket_path(
				what, network->socket, "use a shorter path in socket=, or move the lab", error))
			return FALSE;
	}
	plan->n_groups = plan->lab->n_groups;
	return TRUE;
}

/* -- Cables -------------------------------------------------------------------------------------------------------- */

static PlanCable *add_cable(Plan *plan, char *name)
{
	PlanCable *self = g_new0(PlanCable, 1);
	self->name = name;
	g_ptr_array_add(plan->cables, self);
	return self;
}

static PlanCable *add_port_cable(Plan *plan, const char *port, const LabNetwork *network, const LabPortVlan *vlan)
{
	PlanCable *self = add_cable(plan, g_strdup(port));
	self->ends[0].port = g_strdup(port);
	self->ends[1].network = g_strdup(network->name);
	self->ends[1].vlan = vlan;
	return self;
}

static void cable_interface(Plan *plan, const LabInterface *interface)
{
	g_autofree char *port = plan_port_name(interface);
	if (!interface->network)
		return;
	PlanCable *self = add_port_cable(plan, port, interface->network, interface->vlan);
	self->impairments[0] = self->impairments[1] = interface->impairment;
}

static void cable_link(Plan *plan, const LabLink *link)
{
	PlanCable *self = add_cable(plan, g_strdup(link->name));
	for (unsigned i = 0; i < G_N_ELEMENTS(self->ends); i++) {
		const LabLinkEnd *end = &link->ends[i];
		self->ends[i] = (PlanCableEnd){
			.port = end->interface ? plan_port_name(end->interface) : NULL,
			.network = end->network ? g_strdup(end->network->name) : NULL,
			.vlan = end->vlan,
		};
		self->impairments[i] = link->impairments[i];
	}
}

static void cable_uplink(Plan *plan, const LabUplink *uplink)
{
	PlanUplink *self = g_new0(PlanUplink, 1);
	self->uplink = uplink;
	self->port = g_strdup_printf("uplink:%s", uplink->network->name);
	self->cable = g_strdup(self->port);
	g_ptr_array_add(plan->uplinks, self);
	add_port_cable(plan, self->port, uplink->network, uplink->vlan);
}

static void plan_cables(Plan *plan)
{
	for (guint i = 0; i < plan->lab->nodes->len; i++) {
		const LabNode *node = plan->lab->nodes->pdata[i];
		for (guint k = 0; k < node->interfaces->len; k++)
			cable_interface(plan, node->interfaces->pdata[k]);
	}
	for (guint i = 0; i < plan->lab->links->len; i++)
		cable_link(plan, plan->lab->links->pdata[i]);
	for (guint i = 0; i < plan->lab->uplinks->len; i++)
		cable_uplink(plan, plan->lab->uplinks->pdata[i]);
	for (guint i = 0; i < plan->networks->len; i++) {
		const PlanNetwork *network = plan->networks->pdata[i];
		if (network->host_port)
			add_port_cable(plan, network->host_port, network->network,
				network->network->vlan_aware ? &lab_port_vlan_all : NULL);
	}
}

const char *plan_cable_network(const PlanCable *self)
{
	return self->ends[0].network ? self->ends[0].network : self->ends[1].network;
}

/* -- Captures ------------------------------------------------------------------------------------------------------ */

static gboolean is_captured(const LabCapture *capture, const PlanCable *cable)
{
	if (capture->link)
		return g_str_equal(cable->name, capture->link->name);
	if (capture->interface) {
		g_autofree char *port = plan_port_name(capture->interface);
		return g_strcmp0(cable->ends[0].port, port) == 0 || g_strcmp0(cable->ends[1].port, port) == 0;
	}
	if (capture->network)
		return g_strcmp0(cable->ends[0].network, capture->network->name) == 0 ||
			g_strcmp0(cable->ends[1].network, capture->network->name) == 0;
	return TRUE;
}

static void plan_captures(Plan *plan)
{
	for (guint i = 0; i < plan->lab->captures->len; i++) {
		PlanCapture *self = g_new0(PlanCapture, 1);
		g_autoptr(GPtrArray) cables = g_ptr_array_new();
		self->capture = plan->lab->captures->pdata[i];
		for (guint k = 0; k < plan->cables->len; k++) {
			const PlanCable *cable = plan->cables->pdata[k];
			if (is_captured(self->capture, cable))
				g_ptr_array_add(cables, g_strdup(cable->name));
		}
		g_ptr_array_add(cables, NULL);
		self->cables = (char **)g_ptr_array_steal(cables, NULL);
		g_ptr_array_add(plan->captures, self);
	}
}

gboolean plan_networks(Plan *plan, GError **error)
{
	plan->networks = g_ptr_array_new_with_free_func(network_free);
	plan->cables = g_ptr_array_new_with_free_func(cable_free);
	plan->uplinks = g_ptr_array_new_with_free_func(uplink_free);
	plan->captures = g_ptr_array_new_with_free_func(capture_free);
	if (!plan_each_network(plan, error))
		return FALSE;
	plan_cables(plan);
	plan_captures(plan);
	return TRUE;
}

void plan_networks_free(Plan *plan)
{
	g_clear_pointer(&plan->captures, g_ptr_array_unref);
	g_clear_pointer(&plan->uplinks, g_ptr_array_unref);
	g_clear_pointer(&plan->cables, g_ptr_array_unref);
	g_clear_pointer(&plan->networks, g_ptr_array_unref);
}
