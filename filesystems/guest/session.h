/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exec sessions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "filesystems/guest/protocol.h"

/** Carries out one AGENT_EXEC. */
void session_exec(uint16_t channel, uint8_t *payload, size_t length);
/** A frame for a running session. One for a session that is over is ignored: the host may not know yet. */
void session_frame(const AgentHeader *header, const uint8_t *payload);
/** A child ended. False if it does not belong to a session. */
bool session_exited(pid_t pid, int status);
/** The line has room again. */
void session_resume_all(void);
