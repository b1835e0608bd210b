/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text tables with aligned columns. */
#pragma once

#include <glib.h>

typedef struct Table Table;

/** A table with the given column heads, the last followed by NULL. A head that starts with ">" is right-aligned. */
Table *table_new(const char *head, ...) G_GNUC_NULL_TERMINATED;
/** Adds a row: as many strings as there are columns (copied; NULL counts as empty), then NULL is not needed. */
void table_row(Table *self, ...);
/** The whole table: columns two blanks apart, no blank at the end of a line. Caller frees. */
char *table_text(const Table *self);
void table_free(Table *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)
/** How many terminal columns TEXT takes: wide characters two, SGR escape sequences none. */
unsigned table_width(const char *text);
