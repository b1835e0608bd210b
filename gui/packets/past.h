/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lab remembers of its last seconds, everywhere: to see where a frame has been. Free of GTK. */
#pragma once

#include "gui/session/session.h"

/** Fetches it, as a capture. */
void packet_past_fetch(
	Session *session, guint seconds, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
/** A pcapng capture, or NULL and error. */
GBytes *packet_past_fetch_finish(GAsyncResult *result, GError **error);
