/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's VLANs and spanning trees, in the form that the switch expects. */
#pragma once

#include "switch/control/switch_calls.h"
#include "topologies/plan/plan.h"

/** The MAC address of the network's bridge: the same for this lab on every machine and in every run, so that the same
 *  bridge becomes the root. Caller frees. */
char *bridges_address(const Plan *plan, const LabNetwork *network);
/** The settings for SetPortVlan (a{sv}). Floating. */
GVariant *bridges_vlan_settings(const LabPortVlan *vlan);
