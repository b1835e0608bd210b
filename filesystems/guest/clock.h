/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node's wall clock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Carries out one AGENT_STEP_CLOCK. */
void clock_step(const uint8_t *payload, size_t length);
