/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client is told when the switch did not do what it asked for. */
#pragma once

#include "netlab/supervisor/service/running_lab.h"

/** Answers with the error of a call to the switch (borrowed), or, when there is none or the call timed out or was cut off, with what is wrong
 *  with the switch: it died, or does not answer. */
void switch_answer_error(const RunningLab *run, GDBusMethodInvocation *invocation, const GError *error);
