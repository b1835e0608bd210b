/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor reports of the sockets by which programs outside connect to networks, as values. Fields as in
 * org.netlab.Lab1. */
#pragma once

#include "netlab/client/lab_connection.h"

typedef struct {
	char *network, *path;
	guint clients;
	GVariant *counters; /* a{sa{st}} by port, or NULL */
} SocketFacts;

/** All sockets (of SocketFacts), in the file's order. */
GPtrArray *lab_sockets(LabConnection *lab, GError **error);
/** From the answer of GetSockets. */
GPtrArray *lab_sockets_from_variant(GVariant *sockets);
