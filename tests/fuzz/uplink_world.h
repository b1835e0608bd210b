/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's network for a fuzzed uplink: a network namespace without any way out, where every address of the internet is this
 * machine, with servers that echo, discard and send, and clients of forwards. */
#pragma once

#include <glib.h>

enum { WORLD_ECHO = 7, WORLD_DISCARD = 9, WORLD_SENDS = 19, WORLD_FORWARD = 8080, WORLD_FORWARD_UDP = 8081 };

/** Moves this process into such a network; servers run in another process until this one ends. FALSE when the host does not
 *  allow it: then an uplink here would reach the real network. */
gboolean world_enter(void);
