/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a capture could be made: the places are there, and the filter is one in pcap-filter(7) syntax. The switch
 * says so, which will apply it: a capture to nowhere is begun and ended. Free of GTK. */
#pragma once

#include "gui/session/session.h"

/** @places: none: the whole lab
 *  @filter: "" none */
void capture_check(Session *session, const char *const *places, const char *filter, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data);
/** FALSE and error: in the switch's words. */
gboolean capture_check_finish(GAsyncResult *result, GError **error);

/** Begins a capture to a descriptor, which is closed here once the switch has it.
 *  @options: a{sv}, floating or not; see org.netlab.Switch1 */
void capture_begin(NetlabLab1 *proxy, const char *const *places, GVariant *options, int fd, GCancellable *cancellable,
	GAsyncReadyCallback callback, gpointer data);
/** FALSE and error when it did not begin. since: of the oldest frame remembered, microseconds since 1970; may be NULL.
 */
gboolean capture_begin_finish(GObject *proxy, GAsyncResult *result, guint *id, gint64 *since, GError **error);
