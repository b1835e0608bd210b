/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture filters, looked at without a lab that runs. */
#pragma once

#include <glib.h>

/** Whether FILTER is one in pcap-filter(7) syntax. The switch says so, which would apply it, and in its words; a
 *  LabFilterCheck (topologies/topology.h). */
gboolean capture_filter_check(const char *filter, GError **error);
