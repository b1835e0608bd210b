/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket of the host that a forward listens on. */
#pragma once

#include "switch/uplink/uplink_options.h"

/** Binds it; for TCP it listens. One for IPv4 that leads to IPv6 is an IPv6 socket whose clients have IPv4-mapped addresses.
 *  On failure -1, and the error says which port, and what to do. Caller closes. */
int forward_socket_open(const Forward *forward, GError **error);
