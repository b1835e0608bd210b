/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/impairment.h"

#include <string.h>

#include "topologies/model/diagnostics.h"
#include "topologies/model/quantity.h"

#define BILLION 1000000000.0

#define QUEUE_MIN (G_GUINT64_CONSTANT(1) << 10)
#define QUEUE_MAX (G_GUINT64_CONSTANT(1) << 30)
#define RATE_MIN G_GUINT64_CONSTANT(100)
#define RATE_MAX (G_GUINT64_CONSTANT(1000) * 1000 * 1000 * 1000)
#define BURST_MAX 1e6

static const char *const distribution_names[] = {
	[LAB_DISTRIBUTION_UNIFORM] = "uniform", [LAB_DISTRIBUTION_NORMAL] = "normal", NULL};

typedef struct Setting Setting;

/* Each setting knows how to read and to write itself. write() returns NULL for what is as on a perfect wire. */
struct Setting {
	const char *name;
	gboolean (*read)(const Setting *self, const char *value, void *field, GError **error);
	char *(*write)(const Setting *self, const void *field);
	const LabQuantity *quantity;
	guint64 min, max;
	gsize offset; /* in LabImpairment */
};

/* "none" is how a live link loses a setting. */
static gboolean read_quantity(const Setting *self, const char *value, void *field, GError **error)
{
	if (!strcmp(value, "none")) {
		*(guint64 *)field = 0;
		return TRUE;
	}
	return quantity_read(self->quantity, value, self->min, self->max, field, error);
}

static char *write_quantity(const Setting *self, const void *field)
{
	guint64 value = *(const guint64 *)field;

	/* Bytes need not be whole kibibytes; then the next are near enough. */
	if (self->quantity == &lab_quantity_queue)
		value = (value + 1023) / 1024 * 1024;
	return value ? quantity_to_text(self->quantity, value) : NULL;
}

static gboolean read_share(const Setting *self, const char *value, void *field, GError **error)
{
	guint64 billionths = 0;

	if (strcmp(value, "none") != 0 &&
		!quantity_read(self->quantity, value, self->min, self->max, &billionths, error))
		return FALSE;
	*(double *)field = (double)billionths / BILLION;
	return TRUE;
}

static char *write_share(const Setting *self, const void *field)
{
	double share = *(const double *)field;

	return share > 0 ? quantity_to_text(self->quantity, (guint64)(share * BILLION + 0.5)) : NULL;
}

static gboolean read_burst(const Setting *self, const char *value, void *field, GError **error)
{
	char *end = NULL;
	double frames = 0;

	if (strcmp(value, "none") != 0) {
		frames = g_ascii_isdigit(*value) && !strpbrk(value, "xXeEpP") ? g_ascii_strtod(value, &end) : 0;
		if (!end || *end || frames < 1 || frames > BURST_MAX) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				"\"%s\" is not a mean number of frames from 1 to %.0f", value, BURST_MAX);
			return FALSE;
		}
	}
	*(double *)field = frames;
	return TRUE;
}

static char *write_burst(const Setting *self, const void *field)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	double frames = *(const double *)field;

	return frames > 0 ? g_strdup(g_ascii_formatd(text, sizeof(text), "%.9g", frames)) : NULL;
}

static gboolean read_distribution(const Setting *self, const char *value, void *field, GError **error)
{
	for (unsigned i = 0; distribution_names[i]; i++)
		if (!strcmp(value, distribution_names[i])) {
			*(LabDistribution *)field = i;
			return TRUE;
		}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "\"%s\" is not \"uniform\" or \"normal\"", value);
	return FALSE;
}

static char *write_distribution(const Setting *self, const void *field)
{
	LabDistribution distribution = *(const LabDistribution *)field;

	return distribution == LAB_DISTRIBUTION_UNIFORM ? NULL : g_strdup(distribution_names[distribution]);
}

static gboolean read_down(const Setting *self, const char *value, void *field, GError **error)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "\"%s\" is not \"no\" or \"yes\"", value);
		return FALSE;
	}
	*(gboolean *)field = value[0] == 'y';
	return TRUE;
}

static char *write_down(const Setting *self, const void *field)
{
	return *(const gboolean *)field ? g_strdup("yes") : NULL;
}

#define AT(field) G_STRUCT_OFFSET(LabImpairment, field)
#define DELAY(name, field)                                                                                             \
	{                                                                                                              \
		name, read_quantity, write_quantity, &lab_quantity_delay, 0, LAB_DELAY_MAX_NS, AT(field)               \
	}
#define SHARE(name)                                                                                                    \
	{                                                                                                              \
#name, read_share, write_share, &lab_quantity_share, 0, (guint64)BILLION, AT(name)                     \
	}

static const Setting settings[] = {
	DELAY("delay", delay_ns),
	DELAY("jitter", jitter_ns),
	{"distribution", read_distribution, write_distribution, NULL, 0, 0, AT(distribution)},
	SHARE(loss),
	{"burst", read_burst, write_burst, NULL, 0, 0, AT(burst)},
	SHARE(duplicate),
	SHARE(corrupt),
	SHARE(reorder),
	{"rate", read_quantity, write_quantity, &lab_quantity_rate, RATE_MIN, RATE_MAX, AT(rate)},
	{"queue", read_quantity, write_quantity, &lab_quantity_queue, QUEUE_MIN, QUEUE_MAX, AT(queue)},
	{"down", read_down, write_down, NULL, 0, 0, AT(down)},
};

const char *const lab_impairment_names[] = {"delay", "jitter", "distribution", "loss", "burst", "duplicate", "corrupt",
	"reorder", "rate", "queue", "down", NULL};
G_STATIC_ASSERT(G_N_ELEMENTS(lab_impairment_names) == G_N_ELEMENTS(settings) + 1);

/** lab_impairment_set() - changes one setting
 *  @self: the others stay as they are; all stay where this fails
 *  @name: one of lab_impairment_names
 *  @value: as written: "20ms", "1%", "10Mbit"; "none" takes a delay, share, rate, burst or queue away
 *  Returns FALSE and sets error (G_IO_ERROR_INVALID_ARGUMENT). For a bad value the message starts with that in quotes, so
 *  that the caller can put the name in front; for an unknown name (G_IO_ERROR_NOT_FOUND) it is whole. */
gboolean lab_impairment_set(LabImpairment *self, const char *name, const char *value, GError **error)
{
	g_autofree char *all = NULL;
	const char *nearest;

	for (unsigned i = 0; i < G_N_ELEMENTS(settings); i++)
		if (!strcmp(settings[i].name, name))
			return settings[i].read(
				&settings[i], value, G_STRUCT_MEMBER_P(self, settings[i].offset), error);
	all = g_strjoinv(", ", (char **)lab_impairment_names);
	nearest = lab_nearest(name, lab_impairment_names);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "a link has no \"%s\"; it has %s%s%s%s", name, all,
		nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	return FALSE;
}

/** lab_impairment_to_strings() - the settings that are not a perfect wire's, in canonical text
 *  Returns names and values in turn, {"delay", "20ms", "loss", "1%", NULL}; the caller frees it (g_strfreev). */
char **lab_impairment_to_strings(const LabImpairment *self)
{
	GPtrArray *words = g_ptr_array_new();

	for (unsigned i = 0; i < G_N_ELEMENTS(settings); i++) {
		char *value = settings[i].write(&settings[i], G_STRUCT_MEMBER_P(self, settings[i].offset));

		if (!value)
			continue;
		g_ptr_array_add(words, g_strdup(settings[i].name));
		g_ptr_array_add(words, value);
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

/** lab_impairment_is_clear() - whether it changes nothing: a jitter's distribution, a burst or a queue alone do not. */
gboolean lab_impairment_is_clear(const LabImpairment *self)
{
	return !self->delay_ns && !self->jitter_ns && !(self->loss > 0) && !(self->duplicate > 0) &&
		!(self->corrupt > 0) && !(self->reorder > 0) && !self->rate && !self->down;
}

/** lab_impairment_equal() - whether both have the same settings. */
gboolean lab_impairment_equal(const LabImpairment *a, const LabImpairment *b)
{
	g_auto(GStrv) x = lab_impairment_to_strings(a), y = lab_impairment_to_strings(b);

	return g_strv_equal((const char *const *)x, (const char *const *)y);
}
