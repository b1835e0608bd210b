/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start-up commands of a node. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/** Keeps a start-up command (copied). */
void startup_add(const char *command, bool background);
/** The set-up is complete: runs the commands in order, then sends AGENT_READY. */
void startup_go(void);
/** A child ended. False if it is not a start-up command. */
bool startup_exited(pid_t pid, int status);
