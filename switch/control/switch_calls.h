/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor needs to control netlab-switch: the typed calls of org.netlab.Switch1 (sw_switch1_call_...) over one
 * end of a stream socketpair. The switch inherits the other end as --control-fd, and exits when the connection closes. */
#pragma once

#include "switch-dbus.h"

#define SWITCH_PATH "/org/netlab/Switch"

/** A D-Bus connection on a connected Unix stream socket, which it owns, even on failure. flags say which side
 *  authenticates: the supervisor is the server. Blocks until the other side has answered. Caller owns the result. */
GDBusConnection *switch_connect(int fd, GDBusConnectionFlags flags, GError **error);

/** The supervisor's end: connects over fd, which it owns even on failure, and blocks until the switch is up and has
 *  answered (some milliseconds), or has died, which is an error. Calls time out after 25 s. Caller owns the result;
 *  g_dbus_proxy_get_connection() of it tells by "closed" when the switch dies. */
SwSwitch1 *switch_calls_new(int fd, GError **error);

/** The same calls over the same connection, which time out after TIMEOUT_MS. Signals come by the first alone. Caller owns. */
SwSwitch1 *switch_calls_again(SwSwitch1 *calls, int timeout_ms, GError **error);

/** An end of a cable for AddCable: kind is "port" or "network". Floating. */
static inline GVariant *switch_end(const char *kind, const char *name)
{
	return g_variant_new("(ss)", kind, name);
}
