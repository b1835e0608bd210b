/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which requests libslirp's DHCP server may see.
 *
 * It has 16 addresses, never takes one back, and up to 4.8.0 loses memory with each request of a station that it has no
 * address for. So what it gives is noted here, and whom it could give nothing does not get there. */
#pragma once

#include "switch/frame/bytes.h"
#include "switch/uplink/flows.h"

#define LEASES 16 /* NB_BOOTP_CLIENTS of libslirp */
/** Addresses that one station may have: it may move once, for example to the one that it asks for. */
#define LEASES_PER_STATION 2
/** Requests of a station: at once, and each second. */
#define LEASES_BURST 16
#define LEASES_PER_SECOND 1

typedef struct {
	guint32 first;      /* address, host order */
	Mac holder[LEASES]; /* 0: free */
	/* The rates of stations, in places that they share; each is a station's for a while. */
	struct {
		Mac station;
		Bucket requests;
	} rates[256];
} Leases;

/** Whether a request may pass.
 *  @data: of the UDP datagram to the server's port  @station: where the frame comes from */
bool leases_admit(Leases *self, const uint8_t *data, size_t size, Mac station, gint64 now_ms);
/** Takes note of what the server answers. */
void leases_note(Leases *self, const uint8_t *data, size_t size);
