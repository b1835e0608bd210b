/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making and freeing the elements of a lab. */
#include "topologies/model/elements.h"
#include "topologies/model/values.h"

static void mirror_free(void *data)
{
	LabMirror *self = data;

	g_free(self->from_name);
	g_free(self->to_name);
	g_free(self);
}

static void network_free(void *data)
{
	LabNetwork *self = data;

	g_free(self->name);
	g_free(self->host_name);
	g_free(self->socket);
	g_ptr_array_unref(self->mirrors);
	g_free(self);
}

static void route_free(void *data)
{
	LabRoute *self = data;

	g_clear_pointer(&self->to, lab_address_free);
	g_clear_object(&self->via);
	g_free(self->dev);
	g_free(self);
}

static void sysctl_free(void *data)
{
	LabSysctl *self = data;

	g_free(self->name);
	g_free(self->value);
	g_free(self);
}

static void file_free(void *data)
{
	LabFile *self = data;

	g_free(self->path);
	g_free(self->source);
	g_clear_pointer(&self->inline_content, g_bytes_unref);
	g_free(self);
}

static void run_free(void *data)
{
	LabRun *self = data;

	g_free(self->command);
	g_free(self);
}

static void interface_free(void *data)
{
	lab_interface_free(data);
}

static void node_free(void *data)
{
	LabNode *self = data;

	g_free(self->name);
	g_free(self->image);
	g_ptr_array_unref(self->interfaces);
	g_ptr_array_unref(self->routes);
	g_ptr_array_unref(self->sysctls);
	g_ptr_array_unref(self->files);
	g_ptr_array_unref(self->runs);
	g_free(self);
}

static void link_free(void *data)
{
	LabLink *self = data;

	g_free(self->name);
	for (unsigned i = 0; i < G_N_ELEMENTS(self->ends); i++)
		g_free(self->ends[i].vlan);
	g_free(self);
}

static void forward_free(void *data)
{
	LabForward *self = data;

	g_clear_object(&self->host_address);
	g_clear_object(&self->to_address);
	g_free(self);
}

static void uplink_free(void *data)
{
	LabUplink *self = data;

	g_free(self->name);
	g_free(self->network_name);
	lab_address_free(self->address4);
	lab_address_free(self->address6);
	g_clear_object(&self->dns4);
	g_clear_object(&self->dns6);
	g_clear_object(&self->dhcp_start);
	g_free(self->vlan);
	g_ptr_array_unref(self->forwards);
	g_free(self);
}

static void capture_free(void *data)
{
	LabCapture *self = data;

	g_free(self->file);
	g_free(self->link_name);
	g_free(self->interface_name);
	g_free(self->network_name);
	g_free(self->filter);
	g_free(self);
}

static void check_run_free(void *data)
{
	LabCheckRun *self = data;

	g_free(self->node_name);
	g_free(self->command);
	g_free(self);
}

static void check_free(void *data)
{
	LabCheck *self = data;

	g_free(self->name);
	g_ptr_array_unref(self->runs);
	g_free(self);
}

static void address_free(void *data)
{
	lab_address_free(data);
}

static void touch_free(void *data)
{
	LabTouch *self = data;

	g_free(self->what);
	g_free(self);
}

/** lab_touches_new() - an empty list (of LabTouch); the caller owns it. */
GPtrArray *lab_touches_new(void)
{
	return g_ptr_array_new_with_free_func(touch_free);
}

void lab_touch(GPtrArray *touches, LabTouchKind kind, LabPos pos, const char *what)
{
	LabTouch *touch = g_new(LabTouch, 1);

	*touch = (LabTouch){kind, pos, g_strdup(what)};
	g_ptr_array_add(touches, touch);
}

/** lab_new() - an empty lab
 *  @file: absolute path of its XML file
 *  @folder: with that file; taken
 *  @touches: the files that were read for it; taken
 *  Returns it; the caller owns it. */
Lab *lab_new(const char *file, LabFolder *folder, GPtrArray *touches)
{
	Lab *self = g_new0(Lab, 1);

	self->pos = (LabPos){g_intern_string(file), 1, 1};
	self->file = g_strdup(file);
	self->folder = folder;
	self->touches = touches;
	self->default_isolation = LAB_ISOLATION_OFF;
	self->default_transport = LAB_TRANSPORT_UNSET;
	self->history_bytes = LAB_HISTORY_DEFAULT;
	self->networks = g_ptr_array_new_with_free_func(network_free);
	self->nodes = g_ptr_array_new_with_free_func(node_free);
	self->links = g_ptr_array_new_with_free_func(link_free);
	self->checks = g_ptr_array_new_with_free_func(check_free);
	self->uplinks = g_ptr_array_new_with_free_func(uplink_free);
	self->captures = g_ptr_array_new_with_free_func(capture_free);
	return self;
}

/** lab_free() - the lab and everything it holds
 *  @lab: may be NULL */
void lab_free(Lab *lab)
{
	if (!lab)
		return;
	g_ptr_array_unref(lab->captures);
	g_ptr_array_unref(lab->uplinks);
	g_ptr_array_unref(lab->checks);
	g_ptr_array_unref(lab->links);
	g_ptr_array_unref(lab->nodes);
	g_ptr_array_unref(lab->networks);
	g_clear_pointer(&lab->nodes_by_name, g_hash_table_unref);
	g_clear_pointer(&lab->networks_by_name, g_hash_table_unref);
	g_free(lab->file);
	lab_folder_free(lab->folder);
	g_ptr_array_unref(lab->touches);
	g_free(lab->name);
	g_free(lab->title);
	g_free(lab->description);
	g_free(lab->default_image);
	g_free(lab);
}

/** lab_network_new() - an empty network at POS; the caller owns it. */
LabNetwork *lab_network_new(LabPos pos)
{
	LabNetwork *self = g_new0(LabNetwork, 1);

	self->pos = pos;
	self->priority = LAB_PRIORITY_DEFAULT;
	self->mirrors = g_ptr_array_new_with_free_func(mirror_free);
	return self;
}

/** lab_mirror_new() - a mirror of nothing at POS; the caller owns it. */
LabMirror *lab_mirror_new(LabPos pos)
{
	LabMirror *self = g_new0(LabMirror, 1);

	self->pos = pos;
	return self;
}

/** lab_uplink_new() - an uplink of no network at POS; the caller owns it. */
LabUplink *lab_uplink_new(LabPos pos)
{
	LabUplink *self = g_new0(LabUplink, 1);

	self->pos = pos;
	self->forwards = g_ptr_array_new_with_free_func(forward_free);
	return self;
}

/** lab_forward_new() - a forward to nowhere at POS; the caller owns it. */
LabForward *lab_forward_new(LabPos pos)
{
	LabForward *self = g_new0(LabForward, 1);

	self->pos = pos;
	return self;
}

/** lab_capture_new() - a capture of the whole lab at POS; the caller owns it. */
LabCapture *lab_capture_new(LabPos pos)
{
	LabCapture *self = g_new0(LabCapture, 1);

	self->pos = pos;
	return self;
}

/** lab_node_new() - an empty node at POS; the caller owns it. */
LabNode *lab_node_new(LabPos pos)
{
	LabNode *self = g_new0(LabNode, 1);

	self->pos = pos;
	self->isolation = LAB_ISOLATION_UNSET;
	self->transport = LAB_TRANSPORT_UNSET;
	self->interfaces = g_ptr_array_new_with_free_func(interface_free);
	self->routes = g_ptr_array_new_with_free_func(route_free);
	self->sysctls = g_ptr_array_new_with_free_func(sysctl_free);
	self->files = g_ptr_array_new_with_free_func(file_free);
	self->runs = g_ptr_array_new_with_free_func(run_free);
	return self;
}

/** lab_link_new() - a link without ends at POS; the caller owns it. */
LabLink *lab_link_new(LabPos pos)
{
	LabLink *self = g_new0(LabLink, 1);

	self->pos = pos;
	return self;
}

/** lab_check_new() - a check without commands at POS; the caller owns it. */
LabCheck *lab_check_new(LabPos pos)
{
	LabCheck *self = g_new0(LabCheck, 1);

	self->pos = pos;
	self->timeout_ms = 30000;
	self->runs = g_ptr_array_new_with_free_func(check_run_free);
	return self;
}

/** lab_interface_new() - an unconnected interface at POS; the caller owns it. */
LabInterface *lab_interface_new(LabPos pos)
{
	LabInterface *self = g_new0(LabInterface, 1);

	self->pos = pos;
	self->addresses = g_ptr_array_new_with_free_func(address_free);
	return self;
}

/** lab_interface_free() - an interface that no node has taken
 *  @self: may be NULL */
void lab_interface_free(LabInterface *self)
{
	if (!self)
		return;
	g_free(self->name);
	g_free(self->network_name);
	g_free(self->vlan);
	g_ptr_array_unref(self->addresses);
	g_free(self);
}

/** lab_route_new() - a route to nowhere at POS; the caller owns it. */
LabRoute *lab_route_new(LabPos pos)
{
	LabRoute *self = g_new0(LabRoute, 1);

	self->pos = pos;
	return self;
}

/** lab_sysctl_new() - a setting NAME = VALUE (both copied) at POS; the caller owns it. */
LabSysctl *lab_sysctl_new(LabPos pos, const char *name, const char *value)
{
	LabSysctl *self = g_new0(LabSysctl, 1);

	self->pos = pos;
	self->name = g_strdup(name);
	self->value = g_strdup(value);
	return self;
}

/** lab_file_new() - a file without content or mode at POS; the caller owns it. */
LabFile *lab_file_new(LabPos pos)
{
	LabFile *self = g_new0(LabFile, 1);

	self->pos = pos;
	self->mode = LAB_MODE_UNSET;
	return self;
}

/** lab_run_new() - a startup command at POS; the caller owns it. */
LabRun *lab_run_new(LabPos pos)
{
	LabRun *self = g_new0(LabRun, 1);

	self->pos = pos;
	return self;
}

/** lab_check_run_new() - a command of a check at POS; the caller owns it. */
LabCheckRun *lab_check_run_new(LabPos pos)
{
	LabCheckRun *self = g_new0(LabCheckRun, 1);

	self->pos = pos;
	return self;
}
