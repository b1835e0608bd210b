/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child process, owned through a pidfd: started with exactly the descriptors, CPU and limits it is given. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct Child Child;

/** How a child ended. */
typedef struct {
	gboolean killed; /* by a signal */
	int code;        /* exit status or signal */
} ChildEnd;

/** Called on the main loop, once, when the child has ended and was reaped. The child may be freed in it. */
typedef void (*ChildEnded)(Child *child, const ChildEnd *end, gpointer data);

typedef struct {
	const char *const *argv; /* argv[0] is the program's path; NULL-terminated */
	const int *fds;          /* fds[i] becomes descriptor i of the child, which gets no other */
	unsigned n_fds;
	int cpu;       /* the one CPU it may use; -1: any */
	int oom_score; /* added to its badness when the host runs out of memory, 0..1000 (proc(5)) */
	/* limits in bytes, 0: as they are */
	guint64 file_size, data, stack, address_space;
} SpawnOptions;

/** Starts a child, which the kernel kills when this process dies; SIGTERM, SIGINT and SIGHUP do not reach it, they are for
 *  this process. A program that cannot be executed says so on its descriptor 2 and ends with status 127. Must be called
 *  from the main thread: the child's life is tied to the thread. Caller owns; the descriptors in options stay the
 *  caller's. */
Child *child_spawn(const SpawnOptions *options, ChildEnded ended, gpointer data, GError **error);
pid_t child_pid(const Child *child);
/** Kills the child and all that it confines. */
void child_kill(Child *child);
/** Gives it up to TIMEOUT_MS to end by itself. Blocks; ended is not called. */
void child_wait(Child *child, int timeout_ms);
/** Kills and reaps it if it still runs, without calling ended. */
void child_free(Child *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Child, child_free)
/** "exited with status 1", "killed by signal 9 (Killed)". Caller frees. A sandbox tells of a signal as 128 + N. */
char *child_end_text(const ChildEnd *end);
