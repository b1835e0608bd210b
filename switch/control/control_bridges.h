/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of org.netlab.Switch1 about networks: VLANs, spanning trees, mirrors, forwarding tables. */
#pragma once

#include "switch/control/switch_calls.h"
#include "switch/control/fabric.h"

/** Answers them from now on; both must outlive the object's last call. */
void control_bridges_connect(SwSwitch1 *object, Fabric *fabric);
