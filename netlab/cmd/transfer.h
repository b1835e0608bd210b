/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes between a descriptor here and a command in a guest. */
#pragma once

#include "netlab/client/lab_connection.h"

/** Runs ARGV on NODE with FROM as its input and its output to TO (-1: none, thrown away) until it ends.
 *  Fails with what it wrote to its standard error when its status is not 0, with the reason when TO cannot be written,
 * and with STATUS_INTERRUPTED at Ctrl-C. Runs the main loop. */
gboolean transfer(LabConnection *lab, const char *node, const char *const *argv, int from, int to, GError **error);
