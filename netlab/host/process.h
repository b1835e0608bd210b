/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says about any process of this machine. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/** The children of a process, of pid_t; empty when it is gone. Caller frees with g_array_unref. */
GArray *process_children(pid_t pid);
/** The state of a process as in proc_pid_stat(5): 'R', 'S', 'D', 'T' (stopped by a signal), 't' (by a debugger), 'Z', ...; 0
 *  when there is no such process. */
char process_state(pid_t pid);
/** Why a process does not answer, and what helps, as far as its state tells: "its process 12 is stopped (SIGSTOP); \"kill
 *  -CONT 12\" continues it", else "its process is 12". Caller frees. */
char *process_silence(pid_t pid);
