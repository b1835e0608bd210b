/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can reach whom without a router: over a link, or over networks that links connect, VLAN by VLAN. Only for the
 * warnings. */
#pragma once

#include "topologies/check/check.h"

typedef struct {
	char *label;           /* 'network "lan"' */
	GPtrArray *interfaces; /* borrowed */
	GPtrArray *uplinks;    /* of LabUplink, borrowed */
	gboolean open; /* others may be there that the file does not show: behind the host, a socket or a trunk */
} Segment;

typedef struct Segments Segments;

/** From a lab without errors. It must outlive them. */
Segments *segments_new(const Lab *lab);
void segments_free(Segments *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Segments, segments_free)
/** All of them (of Segment), borrowed, in the file's order. */
const GPtrArray *segments_all(const Segments *self);
/** Where untagged frames of the interface go; NULL when it is unconnected, or the file does not say. */
const Segment *segments_of_interface(const Segments *self, const LabInterface *interface);
const Segment *segments_of_uplink(const Segments *self, const LabUplink *uplink);
