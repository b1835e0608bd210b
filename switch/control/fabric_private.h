/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the fabric share. */
#pragma once

#include "switch/bridge/network.h"
#include "switch/control/fabric.h"
#include "switch/port/port.h"

/** The cable of this name, borrowed; NULL and error when there is none. */
Cable *fabric_find_cable(Fabric *fabric, const char *name, GError **error);
/** The network of this name, borrowed; NULL and error when there is none. */
Network *fabric_find_network(Fabric *fabric, const char *name, GError **error);
/** name -> Network; borrowed. */
GHashTable *fabric_all_networks(Fabric *fabric);
/** name -> Cable; borrowed. */
GHashTable *fabric_all_cables(Fabric *fabric);
/** Of Worker; borrowed. */
GPtrArray *fabric_all_workers(Fabric *fabric);
