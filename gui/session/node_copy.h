/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies between this machine and a node, by "netlab cp": there is one way to copy. Free of GTK. */
#pragma once

#include <gio/gio.h>

/** Starts a copy.
 *  @lab: name of the lab
 *  @words: of char *: sources, then the target; what is on a node is written NODE:PATH
 *  @cancel: interrupts it; what has been copied so far stays. May be NULL */
void node_copy(const char *lab, const GPtrArray *words, GCancellable *cancel, GAsyncReadyCallback done, gpointer data);
/** How it went: FALSE and why, in the words of "netlab cp"; G_IO_ERROR_CANCELLED where it was interrupted. */
gboolean node_copy_finish(GAsyncResult *result, GError **error);
