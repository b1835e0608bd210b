/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cables do to frames: set, and shown. */
#include "switch/control/fabric_private.h"

#include "switch/frame/random.h"
#include "switch/loop/worker.h"

/* An hour, and what keeps times of a full pool far below 2^64 ns. */
#define DELAY_MAX (UINT64_C(3600) * 1000000000)
#define RATE_MIN UINT64_C(100)
#define RATE_MAX UINT64_C(1000000000000000)
#define QUEUE_MAX (UINT64_C(1) << 32)
#define BURST_MAX 1e9

/* Each is a "t" from min to max, 0 always allowed; or a "d" up to max, 0 or at least min. */
typedef struct {
	const char *name;
	char type;
	gsize offset; /* in ImpairmentSettings */
	guint64 min, max;
} Field;

#define AT(field) G_STRUCT_OFFSET(ImpairmentSettings, field)

static const Field fields[] = {
	{"delay", 't', AT(delay), 0, DELAY_MAX},
	{"jitter", 't', AT(jitter), 0, DELAY_MAX},
	{"loss", 'd', AT(loss), 0, 1},
	{"burst", 'd', AT(burst), 1, BURST_MAX},
	{"duplicate", 'd', AT(duplicate), 0, 1},
	{"corrupt", 'd', AT(corrupt), 0, 1},
	{"reorder", 'd', AT(reorder), 0, 1},
	{"rate", 't', AT(rate), RATE_MIN, RATE_MAX},
	{"queue", 't', AT(queue), 1, QUEUE_MAX},
};

static const char *const distributions[] = {[DISTRIBUTION_UNIFORM] = "uniform", [DISTRIBUTION_NORMAL] = "normal"};

static gboolean read_distribution(GVariant *value, ImpairmentSettings *settings)
{
	for (gsize i = 0; g_variant_is_of_type(value, G_VARIANT_TYPE_STRING) && i < G_N_ELEMENTS(distributions); i++)
		if (g_str_equal(g_variant_get_string(value, NULL), distributions[i])) {
			settings->distribution = (Distribution)i;
			return TRUE;
		}
	return FALSE;
}

static gboolean read_number(const Field *field, GVariant *value, ImpairmentSettings *settings)
{
	if (field->type == 't' && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64)) {
		guint64 number = g_variant_get_uint64(value);
		G_STRUCT_MEMBER(guint64, settings, field->offset) = number;
		return number == 0 || (number >= field->min && number <= field->max);
	}
	if (field->type == 'd' && g_variant_is_of_type(value, G_VARIANT_TYPE_DOUBLE)) {
		double number = g_variant_get_double(value);
		G_STRUCT_MEMBER(double, settings, field->offset) = number;
		/* Not a number is in no range. */
		return number == 0 || (number > 0 && number >= (double)field->min && number <= (double)field->max);
	}
	return FALSE;
}

static gboolean read_setting(const char *name, GVariant *value, ImpairmentSettings *settings, guint64 *seed)
{
	if (g_str_equal(name, "distribution"))
		return read_distribution(value, settings);
	if (g_str_equal(name, "seed") && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64)) {
		*seed = g_variant_get_uint64(value);
		return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
		if (g_str_equal(name, fields[i].name))
			return read_number(&fields[i], value, settings);
	return FALSE;
}

typedef struct {
	Cable *cable;
	unsigned from;
	ImpairmentSettings settings;
	guint64 seed;
	gboolean down, failed;
} LinkTask;

static void impair(void *data)
{
	LinkTask *task = data;
	Worker *worker = task->cable->worker;
	FramePool *pool = worker_frames(worker);
	task->failed = !pool;
	if (pool)
		cable_impair(task->cable, task->from, &task->settings, task->seed, worker_timers(worker), pool,
			worker_pass(worker));
}

/* Each direction of each cable has losses of its own. */
static guint64 seed_of(const LinkTask *task)
{
	guint64 seed = random_mix(task->seed, task->from);
	for (const char *at = task->cable->name; *at; at++)
		seed = random_mix(seed, (guint8)*at);
	return seed;
}

gboolean fabric_set_impairment(Fabric *fabric, const char *name, guint from, GVariant *settings, GError **error)
{
	LinkTask task = {.cable = fabric_find_cable(fabric, name, error), .from = from};
	GVariantIter iter;
	const char *key;
	GVariant *value;
	if (!task.cable)
		return FALSE;
	if (from > 1) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "cable \"%s\" has ends 0 and 1, none is %u",
			name, from);
		return FALSE;
	}
	g_variant_iter_init(&iter, settings);
	while (g_variant_iter_loop(&iter, "{&sv}", &key, &value)) {
		if (read_setting(key, value, &task.settings, &task.seed))
			continue;
		g_autofree char *text = g_variant_print(value, TRUE);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "cable \"%s\" cannot have %s = %s", name,
			key, text);
		g_variant_unref(value);
		return FALSE;
	}
	task.seed = seed_of(&task);
	worker_call(task.cable->worker, impair, &task);
	if (task.failed)
		g_set_error(
			error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "cable \"%s\": no memory for frames under way", name);
	return !task.failed;
}

static void set_down(void *data)
{
	LinkTask *task = data;
	cable_set_down(task->cable, task->down, worker_pass(task->cable->worker));
}

gboolean fabric_set_cable_down(Fabric *fabric, const char *name, gboolean down, GError **error)
{
	LinkTask task = {.cable = fabric_find_cable(fabric, name, error), .down = down};
	if (task.cable)
		worker_call(task.cable->worker, set_down, &task);
	return task.cable != NULL;
}

typedef struct {
	Fabric *fabric;
	Worker *worker;
	GVariantBuilder *builder;
} CablesTask;

static void add_settings(GVariantBuilder *builder, const ImpairmentSettings *settings)
{
	g_variant_builder_open(builder, G_VARIANT_TYPE_VARDICT);
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		const void *at = G_STRUCT_MEMBER_P(settings, fields[i].offset);
		if (fields[i].type == 't' && *(const guint64 *)at > 0)
			g_variant_builder_add(
				builder, "{sv}", fields[i].name, g_variant_new_uint64(*(const guint64 *)at));
		else if (fields[i].type == 'd' && *(const double *)at > 0)
			g_variant_builder_add(
				builder, "{sv}", fields[i].name, g_variant_new_double(*(const double *)at));
	}
	if (settings->distribution != DISTRIBUTION_UNIFORM)
		g_variant_builder_add(
			builder, "{sv}", "distribution", g_variant_new_string(distributions[settings->distribution]));
	g_variant_builder_close(builder);
}

static void add_end(GVariantBuilder *builder, const Cable *cable, unsigned number)
{
	static const ImpairmentSettings clear;
	const CableEnd *end = &cable->ends[number];
	g_variant_builder_open(builder, G_VARIANT_TYPE("(sba{sv}a{st})"));
	g_variant_builder_add(builder, "s", end->name);
	g_variant_builder_add(builder, "b", (gboolean)cable_has_carrier(cable, number));
	add_settings(builder, end->impairment ? impairment_settings(end->impairment) : &clear);
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
