/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the plan's VLANs, spanning trees and mirrors are told to the switch. */
#pragma once

#include "switch/control/client.h"
#include "topologies/plan/plan.h"

/** The MAC address of the network's bridge: the same for this lab on every machine and in every run, so that the same
 *  bridge becomes the root. Caller frees. */
char *bridges_address(const Plan *plan, const LabNetwork *network);
/** What SetPortVlan wants (a{sv}). Floating. */
GVariant *bridges_vlan_settings(const LabPortVlan *vlan);
