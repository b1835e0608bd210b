/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/plan/plan.h"

#include "kernel/cmdline.h"
#include "topologies/plan/plan_networks.h"
#include "topologies/model/values.h"

#include <string.h>

/* A set-up message is one frame to the agent (at most AGENT_MAX_PAYLOAD bytes): longer host tables go in several. */
#define HOSTS_CHUNK 4096

/* The folder of a guest's vhost-user sockets in its sandbox. */
#define GUEST_SOCKETS "/net"

static void plan_interface_free(gpointer data)
{
	PlanInterface *self = data;
	g_free(self->port);
	g_free(self->name);
	g_free(self->socket);
	g_free(self->guest_socket);
	g_free(self->cable);
	g_free(self);
}

static void plan_setup_free(gpointer data)
{
	PlanSetup *self = data;
	g_strfreev(self->words);
	g_free(self->source);
	g_clear_pointer(&self->content, g_bytes_unref);
	g_free(self);
}

static void plan_node_free(gpointer data)
{
	PlanNode *self = data;
	g_free(self->name);
	g_free(self->directory);
	g_free(self->boot_log);
	g_free(self->kernel);
	g_free(self->modules);
	g_free(self->initramfs);
	g_free(self->root_image);
	g_free(self->disk);
	g_strfreev(self->argv);
	g_ptr_array_unref(self->interfaces);
	g_ptr_array_unref(self->setup);
	g_free(self);
}

/** plan_free() - frees a plan; NULL is allowed. */
void plan_free(Plan *self)
{
	if (!self)
		return;
	g_free(self->instance);
	g_free(self->directory);
	g_free(self->control_socket);
	g_ptr_array_unref(self->nodes);
	plan_networks_free(self);
	g_free(self);
}

/* @n_descriptors: how many the guest has before this interface; counted on. */
static PlanInterface *plan_interface(const PlanNode *node, const LabInterface *interface, int *n_descriptors)
{
	PlanInterface *self = g_new0(PlanInterface, 1);
	self->port = plan_port_name(interface);
	self->name = g_strdup(interface->name);
	memcpy(self->mac, interface->mac, sizeof(self->mac));
	self->mtu = interface->mtu;
	self->transport = interface->node->transport;
	/* UML's vector driver cannot leave anything to the switch, and has receive buffers for the MTU that it starts with. */
	gboolean vector = self->transport == LAB_TRANSPORT_DATAGRAM;
	self->mtu_max = vector ? interface->mtu : MAX(interface->mtu, LAB_MTU_CARD);
	self->offload = !vector && interface->offload == LAB_OFFLOAD_YES;
	self->fd = -1;
	if (self->transport == LAB_TRANSPORT_DATAGRAM) {
		self->fd = (*n_descriptors)++;
	} else {
		g_autofree char *file = g_strconcat(interface->name, ".sock", NULL);
		self->socket = g_build_filename(node->directory, file, NULL);
		self->guest_socket = g_build_filename(GUEST_SOCKETS, file, NULL);
	}
	if (interface->network)
		self->cable = plan_port_name(interface);
	else if (interface->link)
		self->cable = g_strdup(interface->link->name);
	return self;
}

/* -- Set-up of a node, in the order in which one thing needs another ----------------------------------------------- */

static PlanSetup *add_setup(GPtrArray *setup, const char *verb, ...) G_GNUC_NULL_TERMINATED;
static PlanSetup *add_setup(GPtrArray *setup, const char *verb, ...)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	va_list args;
	va_start(args, verb);
	for (const char *word = verb; word; word = va_arg(args, const char *))
		g_ptr_array_add(words, g_strdup(word));
	va_end(args);
	g_ptr_array_add(words, NULL);

	PlanSetup *self = g_new0(PlanSetup, 1);
	self->words = (char **)g_ptr_array_steal(words, NULL);
	g_ptr_array_add(setup, self);
	return self;
}

static GInetAddress *first_address(const LabNode *node)
{
	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = node->interfaces->pdata[i];
		if (interface->addresses->len)
			return ((LabAddress *)interface->addresses->pdata[0])->address;
	}
	return NULL;
}

/* The lines of /etc/hosts for all nodes, as texts of whole lines, each short enough for a message. */
static GPtrArray *host_tables(const Lab *lab)
{
	GPtrArray *tables = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < lab->nodes->len; i++) {
		const LabNode *node = lab->nodes->pdata[i];
		GInetAddress *address = first_address(node);
		if (!address)
			continue;
		g_autofree char *shown = g_inet_address_to_string(address);
		g_string_append_printf(text, "%s\t%s\n", shown, node->name);
		if (text->len > HOSTS_CHUNK) {
			g_ptr_array_add(tables, g_strdup(text->str));
			g_string_truncate(text, 0);
		}
	}
	if (text->len)
		g_ptr_array_add(tables, g_strdup(text->str));
	return tables;
}

/* Whether a setting lives below an interface of the node's own (net.ipv4.conf.eth0.rp_filter): it does not exist before
 * the interface has its name. As sysctl(8) has it, the first separator in a name, '.' or '/', is the one that counts. */
static gboolean sysctl_needs_interface(const LabSysctl *sysctl, const LabNode *node)
{
	const char *first = strpbrk(sysctl->name, "./");
	if (!first)
		return FALSE;
	const char separator[] = {*first, '\0'};
	g_auto(GStrv) parts = g_strsplit(sysctl->name, separator, -1);
	for (char **part = parts; *part; part++) {
		/* eth0.10 is written eth0/10 between dots */
		if (*first == '.')
			g_strdelimit(*part, "/", '.');
		if (lab_node_find_interface(node, *part))
			return TRUE;
	}
	return FALSE;
}

static void setup_sysctls(GPtrArray *setup, const LabNode *node, gboolean of_interfaces)
{
	for (guint i = 0; i < node->sysctls->len; i++) {
		const LabSysctl *sysctl = node->sysctls->pdata[i];
		if (sysctl_needs_interface(sysctl, node) == of_interfaces)
			add_setup(setup, "sysctl", sysctl->name, sysctl->value, NULL);
	}
}

static void setup_interfaces(GPtrArray *setup, const LabNode *node)
{
	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = node->interfaces->pdata[i];
		const guint8 *m = interface->mac;
		g_autofree char *mac =
			g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
		g_autofree char *mtu = g_strdup_printf("%u", interface->mtu);
		add_setup(setup, "interface", mac, interface->name, mtu, NULL);
		if (interface->offload == LAB_OFFLOAD_NO && node->transport == LAB_TRANSPORT_VHOST_USER)
			add_setup(setup, "join-nothing", interface->name, NULL);
	}
}

static void setup_addresses(GPtrArray *setup, const LabNode *node)
{
	for (guint i = 0; i < node->interfaces->len; i++) {
		const LabInterface *interface = node->interfaces->pdata[i];
		for (guint k = 0; k < interface->addresses->len; k++) {
			g_autofree char *address = lab_address_to_text(interface->addresses->pdata[k]);
			add_setup(setup, "address", interface->name, address, NULL);
		}
	}
}

static void setup_routes(GPtrArray *setup, const LabNode *node)
{
	for (guint i = 0; i < node->routes->len; i++) {
		const LabRoute *route = node->routes->pdata[i];
		gboolean v6 = route->via && g_inet_address_get_family(route->via) == G_SOCKET_FAMILY_IPV6;
		g_autofree char *to =
			route->is_default ? g_strdup(v6 ? "default6" : "default4") : lab_address_to_text(route->to);
		g_autofree char *via = route->via ? g_inet_address_to_string(route->via) : g_strdup("");
		add_setup(setup, "route", to, via, route->dev ? route->dev : "", NULL);
	}
}

static void setup_files(GPtrArray *setup, const Lab *lab, const LabNode *node)
{
	for (guint i = 0; i < node->files->len; i++) {
		const LabFile *file = node->files->pdata[i];
		g_autofree char *mode = g_strdup_printf("%04o", file->mode);
		PlanSetup *step = add_setup(setup, "file", file->path, mode, NULL);
		step->source = g_strdup(file->source);
		step->folder = lab->folder;
		step->pos = file->pos;
		step->content = file->inline_content ? g_bytes_ref(file->inline_content) : NULL;
	}
}

static void setup_runs(GPtrArray *setup, const LabNode *node)
{
	for (guint i = 0; i < node->runs->len; i++) {
		const LabRun *run = node->runs->pdata[i];
		add_setup(setup, "run", run->background ? "background" : "foreground", run->command, NULL);
	}
}

/* Settings come before the interfaces that inherit from them (net.ipv6.conf.default.*), those of an interface before its
 * addresses (accept_dad); files before the commands that read them. */
static GPtrArray *plan_setup(const Lab *lab, const LabNode *node, const GPtrArray *hosts)
{
	GPtrArray *setup = g_ptr_array_new_with_free_func(plan_setup_free);
	add_setup(setup, "hostname", node->name, NULL);
	for (guint i = 0; i < hosts->len; i++)
		add_setup(setup, "hosts", hosts->pdata[i], NULL);
	setup_sysctls(setup, node, FALSE);
	setup_interfaces(setup, node);
	setup_sysctls(setup, node, TRUE);
	setup_addresses(setup, node);
	setup_routes(setup, node);
	setup_files(setup, lab, node);
	setup_runs(setup, node);
	return setup;
}

/* -- Nodes --------------------------------------------------------------------------------------------------------- */

static char **plan_argv(const PlanNode *node, gboolean confined)
{
	g_autofree UmlInterface *interfaces = g_new0(UmlInterface, node->interfaces->len + 1);
	for (guint i = 0; i < node->interfaces->len; i++) {
		const PlanInterface *interface = node->interfaces->pdata[i];
		const char *socket = confined ? interface->guest_socket : interface->socket;
		interfaces[i] = (UmlInterface){socket, interface->fd, interface->mac, interface->mtu};
	}
	return uml_command_line(&(UmlOptions){
		.kernel = node->kernel,
		.name = node->name,
		.memory = node->memory,
		.initramfs = node->initramfs,
		.root_image = node->root_image,
		.disk = node->disk,
		.modules = node->modules,
		.log_fd = PLAN_FD_LOG,
		.serial_fd = PLAN_FD_SERIAL,
		.isolation = node->node->isolation == LAB_ISOLATION_ON,
		.interfaces = interfaces,
		.n_interfaces = node->interfaces->len,
	});
}

char **plan_node_argv_unconfined(const PlanNode *node)
{
	return plan_argv(node, FALSE);
}

/* ubd_setup_common() in ubd_kern.c takes "," and ":" for separators of file names and knows no escape; a quote would end
 * the kernel's argument. */
static gboolean check_disk_path(const PlanNode *node, const char *path, GError **error)
{
	if (!path || !strpbrk(path, ",:\""))
		return TRUE;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		"node \"%s\": the guest kernel cannot open \"%s\": the path of a disk must not contain a comma, colon "
		"or quote; set XDG_CACHE_HOME (kernel and images) or XDG_STATE_HOME (disks) to a different folder",
		node->name, path);
	return FALSE;
}

static PlanNode *plan_node(const Plan *plan, guint index, const PlanContext *context, const GPtrArray *hosts)
{
	const LabNode *node = plan->lab->nodes->pdata[index];
	PlanNode *self = g_new0(PlanNode, 1);
	self->node = node;
	self->name = g_strdup(node->name);
	self->cpu = context->n_cpus ? context->cpus[index % context->n_cpus] : -1;
	self->memory = node->memory;
	self->directory = g_build_filename(plan->directory, "nodes", node->name, NULL);
	self->boot_log = g_build_filename(self->directory, "boot.log", NULL);
	self->kernel = g_strdup(context->kernel);
	self->modules = g_strdup(context->modules);
	if (context->disk_images && g_strv_contains(context->disk_images, node->image)) {
		self->initramfs = g_strdup(context->agent_initramfs);
		self->root_image = g_build_filename(context->images_dir, node->image, "root.squashfs", NULL);
	} else {
		self->initramfs = g_build_filename(context->images_dir, node->image, "initramfs.cpio", NULL);
	}
	if (node->persistent) {
		g_autofree char *file = g_strconcat(node->name, ".disk", NULL);
		self->disk = g_build_filename(context->state_dir, plan->instance, file, NULL);
	}
	self->interfaces = g_ptr_array_new_with_free_func(plan_interface_free);
	int descriptors = PLAN_FD_FIRST_INTERFACE;
	for (guint i = 0; i < node->interfaces->len; i++)
		g_ptr_array_add(self->interfaces, plan_interface(self, node->interfaces->pdata[i], &descriptors));
	self->setup = plan_setup(plan->lab, node, hosts);
	self->argv = plan_argv(self, TRUE);
	return self;
}

/* The kernel ends a socket's path at the first colon (vu_cmdline_set() in virtio_uml.c). */
static gboolean check_sockets(const PlanNode *node, GError **error)
{
	g_autofree char *what = g_strdup_printf("node \"%s\"", node->name);
	for (guint i = 0; i < node->interfaces->len; i++) {
		const char *path = ((const PlanInterface *)node->interfaces->pdata[i])->socket;
		if (path &&
			!plan_check_socket_path(what, path,
				"shorten the name of the lab (--name), the node or the interface, set XDG_RUNTIME_DIR "
				"to a shorter path, or set transport=\"datagram\" on the node",
				error))
			return FALSE;
		if (!path || !strchr(path, ':'))
			continue;
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"%s: the guest kernel cannot open the socket \"%s\": its path must not contain a colon; set "
			"XDG_RUNTIME_DIR to a different folder, or set transport=\"datagram\" on the node",
			what, path);
		return FALSE;
	}
	return TRUE;
}

/** plan_new() - works out everything that starting a lab will do
 *  @lab: a checked lab; must outlive the plan
 *  @context: what the plan needs to know of the world; CPU -1 is planned where it names none
 *  Returns the plan (the caller owns it). On failure NULL and G_IO_ERROR_INVALID_ARGUMENT: a path that the system's
 *  sockets or the guest kernel cannot take. */
Plan *plan_new(const Lab *lab, const PlanContext *context, GError **error)
{
	g_autoptr(Plan) self = g_new0(Plan, 1);
	self->lab = lab;
	self->instance = g_strdup(context->instance);
	self->directory = g_build_filename(context->runtime_dir, context->instance, NULL);
	self->control_socket = g_build_filename(self->directory, "control", NULL);
	self->nodes = g_ptr_array_new_with_free_func(plan_node_free);
	if (!plan_check_socket_path("lab", self->control_socket,
		    "shorten the name of the lab (--name) or set XDG_RUNTIME_DIR to a shorter path", error) ||
		!plan_networks(self, error))
		return NULL;
	g_autoptr(GPtrArray) hosts = host_tables(lab);
	for (guint i = 0; i < lab->nodes->len; i++) {
		PlanNode *node = plan_node(self, i, context, hosts);
		g_ptr_array_add(self->nodes, node);
		if (!check_disk_path(node, node->modules, error) || !check_disk_path(node, node->root_image, error) ||
			!check_disk_path(node, node->disk, error) || !check_sockets(node, error))
			return NULL;
	}
	return g_steal_pointer(&self);
}

/** plan_find_node() - the node of this name, borrowed; NULL when there is none. */
PlanNode *plan_find_node(const Plan *self, const char *name)
{
	for (guint i = 0; i < self->nodes->len; i++) {
		PlanNode *node = self->nodes->pdata[i];
		if (g_str_equal(node->name, name))
			return node;
	}
	return NULL;
}
