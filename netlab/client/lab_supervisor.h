/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor of a lab as a process, for when it does not answer. */
#pragma once

#include "netlab/client/lab_directory.h"

/** Sets CLIENT_ERROR_STUCK: that the lab's supervisor does not answer, as far as can be seen why, and the way out. */
void lab_supervisor_is_silent(const LabDirectory *lab, GError **error);
/** Ends the lab by force: kills its supervisor, waits until every process that it started has ended (the kernel ends them with
 *  it), and removes the lab's folder. Blocks, some milliseconds as a rule and 10 s at most. */
gboolean lab_supervisor_kill(const LabDirectory *lab, GError **error);
