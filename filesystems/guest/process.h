/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting programs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** How a program is started. */
typedef struct {
	char *const *argv; /* looked up in the PATH of environment */
	char *const *environment;
	int in, out, err; /* descriptors that become 0, 1, 2 */
	bool terminal;    /* in is a terminal that becomes the controlling one */
} Program;

/** Starts it as the leader of a new session, in /root if that exists. Returns its pid, or -1 with errno. */
pid_t process_start(const Program *program);
/** The environment for a program: the usual one, then COUNT strings of OVERRIDES. A malloc'ed array of borrowed strings;
 *  NULL when there is no memory. */
char **process_environment(char *const *overrides, size_t count);
/** Sets HOSTNAME in later environments. */
void process_set_hostname(const char *name);
/** The name that was set last: the node's. */
const char *process_hostname(void);
