/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open addressing with linear probing, at most half full. Deleting an entry moves later entries of the run back. So there
 * are no tombstones, and searches stay short however long the switch runs. */
#include "switch/bridge/fdb.h"

#include <glib.h>

/* Slots that one attempt to learn into a full table looks at for something aged. Spreads the sweep over frames. */
#define SWEEP 32

typedef struct {
	uint64_t key; /* the address, and the VLAN above it. 0: free, it is nobody's address */
	BridgePort *port;
	uint64_t heard;
} Entry;

struct Fdb {
	size_t size;
	size_t used;
	size_t mask;
	size_t hand; /* where the sweep goes on */
	uint64_t ageing;
	uint64_t seed;
	Entry *slots;
};

Fdb *fdb_new(size_t size, uint64_t ageing, uint64_t seed)
{
	Fdb *fdb = g_new0(Fdb, 1);
	size_t slots = 2;
	while (slots < 2 * size)
		slots *= 2;
	*fdb = (Fdb){.size = size, .mask = slots - 1, .ageing = ageing, .seed = seed, .slots = g_new0(Entry, slots)};
	return fdb;
}

void fdb_free(Fdb *fdb)
{
	if (!fdb)
		return;
	g_free(fdb->slots);
	g_free(fdb);
}

/* Two rounds of multiply and fold: every bit of the address and of the seed reaches the low bits. */
static size_t home(const Fdb *fdb, uint64_t key)
{
	uint64_t hash = (key ^ fdb->seed) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
	return (hash ^ hash >> 32) & fdb->mask;
}

/* The slot that holds the key, or the free one where it belongs. */
static Entry *find(const Fdb *fdb, uint64_t key)
{
	size_t at = home(fdb, key);
	while (fdb->slots[at].key && fdb->slots[at].key != key)
		at = (at + 1) & fdb->mask;
	return &fdb->slots[at];
}

static bool aged(const Fdb *fdb, const Entry *entry, uint64_t now)
{
	return now > entry->heard && now - entry->heard >= fdb->ageing;
}

static void delete_at(Fdb *fdb, size_t hole)
{
	for (size_t at = (hole + 1) & fdb->mask; fdb->slots[at].key; at = (at + 1) & fdb->mask) {
		size_t wanted = home(fdb, fdb->slots[at].key);
		/* May it move back into the hole? Only if that is not before its home, seen along the ring. */
		if (((at - wanted) & fdb->mask) >= ((at - hole) & fdb->mask)) {
			fdb->slots[hole] = fdb->slots[at];
			hole = at;
		}
	}
	fdb->slots[hole] = (Entry){0};
	fdb->used--;
}

static void sweep(Fdb *fdb, uint64_t now)
{
	for (unsigned i = 0; i < SWEEP; i++) {
		if (fdb->slots[fdb->hand].key && aged(fdb, &fdb->slots[fdb->hand], now))
			delete_at(fdb, fdb->hand); /* another entry may have moved here: look again */
		else
			fdb->hand = (fdb->hand + 1) & fdb->mask;
	}
}

bool fdb_learn(Fdb *fdb, Mac station, BridgePort *port, uint64_t now)
{
	Entry *entry = find(fdb, station);
	if (!entry->key) {
		if (fdb->used >= fdb->size) {
			sweep(fdb, now);
			if (fdb->used >= fdb->size)
				return false;
			entry = find(fdb, station); /* the sweep moved entries */
		}
		fdb->used++;
	}
	*entry = (Entry){.key = station, .port = port, .heard = now};
	return true;
}

BridgePort *fdb_lookup(const Fdb *fdb, Mac station, uint64_t now)
{
	const Entry *entry = find(fdb, station);
	return entry->key && !aged(fdb, entry, now) ? entry->port : NULL;
}

void fdb_forget(Fdb *fdb, const BridgePort *port)
{
	/* Deleting moves entries only towards the hole. What moves from the front to the end of the ring was seen already,
	 * what comes to the slot just emptied is looked at next. */
	for (size_t at = 0; at <= fdb->mask;) {
		if (fdb->slots[at].key && fdb->slots[at].port == port)
			delete_at(fdb, at);
		else
			at++;
	}
}

void fdb_each(const Fdb *fdb, uint64_t now, void (*visit)(Mac, BridgePort *, uint64_t, void *), void *data)
{
	for (size_t at = 0; at <= fdb->mask; at++) {
		const Entry *entry = &fdb->slots[at];
		if (entry->key && !aged(fdb, entry, now))
			visit(entry->key, entry->port, now > entry->heard ? now - entry->heard : 0, data);
	}
}
