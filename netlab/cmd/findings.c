/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/findings.h"

#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "netlab/confined/confined.h"
#include "netlab/host/guest_kernel.h"
#include "netlab/host/limits.h"
#include "netlab/host/paths.h"
#include "topologies/plan/plan.h"

static Finding finding(FindingLevel level, char *found, const char *remedy)
{
	return (Finding){.level = level, .found = found, .remedy = g_strdup(remedy)};
}

static Finding look_at_kernel(void)
{
	g_auto(GuestKernel) kernel = guest_kernel_look();
	if (kernel.version && !kernel.modules)
		return finding(FINDING_MISSING, g_strdup_printf("%s has no modules beside it", kernel.path),
			"netlab kernel build");
	if (kernel.version)
		return finding(FINDING_OK, g_strdup_printf("Linux %s, %s", kernel.version, kernel.path), NULL);
	gboolean there = g_file_test(kernel.path, G_FILE_TEST_EXISTS);
	return finding(FINDING_MISSING,
		g_strdup_printf("%s %s", kernel.path, there ? "does not run" : "does not exist"),
		"netlab kernel build");
}

static gboolean image_is_there(const char *name, const char *file)
{
	g_autofree char *relative = g_build_filename("images", name, file, NULL);
	g_autofree char *path = path_cache(relative);
	return access(path, R_OK) == 0;
}

static Finding look_at_tiny(void)
{
	if (image_is_there("tiny", "initramfs.cpio"))
		return finding(FINDING_OK, g_strdup("built"), NULL);
	return finding(FINDING_MISSING, g_strdup("not built"), "netlab image build tiny");
}

static Finding look_at_debian(void)
{
	if (image_is_there("debian", "root.squashfs"))
		return finding(FINDING_OK, g_strdup("built"), NULL);
	return finding(FINDING_NOTE, g_strdup("not built; only labs that use the tiny image can run"),
		"netlab image build debian");
}

static Finding look_at_programs(void)
{
	static const char *const names[] = {"netlabd", "netlab-switch", "netlab-enter", "agent.cpio"};
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = path_libexec(names[i]);
		if (access(path, R_OK) < 0)
			return finding(FINDING_MISSING, g_strdup_printf("%s does not exist", path),
				"install netlab again: ./setup install");
	}
	g_autofree char *folder = path_libexec(""), *uplink = path_libexec("netlab-uplink");
	if (access(uplink, X_OK) < 0)
		return finding(FINDING_NOTE, g_strdup_printf("%s, built without netlab-uplink", folder),
			"for labs with <uplink>, build netlab with -DNETLAB_UPLINK=ON");
	return finding(FINDING_OK, g_strdup(folder), NULL);
}

static gboolean sysctl_is(const char *path, const char *value)
{
	g_autofree char *text = NULL;
	return g_file_get_contents(path, &text, NULL, NULL) && g_str_equal(g_strstrip(text), value);
}

/* Why user namespaces may be forbidden, by who forbids them. */
static const char *namespace_remedy(void)
{
	if (sysctl_is("/proc/sys/kernel/unprivileged_userns_clone", "0"))
		return "as root: sysctl -w kernel.unprivileged_userns_clone=1";
	if (sysctl_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
		return "as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for "
		       "bwrap that allows userns";
	if (sysctl_is("/proc/sys/user/max_user_namespaces", "0"))
		return "as root: sysctl -w user.max_user_namespaces=10000";
	return "in a container, allow it to create user namespaces; if you trust the guests, \"netlab start "
	       "--unconfined\" runs without the sandbox";
}

static Finding look_at_sandbox(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *program = sandbox_find_bwrap(NULL);
	if (!program)
		return finding(FINDING_MISSING, g_strdup("bubblewrap is not installed"), "apt install bubblewrap");
	if (confined_try(&error))
		return finding(FINDING_OK, g_strdup("works (one like a node's was made with bubblewrap)"), NULL);
	return finding(FINDING_MISSING, g_strdup_printf("cannot be made: %s", error->message), namespace_remedy());
}

static Finding look_at_namespaces(void)
{
	enum { WANTED = 100 };
	HostLimits limits;
	limits_look(&limits);
	if (limits.namespaces >= WANTED)
		return finding(FINDING_OK, g_strdup("enough for labs of 100 nodes"), NULL);
	Finding one = finding(limits.namespaces ? FINDING_NOTE : FINDING_MISSING,
		g_strdup_printf("at most %" G_GUINT64_FORMAT " %s namespaces, and each node needs one",
			limits.namespaces, limits.namespace_kind),
		NULL);
	one.remedy = g_strdup_printf("as root: sysctl -w user.max_%s_namespaces=10000", limits.namespace_kind);
	return one;
}

static guint64 meminfo(const char *key)
{
	g_autofree char *text = NULL;
	if (!g_file_get_contents("/proc/meminfo", &text, NULL, NULL))
		return 0;
	const char *line = strstr(text, key);
	return line ? g_ascii_strtoull(line + strlen(key), NULL, 10) * 1024 : 0;
}

static Finding look_at_memory(void)
{
	enum { TINY = 32 << 20, DEBIAN = 96 << 20 };
	guint64 available = meminfo("MemAvailable:");
	g_autofree char *shown = g_format_size(available);
	char *found = g_strdup_printf("%s available: enough for %u tiny or %u debian nodes at full use", shown,
		(unsigned)(available / TINY), (unsigned)(available / DEBIAN));
	if (available < 4u * TINY)
		return finding(FINDING_MISSING, found, "close other programs, or give the machine more memory");
	return finding(FINDING_OK, found, NULL);
}

static Finding look_at_cpus(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return finding(FINDING_NOTE, g_strdup("cannot find out which CPUs may be used"),
			"nodes are not pinned to a CPU; they run, but slowly");
	g_autoptr(GString) list = g_string_new(NULL);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			g_string_append_printf(list, "%s%d", list->len ? ", " : "", cpu);
	return finding(FINDING_OK,
		g_strdup_printf("%d (%s); each node is pinned to one of them, in turn", CPU_COUNT(&set), list->str),
		NULL);
}

/* A guest's memory is a file in /dev/shm that is mapped executable: in the sandbox its own, without it the host's. */
static Finding look_at_shm(void)
{
	struct statvfs fs;
	if (statvfs("/dev/shm", &fs) < 0)
		return finding(FINDING_NOTE, g_strdup("/dev/shm does not exist; only sandboxed nodes can run"),
			"mount a tmpfs on /dev/shm");
	g_autofree char *size = g_format_size((guint64)fs.f_bavail * fs.f_frsize);
	char *found = g_strdup_printf("%s free%s", size, fs.f_flag & ST_NOEXEC ? ", mounted noexec" : "");
	if (fs.f_flag & ST_NOEXEC)
		return finding(FINDING_NOTE, found, "matters only for --unconfined: mount -o remount,exec /dev/shm");
	return finding(FINDING_OK, found, NULL);
}

static Finding look_at_runtime(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = path_runtime(&error);
	enum { NAME_WANTED = 24 };
	if (!path)
		return finding(FINDING_MISSING, g_strdup(error->message),
			"unset XDG_RUNTIME_DIR, or set it to a folder that you own");
	int room = PLAN_SUN_PATH_MAX - (int)strlen(path) - (int)strlen("//control");
	if (room < NAME_WANTED)
		return finding(FINDING_MISSING,
			g_strdup_printf("the path %s is too long: only %d characters are left for a lab's name", path,
				MAX(room, 0)),
			"set XDG_RUNTIME_DIR to a folder with a shorter path");
	return finding(FINDING_OK, g_strdup(path), NULL);
}

/* isolation="on" is ptrace, which Yama can forbid altogether. */
static Finding look_at_ptrace(void)
{
	if (sysctl_is("/proc/sys/kernel/yama/ptrace_scope", "3"))
		return finding(FINDING_NOTE, g_strdup("forbidden; nodes with isolation=\"on\" cannot run"),
			"as root: set kernel.yama.ptrace_scope=1 in /etc/sysctl.d, then reboot");
	return finding(FINDING_OK, g_strdup("allowed"), NULL);
}

/* An uplink sends pings as an ordinary program (icmp(7)). */
static Finding look_at_pings(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);
	if (fd < 0)
		return finding(FINDING_NOTE,
			g_strdup("do not work: this host does not let ordinary programs send pings"),
			"as root: sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"");
	close(fd);
	return finding(FINDING_OK, g_strdup("work"), NULL);
}

static Finding look_at_files(void)
{
	enum { WANTED = 4096 };
	HostLimits limits;
	limits_look(&limits);
	char *found = limits.files == G_MAXUINT64
		? g_strdup("unlimited")
		: g_strdup_printf("up to %" G_GUINT64_FORMAT " for each program", limits.files);
	if (limits.files < LIMITS_FILES_MIN)
		return finding(
			FINDING_MISSING, found, "raise \"nofile\" in /etc/security/limits.conf and log in again");
	if (limits.files < WANTED)
		return finding(FINDING_NOTE, found,
			"for labs of hundreds of nodes, raise \"nofile\" in /etc/security/limits.conf");
	return finding(FINDING_OK, found, NULL);
}

static Finding look_at_tasks(void)
{
	enum { FEW = 4, MANY = 50 };
	static const char remedy[] = "raise \"nproc\" in /etc/security/limits.conf and log in again";
	HostLimits limits;
	limits_look(&limits);
	if (limits.tasks == G_MAXUINT64)
		return finding(FINDING_OK, g_strdup("unlimited"), NULL);
	guint64 nodes = (limits.tasks - MIN(limits.tasks, limits.tasks_running)) / LIMITS_TASKS_PER_NODE;
	char *found = g_strdup_printf("up to %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
				      " run: enough for about %" G_GUINT64_FORMAT " nodes",
		limits.tasks, limits.tasks_running, nodes);
	FindingLevel level = nodes < FEW ? FINDING_MISSING : nodes < MANY ? FINDING_NOTE : FINDING_OK;
	return finding(level, found, level == FINDING_OK ? NULL : remedy);
}

static gboolean installed(const char *name)
{
	g_autofree char *path = g_find_program_in_path(name);
	g_autofree char *sbin = g_strconcat("/usr/sbin/", name, NULL);
	return path || access(sbin, X_OK) == 0;
}

static Finding look_at_tools(void)
{
	static const struct {
		const char *name, *package;
	} tools[] = {
		{"tcpdump", "tcpdump"}, {"wireshark", "wireshark"}, {"tshark", "tshark"}, {"mmdebstrap", "mmdebstrap"}};
	g_autoptr(GString) have = g_string_new(NULL);
	g_autoptr(GString) lack = g_string_new("apt install");
	gsize none = lack->len;
	for (guint i = 0; i < G_N_ELEMENTS(tools); i++) {
		if (installed(tools[i].name))
			g_string_append_printf(have, "%s%s", have->len ? ", " : "", tools[i].name);
		else
			g_string_append_printf(lack, " %s", tools[i].package);
	}
	char *found = have->len ? g_strdup(have->str) : g_strdup("none");
	return finding(lack->len > none ? FINDING_NOTE : FINDING_OK, found, lack->len > none ? lack->str : NULL);
}

static void finding_free(gpointer data)
{
	Finding *self = data;
	g_free(self->found);
	g_free(self->remedy);
	g_free(self);
}

/** Looks at everything. */
GPtrArray *findings_gather(void)
{
	static const struct {
		const char *subject;
		Finding (*look)(void);
	} checks[] = {
		{"kernel", look_at_kernel},
		{"image tiny", look_at_tiny},
		{"image debian", look_at_debian},
		{"programs", look_at_programs},
		{"sandbox", look_at_sandbox},
		{"namespaces", look_at_namespaces},
		{"memory", look_at_memory},
		{"CPUs", look_at_cpus},
		{"/dev/shm", look_at_shm},
		{"runtime folder", look_at_runtime},
		{"ptrace", look_at_ptrace},
		{"pings by uplink", look_at_pings},
		{"open files", look_at_files},
		{"processes", look_at_tasks},
		{"optional tools", look_at_tools},
	};
	GPtrArray *findings = g_ptr_array_new_with_free_func(finding_free);
	for (guint i = 0; i < G_N_ELEMENTS(checks); i++) {
		Finding one = checks[i].look();
		one.subject = checks[i].subject;
		g_ptr_array_add(findings, g_memdup2(&one, sizeof one));
	}
	return findings;
}
