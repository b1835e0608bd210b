/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node's file systems: the usual ones, and its root. */
#pragma once

#include <stddef.h>

/** Mounts what every root has: /dev /proc /sys /run /tmp and below. Called first, on the initramfs. */
void mounts_begin(void);
/** Assembles the root that the kernel's parameters ask for and moves into it. Returns 0, or -1 after writing the reason to
 *  WHY (SIZE bytes). */
int mounts_enter_root(char *why, size_t size);
/** Mounts the kernel's modules where modprobe looks for them. Reports it when they cannot be; the node continues without. */
void mounts_modules(void);
/** Makes the disk read-only and clean; no other process may be left. */
void mounts_end(void);
