/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What org.netlab.Lab1 tells in words and dictionaries, as values: for all of its clients. */
#pragma once

#include <glib.h>

/** How a command in a guest ended: "how" of SessionEnded, or that it never began. */
typedef enum {
	EXEC_RUNNING,
	EXEC_EXITED,      /* its "code" is the status */
	EXEC_KILLED,      /* "code" is the signal */
	EXEC_NOT_STARTED, /* the guest could not run it: "code" is an errno */
	EXEC_LOST,        /* the guest or the supervisor went away */
	EXEC_REFUSED,     /* the supervisor did not take it: no such node, not ready */
} ExecOutcome;

/** "how" of SessionEnded; what nobody knows is EXEC_LOST. */
ExecOutcome exec_outcome(const char *how);
