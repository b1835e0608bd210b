/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/sandbox/confinement.h"

#include <unistd.h>

#include "netlab/confined/filter.h"
#include "netlab/confined/libraries.h"
#include "netlab/confined/sandbox.h"
#include "netlab/host/paths.h"

#define MIB (G_GUINT64_CONSTANT(1) << 20)

/* What one process needs beyond the granted memory; memory_watch.c bounds the sum. Measured: the kernel's memory file is a
 * page or two larger than requested, and the program of its user processes lies beside it; private data are 19 MiB, whatever
 * the guest does: 16 are the stacks of two threads, of which hardly a page is ever touched. */
#define SCRATCH_SLACK (2 * MIB)
#define STACK_MAX (8 * MIB)
#define DATA_MAX (32 * MIB)
#define ADDRESS_SLACK (512 * MIB)

/* When the host's memory runs out, a guest must be killed before the user's desktop. */
#define GUEST_OOM_SCORE 600

/* A process costs its guest's kernel at least this much memory, which bounds their number; and some tasks are the kernel's. */
#define MEMORY_PER_TASK (96 * 1024)
#define KERNEL_TASKS 64

/* Descriptors that a guest kernel has open: some, for each interface (its socket, its rings', its interrupts'), and one for each
 * process (start_userspace() in arch/um/os-Linux/skas/process.c). Measured: 24 without an interface, and 9 for each. */
#define KERNEL_FILES 128
#define FILES_PER_INTERFACE 16

/* A guest kernel has one timer of the host's, and signals are not queued twice. */
#define GUEST_SIGNALS 256

/* Enough for the buffers of thousands of connections; a guest that opens more than that loses its uplink. */
#define UPLINK_DATA_MAX (512 * MIB)
#define UPLINK_LOG_MAX (1 * MIB)

struct Confinement {
	char *bwrap; /* NULL: unconfined */
	char *enter; /* path of netlab-enter */
	char **guest_libraries, **switch_libraries, **uplink_libraries;
	GBytes *guest_filter, *switch_filter, *uplink_filter, *restricted_filter;
};

/** Finds what confinement needs: see confinement.h. */
Confinement *confinement_new(
	gboolean unconfined, const char *kernel, const char *network_switch, const char *uplink, GError **error)
{
	g_autoptr(Confinement) self = g_new0(Confinement, 1);
	if (unconfined)
		return g_steal_pointer(&self);
	g_autoptr(GError) failure = NULL;
	self->bwrap = sandbox_find_bwrap(&failure);
	if (!self->bwrap) {
		g_set_error(error, failure->domain, failure->code,
			"guests cannot be confined: %s, or, if you trust the guests, start with --unconfined",
			failure->message);
		return NULL;
	}
	self->enter = path_libexec("netlab-enter");
	self->guest_libraries = libraries_of(kernel, error);
	self->switch_libraries = self->guest_libraries ? libraries_of(network_switch, error) : NULL;
	self->guest_filter = self->switch_libraries ? filter_program(FILTER_GUEST, error) : NULL;
	self->switch_filter = self->guest_filter ? filter_program(FILTER_SWITCH, error) : NULL;
	if (!self->switch_filter)
		return NULL;
	if (uplink) {
		self->uplink_libraries = libraries_of(uplink, error);
		self->uplink_filter = self->uplink_libraries ? filter_program(FILTER_UPLINK, error) : NULL;
		self->restricted_filter = self->uplink_filter ? filter_program(FILTER_UPLINK_RESTRICTED, error) : NULL;
		if (!self->restricted_filter)
			return NULL;
	}
	return g_steal_pointer(&self);
}

void confinement_free(Confinement *self)
{
	g_free(self->bwrap);
	g_free(self->enter);
	g_strfreev(self->guest_libraries);
	g_strfreev(self->switch_libraries);
	g_strfreev(self->uplink_libraries);
	g_clear_pointer(&self->guest_filter, g_bytes_unref);
	g_clear_pointer(&self->switch_filter, g_bytes_unref);
	g_clear_pointer(&self->uplink_filter, g_bytes_unref);
	g_clear_pointer(&self->restricted_filter, g_bytes_unref);
	g_free(self);
}

unsigned confinement_tasks(const PlanNode *node)
{
	return KERNEL_TASKS + (unsigned)(node->memory / MEMORY_PER_TASK);
}

unsigned confinement_files(const PlanNode *node)
{
	return KERNEL_FILES + confinement_tasks(node) + FILES_PER_INTERFACE * node->interfaces->len;
}

/* Starts argv in a sandbox, with the descriptors that bubblewrap reads, and closes, behind the others. */
static Child *start_confined(Confinement *self, SandboxOptions *sandbox, GBytes *filter, const char *const *argv,
	SpawnOptions *spawn, ChildEnded ended, gpointer data, GError **error)
{
	enum { FILTER, ARGUMENTS, N_OWN };
	unsigned n = spawn->n_fds;
	g_autofree int *fds = g_new(int, n + N_OWN);
	Child *child = NULL;
	memcpy(fds, spawn->fds, n * sizeof *fds);
	sandbox->filter_fd = (int)n + FILTER;
	g_autoptr(GBytes) arguments = sandbox_arguments(sandbox);
	g_auto(GStrv) command = sandbox_command(self->bwrap, (int)n + ARGUMENTS, argv);
	fds[n + FILTER] = sandbox_descriptor(filter, error);
	fds[n + ARGUMENTS] = fds[n + FILTER] >= 0 ? sandbox_descriptor(arguments, error) : -1;
	spawn->argv = (const char *const *)command;
	spawn->fds = fds;
	spawn->n_fds = n + N_OWN;
	if (fds[n + ARGUMENTS] >= 0)
		child = child_spawn(spawn, ended, data, error);
	for (unsigned i = n; i < n + N_OWN; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return child;
}

/** Starts a guest: see confinement.h. */
Child *confinement_start_guest(Confinement *self, const PlanNode *node, guint64 disk_size, const int *fds,
	unsigned n_fds, ChildEnded ended, gpointer data, GError **error)
{
	SpawnOptions spawn = {
		.fds = fds,
		.n_fds = n_fds,
		.cpu = node->cpu,
		.oom_score = GUEST_OOM_SCORE,
		.file_size = MAX(node->memory + SCRATCH_SLACK, node->disk ? disk_size : 0),
		.data = DATA_MAX,
		.stack = STACK_MAX,
		.address_space = node->memory + ADDRESS_SLACK,
		.files = confinement_files(node),
		.signals = GUEST_SIGNALS,
	};
	if (!self->bwrap) {
		g_auto(GStrv) argv = plan_node_argv_unconfined(node);
		spawn.argv = (const char *const *)argv;
		return child_spawn(&spawn, ended, data, error);
	}
	/* Under short names: the host's paths would tell a guest more than it needs to know. */
	const SandboxFile fixed[] = {
		{node->kernel, "/linux", FALSE},
		{node->modules, "/modules", FALSE},
		{node->initramfs, "/initramfs", FALSE},
		{node->root_image, "/image", FALSE},
		{node->disk, "/disk", TRUE},
		{self->enter, "/enter", FALSE},
	};
	g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(SandboxFile));
	g_array_append_vals(files, fixed, G_N_ELEMENTS(fixed));
	for (guint i = 0; i < node->interfaces->len; i++) {
		const PlanInterface *interface = g_ptr_array_index(node->interfaces, i);
		if (interface->socket)
			g_array_append_vals(files, &(SandboxFile){interface->socket, interface->guest_socket, TRUE}, 1);
	}
	SandboxOptions sandbox = {
		.libraries = (const char *const *)self->guest_libraries,
		.files = (const SandboxFile *)files->data,
		.n_files = files->len,
		.memory = node->memory + SCRATCH_SLACK,
	};
	g_auto(GStrv) inside = sandbox_translate((const char *const *)node->argv, fixed, G_N_ELEMENTS(fixed));
	g_autofree char *tasks = g_strdup_printf("%u", confinement_tasks(node));
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_ptr_array_add(argv, (char *)"/enter");
	g_ptr_array_add(argv, tasks);
	for (char **word = inside; *word; word++)
		g_ptr_array_add(argv, *word);
	g_ptr_array_add(argv, NULL);
	return start_confined(
		self, &sandbox, self->guest_filter, (const char *const *)argv->pdata, &spawn, ended, data, error);
}

/** Starts the switch: see confinement.h. Without a limit on file sizes, because it writes captures. */
Child *confinement_start_switch(Confinement *self, const char *const *argv, const int *fds, unsigned n_fds,
	ChildEnded ended, gpointer data, GError **error)
{
	SpawnOptions spawn = {.argv = argv, .fds = fds, .n_fds = n_fds, .cpu = -1};
	if (!self->bwrap)
		return child_spawn(&spawn, ended, data, error);
	/* libpcap looks up names in filters here: "port http". */
	static const char services[] = "/etc/services", protocols[] = "/etc/protocols";
	const SandboxFile files[] = {
		{argv[0], "/netlab-switch", FALSE},
		{access(services, R_OK) == 0 ? services : NULL, services, FALSE},
		{access(protocols, R_OK) == 0 ? protocols : NULL, protocols, FALSE},
	};
	SandboxOptions sandbox = {
		.libraries = (const char *const *)self->switch_libraries,
		.files = files,
		.n_files = G_N_ELEMENTS(files),
	};
	g_auto(GStrv) inside = sandbox_translate(argv, files, G_N_ELEMENTS(files));
	return start_confined(
		self, &sandbox, self->switch_filter, (const char *const *)inside, &spawn, ended, data, error);
}

/** Starts an uplink: see confinement.h. */
Child *confinement_start_uplink(Confinement *self, const char *const *argv, const char *resolver, gboolean restricted,
	const int *fds, unsigned n_fds, ChildEnded ended, gpointer data, GError **error)
{
	SpawnOptions spawn = {
		.argv = argv,
		.fds = fds,
		.n_fds = n_fds,
		.cpu = -1,
		.file_size = UPLINK_LOG_MAX,
		.data = UPLINK_DATA_MAX,
	};
	if (!self->bwrap)
		return child_spawn(&spawn, ended, data, error);
	const SandboxFile files[] = {{argv[0], "/netlab-uplink", FALSE}, {resolver, "/etc/resolv.conf", FALSE}};
	SandboxOptions sandbox = {
		.libraries = (const char *const *)self->uplink_libraries,
		.files = files,
		.n_files = G_N_ELEMENTS(files),
		.host_network = !restricted,
	};
	g_auto(GStrv) inside = sandbox_translate(argv, files, G_N_ELEMENTS(files));
	return start_confined(self, &sandbox, restricted ? self->restricted_filter : self->uplink_filter,
		(const char *const *)inside, &spawn, ended, data, error);
}
