/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcpdump, which shows frames while they are captured. It reads what guests send, so it runs in a sandbox, and what it writes is
 * made fit for the terminal, which it does not have itself. */
#pragma once

#include <glib.h>

typedef struct LiveView LiveView;

/** Starts it. Caller frees.
 *  @unconfined: without the sandbox
 *  @fd: (out) where it reads frames from; the caller closes it */
LiveView *live_view_new(gboolean unconfined, int *fd, GError **error);
/** Ends it at once if it runs still. */
void live_view_free(LiveView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveView, live_view_free)
/** Waits until it has shown all, which it does at the end of its input. FALSE and error: it failed, and its reason. */
gboolean live_view_finish(LiveView *self, GError **error);
