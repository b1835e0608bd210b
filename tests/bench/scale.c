/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What netlab-switch does as it grows: many ports, several networks, several workers. Prints JSON. */
#include "tests/unit/switch/station.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static char *transport, *what, *beside;
static int ports = 2, networks = 1, workers = 1, threads = 1, size = 64;
static double seconds = 1;

typedef struct {
	Pair *pairs;
	unsigned n;
	int cpu; /* -1: any */
	gint *stop;
} Load;

static void bind_thread(int cpu)
{
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (cpu >= 0 && sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		g_error("sched_setaffinity: %s", g_strerror(errno));
}

static gpointer run_load(gpointer data)
{
	Load *load = data;
	bind_thread(load->cpu);
	pairs_run(load->pairs, load->n, load->stop);
	return NULL;
}

static gpointer spin(gpointer data)
{
	Load *load = data;
	bind_thread(load->cpu);
	while (!g_atomic_int_get(load->stop))
		;
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;
	return (difference > 0) - (difference < 0);
}

static guint64 received(const Pair *pairs, unsigned n)
{
	guint64 sum = 0;
	for (unsigned i = 0; i < n; i++)
		sum += pairs[i].to->received;
	return sum;
}

/* The next of the CPUs that we may use, beginning with number i. */
static int cpu_number(unsigned i)
{
	cpu_set_t cpus;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		g_error("sched_getaffinity: %s", g_strerror(errno));
	unsigned n = (unsigned)CPU_COUNT(&cpus);
	for (int cpu = 0, left = (int)(i % n); cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus) && left-- == 0)
			return cpu;
	return 0;
}

/* Frames per second of all pairs together, by so many threads. */
static void measure_throughput(SwitchDriver *driver, Pair *pairs, unsigned n)
{
	gint stop = 0;
	g_autofree Load *loads = g_new0(Load, (gsize)threads);
	g_autofree GThread **running = g_new0(GThread *, (gsize)threads);
	double cpu = driver_cpu_seconds(driver);
	gint64 begin = g_get_monotonic_time();
	for (unsigned i = 0; i < (unsigned)threads; i++) {
		unsigned first = n * i / (unsigned)threads, end = n * (i + 1) / (unsigned)threads;
		loads[i] = (Load){pairs + first, end - first, -1, &stop};
		running[i] = g_thread_new("load", run_load, &loads[i]);
	}
	g_usleep((gulong)(seconds * G_USEC_PER_SEC));
	g_atomic_int_set(&stop, 1);
	for (int i = 0; i < threads; i++)
		g_thread_join(running[i]);
	double elapsed = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
	cpu = driver_cpu_seconds(driver) - cpu;
	guint64 frames = received(pairs, n);
	printf("{\"frames_per_second\": %.0f, \"switch_cpu_share\": %.3f, \"switch_ns_per_frame\": %.1f}\n",
		(double)frames / elapsed, cpu / elapsed, cpu / (double)MAX(frames, 1) * 1e9);
}

static void measure_latency(Pair *pairs, unsigned n)
{
	unsigned samples = MAX((unsigned)(seconds * 2000), n);
	g_autofree double *microseconds = g_new(double, samples);
	pairs_measure_latency(pairs, n, microseconds, samples);
	qsort(microseconds, samples, sizeof(double), by_size);
	printf("{\"median_us\": %.2f, \"p99_us\": %.2f}\n", microseconds[samples / 2],
		microseconds[samples * 99 / 100]);
}

/* The first network on the first CPU, stations and worker, beside what --beside says on the second. */
static void measure_disturbed(SwitchDriver *driver, Pair *pairs)
{
	gint stop = 0;
	Load own = {pairs, 1, cpu_number(0), &stop}, other = {pairs + 1, 1, cpu_number(1), &stop};
	GThread *disturber = NULL;
	double latencies[500];
	for (int i = 0; i < workers; i++)
		driver_bind_worker(driver, (unsigned)i, cpu_number((unsigned)i));
	if (!g_str_equal(beside, "nothing"))
		disturber = g_thread_new("other", g_str_equal(beside, "spinner") ? spin : run_load, &other);
	bind_thread(own.cpu);
	pairs_measure_latency(pairs, 1, latencies, G_N_ELEMENTS(latencies));
	qsort(latencies, G_N_ELEMENTS(latencies), sizeof(double), by_size);
	guint64 before = pairs->to->received;
	gint own_stop = 0;
	own.stop = &own_stop;
	gint64 begin = g_get_monotonic_time();
	GThread *load = g_thread_new("own", run_load, &own);
	g_usleep((gulong)(seconds * G_USEC_PER_SEC));
	g_atomic_int_set(&own_stop, 1);
	g_thread_join(load);
	double elapsed = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
	g_atomic_int_set(&stop, 1);
	if (disturber)
		g_thread_join(disturber);
	printf("{\"frames_per_second\": %.0f, \"median_us\": %.2f, \"others_frames\": %" G_GUINT64_FORMAT "}\n",
		(double)(pairs->to->received - before) / elapsed, latencies[G_N_ELEMENTS(latencies) / 2],
		pairs[1].to->received);
}

static gboolean parse(int argc, char **argv)
{
	const GOptionEntry entries[] = {
		{"measure", 0, 0, G_OPTION_ARG_STRING, &what, "throughput (default), latency or disturbed", "WHAT"},
		{"transport", 0, 0, G_OPTION_ARG_STRING, &transport, "vhost-user (default) or datagram", "KIND"},
		{"ports", 0, 0, G_OPTION_ARG_INT, &ports, "ports of all networks together: pairs (default 2)", "N"},
		{"networks", 0, 0, G_OPTION_ARG_INT, &networks, "networks (default 1), spread over the workers", "N"},
		{"workers", 0, 0, G_OPTION_ARG_INT, &workers, "forwarding threads of the switch (default 1)", "N"},
		{"threads", 0, 0, G_OPTION_ARG_INT, &threads, "threads that play the stations (default 1)", "N"},
		{"size", 0, 0, G_OPTION_ARG_INT, &size, "bytes of a frame (default 64)", "N"},
		{"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "how long (default 1)", "S"},
		{"beside", 0, 0, G_OPTION_ARG_STRING, &beside, "disturbed: nothing (default), spinner, network", "WHO"},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- measures netlab-switch as it grows");
	g_autoptr(GError) error = NULL;
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("bench-scale: %s\n", error->message);
		return FALSE;
	}
	what = what ? what : "throughput";
	transport = transport ? transport : "vhost-user";
	beside = beside ? beside : "nothing";
	if (ports >= 2 && ports % (2 * networks) == 0 && ports <= 4096 && size >= 14 && size <= 1514 && networks >= 1 &&
		threads >= 1 && workers >= 1 && (!g_str_equal(what, "disturbed") || (ports == 4 && networks == 2)))
		return TRUE;
	g_printerr("bench-scale: every network needs as many ports, an even number; \"disturbed\" wants --ports 4 "
		   "--networks 2; frames have 14 to 1514 bytes\n");
	return FALSE;
}

int main(int argc, char **argv)
{
	SwitchDriver driver;
	if (!parse(argc, argv))
		return 2;
	driver_start(&driver, SWITCH_PROGRAM, (unsigned)workers, 0);
	for (int i = 0; i < networks; i++) {
		g_autofree char *name = g_strdup_printf("net%d", i);
		driver_add_network(&driver, name, "switch", (unsigned)i);
	}
	g_autofree Station *stations = g_new0(Station, (gsize)ports);
	g_autofree Pair *pairs = g_new0(Pair, (gsize)ports / 2);
	for (int i = 0; i < ports; i++) {
		g_autofree char *name = g_strdup_printf("p%d", i);
		g_autofree char *network = g_strdup_printf("net%d", i * networks / ports);
		station_join(&stations[i], &driver, network, name, (unsigned)i, g_str_equal(transport, "vhost-user"));
		station_announce(&stations[i]);
	}
	for (int i = 0; i < ports / 2; i++) {
		pairs[i] = (Pair){&stations[2 * i], &stations[2 * i + 1]};
		station_aim(pairs[i].from, pairs[i].to->mac, (size_t)size);
		pairs[i].to->partner = pairs[i].from->mac;
	}
	if (g_str_equal(what, "latency"))
		measure_latency(pairs, (unsigned)ports / 2);
	else if (g_str_equal(what, "disturbed"))
		measure_disturbed(&driver, pairs);
	else
		measure_throughput(&driver, pairs, (unsigned)ports / 2);
	for (int i = 0; i < ports; i++)
		station_leave(&stations[i]);
	return driver_stop(&driver);
}
