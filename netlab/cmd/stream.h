/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a copy reads or writes but never replaces: devices, pipes, sockets, and what the system's folders /dev and /proc lead
 * to ("/dev/stdout"). */
#pragma once

#include <gio/gio.h>

/** Whether what is at PATH is written to: it is, or is a link to, something that is neither a regular file nor a folder;
 *  or it is a file that a name in /dev or /proc leads to. FALSE also for what is not there. */
gboolean stream_is(const char *path);
/** Opens PATH to read, from the main thread. A pipe is waited for until its other end is opened; CANCEL ends that. Returns a
 *  descriptor that the caller closes; -1 and error: CLI_ERROR_INTERRUPTED, or what failed. */
int stream_open_to_read(const char *path, GCancellable *cancel, GError **error);
/** The same to write. What is there is emptied if it is a file; nothing is created. A link to this process's own standard
 *  output or error is that descriptor: one that cannot be opened (a socket) or must not be emptied ("netlab cp ... >>log"). */
int stream_open_to_write(const char *path, GCancellable *cancel, GError **error);
