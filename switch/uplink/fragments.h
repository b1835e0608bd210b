/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts the parts of IPv4 datagrams together (RFC 791, 3.2), in memory that does not grow.
 *
 * Parts that overlap end the datagram (as RFC 5722 wants it for IPv6, and Linux does for IPv4 since 4.20): which bytes count
 * is what attacks with overlaps are about. An exact repetition is none. */
#pragma once

#include "switch/frame/bytes.h"
#include "switch/uplink/packet.h"

typedef struct Fragments Fragments;

/** Datagrams that wait for their parts at a time, and those of one station. */
#define FRAGMENTS_DATAGRAMS 16
#define FRAGMENTS_PER_STATION 4
/** For so long: as Linux (ipfrag_time). */
#define FRAGMENTS_MS 30000

/** @counters: where datagrams that do not become whole are counted; must outlive it. Caller frees. */
Fragments *fragments_new(UplinkCounters *counters);
void fragments_free(Fragments *self);

/** Takes a part. Returns the frame of the whole datagram when it is the last that was missing: borrowed, until the next
 *  call; NULL otherwise. */
guint8 *fragments_take(Fragments *self, const guint8 *frame, const Packet *part, gint64 now_ms, gsize *length);
