/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which clients of the host talk to guests by datagram forwards: so a guest's answer can be told from what it begins. */
#pragma once

#include "switch/uplink/packet.h"

/** Those that are remembered, and for how long after the last datagram that came in: as libslirp keeps its sockets
 *  (SO_EXPIRE). */
#define CONVERSATIONS 256
#define CONVERSATION_MS (240 * 1000)

typedef struct {
	struct in6_addr guest, peer;
	guint16 guest_port, peer_port;
	gint64 last_ms;
} Conversation;

typedef struct {
	Conversation table[CONVERSATIONS];
} Conversations;

/** A datagram to a guest; the oldest conversation makes room for a new one. */
void conversations_note(Conversations *self, const Packet *to_guest, gint64 now_ms);
/** Whether a datagram from a guest answers one. */
gboolean conversations_have(const Conversations *self, const Packet *from_guest, gint64 now_ms);
