/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/fragments.h"

#include <net/ethernet.h>
#include <string.h>

enum { BLOCK = 8, HEADERS = ETH_HLEN + PACKET_V4_HEADER, DATA_MAX = 65535 - PACKET_V4_HEADER };
enum { V4_LENGTH = 2, V4_ID = 4, V4_FRAGMENT = 6, V4_CHECKSUM = 10 };

typedef struct {
	Mac station;
	struct in6_addr from, to;
	guint16 id;
	guint8 protocol;
	gint64 since_ms; /* 0: free */
	gsize size;      /* 0: the last part is missing */
	gsize blocks;    /* that are there */
	gsize end;       /* of the part that reaches farthest */
	guint8 there[(DATA_MAX / BLOCK + 8) / 8];
	guint8 frame[HEADERS + DATA_MAX + BLOCK];
} Datagram;

struct Fragments {
	UplinkCounters *counters;
	Datagram datagrams[FRAGMENTS_DATAGRAMS];
};

Fragments *fragments_new(UplinkCounters *counters)
{
	Fragments *self = g_new0(Fragments, 1);
	self->counters = counters;
	return self;
}

void fragments_free(Fragments *self)
{
	g_free(self);
}

static void give_up(Fragments *self, Datagram *datagram)
{
	datagram->since_ms = 0;
	self->counters->values[UPLINK_FRAGMENTS]++;
}

static gboolean is_of(const Datagram *datagram, Mac station, const Packet *part)
{
	return datagram->since_ms && datagram->station == station && datagram->id == read_be16(part->ip + V4_ID) &&
		datagram->protocol == part->protocol && IN6_ARE_ADDR_EQUAL(&datagram->from, &part->from) &&
		IN6_ARE_ADDR_EQUAL(&datagram->to, &part->to);
}

/* A place for one more datagram: a free one, else that of the station's oldest if it has enough, else of the oldest. */
static Datagram *make_room(Fragments *self, Mac station)
{
	Datagram *empty = NULL, *oldest = NULL, *own = NULL;
	unsigned n_own = 0;
	for (unsigned i = 0; i < FRAGMENTS_DATAGRAMS; i++) {
		Datagram *one = &self->datagrams[i];
		if (!one->since_ms) {
			empty = one;
			continue;
		}
		if (!oldest || one->since_ms < oldest->since_ms)
			oldest = one;
		if (one->station != station)
			continue;
		n_own++;
		if (!own || one->since_ms < own->since_ms)
			own = one;
	}
	Datagram *place = n_own >= FRAGMENTS_PER_STATION ? own : empty ? empty : oldest;
	if (place->since_ms)
		give_up(self, place);
	return place;
}

static Datagram *datagram_of(Fragments *self, Mac station, const Packet *part, gint64 now_ms)
{
	for (unsigned i = 0; i < FRAGMENTS_DATAGRAMS; i++)
		if (self->datagrams[i].since_ms && now_ms - self->datagrams[i].since_ms > FRAGMENTS_MS)
			give_up(self, &self->datagrams[i]);
	for (unsigned i = 0; i < FRAGMENTS_DATAGRAMS; i++)
		if (is_of(&self->datagrams[i], station, part))
			return &self->datagrams[i];
	Datagram *new = make_room(self, station);
	new->station = station;
	new->from = part->from;
	new->to = part->to;
	new->id = read_be16(part->ip + V4_ID);
	new->protocol = part->protocol;
	new->since_ms = MAX(now_ms, 1);
	new->size = new->blocks = new->end = 0;
	memset(new->there, 0, sizeof new->there);
	return new;
}

static gboolean is_there(const Datagram *self, gsize block)
{
	return self->there[block / 8] >> block % 8 & 1;
}

/* Copies a part to its place. FALSE when it contradicts what is there. */
static gboolean place(Datagram *self, const Packet *part)
{
	gsize first = part->offset / BLOCK, n = (part->payload_size + BLOCK - 1) / BLOCK, repeated = 0;
	gsize end = part->offset + part->payload_size;
	guint8 *at = self->frame + HEADERS + part->offset;
	if (self->size && (end > self->size || (!part->more && end != self->size)))
		return FALSE;
	if (!part->more && end < self->end)
		return FALSE;
	for (gsize i = first; i < first + n; i++)
		repeated += is_there(self, i);
	if (repeated)
		return repeated == n && !memcmp(at, part->payload, part->payload_size);
	memcpy(at, part->payload, part->payload_size);
	for (gsize i = first; i < first + n; i++)
		self->there[i / 8] |= (guint8)(1 << i % 8);
	self->blocks += n;
	self->end = MAX(self->end, end);
	if (!part->more)
		self->size = end;
	return TRUE;
}

/* The header of the first part, made that of the whole. */
static void finish_header(Datagram *self)
{
	guint8 *ip = self->frame + ETH_HLEN;
	write_be16(ip + V4_LENGTH, (guint16)(PACKET_V4_HEADER + self->size));
	write_be16(ip + V4_FRAGMENT, 0);
	write_be16(ip + V4_CHECKSUM, 0);
	write_be16(ip + V4_CHECKSUM, packet_checksum(0, ip, PACKET_V4_HEADER));
}

/** Takes a part: see fragments.h. */
guint8 *fragments_take(Fragments *self, const guint8 *frame, const Packet *part, gint64 now_ms, gsize *length)
{
	if (!part->payload_size || part->offset + part->payload_size > DATA_MAX ||
		(part->more && part->payload_size % BLOCK != 0)) {
		self->counters->values[UPLINK_MALFORMED]++;
		return NULL;
	}
	if (part->protocol != IPPROTO_UDP && part->protocol != IPPROTO_ICMP) {
		self->counters->values[UPLINK_FRAGMENTS]++;
		return NULL;
	}
	Datagram *datagram = datagram_of(self, mac_of(frame + ETH_ALEN), part, now_ms);
	if (part->offset == 0)
		memcpy(datagram->frame, frame, HEADERS);
	if (!place(datagram, part)) {
		give_up(self, datagram);
		return NULL;
	}
	if (!datagram->size || datagram->blocks * BLOCK < datagram->size)
		return NULL;
	finish_header(datagram);
	datagram->since_ms = 0;
	*length = HEADERS + datagram->size;
	return datagram->frame;
}
