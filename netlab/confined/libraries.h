/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared libraries that a program needs: the only files of the host, beside the program's own, that a sandbox shows. */
#pragma once

#include <glib.h>

/** Absolute paths of the dynamic loader and of every library PROGRAM loads; empty for a static program. The program is
 *  not run: its loader is asked (ld.so(8), --list). Caller frees with g_strfreev. */
char **libraries_of(const char *program, GError **error);
