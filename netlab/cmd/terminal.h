/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's terminal. */
#pragma once

#include <glib.h>

/** The size of the terminal on standard input or output, 24 by 80 when it is unknown. */
void terminal_size(guint16 *rows, guint16 *columns);
/** Makes the terminal on standard input raw (cfmakeraw(3)). It is put back at exit and by terminal_restore(). */
gboolean terminal_raw(GError **error);
/** Puts the terminal back as it was. Harmless when it never was raw. */
void terminal_restore(void);
