/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be done inside the namespaces of a sandbox, by a process of ours that enters them for a moment. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/** Bounds the files in each of the memory file systems of the sandbox whose process 1 is INIT: their size bounds what is in files,
 *  not their number, and an empty file is about 1 KiB of the host's memory.
 *  @files: how many files, folders and sockets each may have
 *  Returns a descriptor for inside_socket_memory(); -1 and error: G_IO_ERROR_NO_SPACE, there are more already; another one, the
 *  host does not let it. Caller closes. */
int inside_enter(pid_t init, unsigned files, GError **error);
/** Bytes of the host's memory in the buffers of all Unix sockets of the sandbox (sock_diag(7)); 0 when the host cannot tell. */
guint64 inside_socket_memory(int diag);
