/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The passes that turn a draft into a checked lab, in this order. Programs call lab_read() (topology.h).
 *
 *   lab_resolve()         resolve.c    names to pointers, link ends to interfaces
 *   lab_apply_defaults()  defaults.c   fills in what was not written
 *   lab_check()           check.c      errors that need the whole lab
 *   lab_warn()            warnings.c   what is legal but surely wrong; only for a lab without errors
 */
#pragma once

#include "topologies/load/load.h"
#include "topologies/model/diagnostics.h"
#include "topologies/model/model.h"

void lab_resolve(LabDraft *draft, LabDiagnostics *diagnostics);
void lab_apply_defaults(Lab *lab);
void lab_check(const Lab *lab, LabFilterCheck filter_check, LabDiagnostics *diagnostics);
void lab_warn(const Lab *lab, LabDiagnostics *diagnostics);
