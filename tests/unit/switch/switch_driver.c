/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switch/switch_driver.h"

#include <gio/gunixfdlist.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void check(gboolean truth, const char *what, const GError *error)
{
	if (truth)
		return;
	fprintf(stderr, "switch driver: %s: %s\n", what, error ? error->message : g_strerror(errno));
	abort();
}

void driver_start(SwitchDriver *driver, const char *program, unsigned workers, guint64 history)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *option = g_strdup_printf("--workers=%u", workers);
	g_autofree char *memory = g_strdup_printf("--history=%" G_GUINT64_FORMAT, history);
	int control[2];
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) == 0, "socketpair", NULL);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_subprocess_launcher_take_fd(launcher, control[1], 3);
	driver->process =
		g_subprocess_launcher_spawn(launcher, &error, program, "--control-fd=3", option, memory, NULL);
	check(driver->process != NULL, program, error);
	g_clear_object(&launcher); /* closes our copy of the switch's end */
	driver->client = switch_calls_new(control[0], &error);
	check(driver->client != NULL, "connect", error);
}

int driver_stop(SwitchDriver *driver)
{
	g_autoptr(GError) error = NULL;
	check(g_dbus_connection_close_sync(g_dbus_proxy_get_connection(G_DBUS_PROXY(driver->client)), NULL, &error),
		"close", error);
	g_clear_object(&driver->client);
	check(g_subprocess_wait(driver->process, NULL, &error), "wait", error);
	int status = g_subprocess_get_if_exited(driver->process) ? g_subprocess_get_exit_status(driver->process) : -1;
	g_clear_object(&driver->process);
	return status;
}

void driver_add_network(SwitchDriver *driver, const char *name, const char *type, unsigned group)
{
	g_autoptr(GError) error = NULL;
	check(sw_switch1_call_add_network_sync(driver->client, name, type, 0, 0, group, NULL, &error), "AddNetwork",
		error);
}

void driver_add_cable(SwitchDriver *driver, const char *port, const char *network)
{
	g_autoptr(GError) error = NULL;
	check(sw_switch1_call_add_cable_sync(
		      driver->client, port, switch_end("port", port), switch_end("network", network), NULL, &error),
		"AddCable", error);
}

void driver_add_link(SwitchDriver *driver, const char *port, const char *other)
{
	g_autoptr(GError) error = NULL;
	check(sw_switch1_call_add_cable_sync(
		      driver->client, port, switch_end("port", port), switch_end("port", other), NULL, &error),
		"AddCable", error);
}

void driver_join(SwitchDriver *driver, const char *type, const char *port, const char *other)
{
	if (g_str_equal(type, "link")) {
		driver_add_link(driver, port, other);
		return;
	}
	driver_add_network(driver, "lan", type, 0);
	driver_add_cable(driver, port, "lan");
	driver_add_cable(driver, other, "lan");
}

int driver_add_datagram_port(SwitchDriver *driver, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	int ends[2];
	check(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0, "socketpair", NULL);
	check(g_unix_fd_list_append(list, ends[1], &error) == 0 &&
			sw_switch1_call_add_datagram_port_sync(
				driver->client, name, 1500, g_variant_new_handle(0), list, NULL, NULL, &error),
		name, error);
	close(ends[1]);
	return ends[0];
}

int driver_add_vhost_port(SwitchDriver *driver, const char *name, const uint8_t mac[6])
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	g_autofree char *text =
		g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A name that the kernel chooses: unix(7), autobind. */
	check(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0 && listen(fd, 4) == 0,
		"listen", NULL);
	check(g_unix_fd_list_append(list, fd, &error) == 0 &&
			sw_switch1_call_add_vhost_port_sync(driver->client, name, 1500, text, TRUE,
				g_variant_new_handle(0), list, NULL, NULL, &error),
		name, error);
	return fd;
}

void driver_set_link(SwitchDriver *driver, const char *cable, const char *a, const char *b)
{
	g_autoptr(GError) error = NULL;
	check(sw_switch1_call_set_link_sync(
		      driver->client, cable, 0, 0, g_variant_new_parsed(a), g_variant_new_parsed(b), NULL, &error),
		"SetLink", error);
}

guint64 driver_counter(SwitchDriver *driver, const char *port, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) counters = NULL;
	guint64 value = 0;
	check(sw_switch1_call_get_counters_sync(driver->client, &counters, NULL, &error), "GetCounters", error);
	g_autoptr(GVariant) of_port = g_variant_lookup_value(counters, port, G_VARIANT_TYPE("a{st}"));
	check(of_port != NULL, port, NULL);
	g_variant_lookup(of_port, name, "t", &value);
	return value;
}

unsigned driver_count_stations(SwitchDriver *driver, const char *network)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) table = NULL;
	check(sw_switch1_call_get_forwarding_table_sync(driver->client, network, &table, NULL, &error),
		"GetForwardingTable", error);
	return (unsigned)g_variant_n_children(table);
}

double driver_cpu_seconds(SwitchDriver *driver)
{
	clockid_t clock;
	struct timespec time;
	errno = clock_getcpuclockid((pid_t)atoi(g_subprocess_get_identifier(driver->process)), &clock);
	check(errno == 0 && clock_gettime(clock, &time) == 0, "the switch's CPU clock", NULL);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

gsize driver_resident_bytes(SwitchDriver *driver)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/statm", g_subprocess_get_identifier(driver->process));
	g_autofree char *text = NULL;
	unsigned long size, resident;
	check(g_file_get_contents(path, &text, NULL, NULL) && sscanf(text, "%lu %lu", &size, &resident) == 2, path,
		NULL);
	return resident * (gsize)sysconf(_SC_PAGESIZE);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void driver_bind_worker(SwitchDriver *driver, unsigned worker, int cpu)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/task", g_subprocess_get_identifier(driver->process));
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	g_autoptr(GArray) threads = g_array_new(FALSE, FALSE, sizeof(int));
	cpu_set_t cpus;
	check(folder != NULL, path, NULL);
	for (const char *name; (name = g_dir_read_name(folder));) {
		g_autofree char *comm = g_build_filename(path, name, "comm", NULL), *text = NULL;
		int thread = atoi(name);
		if (g_file_get_contents(comm, &text, NULL, NULL) && g_str_equal(text, "worker\n"))
			g_array_append_val(threads, thread);
	}
	g_array_sort(threads, by_number); /* in the order of their birth */
	check(worker < threads->len, "a worker of that number", NULL);
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	check(sched_setaffinity(g_array_index(threads, int, worker), sizeof(cpus), &cpus) == 0, "sched_setaffinity",
		NULL);
}
