/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/quantity.h"

#include <string.h>

#define BILLION G_GUINT64_CONSTANT(1000000000)
#define MAX_DECIMALS 9u

const LabQuantity lab_quantity_size = {
	(const LabUnit[]){{"M", 1 << 20}, {"K", 1 << 10}, {"G", 1 << 30}, {NULL, 0}}, FALSE};
const LabQuantity lab_quantity_queue = {
	(const LabUnit[]){{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}}, FALSE};
const LabQuantity lab_quantity_duration = {(const LabUnit[]){{"s", 1000}, {"ms", 1}, {"min", 60000}, {NULL, 0}}, FALSE};
const LabQuantity lab_quantity_delay = {
	(const LabUnit[]){{"ms", 1000000}, {"us", 1000}, {"ns", 1}, {"s", BILLION}, {NULL, 0}}, TRUE};
const LabQuantity lab_quantity_rate = {
	(const LabUnit[]){{"Mbit", 1000000}, {"kbit", 1000}, {"bit", 1}, {"Gbit", BILLION}, {NULL, 0}}, TRUE};
const LabQuantity lab_quantity_share = {(const LabUnit[]){{"%", BILLION / 100}, {NULL, 0}}, TRUE};

/** value_refuse() - sets ERROR (G_IO_ERROR_INVALID_ARGUMENT) to the message and returns FALSE. */
gboolean value_refuse(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error)
		*error = g_error_new_valist(G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, args);
	va_end(args);
	return FALSE;
}

/* WHOLE.FRACTION, where fraction is in 10^-MAX_DECIMALS; sets *end behind it. FALSE if there is no such number. */
static gboolean number_read(const char *text, guint64 *whole, guint64 *fraction, const char **end)
{
	unsigned digits = 0;

	*whole = *fraction = 0;
	if (!g_ascii_isdigit(*text))
		return FALSE;
	for (; g_ascii_isdigit(*text); text++) {
		if (*whole > (G_MAXUINT64 - 9) / 10)
			return FALSE;
		*whole = *whole * 10 + (guint64)(*text - '0');
	}
	if (*text == '.' && g_ascii_isdigit(text[1])) {
		for (text++; g_ascii_isdigit(*text); text++, digits++)
			if (digits < MAX_DECIMALS)
				*fraction = *fraction * 10 + (guint64)(*text - '0');
		for (; digits < MAX_DECIMALS; digits++)
			*fraction *= 10;
	}
	*end = text;
	return TRUE;
}

/** quantity_read() - reads a number with a unit
 *  @self: what kind of number
 *  @text: as written
 *  @min: smallest allowed, in the unit of factor 1
 *  @max: largest allowed
 *  @value: set to the number
 *  Returns FALSE and sets error, with a message that starts with the text in quotes, on a missing or unknown unit, a number
 *  out of range, or decimals that would have no effect. Decimals are allowed with every unit. */
gboolean quantity_read(
	const LabQuantity *self, const char *text, guint64 min, guint64 max, guint64 *value, GError **error)
{
	g_autofree char *lowest = quantity_to_text(self, min), *highest = quantity_to_text(self, max);
	const char *end = NULL;
	guint64 whole, fraction;
	gboolean number = number_read(text, &whole, &fraction, &end);

	if (number && !*end)
		return value_refuse(error, "\"%s\" has no unit; write \"%s%s\"", text, text, self->units[0].name);
	for (const LabUnit *unit = self->units; number && unit->name; unit++) {
		guint64 part, sum;

		if (strcmp(end, unit->name) != 0)
			continue;
		part = fraction * unit->factor / BILLION; /* a factor has at most 31 bits, a fraction 30 */
		if (fraction && !part) {
			g_autofree char *step = quantity_to_text(self, 1);

			return value_refuse(
				error, "\"%s\" has decimals that are less than the smallest step, %s", text, step);
		}
		if (whole > (G_MAXUINT64 - unit->factor) / unit->factor || (sum = whole * unit->factor + part) < min ||
			sum > max)
			return value_refuse(
				error, "\"%s\" is out of range; the range is %s to %s", text, lowest, highest);
		*value = sum;
		return TRUE;
	}
	return value_refuse(error, "\"%s\" is not a number with a unit, from %s to %s", text, lowest, highest);
}

/** quantity_to_text() - a number with the unit that makes it shortest: 1500000 ns is "1.5ms"; the caller frees it.
 *  A kind that has no decimals takes the largest unit that divides it. What the smallest unit does not divide is cut. */
char *quantity_to_text(const LabQuantity *self, guint64 value)
{
	const LabUnit *best = &self->units[0], *smallest = best;
	char decimals[MAX_DECIMALS + 1] = "";

	for (const LabUnit *unit = self->units; unit->name; unit++)
		if (unit->factor < smallest->factor)
			smallest = unit;
	if (value > 0)
		best = smallest;
	for (const LabUnit *unit = self->units; value > 0 && unit->name; unit++)
		if (unit->factor > best->factor && value >= unit->factor &&
			(self->decimal || value % unit->factor == 0))
			best = unit;
	if (self->decimal) {
		guint64 rest = value % best->factor;

		for (unsigned i = 0; i < MAX_DECIMALS && rest; i++, rest %= best->factor) {
			rest *= 10;
			decimals[i] = (char)('0' + rest / best->factor);
		}
	}
	return g_strdup_printf(
		"%" G_GUINT64_FORMAT "%s%s%s", value / best->factor, *decimals ? "." : "", decimals, best->name);
}
