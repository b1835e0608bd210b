/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/flows.h"

#include <string.h>

#define BUCKETS 2048u
#define POOL (FLOWS_TCP_MAX + FLOWS_UDP_MAX)
#define DESCRIPTORS 8192
/* Stations in one place of the table; one is forgotten when it has no flow and was silent for so long. */
#define WAYS 8
#define SILENT_MS 10000
#define NOBODY (-1)

struct Flow {
	FlowKey key;
	int next; /* in its bucket or among the free ones; -1: the last */
	int station;
	gboolean established;
	gboolean has_next;
	guint32 expected, held_end;
	unsigned held;
};

typedef struct {
	Mac mac; /* 0: free */
	gint64 last_ms;
	Bucket begins;
	unsigned open[FLOW_N_KINDS], opening;
} Station;

typedef struct {
	gboolean used;
	FlowKind kind;
	int flow, station;
} Socket;

struct Flows {
	guint32 seed;
	int buckets[BUCKETS], free;
	Flow pool[POOL];
	Station stations[FLOWS_STATIONS];
	Socket sockets[DESCRIPTORS];
	Bucket new_stations;
	unsigned open[FLOW_N_KINDS], opening;
	gboolean may_begin;
	FlowKey beginning;
	int beginner;
};

static const unsigned limits[] = {
	[FLOW_TCP] = FLOWS_TCP_MAX,
	[FLOW_UDP] = FLOWS_UDP_MAX,
	[FLOW_ECHO] = FLOWS_ECHO_MAX,
};
G_STATIC_ASSERT(G_N_ELEMENTS(limits) == FLOW_N_KINDS);
G_STATIC_ASSERT(FLOWS_TCP_MAX + FLOWS_UDP_MAX + FLOWS_ECHO_MAX < DESCRIPTORS);

gboolean bucket_take(Bucket *self, unsigned burst, unsigned per_second, gint64 now_ms)
{
	gint64 full = (gint64)burst * 1000;
	self->left = self->since_ms ? MIN(full, self->left + (now_ms - self->since_ms) * per_second) : full;
	self->since_ms = MAX(now_ms, 1);
	if (self->left < 1000)
		return FALSE;
	self->left -= 1000;
	return TRUE;
}

Flows *flows_new(void)
{
	Flows *self = g_new0(Flows, 1);
	self->seed = g_random_int();
	for (unsigned i = 0; i < BUCKETS; i++)
		self->buckets[i] = -1;
	for (int i = 0; i < POOL; i++)
		self->pool[i].next = i + 1 < POOL ? i + 1 : -1;
	return self;
}

void flows_free(Flows *self)
{
	g_free(self);
}

/* -- the table of flows -- */

/* FNV-1a, from a start that nobody can know, so that nobody can fill one bucket. */
static guint32 hash(const Flows *self, const void *bytes, gsize n)
{
	guint32 value = self->seed ^ 2166136261u;
	for (gsize i = 0; i < n; i++)
		value = (value ^ ((const guint8 *)bytes)[i]) * 16777619u;
	return value ^ value >> 15;
}

static int *bucket_of(Flows *self, const FlowKey *key)
{
	guint32 value = hash(self, &key->guest, sizeof key->guest) ^ hash(self, &key->peer, sizeof key->peer) * 31 ^
		((guint32)key->guest_port << 16 | key->peer_port) * 2654435761u ^ (guint32)key->kind;
	return &self->buckets[(value ^ value >> 16) % BUCKETS];
}

static gboolean is_same(const FlowKey *a, const FlowKey *b)
{
	return a->kind == b->kind && a->guest_port == b->guest_port && a->peer_port == b->peer_port &&
		IN6_ARE_ADDR_EQUAL(&a->guest, &b->guest) && IN6_ARE_ADDR_EQUAL(&a->peer, &b->peer);
}

Flow *flows_find(Flows *self, const FlowKey *key)
{
	for (int i = *bucket_of(self, key); i >= 0; i = self->pool[i].next)
		if (is_same(&self->pool[i].key, key))
			return &self->pool[i];
	return NULL;
}

/* -1 when there is no room, which the limits prevent, or no need. */
static int add_flow(Flows *self, const FlowKey *key, int station)
{
	int index = self->free;
	if (key->kind == FLOW_ECHO || index < 0 || flows_find(self, key))
		return -1;
	int *bucket = bucket_of(self, key);
	self->free = self->pool[index].next;
	self->pool[index] = (Flow){.key = *key, .next = *bucket, .station = station};
	*bucket = index;
	return index;
}

static void stop_opening(Flows *self, Flow *flow)
{
	if (flow->established)
		return;
	flow->established = TRUE;
	self->opening--;
	self->stations[flow->station].opening--;
}

static void remove_flow(Flows *self, int index)
{
	Flow *flow = &self->pool[index];
	int *at = bucket_of(self, &flow->key);
	stop_opening(self, flow);
	while (*at != index)
		at = &self->pool[*at].next;
	*at = flow->next;
	flow->next = self->free;
	self->free = index;
}

/* -- stations -- */

/* NOBODY when there is no room, or too many come. */
static int station_of(Flows *self, Mac mac, gint64 now_ms)
{
	guint32 start = hash(self, &mac, sizeof mac) % (FLOWS_STATIONS / WAYS) * WAYS;
	int place = NOBODY;
	for (guint32 i = start; i < start + WAYS; i++) {
		Station *one = &self->stations[i];
		if (one->mac == mac)
			return (int)i;
		if (place == NOBODY &&
			(!one->mac ||
				(!one->open[FLOW_TCP] && !one->open[FLOW_UDP] && !one->open[FLOW_ECHO] &&
					now_ms - one->last_ms > SILENT_MS)))
			place = (int)i;
	}
	if (place == NOBODY ||
		!bucket_take(&self->new_stations, FLOWS_NEW_STATIONS, FLOWS_NEW_STATIONS_PER_SECOND, now_ms))
		return NOBODY;
	self->stations[place] = (Station){.mac = mac};
	return place;
}

/** Whether a station may begin a flow: see flows.h. */
gboolean flows_may_begin(Flows *self, const FlowKey *key, Mac station, gint64 now_ms)
{
	FlowKind kind = key->kind;
	int index = station_of(self, station, now_ms);
	if (index == NOBODY)
		return FALSE;
	Station *one = &self->stations[index];
	one->last_ms = now_ms;
	/* No more than what is left for the others. */
	if (self->open[kind] >= limits[kind] || one->open[kind] >= limits[kind] - self->open[kind])
		return FALSE;
	if (kind == FLOW_TCP &&
		(self->opening >= FLOWS_TCP_OPENING_MAX || one->opening >= FLOWS_TCP_OPENING_MAX - self->opening))
		return FALSE;
	if (!bucket_take(&one->begins, FLOWS_BURST, FLOWS_PER_SECOND, now_ms))
		return FALSE;
	self->may_begin = TRUE;
	self->beginning = *key;
	self->beginner = index;
	return TRUE;
}

/* -- sockets -- */

static void count(Flows *self, FlowKind kind, int station, int by)
{
	self->open[kind] += (unsigned)by;
	if (station != NOBODY)
		self->stations[station].open[kind] += (unsigned)by;
}

/** libslirp opened a socket: see flows.h. */
void flows_opened(Flows *self, int fd, const FlowKey *incoming)
{
	if (fd < 0 || fd >= DESCRIPTORS || self->sockets[fd].used || (!incoming && !self->may_begin))
		return;
	const FlowKey *key = incoming ? incoming : &self->beginning;
	int station = incoming ? NOBODY : self->beginner, flow = add_flow(self, key, station);
	self->sockets[fd] = (Socket){TRUE, key->kind, flow, station};
	count(self, key->kind, station, 1);
	if (flow >= 0 && station != NOBODY && key->kind == FLOW_TCP) {
		self->opening++;
		self->stations[station].opening++;
	} else if (flow >= 0) {
		self->pool[flow].established = TRUE;
	}
	self->may_begin = FALSE;
}

void flows_closed(Flows *self, int fd)
{
	if (fd < 0 || fd >= DESCRIPTORS || !self->sockets[fd].used)
		return;
	Socket *socket = &self->sockets[fd];
	count(self, socket->kind, socket->station, -1);
	if (socket->flow >= 0)
		remove_flow(self, socket->flow);
	socket->used = FALSE;
}

void flows_pass(Flows *self)
{
	self->may_begin = FALSE;
}

gboolean flows_have_room(const Flows *self)
{
	return self->open[FLOW_TCP] < FLOWS_TCP_MAX;
}

/* -- one flow -- */

void flow_answered(Flows *self, Flow *flow)
{
	if (flow->has_next)
		stop_opening(self, flow);
}

gboolean flow_is_established(const Flow *flow)
{
	return flow->established;
}

/* Sequence numbers go round (RFC 9293, 3.4). */
static gboolean is_after(guint32 a, guint32 b)
{
	return (gint32)(a - b) > 0;
}

void flow_acknowledged(Flow *flow, guint32 next)
{
	flow->has_next = TRUE;
	flow->expected = next;
	if (flow->held && !is_after(flow->held_end, next))
		flow->held = 0;
}

/** Whether libslirp may see a segment: see flows.h. */
gboolean flow_takes(Flow *flow, guint32 sequence, gsize size)
{
	if (!flow->has_next || !is_after(sequence, flow->expected))
		return TRUE;
	if (flow->held >= FLOWS_HELD_MAX)
		return FALSE;
	guint32 end = sequence + (guint32)size;
	if (!flow->held || is_after(end, flow->held_end))
		flow->held_end = end;
	flow->held++;
	return TRUE;
}
