/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an uplink counts: what its gate refused, and why. The supervisor reads the numbers from a descriptor that it gave to
 * the uplink, which outlives the uplink's process. */
#pragma once

#include <glib.h>

typedef enum {
	UPLINK_NONE = -1,   /* the frame may pass, or was never for the uplink */
	UPLINK_MALFORMED,   /* a length, a checksum or a field that cannot be */
	UPLINK_OPTIONS,     /* IPv4 options, IPv6 extension headers */
	UPLINK_FRAGMENTS,   /* datagrams in parts that did not become whole: lost parts, overlaps, IPv6, TCP */
	UPLINK_SOURCE,      /* from an address that is not in the uplink's subnet */
	UPLINK_DESTINATION, /* to an address where a router does not send */
	UPLINK_LOOPBACK,    /* to the host's own 127.0.0.1 or ::1, which is closed */
	UPLINK_PROTOCOL,    /* neither TCP, UDP nor an echo request */
	UPLINK_FLOWS,       /* the beginning of a flow by a station that has, or begins, too many */
	UPLINK_DHCP,        /* too many requests or leases of a station, or for another one */
	UPLINK_REORDERED,   /* TCP segments far ahead of the one that is missing */
	UPLINK_URGENT,      /* TCP segments that passed without their urgent mark: not refused */
	UPLINK_N_COUNTERS
} UplinkCounter;

/** The numbers, in the order above, as they are in the supervisor's descriptor. */
typedef struct {
	guint64 values[UPLINK_N_COUNTERS];
} UplinkCounters;

/** "drop_malformed", "drop_options", ..., "urgent_cleared". Static. */
const char *uplink_counter_name(UplinkCounter counter);
