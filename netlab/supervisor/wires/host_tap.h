/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's side of a network with host="tap:NAME" or "bridge:BR": a tap interface of the host, which a port of the
 * switch holds the other end of. */
#pragma once

#include "topologies/plan/plan.h"

/** Opens the tap interface, makes it if it is not there, sets it up, and puts it into the bridge if there is one.
 *
 *  A tap that netlab has made goes when the descriptor is closed, and with it its place in the bridge; one that was there
 *  before stays. Making one, and everything about a bridge, needs CAP_NET_ADMIN; a tap that was made for this user does not.
 *  @name: gets the interface's name; caller frees
 *  Returns the descriptor (one frame per read or write, after a struct virtio_net_hdr), which the caller closes; -1 and an error with
 *  what to do. */
int host_tap_open(const LabNetwork *network, char **name, GError **error);
