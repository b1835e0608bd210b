/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flows through an uplink: how many there are, and who may begin one more.
 *
 * Each is a socket of libslirp, with up to half a megabyte of memory for TCP, and libslirp has no bounds. Stations, told apart
 * by their Ethernet addresses, share what there is: one that takes much leaves as much for the others as it has, and stations
 * that were never seen before may come only at a moderate rate, so inventing addresses does not help. Flows that exist are
 * never ended from here: a flood hinders new ones at most. */
#pragma once

#include <glib.h>
#include <netinet/in.h>

#include "switch/frame/bytes.h"

typedef enum { FLOW_TCP, FLOW_UDP, FLOW_ECHO, FLOW_N_KINDS } FlowKind;

#define FLOWS_TCP_MAX 768
#define FLOWS_TCP_OPENING_MAX 256 /* of them, those that wait for the far end's or the guest's answer */
#define FLOWS_UDP_MAX 1024
#define FLOWS_ECHO_MAX 1024
/** Stations at a time, and how many new ones: at once, and each second. */
#define FLOWS_STATIONS 1024
#define FLOWS_NEW_STATIONS 512
#define FLOWS_NEW_STATIONS_PER_SECOND 16
/** What one station may begin: at once, and each second. */
#define FLOWS_BURST 1024
#define FLOWS_PER_SECOND 256
/** Segments of a TCP flow that libslirp may hold because an earlier one is missing; its window is 45 full ones. */
#define FLOWS_HELD_MAX 96

/** What tells flows apart; the unused fields are 0. Of UDP libslirp looks at the guest's end only; echo requests are all
 *  flows of their own, which are counted and not found. */
typedef struct {
	FlowKind kind;
	struct in6_addr guest, peer; /* IPv4 ones mapped */
	guint16 guest_port, peer_port;
} FlowKey;

typedef struct Flows Flows;
typedef struct Flow Flow;

/** Caller frees. */
Flows *flows_new(void);
void flows_free(Flows *self);

/** Borrowed; NULL when there is none. */
Flow *flows_find(Flows *self, const FlowKey *key);
/** Whether a station may begin a flow. If so, flows_opened() may follow, until flows_pass(). */
gboolean flows_may_begin(Flows *self, const FlowKey *key, Mac station, gint64 now_ms);
/** libslirp opened a socket for the flow that may begin; or, with a key, for one that came in from the host. */
void flows_opened(Flows *self, int fd, const FlowKey *incoming);
/** libslirp closes a socket. */
void flows_closed(Flows *self, int fd);
/** The frame that might have begun a flow was handled. */
void flows_pass(Flows *self);
/** Whether more TCP flows from the host are bearable. */
gboolean flows_have_room(const Flows *self);

/** The guest acknowledged something: if libslirp has answered it before, the flow is no longer one that opens. */
void flow_answered(Flows *self, Flow *flow);
gboolean flow_is_established(const Flow *flow);
/** The next byte that libslirp expects, as it tells the guest. */
void flow_acknowledged(Flow *flow, guint32 next);
/** Whether libslirp may see a segment with data from the guest: it is next, was there, or may be held until it is. */
gboolean flow_takes(Flow *flow, guint32 sequence, gsize size);

/** A rate limit: what is left, in thousandths. */
typedef struct {
	gint64 left, since_ms;
} Bucket;
/** Takes one away. FALSE when none is left. A bucket of zeroes is full. */
gboolean bucket_take(Bucket *self, unsigned burst, unsigned per_second, gint64 now_ms);
