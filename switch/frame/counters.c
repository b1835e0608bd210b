/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/counters.h"

#include <assert.h>

static const char *const names[] = {
	[COUNTER_RX_FRAMES] = "rx_frames",
	[COUNTER_RX_BYTES] = "rx_bytes",
	[COUNTER_TX_FRAMES] = "tx_frames",
	[COUNTER_TX_BYTES] = "tx_bytes",
	[COUNTER_DUPLICATED] = "duplicated",
	[COUNTER_CORRUPTED] = "corrupted",
	[COUNTER_ECN_MARKED] = "ecn_marked",
	[COUNTER_REORDERED] = "reordered",
	[COUNTER_UNCUT] = "uncut",
	[COUNTER_DROP_RUNT] = "drop_runt",
	[COUNTER_DROP_OVERSIZE] = "drop_oversize",
	[COUNTER_DROP_BAD_OFFLOAD] = "drop_bad_offload",
	[COUNTER_DROP_UNPLUGGED] = "drop_unplugged",
	[COUNTER_DROP_SOURCE_INVALID] = "drop_source_invalid",
	[COUNTER_DROP_RESERVED_ADDRESS] = "drop_reserved_address",
	[COUNTER_DROP_FILTERED] = "drop_filtered",
	[COUNTER_DROP_BLOCKED] = "drop_blocked",
	[COUNTER_DROP_LOOP] = "drop_loop",
	[COUNTER_DROP_TAGGED] = "drop_tagged",
	[COUNTER_DROP_UNTAGGED] = "drop_untagged",
	[COUNTER_DROP_VLAN] = "drop_vlan",
	[COUNTER_DROP_NO_MEMORY] = "drop_no_memory",
	[COUNTER_DROP_MIRROR] = "drop_mirror",
	[COUNTER_DROP_LOSS] = "drop_loss",
	[COUNTER_DROP_RATE_QUEUE] = "drop_rate_queue",
	[COUNTER_DROP_DELAY_QUEUE] = "drop_delay_queue",
	[COUNTER_DROP_QUEUE_FULL] = "drop_queue_full",
	[COUNTER_DROP_PORT_ERROR] = "drop_port_error",
};
static_assert(sizeof(names) / sizeof(names[0]) == N_COUNTERS, "every counter has a name");

const char *counter_name(Counter counter)
{
	return names[counter];
}
