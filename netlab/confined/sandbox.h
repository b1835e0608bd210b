/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox that guests, the switch, uplinks and readers of what guests send run in: what bubblewrap is told.
 *
 * It contains nothing of the host but the files named here, read-only; no network (except for an uplink, whose job that is),
 * no other process, no capability. What a hostile guest kernel can still do is limited by the system-call filter (filter.h)
 * and by resource limits.
 *
 * Who is inside can read the command line of process 1, which is bubblewrap: so it gets its arguments, with their paths of the
 * host, from a descriptor. */
#pragma once

#include <gio/gio.h>

typedef struct {
	const char *host;   /* path on the host; NULL: left out */
	const char *inside; /* path in the sandbox */
	gboolean writable;
} SandboxFile;

typedef struct {
	const char *const *libraries; /* shown at their own paths; NULL: none */
	const SandboxFile *files;
	unsigned n_files;
	guint64 memory;        /* bytes of scratch memory on /dev/shm; 0: none, and no /proc, no devices */
	int filter_fd;         /* descriptor with the system-call filter, in the child */
	gboolean host_network; /* the host's network instead of none */
	gboolean programs;     /* the system's programs with all their libraries and data: /usr; they run as nobody */
} SandboxOptions;

/** The path of bubblewrap. NULL and error: it is not installed. Caller frees. */
char *sandbox_find_bwrap(GError **error);
/** What bubblewrap reads from a descriptor (bwrap --args): the words of options, each with a zero behind it. Caller owns. */
GBytes *sandbox_arguments(const SandboxOptions *options);
/** The command that runs argv (paths as they are inside) in a sandbox.
 *  @arguments_fd: descriptor with sandbox_arguments(), in the child. Caller frees with g_strfreev. */
char **sandbox_command(const char *bwrap, int arguments_fd, const char *const *argv);
/** A descriptor to read BYTES from, for one process; -1 and error on failure. Caller closes. */
int sandbox_descriptor(GBytes *bytes, GError **error);

/** The arguments of a guest kernel with every path of FILES replaced by the one it has inside: "initrd=PATH",
 *  "ubdb=\"PATH\"" and argv[0] itself. Caller frees with g_strfreev. */
char **sandbox_translate(const char *const *argv, const SandboxFile *files, unsigned n_files);
