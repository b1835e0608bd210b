/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox that guests, the switch and uplinks run in: a bubblewrap command line.
 *
 * It contains nothing of the host but the files named here, read-only; no network (except for an uplink, whose job that is),
 * no other process, no capability. What a hostile guest kernel can still do is limited by the system-call filter (filter.h)
 * and by resource limits (spawn.h). */
#pragma once

#include <glib.h>

typedef struct {
	const char *host;   /* path on the host; NULL: left out */
	const char *inside; /* path in the sandbox */
	gboolean writable;
} SandboxFile;

typedef struct {
	const char *bwrap;            /* path of bubblewrap */
	const char *const *libraries; /* shown at their own paths */
	const SandboxFile *files;
	unsigned n_files;
	guint64 memory;        /* bytes of scratch memory on /dev/shm; 0: none, and no /proc, no devices */
	int filter_fd;         /* descriptor with the system-call filter, in the child */
	gboolean host_network; /* the host's network instead of none */
} SandboxOptions;

/** The command that runs argv (paths as they are inside) in a sandbox. Caller frees with g_strfreev. */
char **sandbox_command(const SandboxOptions *options, const char *const *argv);

/** The arguments of a guest kernel with every path of FILES replaced by the one it has inside: "initrd=PATH",
 *  "ubdb=\"PATH\"" and argv[0] itself. Caller frees with g_strfreev. */
char **sandbox_translate(const char *const *argv, const SandboxFile *files, unsigned n_files);
