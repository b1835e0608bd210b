/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/uplink/leases.h"

#include <string.h>

/* RFC 2131, figure 1, and RFC 2132. */
enum { OP = 0, HTYPE = 1, HLEN = 2, CIADDR = 12, YIADDR = 16, CHADDR = 28, OPTIONS = 240 };
enum { BOOTREQUEST = 1, BOOTREPLY = 2, ETHERNET = 1 };
enum { OPTION_PAD = 0, OPTION_REQUESTED = 50, OPTION_END = 255 };

/* The address that a client asks for, 0 if none; as libslirp finds it (dhcp_decode() in bootp.c). */
static uint32_t requested(const uint8_t *data, size_t size)
{
	uint32_t address = read_be32(data + CIADDR);
	for (size_t i = OPTIONS; i < size && data[i] != OPTION_END;) {
		if (data[i] == OPTION_PAD) {
			i++;
			continue;
		}
		if (i + 2 > size || i + 2 + data[i + 1] > size)
			break;
		if (data[i] == OPTION_REQUESTED && data[i + 1] >= 4)
			address = read_be32(data + i + 2);
		i += 2 + (size_t)data[i + 1];
	}
	return address;
}

/* Stations that share a place take it from each other: the one that asks much loses it seldom. */
static bool is_in_rate(Leases *self, Mac station, gint64 now_ms)
{
	unsigned place =
		(unsigned)((station ^ station >> 8 ^ station >> 16 ^ station >> 24) % G_N_ELEMENTS(self->rates));
	if (self->rates[place].station != station) {
		self->rates[place].station = station;
		self->rates[place].requests = (Bucket){0};
	}
	return bucket_take(&self->rates[place].requests, LEASES_BURST, LEASES_PER_SECOND, now_ms);
}

/** Whether a request may pass: see leases.h. */
bool leases_admit(Leases *self, const uint8_t *data, size_t size, Mac station, gint64 now_ms)
{
	if (size < OPTIONS || data[OP] != BOOTREQUEST || data[HTYPE] != ETHERNET || data[HLEN] != MAC_SIZE ||
		mac_of(data + CHADDR) != station || !is_in_rate(self, station, now_ms))
		return false;
	unsigned own = 0, free = 0;
	for (unsigned i = 0; i < LEASES; i++) {
		own += self->holder[i] == station;
		free += self->holder[i] == 0;
	}
	uint32_t wanted = requested(data, size) - self->first;
	if (own >= LEASES_PER_STATION && wanted < LEASES && !self->holder[wanted])
		return false;
	return own || free;
}

/** Takes note of an answer: see leases.h. */
void leases_note(Leases *self, const uint8_t *data, size_t size)
{
	if (size < OPTIONS || data[OP] != BOOTREPLY)
		return;
	uint32_t given = read_be32(data + YIADDR) - self->first;
	if (given < LEASES)
		self->holder[given] = mac_of(data + CHADDR);
}
