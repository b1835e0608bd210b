/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a lab: the one entry for programs. */
#pragma once

#include "topologies/model/diagnostics.h"
#include "topologies/model/model.h"

/** Loads, defaults and checks the lab in FILE.
 *  @file: path of the XML file, or of a folder that holds lab.xml
 *  @schema: path of lab.xsd
 *  @diagnostics: (caller-owned) gets every error and warning found, in file order
 *  Returns the lab (caller owns), or NULL when diagnostics holds an error. Never fetches from the network, expands no
 *  entity, reads at most LAB_MAX_FILE_SIZE bytes a file and LAB_MAX_DEPTH nested elements. */
Lab *lab_read(const char *file, const char *schema, LabDiagnostics *diagnostics);

/** The same for a lab that is being written: its text instead of what the file holds.
 *  @text: the lab
 *  @file: path that the lab has or would have: what relative paths start from. It need not exist
 *  @schema, @diagnostics: as above
 *  Returns the lab (caller owns), or NULL when diagnostics holds an error. That there is no node yet is a warning. */
Lab *lab_read_text(GBytes *text, const char *file, const char *schema, LabDiagnostics *diagnostics);

/** Whether a capture filter can be used; FALSE and what is wrong with it. */
typedef gboolean (*LabFilterCheck)(const char *filter, GError **error);
/** Has all labs that are read from now on checked for their capture filters too, which takes a library that is not for
 *  here. For the start of a program. */
void lab_set_filter_check(LabFilterCheck check);

#define LAB_MAX_FILE_SIZE (8u << 20)
#define LAB_MAX_DEPTH 32
