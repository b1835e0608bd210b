/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tap interfaces of the host, for a switch without a lab. In a lab, the supervisor opens them. */
#pragma once

#include <glib.h>

/** Opens a tap interface of this name, and makes it if it is not there; it goes with the descriptor unless it was made to
 *  stay (ip tuntap add). Frames without a header before them (IFF_NO_PI). Its state and addresses are the host's matter.
 *  The descriptor is the caller's; -1 and error, which says how to be permitted, when it cannot be had. */
int tap_device_open(const char *name, GError **error);
