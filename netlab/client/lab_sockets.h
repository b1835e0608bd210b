/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a running lab says of the sockets that programs outside join its networks by, as values. Fields as in
 * org.netlab.Lab1. */
#pragma once

#include "netlab/cmd/cli.h"
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
/** Writes them as the JSON array member "sockets". */
void lab_sockets_to_json(JsonBuilder *json, const GPtrArray *sockets);
/** Appends the table of sockets and their clients. */
void lab_sockets_table(const GPtrArray *sockets, GString *out);
