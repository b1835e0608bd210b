/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab for people and for programs: the tables of start and status, and their JSON. */
#pragma once

#include "netlab/client/lab_facts.h"

/** The table after a start: nodes, addresses, how to reach them; warnings to standard error. */
gboolean show_started(LabConnection *lab, gboolean no_wait, GError **error);
/** The tables of status. @out gets the text. */
gboolean show_status(LabConnection *lab, GString *out, GError **error);
/** Everything of a running lab as one JSON object, printed. */
gboolean show_lab_json(LabConnection *lab, GError **error);
/** What went wrong in a node that continues, and in all of them (of NodeFacts), to standard error. */
void show_node_warnings(const NodeFacts *node);
void show_warnings(const GPtrArray *nodes);
