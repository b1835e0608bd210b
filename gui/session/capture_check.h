/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a capture could be made: the places exist, and the filter is one in pcap-filter(7) syntax. Free of GTK. */
#pragma once

#include "gui/session/session.h"

/** @places: none: the whole lab
 *  @filter: "" none */
void capture_check(Session *session, const char *const *places, const char *filter, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data);
/** FALSE and error: in the switch's words; G_IO_ERROR_NOT_CONNECTED: the lab does not run. */
gboolean capture_check_finish(GAsyncResult *result, GError **error);
