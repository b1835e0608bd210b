/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a frame through the lab: the same frame as it was seen on one cable after the other. Arithmetic alone. */
#pragma once

#include <glib.h>

#define FOLLOW_LONGEST (10 * G_GUINT64_CONSTANT(1000000000)) /* ns between two cables: what a delay may be, and more */
#define FOLLOW_BLUR G_GUINT64_CONSTANT(20000000)             /* ns that clocks of a switch's threads may differ */

/** A frame that was seen on a cable. Ends are numbered by the caller. */
typedef struct {
	const guint8 *bytes; /* from the Ethernet header on */
	guint32 captured, length;
	guint64 time;          /* nanoseconds */
	guint cable, from, to; /* what it crosses, and from which end to which */
} FollowFrame;

/** Whether both are the same frame, but for what a bridge changes (VLAN tags) and what a router does (MAC addresses,
 * time to live, header checksum). Of a frame that was cut, what there is must be the same. */
gboolean follow_same(const FollowFrame *a, const FollowFrame *b);
/** The way of one of the frames: indices into frames, in the order in which they were crossed. A frame that was flooded
 *  has all its branches. frames is in the order of time. Caller frees the array (of guint). */
GArray *follow_path(const FollowFrame *frames, guint n, guint selected);
