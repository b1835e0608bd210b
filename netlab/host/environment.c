/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/environment.h"

#include <gio/gio.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netlab/host/paths.h"

struct NetlabEnvironment {
	PlanContext context; /* points into the rest */
	char *instance, *runtime_dir, *state_dir, *kernel, *modules, *images_dir, *agent_initramfs;
	int *cpus;
	char **disk_images;
};

/* The CPUs this process may use, in order. Sets larger than cpu_set_t (1024) do not occur on machines netlab is for;
 * should the call fail, guests are not pinned at all. */
static unsigned allowed_cpus(int **cpus)
{
	cpu_set_t set;
	unsigned n = 0;
	*cpus = g_new(int, CPU_SETSIZE);
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 0;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			(*cpus)[n++] = cpu;
	return n;
}

/* The images whose root is a disk image. No folder: no image is built yet, which the check reports better. */
static char **find_disk_images(const char *images_dir)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_autoptr(GDir) dir = g_dir_open(images_dir, 0, NULL);
	for (const char *name; dir && (name = g_dir_read_name(dir));) {
		g_autofree char *root = g_build_filename(images_dir, name, "root.squashfs", NULL);
		if (g_file_test(root, G_FILE_TEST_EXISTS))
			g_strv_builder_add(names, name);
	}
	return g_strv_builder_end(names);
}

/** Reads the world: see environment.h. */
NetlabEnvironment *netlab_environment_new(const char *instance, GError **error)
{
	g_autofree char *runtime_dir = path_runtime(error);
	if (!runtime_dir)
		return NULL;
	NetlabEnvironment *self = g_new0(NetlabEnvironment, 1);
	self->instance = g_strdup(instance);
	self->runtime_dir = g_steal_pointer(&runtime_dir);
	self->state_dir = path_state();
	self->kernel = path_cache("kernel/current/linux");
	self->modules = path_cache("kernel/current/modules.squashfs");
	self->images_dir = path_cache("images");
	self->agent_initramfs = path_libexec("agent.cpio");
	self->disk_images = find_disk_images(self->images_dir);
	unsigned n_cpus = allowed_cpus(&self->cpus);
	self->context = (PlanContext){
		.instance = self->instance,
		.runtime_dir = self->runtime_dir,
		.state_dir = self->state_dir,
		.kernel = self->kernel,
		.modules = self->modules,
		.images_dir = self->images_dir,
		.agent_initramfs = self->agent_initramfs,
		.cpus = self->cpus,
		.n_cpus = n_cpus,
		.disk_images = (const char *const *)self->disk_images,
	};
	return self;
}

void netlab_environment_free(NetlabEnvironment *self)
{
	g_free(self->instance);
	g_free(self->runtime_dir);
	g_free(self->state_dir);
	g_free(self->kernel);
	g_free(self->modules);
	g_free(self->images_dir);
	g_free(self->agent_initramfs);
	g_free(self->cpus);
	g_strfreev(self->disk_images);
	g_free(self);
}

/** Borrowed from self. */
const PlanContext *netlab_environment_context(const NetlabEnvironment *self)
{
	return &self->context;
}

static gboolean need(const char *path, int mode, GError **error, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* The file must be there and usable; the message, when it is not there, is the caller's. */
static gboolean need(const char *path, int mode, GError **error, const char *format, ...)
{
	va_list args;
	if (access(path, mode) == 0)
		return TRUE;
	int code = errno;
	g_autofree char *missing = NULL;
	va_start(args, format);
	missing = g_strdup_vprintf(format, args);
	va_end(args);
	if (code == ENOENT)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, missing);
	else
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot use \"%s\": %s", path,
			g_strerror(code));
	return FALSE;
}

static gboolean check_node(const PlanNode *node, GError **error)
{
	const char *image = node->node->image;
	const char *own = node->root_image ? node->root_image : node->initramfs;
	if (!need(own, R_OK, error, "image \"%s\" is not built; run: netlab image build %s", image, image))
		return FALSE;
	if (!need(node->initramfs, R_OK, error,
		    "the guest agent \"%s\" is missing; the installation of netlab is "
		    "incomplete, install netlab again",
		    node->initramfs))
		return FALSE;
	for (guint i = 0; i < node->setup->len; i++) {
		const PlanSetup *setup = g_ptr_array_index(node->setup, i);
		if (setup->source &&
			!need(setup->source, R_OK, error, "node \"%s\": file \"%s\" does not exist", node->name,
				setup->source))
			return FALSE;
	}
	return TRUE;
}

/** What the machine could give to programs: MemAvailable of proc_meminfo(5). */
guint64 environment_available_memory(void)
{
	guint64 kib = 0;
	char line[256];
	FILE *file = fopen("/proc/meminfo", "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "MemAvailable: %" G_GUINT64_FORMAT " kB", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib * 1024;
}

static gboolean is_wanted(const PlanNode *node, char *const *only)
{
	return !only || g_strv_contains((const char *const *)only, node->name);
}

static gboolean check_memory(const Plan *plan, char *const *only, GError **error)
{
	guint64 wanted = 0, available = environment_available_memory();
	guint n = 0;
	for (guint i = 0; i < plan->nodes->len; i++) {
		const PlanNode *node = g_ptr_array_index(plan->nodes, i);
		if (!is_wanted(node, only))
			continue;
		wanted += node->memory;
		n++;
	}
	if (!available || wanted <= available)
		return TRUE;
	g_autofree char *wanted_text = g_format_size_full(wanted, G_FORMAT_SIZE_IEC_UNITS);
	g_autofree char *available_text = g_format_size_full(available, G_FORMAT_SIZE_IEC_UNITS);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
		"the %u node%s to start need%s %s of memory, but only %s is "
		"available; give them less (memory=\"32M\"), start only some of them (--only), or close other programs",
		n, n == 1 ? "" : "s", n == 1 ? "s" : "", wanted_text, available_text);
	return FALSE;
}

/* netlab may have been built without libslirp. */
static gboolean check_uplinks(const Plan *plan, GError **error)
{
	g_autofree char *program = path_libexec("netlab-uplink");
	return plan->uplinks->len == 0 ||
		need(program, X_OK, error,
			"the lab has an uplink, but this netlab was built without netlab-uplink; remove <uplink> from the lab, "
			"or build netlab with -DNETLAB_UPLINK=ON");
}

/** Checks what a lab needs: see environment.h. */
gboolean netlab_environment_check(const NetlabEnvironment *self, const Plan *plan, char *const *only, GError **error)
{
	/* A user who types sudo by habit has built it, but as root it is looked for in root's cache. */
	const char *way_out = g_getenv("SUDO_USER") ? "run netlab without sudo, it does not need root; or run" : "run";
	if (!need(self->kernel, R_OK | X_OK, error, "there is no guest kernel \"%s\"; %s: netlab kernel build",
		    self->kernel, way_out) ||
		!need(self->modules, R_OK, error,
			"the guest kernel has no modules \"%s\"; it is of an older netlab, run: netlab kernel build",
			self->modules))
		return FALSE;
	for (guint i = 0; i < plan->nodes->len; i++) {
		const PlanNode *node = g_ptr_array_index(plan->nodes, i);
		if (is_wanted(node, only) && !check_node(node, error))
			return FALSE;
	}
	return check_uplinks(plan, error) && check_memory(plan, only, error);
}
