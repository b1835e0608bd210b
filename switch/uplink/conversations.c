/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/conversations.h"

static gboolean is_same(const Conversation *a, const Conversation *b)
{
	return a->guest_port == b->guest_port && a->peer_port == b->peer_port &&
		IN6_ARE_ADDR_EQUAL(&a->guest, &b->guest) && IN6_ARE_ADDR_EQUAL(&a->peer, &b->peer);
}

void conversations_note(Conversations *self, const Packet *to_guest, gint64 now_ms)
{
	Conversation one = {to_guest->to, to_guest->from, to_guest->to_port, to_guest->from_port, MAX(now_ms, 1)},
		     *place = &self->table[0];
	for (unsigned i = 0; i < CONVERSATIONS; i++) {
		if (is_same(&self->table[i], &one)) {
			place = &self->table[i];
			break;
		}
		if (self->table[i].last_ms < place->last_ms)
			place = &self->table[i];
	}
	*place = one;
}

gboolean conversations_have(const Conversations *self, const Packet *from_guest, gint64 now_ms)
{
	Conversation one = {from_guest->from, from_guest->to, from_guest->from_port, from_guest->to_port, 0};
	for (unsigned i = 0; i < CONVERSATIONS; i++)
		if (self->table[i].last_ms && now_ms - self->table[i].last_ms < CONVERSATION_MS &&
			is_same(&self->table[i], &one))
			return TRUE;
	return FALSE;
}
