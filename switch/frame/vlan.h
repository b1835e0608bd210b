/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VLANs on the ports of a switch: IEEE 802.1Q-2018. Which VLANs pass a port (8.6.2, 8.6.4), and frames with and
 * without a tag (9.6).
 *
 * The bytes of a frame are in the memory of its sender, which can change them while they are read. So the header is copied
 * once; decisions use the copy, and what is sent begins with it. No race can lead into another VLAN. */
#pragma once

#include "switch/frame/counters.h"
#include "switch/frame/frame.h"
#include "switch/frame/pass.h"

enum {
	VLAN_DEFAULT = 1, /* table 9-2 */
	VLAN_MAX = 4094,
	VLAN_WORDS = 64, /* of a set of all VLANs */
	VLAN_TAG = 4,    /* bytes */
};

/** What a port carries. */
typedef struct {
	uint16_t untagged;            /* the VLAN of frames without a tag, both ways; 0: these are dropped */
	bool trunk;                   /* takes frames with tags; an access port takes none but priority tags */
	uint64_t carried[VLAN_WORDS]; /* bit V % 64 of word V / 64: VLAN V passes */
} VlanPort;

/** A frame as it crosses the switch. */
typedef struct {
	unsigned vlan;                           /* 1..VLAN_MAX once it has entered */
	uint8_t header[FRAME_HEADER + VLAN_TAG]; /* as it was when it came */
	unsigned header_size;
	uint16_t priority; /* PCP and DEI of its tag, in their place: 9.6 */
	const Frame *frame;
	Frame as[2]; /* without and with a tag; without parts until it is needed */
	struct iovec parts[2][FRAME_PARTS];
} VlanFrame;

/** An access port of the VLAN. */
void vlan_port_access(VlanPort *port, unsigned vlan);

static inline bool vlan_port_carries(const VlanPort *port, unsigned vlan)
{
	return port->carried[vlan / 64] >> vlan % 64 & 1;
}

/** Copies the header of a frame, which must outlive it. False: it is too short. */
bool vlan_frame_init(VlanFrame *self, const Frame *frame);
Mac vlan_frame_destination(const VlanFrame *self);
Mac vlan_frame_source(const VlanFrame *self);
/** Finds the VLAN of a frame that came in by the port. Returns why it cannot, or COUNTER_NONE. */
Counter vlan_frame_enter(VlanFrame *self, const VlanPort *port);
/** The frame as it leaves by a port that carries its VLAN; good as long as self and the batch are. NULL when there is no
 *  memory for it. */
const Frame *vlan_frame_leave(VlanFrame *self, const VlanPort *port, Pass *pass);
