/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs that build kernel and images. */
#pragma once

#include <glib.h>

/** Runs PREFIX/share/netlab/NAME with ARGUMENTS (NULL-terminated), joined to our streams, and waits.
 *  Returns its exit status (128 + signal when it was killed), or -1 with an error when it could not be run. Ctrl-C is
 * its own: it ends it in order. */
int helper_run(const char *name, const char *const *arguments, GError **error);
