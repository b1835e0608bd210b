/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with units, read and written: 64M, 30s, 0.5ms, 10Mbit, 1%. */
#pragma once

#include <gio/gio.h>

typedef struct {
	const char *name;
	guint64 factor;
} LabUnit;

/** What a kind of number is written with. units[0] is what a bare number most likely meant; NULL-terminated. */
typedef struct {
	const LabUnit *units;
	gboolean decimal; /* printed with decimals, "1.5ms", rather than with a smaller unit, "1500ms"; both are read */
} LabQuantity;

extern const LabQuantity lab_quantity_size;     /* bytes: K, M, G, powers of 1024 */
extern const LabQuantity lab_quantity_queue;    /* the same, but a number without a unit probably means kibibytes */
extern const LabQuantity lab_quantity_duration; /* milliseconds: ms, s, min */
extern const LabQuantity lab_quantity_delay;    /* nanoseconds: ns, us, ms, s; decimal */
extern const LabQuantity lab_quantity_rate;     /* bit/s: bit, kbit, Mbit, Gbit; decimal */
extern const LabQuantity lab_quantity_share;    /* billionths: %; decimal */

gboolean quantity_read(
	const LabQuantity *self, const char *text, guint64 min, guint64 max, guint64 *value, GError **error);
char *quantity_to_text(const LabQuantity *self, guint64 value);

gboolean value_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
