/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says about a guest's processes on the host. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/** The first child of a process; 0 when it has none or is gone. */
pid_t processes_first_child(pid_t pid);
/** Whether a process is number 1 of a pid namespace below ours. */
gboolean processes_is_namespace_init(pid_t pid);
/** The guest kernel: CHILD itself when it runs unconfined, else the process that the sandbox's init started; CHILD when
 *  that does not exist yet. */
pid_t processes_guest_kernel(pid_t child);
/** Host memory that belongs to processes alone, in bytes. */
typedef struct {
	guint64 private; /* anonymous memory, resident or swapped out */
	guint64 tables;  /* page tables */
	unsigned tasks;
	unsigned files; /* descriptors that are open */
} ProcessMemory;

/** Adds the memory, the tasks and the descriptors of all processes of the sandbox whose process 1 is INIT. FALSE: the sandbox is gone, or not complete yet. */
gboolean processes_sandbox_memory(pid_t init, ProcessMemory *sum);
/** Process 1 of the sandbox that CHILD created; 0 when there is none (yet). */
pid_t processes_sandbox_init(pid_t child);
/** Bytes of host memory that a guest kernel and its user space hold: its own anonymous pages, and the part of its memory
 *  file that it touched (the kernel zeroes each page before anyone uses it, so the kernel's process has them all). */
guint64 processes_resident(pid_t kernel);
/** A process of a guest that a signal has stopped: the kernel, or one of its user space, for which the kernel waits when its turn
 *  comes. 0: none is. */
pid_t processes_stopped(pid_t kernel);
/** Pauses a guest, or lets it continue (SIGSTOP, SIGCONT).
 *  @traced: the kernel traces its user space (isolation), which then stops automatically, and must not be stopped by others */
void processes_pause(pid_t kernel, gboolean pause, gboolean traced);
