/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a function of the agent fails, and writing that does not stop half way. */
#pragma once

#include <stddef.h>

/** Writes the reason to why, which has room for size bytes. Returns -1, for a return statement. */
int fail(char *why, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Writes all length bytes to fd. Returns 0, or -1 with errno. */
int write_all(int fd, const void *data, size_t length);
