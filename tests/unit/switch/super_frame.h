/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames that a sender leaves to be cut, or to be completed, as they may come in: with VLAN tags, MPLS labels, a PPPoE
 * session, IP in IP, options and extension headers. */
#pragma once

#include "switch/frame/frame.h"

#include <glib.h>

enum { SUPER_FRAME_TAGS = 4, SUPER_FRAME_LABELS = 3, SUPER_FRAME_ROOM = 70000 };

/** What is to be built. */
typedef struct {
	unsigned tags; /* up to SUPER_FRAME_TAGS */
	uint16_t tag_types[SUPER_FRAME_TAGS];
	unsigned labels;     /* MPLS, up to SUPER_FRAME_LABELS */
	bool pppoe;          /* and no labels then */
	unsigned outer;      /* 4 or 6: an IP header before that of version; 0: none */
	unsigned version;    /* 4 or 6 */
	unsigned extensions; /* options of IPv4 in words (0-10); extension headers of IPv6 (0-3) */
	unsigned tcp_words;  /* of options (0-10) */
	uint8_t flags;       /* of TCP */
	size_t payload;
	uint16_t segment_size; /* 0: it is not to be cut */
	bool udp;              /* and then it is not to be cut */
} SuperFrame;

/** Where in the frame its parts begin; 0: there is no such part. */
typedef struct {
	size_t pppoe; /* the length in its header */
	size_t outer, ip, transport, payload;
} SuperFrameMap;

/** Fills bytes (SUPER_FRAME_ROOM) with the frame, random where that is left open, and says what is left to do. Returns its
 *  length. */
size_t super_frame_build(const SuperFrame *what, GRand *random, uint8_t *bytes, Offload *offload, SuperFrameMap *map);
/** The sum of RFC 1071 as it is told there, byte by byte: the other way round from what is tested. */
uint16_t super_frame_sum(const uint8_t *data, size_t size, uint32_t sum);
/** Any of them that fits a frame of 64 KiB and comes to at most max_segments. */
SuperFrame super_frame_random(GRand *random, unsigned max_segments);
/** In pieces of odd and even sizes. Returns how many: fewer than FRAME_PARTS_IN. */
unsigned super_frame_scatter(GRand *random, uint8_t *bytes, size_t length, struct iovec *parts);
