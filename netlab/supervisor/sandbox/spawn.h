/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child process, owned through a pidfd, and started with exactly the descriptors, CPU and limits it is given. */
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
	/* limits in number, 0: as they are: open files of a process; queued signals and timers of all of them */
	guint64 files, signals;
} SpawnOptions;

/** Starts a child, which the kernel kills when this process dies; SIGTERM, SIGINT and SIGHUP do not reach it, they are meant
 *  for this process. A program that cannot be executed reports so on its descriptor 2 and exits with status 127. Must be called
 *  from the main thread: the child's life is tied to the thread. Caller owns; the descriptors in options stay the
 *  caller's. */
Child *child_spawn(const SpawnOptions *options, ChildEnded ended, gpointer data, GError **error);
pid_t child_pid(const Child *child);
/** Kills the child and everything that it confines. */
void child_kill(Child *child);
/** Waits up to TIMEOUT_MS for it to end on its own. Blocks; ended is not called. */
void child_wait(Child *child, int timeout_ms);
/** Kills and reaps it if it still runs, without calling ended. */
void child_free(Child *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Child, child_free)
/** Makes this process the parent of every orphan among its descendants (prctl(2), PR_SET_CHILD_SUBREAPER), and from now on
 *  reaps them. A sandbox leaves one behind nearly every time: bubblewrap outside ends before its init inside. Where process 1
 *  of the host is not an init (in many containers), they would stay as zombies. */
void child_adopt_orphans(void);
/** To be called before this process exits, when its children are freed: kills and reaps the orphans that are left. Blocks, at
 *  most TIMEOUT_MS. FALSE: one of them did not end in time. */
gboolean child_reap_orphans(int timeout_ms);
/** "exited with status 1", "killed by signal 9 (Killed)". Caller frees. A sandbox reports a signal as 128 + N. */
char *child_end_text(const ChildEnd *end);
