/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers in which a frame says how long it is: what has to change where it is cut, from the outside to the inside.
 *
 * Known are any number of VLAN tags and MPLS labels, PPPoE sessions, and IP in IP with options and extension headers. */
#pragma once

#include "switch/frame/frame.h"

typedef enum {
	LAYER_PPPOE,
	LAYER_IPV4,
	LAYER_IPV6,
} LayerKind;

enum { LAYERS_MAX = 8 };

typedef struct {
	struct {
		LayerKind kind;
		size_t at; /* of the header, in bytes from the beginning of the frame */
	} layers[LAYERS_MAX];
	unsigned n;
	size_t end;       /* of the last of them, with its extension headers */
	uint8_t protocol; /* what follows there (IPPROTO_); IPPROTO_RAW: unknown, or a fragment */
} Layers;

/** Finds them in the first size bytes of a frame; a header that is not there as a whole is not found. */
void layers_find(const uint8_t *bytes, size_t size, Layers *layers);
