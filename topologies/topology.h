/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a lab: the one entry for programs. */
#pragma once

#include "topologies/model/diagnostics.h"
#include "topologies/model/model.h"

/** Loads, defaults and checks the lab in FILE.
 *  @file: path of the XML file, or of a folder that holds lab.xml
 *  @trusted: the user trusts the lab: its paths may lead anywhere. Else they stay in the folder with FILE (lab_folder.h)
 *  @schema: path of lab.xsd
 *  @diagnostics: (caller-owned) gets every error and warning found, in file order
 *  Returns the lab (caller owns), or NULL when diagnostics holds an error. Never fetches from the network, expands no
 *  entity, reads at most LAB_MAX_FILE_SIZE bytes and LAB_MAX_DEPTH nested elements (elements.h). */
Lab *lab_read(const char *file, gboolean trusted, const char *schema, LabDiagnostics *diagnostics);

/** The same for a lab that is being written: its text instead of what the file holds.
 *  @text: the lab
 *  @file: path that the lab has or would have: what relative paths start from. It need not exist
 *  @trusted, @schema, @diagnostics: as above
 *  Returns the lab (caller owns), or NULL when diagnostics holds an error. That there is no node yet is a warning. */
Lab *lab_read_text(GBytes *text, const char *file, gboolean trusted, const char *schema, LabDiagnostics *diagnostics);

/** Also checks the capture filters of all labs that are read from now on. That needs libpcap, which this library does
 *  not link. Call it when a program starts. */
void lab_set_filter_check(LabFilterCheck check);
