/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.json: what is known about a lab after its supervisor was killed. */
#pragma once

#include "netlab/supervisor/service/running_lab.h"

/** The text: name, title, file, pid and start of the supervisor, state, and each node's state, message, process and CPU.
 *  Caller frees. */
char *state_file_text(const RunningLab *run);
