/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The D-Bus interface of the switch, org.netlab.Switch1. */
#pragma once

#include <gio/gio.h>

/** Speaks D-Bus with the supervisor on the stream socket fd, which it owns, until that closes or SIGTERM comes; then
 *  finishes captures and frees everything. history: bytes of memory for the last frames of all cables, 0 for none.
 *  FALSE and error when it cannot begin.
 *
 *  The switch is the authenticating client, the supervisor the server (switch/control/switch_calls.h), although owning the
 *  descriptor is authority enough: GDBus passes descriptors only over an authenticated connection, and a server in another
 *  process namespace would not accept the credentials of a process outside it. */
gboolean control_run(int fd, unsigned workers, guint64 history, GError **error);
