/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of a lab's sockets and their clients, for "netlab status". */
#pragma once

#include <glib.h>

/** Appends the table of sockets (of SocketFacts). */
void sockets_table(const GPtrArray *sockets, GString *out);
