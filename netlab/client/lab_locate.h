/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which lab the user means. */
#pragma once

#include "netlab/client/lab_directory.h"

/** Finds a lab. WHICH is a lab's name, or a lab file or its folder; NULL: the lab whose file is in the working folder,
 * or else, where that folder has no lab.xml, the only one there is.
 *  @dead_too: whether labs that crashed count. Caller frees. */
LabDirectory *lab_locate(const char *which, gboolean dead_too, GError **error);
/** The running lab that was started from FILE (an absolute path), under whatever name; NULL without an error when
 * there is none. Caller frees. */
LabDirectory *lab_running_from(const char *file, GError **error);
/** The absolute path of the file of a lab, from its state; NULL when not known. Caller frees. */
char *lab_file_of(const LabDirectory *lab);
