/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GetLinks, SetLink and GetSockets of org.netlab.Lab1. Each answers the invocation when the switch has answered. */
#pragma once

#include "lab-dbus.h"
#include "netlab/supervisor/service/running_lab.h"

void link_methods_get(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation);
void link_methods_get_sockets(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation);
/** The arguments are those of SetLink; emits LinkChanged. */
void link_methods_set(RunningLab *run, NetlabLab1 *object, GDBusMethodInvocation *invocation, const char *link,
	const char *from, const char *base, GVariant *attributes);
