/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames of a place as they come, from a capture of the running lab. Work is bounded: of more frames than can be
 * shown, every nth is taken, and what was left out is reported. Free of GTK.
 *
 * Signals:
 *   "begun" ()     a capture started: what was there before is gone, and numbers start again
 *   "added" ()     frames came; at most once for each piece that was read
 *   "ended" ()     packet_feed_error() says why, or NULL: it was stopped */
#pragma once

#include "gui/packets/store.h"
#include "gui/session/session.h"

#define PACKET_TYPE_FEED (packet_feed_get_type())
G_DECLARE_FINAL_TYPE(PacketFeed, packet_feed, PACKET, FEED, GObject)

PacketFeed *packet_feed_new(Session *session);
/** Begins a capture, which ends the one before. Frames of the last seconds come first, as far as the lab remembers.
 *  @places: none: the whole lab
 *  @filter: "" none */
void packet_feed_start(PacketFeed *self, const char *const *places, const char *filter);
void packet_feed_stop(PacketFeed *self);
gboolean packet_feed_is_running(PacketFeed *self);
/** While paused, frames are let pass and not taken. */
void packet_feed_set_paused(PacketFeed *self, gboolean paused);
/** Forgets the frames, and counts from the start. */
void packet_feed_clear(PacketFeed *self);

const PacketStore *packet_feed_store(PacketFeed *self);
/** The name of an interface; see pcapng_reader_interface(). */
const char *packet_feed_interface(PacketFeed *self, guint number);
/** What must come before frames in a file; NULL: nothing came yet. */
const GByteArray *packet_feed_head(PacketFeed *self);
/** Frames that came, and of those how many were left out because they were too many. */
void packet_feed_counts(PacketFeed *self, guint64 *total, guint64 *skipped);
const char *packet_feed_error(PacketFeed *self);
