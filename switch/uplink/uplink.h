/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An uplink: NAT between one network of a lab and the network of the host. */
#pragma once

#include "switch/uplink/uplink_counters.h"
#include "switch/uplink/uplink_options.h"

typedef struct Uplink Uplink;

/** Makes the gateway and binds the forwards. Fails when a port of the host cannot be had, saying which and what to do.
 *  @fd: Unix datagram or seqpacket socket, one Ethernet frame a message; owned, even on failure. options: borrowed for
 *  the call; its forwards must not change after it. Caller frees. */
Uplink *uplink_new(int fd, const UplinkOptions *options, GError **error);
void uplink_free(Uplink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Uplink, uplink_free)

/** What does not work on this host though it was not asked for in vain: of strings, fit to print. Caller unrefs. */
GPtrArray *uplink_warnings(const UplinkOptions *options);

/** Serves until the socket's other end closes. */
gboolean uplink_run(Uplink *self, GError **error);
/** Handles what there is, after waiting for it, at most MAX_MS. *ended: the socket's other end closed. */
gboolean uplink_turn(Uplink *self, guint32 max_ms, gboolean *ended, GError **error);

/** What was refused. Borrowed. */
const UplinkCounters *uplink_counters(Uplink *self);
