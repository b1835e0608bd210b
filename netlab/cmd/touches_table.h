/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lab uses of the host: for people who are about to start a lab that they do not know. */
#pragma once

#include "topologies/model/model.h"

/** Whether the lab uses more of the host than the files that it is written in. */
gboolean touches_are_many(const Lab *lab);
/** A table with a row for each. Caller frees. */
char *touches_table(const Lab *lab);
/** A JSON array of {"use", "what", "file", "line", "outside", "note"}. Caller frees. */
char *touches_json(const Lab *lab);
