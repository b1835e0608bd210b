/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot log of a node: what its kernel and its start-up print, through a pipe, so that a guest cannot fill the disk. */
#pragma once

#include <glib.h>

#define BOOT_LOG_MAX (4u << 20)

typedef struct BootLog BootLog;

/** Opens a new log at PATH (0600).
 *  @input: (out) the end that the guest writes to; caller closes. Caller frees the log. */
BootLog *boot_log_new(const char *path, int *input, GError **error);
void boot_log_free(BootLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BootLog, boot_log_free)
/** Takes in what is in the pipe now. */
void boot_log_drain(BootLog *self);
/** Why the guest died, according to its console: the panic's line, or else the last N lines in one; "" when it is empty.
 *  Caller frees. */
char *boot_log_last_words(BootLog *self, unsigned n);
