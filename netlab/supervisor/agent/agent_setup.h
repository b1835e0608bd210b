/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set-up of a node on its way to the agent, at the pace of the line. */
#pragma once

#include <gio/gio.h>

#include "netlab/supervisor/agent/agent_line.h"

typedef struct AgentSetup AgentSetup;

/** Sends one step, as short words, NULL-terminated. */
void agent_setup_say(AgentLine *line, char **words);
/** steps: of PlanSetup. Both are borrowed. Caller frees. */
AgentSetup *agent_setup_new(AgentLine *line, const GPtrArray *steps);
void agent_setup_free(AgentSetup *self);
/** Sends what the line has room for. FALSE and error when a file cannot be read or a step is too long.
 *  @done: (out) set to TRUE when everything, GO included, was sent */
gboolean agent_setup_send(AgentSetup *self, gboolean *done, GError **error);
