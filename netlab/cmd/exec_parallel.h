/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command on several nodes at once, its output in lines behind the node's name. */
#pragma once

#include "netlab/client/lab_connection.h"

/** Runs ARGV on every node of NODES at once. Lines of output are written whole, as "r1 | ..."; standard input is empty.
 *  Returns the highest status among the nodes, as exec_session_status(), 125 for one that could not be asked (said on
 *  standard error). Runs the main loop. */
int exec_parallel(LabConnection *lab, const char *const *nodes, const char *const *argv);
