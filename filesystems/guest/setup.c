/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SETUP verbs. Each is carried out at once; one that fails is reported, and the node continues without it. */
#include "filesystems/guest/setup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filesystems/guest/ethtool.h"
#include "filesystems/guest/fail.h"
#include "filesystems/guest/hosts.h"
#include "filesystems/guest/links.h"
#include "filesystems/guest/network.h"
#include "filesystems/guest/process.h"
#include "filesystems/guest/report.h"
#include "filesystems/guest/shutdown.h"
#include "filesystems/guest/startup.h"

/* The file that FILE_DATA goes to; fd is -1 between files and after a failure. */
static struct {
	int fd;
	char path[PATH_MAX];
} file = {.fd = -1};

static int write_file(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644), error = 0;

	if (fd < 0)
		return -1;
	if (write_all(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	errno = error;
	return error ? -1 : 0;
}

static void make_folders(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(folder, 0755); /* the open that follows reports a folder that cannot be made */
		*slash = '/';
	}
}

static void do_hostname(char **words)
{
	char line[72];

	if (sethostname(words[0], strlen(words[0])) < 0) {
		report_warning("hostname %s: %m", words[0]);
		return;
	}
	process_set_hostname(words[0]);
	snprintf(line, sizeof line, "%s\n", words[0]);
	make_folders("/etc/hostname");
	if (write_file("/etc/hostname", O_CREAT | O_TRUNC, line) < 0)
		report_warning("/etc/hostname: %m");
}

static void do_interface(char **words)
{
	char why[256];

	if (network_interface(words[0], words[1], (unsigned)strtoul(words[2], NULL, 10), why, sizeof why) < 0)
		report_warning("interface %s: %s", words[1], why);
	else if (links_add(words[1]) < 0)
		report_warning("interface %s: %m", words[1]);
}

static void do_speed(char **words)
{
	char why[256];

	if (ethtool_set_speed(words[0], (unsigned)strtoul(words[1], NULL, 10), why, sizeof why) < 0)
		report_warning("interface %s: speed %s Mbit/s: %s", words[0], words[1], why);
}

static void do_join_nothing(char **words)
{
	char why[256];

	if (ethtool_join_nothing(words[0], why, sizeof why) < 0)
		report_warning("interface %s: cannot turn off GRO: %s", words[0], why);
}

static void do_address(char **words)
{
	char why[256];

	if (network_address(words[0], words[1], why, sizeof why) < 0)
		report_warning("interface %s: address %s: %s", words[0], words[1], why);
}

static void do_route(char **words)
{
	char why[256];

	if (network_route(words[0], words[1], words[2], why, sizeof why) == 0)
		return;
	report_warning("route to %s%s%s%s%s: %s", words[0], *words[1] ? " via " : "", words[1],
		*words[2] ? " dev " : "", words[2], why);
}

/* Settings that an interface takes over when it is made, and not when they change later. Most of IPv4's reach the interfaces that
 * are there (devinet_copy_dflt_conf() in net/ipv4/devinet.c). */
static const struct {
	const char *folder, *only; /* only: one setting of the folder; NULL: all */
} inherited[] = {
	{"/proc/sys/net/ipv6/conf", NULL},
	{"/proc/sys/net/ipv4/conf", "forwarding"},
};

/* PATH was set to TEXT. A guest's interfaces are there before any setting is made; they are not up yet, and get what they would
 * have taken over. The loopback is there first on any machine. */
static void inherit(const char *path, const char *text)
{
	char one[PATH_MAX];

	for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) {
		size_t length = strlen(inherited[i].folder);
		const char *setting = strncmp(path, inherited[i].folder, length) == 0 ? path + length : "";
		DIR *folder = NULL;

		if (strncmp(setting, "/default/", strlen("/default/")) == 0)
			folder = opendir(inherited[i].folder);
		setting += folder ? strlen("/default/") : 0;
		for (struct dirent *entry; folder && (entry = readdir(folder));) {
			if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "all") ||
				!strcmp(entry->d_name, "default") || !strcmp(entry->d_name, "lo") ||
				(inherited[i].only && strcmp(setting, inherited[i].only) != 0))
				continue;
			snprintf(one, sizeof one, "%s/%s/%s", inherited[i].folder, entry->d_name, setting);
			if (write_file(one, 0, text) < 0)
				report_warning("sysctl %s = %s: %m", one, text);
		}
		if (folder)
			closedir(folder);
	}
}

/* Like sysctl(8): dots separate the parts of the name; if a slash comes first, slashes do, and dots belong to the parts
 * (net/ipv4/conf/eth0.10/rp_filter). */
static void do_sysctl(char **words)
{
	char path[PATH_MAX];
	size_t first = strcspn(words[0], "./");
	bool dots = words[0][first] == '.';

	snprintf(path, sizeof path, "/proc/sys/%s", words[0]);
	for (char *c = path + strlen("/proc/sys/"); *c && dots; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	if (write_file(path, 0, words[1]) < 0)
		report_warning("sysctl %s = %s: %s", words[0], words[1],
			errno == ENOENT ? "the kernel has no such setting" : strerror(errno));
	else
		inherit(path, words[1]);
}

/* The kernel sizes TCP's memory by the memory of the machine (net/ipv4/tcp.c, tcp_init()): a node of 96 MB gets windows of
 * 650 KB, and half the throughput. The nodes of a lab are small, and networking is what they are for. */
void setup_tcp_memory(void)
{
	unsigned long pages = (unsigned long)sysconf(_SC_PHYS_PAGES),
		      window = pages / 16 * (unsigned long)sysconf(_SC_PAGESIZE);
	unsigned long receive = window < 6 << 20 ? window : 6 << 20, send = window < 4 << 20 ? window : 4 << 20;
	char total[96], largest_receive[64], largest_send[64];

	snprintf(total, sizeof total, "%lu %lu %lu", pages / 8, pages / 6, pages / 4);
	snprintf(largest_receive, sizeof largest_receive, "4096 131072 %lu", receive);
	snprintf(largest_send, sizeof largest_send, "4096 16384 %lu", send);
	do_sysctl((char *[]){"net.ipv4.tcp_mem", total});
	do_sysctl((char *[]){"net.ipv4.tcp_rmem", largest_receive});
	do_sysctl((char *[]){"net.ipv4.tcp_wmem", largest_send});
}

static void do_hosts(char **words)
{
	static bool begun;

	make_folders("/etc/hosts");
	if (hosts_add("/etc/hosts", words[0], !begun) < 0)
		report_warning("/etc/hosts: %m; this node does not know the other nodes by name");
	begun = true;
}

static void do_file(char **words)
{
	setup_file_end();
	if (snprintf(file.path, sizeof file.path, "%s", words[0]) >= (int)sizeof file.path) {
		report_warning("file %.80s...: %s", file.path, strerror(ENAMETOOLONG));
		return;
	}
	make_folders(file.path);
	file.fd = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file.fd < 0 || fchmod(file.fd, (mode_t)strtoul(words[1], NULL, 8)) < 0)
		report_warning("file %s: %m", file.path);
}

static void do_run(char **words)
{
	startup_add(words[1], strcmp(words[0], "background") == 0);
}

void setup_file_data(const uint8_t *payload, size_t length)
{
	if (file.fd < 0 || write_all(file.fd, payload, length) == 0)
		return;
	report_warning("file %s: %m", file.path);
	close(file.fd);
	file.fd = -1;
}

void setup_file_end(void)
{
	if (file.fd >= 0)
		close(file.fd);
	file.fd = -1;
}

static const struct {
	const char *verb;
	unsigned arguments;
	void (*handle)(char **words);
} verbs[] = {
	{"hostname", 1, do_hostname},
	{"interface", 3, do_interface},
	{"speed", 2, do_speed},
	{"join-nothing", 1, do_join_nothing},
	{"address", 2, do_address},
	{"route", 3, do_route},
	{"sysctl", 2, do_sysctl},
	{"hosts", 1, do_hosts},
	{"file", 2, do_file},
	{"run", 2, do_run},
};

void setup_handle(uint8_t *payload, size_t length)
{
	char *words[4] = {NULL};
	unsigned count = 0;

	if (length == 0 || payload[length - 1] != '\0')
		shutdown_after_failure("the host sent a set-up message that is not a list of words");
	for (char *word = (char *)payload; word < (char *)payload + length; word += strlen(word) + 1) {
		if (count < 4)
			words[count] = word;
		count++;
	}
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(verbs[i].verb, words[0]) != 0)
			continue;
		if (count != verbs[i].arguments + 1)
			report_warning("set-up \"%s\" takes %u arguments, but got %u", words[0], verbs[i].arguments,
				count - 1);
		else
			verbs[i].handle(words + 1);
		return;
	}
	report_warning("unknown set-up \"%s\"; the agent may be older than netlab, build the image again with: netlab "
		       "image build",
		words[0]);
}
