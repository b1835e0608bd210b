/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cables do to frames: set, and shown. */
#include "switch/control/fabric_private.h"

#include "switch/frame/random.h"
#include "switch/loop/worker.h"

typedef struct {
	Cable *cable;
	CableSettings settings;
	gboolean failed;
} LinkTask;

/* All that may fail comes before the first change. */
static void set_link(void *data)
{
	LinkTask *task = data;
	Worker *worker = task->cable->worker;
	CableMeans means = {.timers = worker_timers(worker), .pass = worker_pass(worker)};
	if (cable_needs_pool(task->cable, &task->settings)) {
		means.pool = worker_frames(worker);
		task->failed = !means.pool;
	}
	if (!task->failed)
		cable_set(task->cable, &task->settings, &means);
}

/* Each direction of each cable has losses of its own. */
static guint64 seed_of(guint64 seed, const char *cable, unsigned from)
{
	seed = random_mix(seed, from);
	for (const char *at = cable; *at; at++)
		seed = random_mix(seed, (guint8)*at);
	return seed;
}

gboolean fabric_set_link(Fabric *fabric, const char *name, const FabricLink *link, GError **error)
{
	LinkTask task = {.cable = fabric_find_cable(fabric, name, error), .settings.longest = link->longest};
	if (!task.cable)
		return FALSE;
	for (unsigned from = 0; from < G_N_ELEMENTS(link->from); from++) {
		task.settings.seeds[from] = seed_of(link->seed, name, from);
		if (link_settings_from_variant(&task.settings.from[from], link->from[from], error))
			continue;
		g_prefix_error(error, "cable \"%s\", frames from \"%s\": ", name, task.cable->ends[from].name);
		return FALSE;
	}
	worker_call(task.cable->worker, set_link, &task);
	if (task.failed)
		g_set_error(
			error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "cable \"%s\": no memory for frames in transit", name);
	return !task.failed;
}

typedef struct {
	Fabric *fabric;
	Worker *worker;
	GVariantBuilder *builder;
} CablesTask;

static void add_end(GVariantBuilder *builder, const Cable *cable, unsigned number)
{
	const CableEnd *end = &cable->ends[number];
	g_variant_builder_open(builder, G_VARIANT_TYPE("(sba{sv}a{st})"));
	g_variant_builder_add(builder, "s", end->name);
	g_variant_builder_add(builder, "b", (gboolean)cable_has_carrier(cable, number));
	g_variant_builder_add_value(builder, link_settings_to_variant(&end->settings));
	g_variant_builder_open(builder, G_VARIANT_TYPE("a{st}"));
	for (Counter i = 0; i < N_COUNTERS; i++)
		if (end->counters.values[i] > 0)
			g_variant_builder_add(builder, "{st}", counter_name(i), (guint64)end->counters.values[i]);
	g_variant_builder_close(builder);
	g_variant_builder_close(builder);
}

static void read_cables(void *data)
{
	CablesTask *task = data;
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, fabric_all_cables(task->fabric));
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const Cable *cable = value;
		if (cable->worker != task->worker)
			continue;
		g_variant_builder_open(task->builder, G_VARIANT_TYPE("{s(ba(sba{sv}a{st}))}"));
		g_variant_builder_add(task->builder, "s", cable->name);
		g_variant_builder_open(task->builder, G_VARIANT_TYPE("(ba(sba{sv}a{st}))"));
		g_variant_builder_add(task->builder, "b", (gboolean)cable->down);
		g_variant_builder_open(task->builder, G_VARIANT_TYPE("a(sba{sv}a{st})"));
		add_end(task->builder, cable, 0);
		add_end(task->builder, cable, 1);
		g_variant_builder_close(task->builder);
		g_variant_builder_close(task->builder);
		g_variant_builder_close(task->builder);
	}
}

GVariant *fabric_cables(Fabric *fabric)
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{s(ba(sba{sv}a{st}))}"));
	GPtrArray *workers = fabric_all_workers(fabric);
	for (guint i = 0; i < workers->len; i++)
		worker_call(workers->pdata[i], read_cables, &(CablesTask){fabric, workers->pdata[i], &builder});
	return g_variant_builder_end(&builder);
}
