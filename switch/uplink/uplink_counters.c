/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/uplink_counters.h"

static const char *const names[] = {
	[UPLINK_MALFORMED] = "drop_malformed",
	[UPLINK_OPTIONS] = "drop_options",
	[UPLINK_FRAGMENTS] = "drop_fragments",
	[UPLINK_SOURCE] = "drop_source",
	[UPLINK_DESTINATION] = "drop_destination",
	[UPLINK_LOOPBACK] = "drop_loopback",
	[UPLINK_PROTOCOL] = "drop_protocol",
	[UPLINK_FLOWS] = "drop_flows",
	[UPLINK_DHCP] = "drop_dhcp",
	[UPLINK_REORDERED] = "drop_reordered",
	[UPLINK_URGENT] = "urgent_cleared",
};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == UPLINK_N_COUNTERS);

const char *uplink_counter_name(UplinkCounter counter)
{
	return names[counter];
}
