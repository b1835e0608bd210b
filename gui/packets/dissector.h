/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tshark, which says more of a frame than we can: it is fed the frames, and answers with a line each. It runs in a sandbox.
 * Where it is not installed, cannot be confined, dies, or does not keep up, it says nothing of a frame. Free of GTK.
 *
 * Signals:
 *   "line" (guint64 number, gpointer PacketFacts)   what it says of a frame
 *   "gone" ()                                       it cannot start, or ends again and again, and is left alone from now on */
#pragma once

#include "gui/packets/decode.h"
#include "gui/packets/store.h"

#define PACKET_TYPE_DISSECTOR (packet_dissector_get_type())
G_DECLARE_FINAL_TYPE(PacketDissector, packet_dissector, PACKET, DISSECTOR, GObject)

PacketDissector *packet_dissector_new(void);
/** Whether tshark is installed. */
gboolean packet_dissector_is_there(void);
/** Why it cannot be started, or what it said last before it ended; NULL: nothing. Borrowed. */
const char *packet_dissector_problem(PacketDissector *self);
/** Forgets all; the next frame begins a new run of it. */
void packet_dissector_reset(PacketDissector *self);
/** Gives it a frame. head: pcapng_reader_head(). */
void packet_dissector_feed(PacketDissector *self, const GByteArray *head, const Packet *packet);
/** Parses a line of tshark: number in its input, and facts. FALSE: it is something else. */
gboolean packet_dissector_read_line(const char *line, guint64 *number, PacketFacts *facts);
