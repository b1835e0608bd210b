/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which images there are. */
#pragma once

#include "topologies/topology.h"

/** The names of all images: those that netlab has recipes for and those that are built. Caller unrefs. */
GPtrArray *images_known(void);
/** Warns of every node whose image is neither built nor one of netlab's own. */
void images_check(const Lab *lab, LabDiagnostics *diagnostics);
