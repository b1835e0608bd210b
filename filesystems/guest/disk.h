/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk of a persistent node: a file on the host, which may have less room for it than the disk is large. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Mounts it. Returns 0, or -1 after writing the reason to WHY (SIZE bytes). */
int disk_mount(const char *device, const char *target, char *why, size_t size);
bool disk_is_mounted(void);
/** Reports, once, when it could not be written. Needs the loop. Returns 0, or -1 with errno. */
int disk_watch(void);
/** Carries out one AGENT_DISK: what does not fit on the host is refused to programs at once ("No space left on device"). */
void disk_limit(const uint8_t *payload, size_t length);
/** Makes it read-only and clean. */
void disk_end(void);
