/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of the node, orderly or after a failure. */
#pragma once

#include <stdbool.h>

/** Ends every process, writes the disks, and powers the machine off or restarts it. Blocks for up to three seconds. */
_Noreturn void shutdown_now(bool restart);
/** Reports why this node cannot continue, then powers it off. */
_Noreturn void shutdown_after_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));
