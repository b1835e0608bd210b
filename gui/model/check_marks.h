/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the results of a lab's checks say of its nodes. Free of GTK. */
#pragma once

#include "topologies/model/model.h"

typedef enum { CHECK_UNKNOWN, CHECK_RUNNING, CHECK_HOLDS, CHECK_FAILS } CheckState;

/** The nodes that a check runs on, each once: "pc, web". Caller frees. */
char *check_nodes(const LabCheck *check);
/** Adds to marks (name of a node -> 1 or -1, as scene_set_check() takes it) what a check says: a node is as bad as the
 *  worst of what concerns it.
 *  @failed_node: where it failed; NULL or "": not known, then all its nodes are meant */
void check_mark(GHashTable *marks, const LabCheck *check, CheckState state, const char *failed_node);
