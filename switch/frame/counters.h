/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a port counts. rx and tx are as the switch sees them: rx came from the guest, tx went to the guest.
 *
 * Each dropped frame is counted in exactly one drop counter: of the port where it entered (why it was not forwarded), or of
 * the port where it was to leave (why that port could not take it). */
#pragma once

#include <stdint.h>

typedef enum {
	COUNTER_NONE = -1, /* the frame was passed on: nothing to count */
	COUNTER_RX_FRAMES,
	COUNTER_RX_BYTES,
	COUNTER_TX_FRAMES,
	COUNTER_TX_BYTES,
	COUNTER_DUPLICATED,    /* in: an impaired cable made a copy */
	COUNTER_CORRUPTED,     /* in: an impaired cable flipped a bit */
	COUNTER_ECN_MARKED,    /* in: marked as having met congestion, in the queue of a cable's rate */
	COUNTER_REORDERED,     /* in: it skipped the delay of an impaired cable */
	COUNTER_UNCUT,         /* in: not cut where it should be, and passed on whole: nobody can cut these headers */
	COUNTER_DROP_RUNT,     /* in: shorter than an Ethernet header */
	COUNTER_DROP_OVERSIZE, /* in or out: longer than the port's MTU, header and two VLAN tags */
	COUNTER_DROP_BAD_OFFLOAD,      /* in or out: what the sender left to do cannot be done with this frame */
	COUNTER_DROP_UNPLUGGED,        /* in: no cable, or nothing alive at its far end */
	COUNTER_DROP_SOURCE_INVALID,   /* in, switch: the source is a group address or all zeroes */
	COUNTER_DROP_RESERVED_ADDRESS, /* in, switch: link-local protocol, never forwarded by a bridge */
	COUNTER_DROP_FILTERED,         /* in, switch: the destination is on the side that the frame came from */
	COUNTER_DROP_BLOCKED,          /* in, switch: the spanning tree keeps its port, or the one it is for, closed */
	COUNTER_DROP_LOOP,             /* in: it has gone round a loop of networks that no spanning tree breaks */
	COUNTER_DROP_TAGGED,           /* in, VLANs: it has a tag, and came in by an access port */
	COUNTER_DROP_UNTAGGED,         /* in, VLANs: it has no tag, and came in by a trunk without a native VLAN */
	COUNTER_DROP_VLAN,             /* in, VLANs: the port is not of its VLAN */
	COUNTER_DROP_NO_MEMORY,        /* in, VLANs: no memory to give it another header */
	COUNTER_DROP_MIRROR,           /* in: the port is for copies of what passes others, and listens only */
	COUNTER_DROP_LOSS,             /* in: lost on an impaired cable, as was asked for */
	COUNTER_DROP_RATE_QUEUE,       /* in: too much waits for its turn at the cable's rate */
	COUNTER_DROP_DELAY_QUEUE,      /* in: no memory for one more frame under way on the cables */
	COUNTER_DROP_QUEUE_FULL,       /* out: the guest does not read fast enough */
	COUNTER_DROP_PORT_ERROR,       /* out: the socket failed, as when the guest died */
	N_COUNTERS,
} Counter;

typedef struct {
	uint64_t values[N_COUNTERS];
} Counters;

/** The name that `netlab status` shows: rx_frames, ..., drop_REASON. Static. */
const char *counter_name(Counter counter);
