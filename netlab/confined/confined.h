/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader: a program of the system that reads what a guest sends, and that a hostile guest may so take over. It runs in a
 * sandbox: as nobody, without network, without the user's files and settings, with /usr to read and what it is given to write. */
#pragma once

#include "netlab/confined/sandbox.h"

typedef struct {
	const char *const *argv; /* argv[0]: a program of /usr, looked for in PATH; the paths of files are the host's */
	const SandboxFile *files;
	unsigned n_files;
	guint64 file_size;   /* bytes that a file of it may grow to; 0: it writes none */
	gboolean unconfined; /* without the sandbox: the user trusts the guest */
} ConfinedReader;

/** Starts a reader, which ends with this process; signals of the terminal do not reach it. Must be called from the main
 *  thread. NULL and error: the program is not there, or there is no sandbox to be had and why. Caller owns.
 *  @flags: which of its streams are pipes */
GSubprocess *confined_start(const ConfinedReader *reader, GSubprocessFlags flags, GError **error);
/** Ends a reader at once, with all processes of its sandbox, and whatever it was about to read or write. Whoever waits for the
 *  end of its output does not wait long. */
void confined_end(GSubprocess *reader);

/** Whether a sandbox like a guest's can be made on this machine: with a user namespace, its own /proc and file systems in memory.
 *  The only test that counts is to do it. FALSE and error: what bubblewrap says. From the main thread. */
gboolean confined_try(GError **error);
