/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: what the lab reports to its clients. The answers of GetNodes, GetLinks, GetUplinks and GetSockets
 * (netlab/client/dbus/org.netlab.Lab1.xml). */
#pragma once

#include "netlab/supervisor/service/running_lab.h"

/** a{sa{sv}}, floating. */
GVariant *facts_of_nodes(const RunningLab *run);
/** a{sa{sv}}, floating. */
GVariant *facts_of_uplinks(const RunningLab *run);
/** a{sa{sv}}, floating.
 *  @counters: what GetCounters of the switch answered, or NULL */
GVariant *facts_of_sockets(const RunningLab *run, GVariant *counters);
/** a{sa{sv}}, floating.
 *  @counters, @cables: what GetCounters and GetCables of the switch answered, or NULL */
GVariant *facts_of_links(const RunningLab *run, GVariant *counters, GVariant *cables);
