/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GetNetworks, GetForwardingTable, FlushForwardingTable and SetNetwork of org.netlab.Lab1. Each answers the invocation when the switch
 * has answered. */
#pragma once

#include "lab-dbus.h"
#include "netlab/supervisor/service/running_lab.h"

void network_methods_get(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation);
void network_methods_get_table(
	RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network);
void network_methods_flush(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network);
/** The arguments are those of SetNetwork. */
void network_methods_set(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *network,
	const char *port, GVariant *attributes);
