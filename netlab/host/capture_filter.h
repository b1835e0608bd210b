/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks capture filters without a running lab. */
#pragma once

#include <glib.h>

/** Whether FILTER is valid in pcap-filter(7) syntax. netlab-switch, which would apply it, decides, and the error is its; a
 *  LabFilterCheck (topologies/topology.h). */
gboolean capture_filter_check(const char *filter, GError **error);
