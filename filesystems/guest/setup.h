/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set-up that the supervisor asks for before AGENT_GO. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Gives TCP more of the node's memory than the kernel would; a setting in the lab's file replaces it. */
void setup_tcp_memory(void);
/** Carries out one AGENT_SETUP. */
void setup_handle(uint8_t *payload, size_t length);
/** AGENT_FILE_DATA and AGENT_FILE_END: the content of the file that the last set-up "file" opened. */
void setup_file_data(const uint8_t *payload, size_t length);
void setup_file_end(void);
