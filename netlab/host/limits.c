/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/host/limits.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors, measured and rounded up: netlabd has 13, and 5 for each node; the switch 9, and 7 for each interface; a guest's
 * kernel 24, and 9 for each interface, and one for each of its processes. */
#define FILES_BASE 64u
#define FILES_PER_NODE 6u
#define FILES_PER_INTERFACE 8u
#define GUEST_FILES 128u
#define GUEST_FILES_PER_INTERFACE 16u

/* netlabd, the switch and an uplink with their threads and sandboxes. A node has 5 tasks (2 of its sandbox, 3 of its kernel), and
 * one for each of its processes. */
#define TASKS_BASE 20u

/* Sandboxes beside those of nodes: the switch's, and one that is being made while another one ends. */
#define NAMESPACES_BASE 2u

static const char *const namespace_kinds[] = {"user", "pid", "mnt", "net", "ipc", "uts", "cgroup"};

static guint64 hard_limit(int resource)
{
	struct rlimit limit;
	return getrlimit(resource, &limit) < 0 || limit.rlim_max == RLIM_INFINITY ? G_MAXUINT64 : limit.rlim_max;
}

/* Root of the host has as many tasks as it likes; root of a user namespace is somebody else outside. */
static gboolean is_hosts_root(void)
{
	unsigned inside = 1, outside = 1;
	FILE *file = geteuid() == 0 ? fopen("/proc/self/uid_map", "re") : NULL;
	int n = file ? fscanf(file, "%u %u", &inside, &outside) : 0;
	if (file)
		fclose(file);
	return n == 2 && inside == 0 && outside == 0;
}

/* Those that /proc shows: the kernel counts those of other pid namespaces too. */
static guint64 count_tasks(void)
{
	guint64 n = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		char path[280];
		struct stat st;
		g_snprintf(path, sizeof path, "%s/task", entry->d_name);
		if (g_ascii_isdigit(entry->d_name[0]) && fstatat(dirfd(proc), path, &st, 0) == 0 &&
			st.st_uid == getuid())
			n += MAX(st.st_nlink, 2) - 2;
	}
	if (proc)
		closedir(proc);
	return n;
}

static void look_at_namespaces(HostLimits *limits)
{
	for (guint i = 0; i < G_N_ELEMENTS(namespace_kinds); i++) {
		g_autofree char *path = g_strdup_printf("/proc/sys/user/max_%s_namespaces", namespace_kinds[i]);
		g_autofree char *text = NULL;
		if (!g_file_get_contents(path, &text, NULL, NULL))
			continue;
		guint64 n = g_ascii_strtoull(text, NULL, 10);
		if (n < limits->namespaces) {
			limits->namespaces = n;
			limits->namespace_kind = namespace_kinds[i];
		}
	}
}

void limits_look(HostLimits *limits)
{
	*limits = (HostLimits){hard_limit(RLIMIT_NOFILE), G_MAXUINT64, 0, G_MAXUINT64, "user"};
	if (!is_hosts_root()) {
		limits->tasks = hard_limit(RLIMIT_NPROC);
		limits->tasks_running = limits->tasks == G_MAXUINT64 ? 0 : count_tasks();
	}
	look_at_namespaces(limits);
}

void limits_raise(void)
{
	static const int resources[] = {RLIMIT_NOFILE, RLIMIT_NPROC};
	for (guint i = 0; i < G_N_ELEMENTS(resources); i++) {
		struct rlimit limit;
		if (getrlimit((__rlimit_resource_t)resources[i], &limit) < 0)
			continue;
		limit.rlim_cur = limit.rlim_max;
		setrlimit((__rlimit_resource_t)resources[i], &limit);
	}
}

/* What a lab needs of each. */
typedef struct {
	guint64 nodes, files, tasks, namespaces;
} Needs;

static Needs needs_of(const Plan *plan, char *const *only)
{
	Needs needs = {.tasks = TASKS_BASE, .namespaces = NAMESPACES_BASE + plan->uplinks->len};
	guint64 interfaces = 0;
	for (guint i = 0; i < plan->nodes->len; i++) {
		const PlanNode *node = g_ptr_array_index(plan->nodes, i);
		if (only && !g_strv_contains((const char *const *)only, node->name))
			continue;
		needs.nodes++;
		interfaces += node->interfaces->len;
		needs.files = MAX(needs.files, GUEST_FILES + GUEST_FILES_PER_INTERFACE * node->interfaces->len);
	}
	needs.files = MAX(needs.files, FILES_BASE + FILES_PER_NODE * needs.nodes);
	needs.files = MAX(needs.files, FILES_BASE + FILES_PER_INTERFACE * interfaces);
	needs.tasks += LIMITS_TASKS_PER_NODE * needs.nodes;
	needs.namespaces += needs.nodes;
	return needs;
}

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_propagate_error(error, g_error_new_valist(G_IO_ERROR, G_IO_ERROR_NO_SPACE, format, args));
	va_end(args);
	return FALSE;
}

gboolean limits_check(const Plan *plan, char *const *only, gboolean confined, GError **error)
{
	HostLimits have;
	const Needs needs = needs_of(plan, only);
	limits_look(&have);
	if (needs.files > have.files)
		return refuse(error,
			"a process of the lab needs up to %" G_GUINT64_FORMAT
			" open files, but the limit is %" G_GUINT64_FORMAT
			" (ulimit -Hn); raise \"nofile\" in /etc/security/limits.conf and log in again, or start only some "
			"of the nodes (--only)",
			needs.files, have.files);
	if (have.tasks != G_MAXUINT64 && have.tasks_running + needs.tasks > have.tasks)
		return refuse(error,
			"the lab needs about %" G_GUINT64_FORMAT
			" processes and threads, but you may have %" G_GUINT64_FORMAT
			" (ulimit -Hu), and %" G_GUINT64_FORMAT
			" run already; end some of them, raise \"nproc\" in /etc/security/limits.conf and log in again, or "
			"start only some of the nodes (--only)",
			needs.tasks, have.tasks, have.tasks_running);
	if (confined && needs.namespaces > have.namespaces)
		return refuse(error,
			"the sandboxes of the lab need %" G_GUINT64_FORMAT
			" %s namespaces, but the host allows %" G_GUINT64_FORMAT
			"; as root: sysctl -w user.max_%s_namespaces=10000%s",
			needs.namespaces, have.namespace_kind, have.namespaces, have.namespace_kind,
			"; in a container, that is up to whoever runs it. If you trust the guests, start with --unconfined");
	return TRUE;
}
