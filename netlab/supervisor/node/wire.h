/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's wire: the sockets that connect one of its interfaces to the switch. */
#pragma once

#include "topologies/plan/plan.h"

/** Opens the wire of an interface: a pair of datagram sockets, or the socket that the switch listens on for a guest that
 *  speaks vhost-user, at interface->socket, where the next one takes its place.
 *  @guest: gets the descriptor to inherit to the guest, as number interface->fd; -1 when it needs none
 *  @ours: gets the switch's
 *  The caller owns both, also when this fails. */
gboolean wire_open(const PlanInterface *interface, int *guest, int *ours, GError **error);
