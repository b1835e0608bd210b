/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces, addresses and routes. */
#pragma once

#include <stddef.h>

/* Each returns 0, or -1 after writing the reason to WHY (SIZE bytes). */

int network_up(const char *name, char *why, size_t size);
/** Renames the interface with this MAC address (as text), sets its MTU and brings it up. */
int network_interface(const char *mac, const char *name, unsigned mtu, char *why, size_t size);
/** ADDRESS is "ADDRESS/PREFIX". */
int network_address(const char *name, const char *address, char *why, size_t size);
/** TO is "default4", "default6" or a prefix; VIA or DEVICE may be empty. */
int network_route(const char *to, const char *via, const char *device, char *why, size_t size);
